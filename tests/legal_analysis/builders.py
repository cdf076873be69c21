"""Cases under legal analysis for tests, made through the product's own actions."""

from datetime import date

from cases.access import OpenCase, open_case
from cases.actions import MentionDecisions, confirm_mentions, save_narrative
from cases.levels import AccessLevel
from cases.models import Case, CompartmentName
from cases.narrative import words_of
from cases.queries import narrative_of, statement_of
from cases.sharing import grant
from legal_analysis.actions import add_annotation, add_finding, load_instruments
from legal_analysis.anchors import Anchor, anchor
from legal_analysis.contents import FindingText, LegalTest, Strength
from legal_analysis.instrument_file import ArticleFacts, InstrumentFacts, read_instruments
from legal_analysis.models import Annotation, Conclusion, Finding, Provision
from tests.builders import World
from tests.cases.builders import BOTH, case_in_analysis

QUOTE = "Свидетелей не было"
NOTE, REASONING, STEP = "Досмотр-заметка", "Вывод-обоснование", "Законность-шаг"
REMEDY, COMMENT = "Жалоба-средство", "Отзыв-слово"
SECRETS = (NOTE, REASONING, STEP, REMEDY, COMMENT, QUOTE)
TEXT = FindingText(
    test=LegalTest.PROPORTIONALITY, legality=STEP, reasoning=REASONING, strength=Strength.STRONG, remedy=REMEDY
)
FORM = {
    "conclusion": "violated",
    "test": "proportionality",
    "legality": STEP,
    "aim": "",
    "necessity": "",
    "proportionality": "",
    "reasoning": REASONING,
    "strength": "strong",
    "remedy": REMEDY,
}
"""A finding as its form posts it, but for the provision."""


def load_law(*codes: str) -> None:
    """Put some of the shipped law into the library: a few instruments unless told otherwise."""
    wanted = codes or ("ECHR", "ECHR-P12", "IGHRDP", "EU-2013-48", "WGAD")
    load_instruments([each for each in read_instruments() if each.code in wanted])


def shared_case(world: World) -> Case:
    """A case in analysis that two legal experts may read, with the law library loaded."""
    load_law()
    opened = case_in_analysis(world)
    for name in ("expert", "second"):
        grant(opened, world.people[name], AccessLevel.EXPERT)
    return opened.case


def opened_by(world: World, case: Case, name: str = "expert") -> OpenCase:
    return open_case(world.actor(name), case.reference, need="view_case", compartments=(CompartmentName.TESTIMONY,))


def rewritten(world: World, case: Case, old: str, new: str) -> None:
    """The lawyer replaces words of the testimony and confirms the names that are found in it then."""
    opened = open_case(world.actor("lawyer"), case.reference, need="change_case", compartments=BOTH)
    row, content = statement_of(opened)
    _map, words = narrative_of(opened)
    text = words_of(content, words)
    assert row is not None
    assert old in text
    save_narrative(opened, text.replace(old, new), language=content.language, revision=row.revision)
    row, _content = statement_of(opened)
    assert row is not None
    confirm_mentions(opened, MentionDecisions(), revision=row.revision)


def provision(code: str = "ECHR", ref: str = "5") -> Provision:
    return Provision.objects.select_related("instrument").get(instrument__code=code, ref=ref)


def place_of(opened: OpenCase, quote: str = QUOTE) -> Anchor:
    """Where words stand in the testimony as it is stored."""
    _row, content = statement_of(opened)
    start = content.text.index(quote)
    return anchor(content.text, start, start + len(quote))


def annotated(opened: OpenCase, quote: str = QUOTE) -> Annotation:
    return add_annotation(opened, place=place_of(opened, quote), provision=provision(), reasoning=NOTE)


def concluded(opened: OpenCase, *, ref: str = "5") -> Finding:
    return add_finding(opened, provision=provision(ref=ref), conclusion=Conclusion.VIOLATED, text=TEXT)


def small_law(heading: str = "Liberty", **article: date | None) -> InstrumentFacts:
    """One invented instrument with one article."""
    columns = {
        "title_en": "Convention on Streets",
        "title_ru": "Конвенция об улицах",
        "kind": "treaty",
        "system": "UN",
        "adopted": "1999",
        "in_force": "2001-05-01",
        "body": "",
        "complaint": {"individual": False},
        "confidence": "high",
        "note": "",
        "sources": [{"title": "Official text", "url": None, "read_here": True}],
        "as_of": "2026-11",
    }
    since = article.get("in_force_from", date(2001, 5, 1))
    return InstrumentFacts(
        "STREETS",
        columns,
        (ArticleFacts("1", heading, "Свобода", "liberty", since, article.get("in_force_until")),),
    )
