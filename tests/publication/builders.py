"""Cases on their way to the public, made through the product's own actions."""

from collections.abc import Mapping

from cases.access import OpenCase, open_case
from cases.levels import AccessLevel
from cases.models import CompartmentName
from cases.sharing import grant
from legal_analysis.actions import add_finding, mark_single_expert, send_to_anonymisation
from legal_analysis.contents import FindingText
from legal_analysis.models import Category, Conclusion, Confidence, Instrument, InstrumentKind, Provision
from publication.actions import DigestFacts, create_digest, issue_digest, publish, save_draft, submit
from publication.contents import INTRUDER_QUESTIONS, DraftState, ReviewAnswers
from publication.models import Digest, PublishedRecord, RedactionDraft
from publication.queries import preview_of, workbench_of
from publication.redaction import Action, Decision, Substitution
from tests.builders import World
from tests.cases.builders import case_in_analysis

PUBLIC_TITLE = "Остановка без причины"
PLACEHOLDER = "[скрыто]"
NOTHING_FOUND = ReviewAnswers(dict.fromkeys(INTRUDER_QUESTIONS, False))
SENT_BACK = ReviewAnswers({"places": True}, "Посёлок узнают по слову «остановили».")


def some_provision(code: str = "ECHR", ref: str = "5") -> Provision:
    """A provision of the library."""
    instrument, _new = Instrument.objects.get_or_create(
        code=code,
        defaults={
            "title_en": "European Convention on Human Rights",
            "kind": InstrumentKind.TREATY,
            "system": "CoE",
            "confidence": Confidence.HIGH,
            "as_of": "2026-11",
        },
    )
    provision, _new = Provision.objects.get_or_create(
        instrument=instrument,
        ref=ref,
        defaults={
            "heading_en": "Right to liberty",
            "heading_ru": "Право на свободу",
            "category": Category.LIBERTY,
        },
    )
    return provision


def case_to_anonymise(world: World) -> OpenCase:
    """A case with a finding of one expert, handed on to anonymisation; opened by its lawyer with every key."""
    opened = case_in_analysis(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    reading = open_case(
        world.actor("expert"),
        opened.case.reference,
        need="analyse_case",
        compartments=(CompartmentName.TESTIMONY,),
    )
    text = FindingText(reasoning="Задержали без причины.")
    finding = add_finding(reading, provision=some_provision(), conclusion=Conclusion.VIOLATED, text=text)
    mark_single_expert(reading, finding)
    send_to_anonymisation(reading)
    return as_lawyer(world, opened)


def as_lawyer(world: World, opened: OpenCase, name: str = "lawyer") -> OpenCase:
    """The same case, opened anew by a caseworker with every key."""
    return open_case(
        world.actor(name),
        opened.case.reference,
        need="anonymise_case",
        compartments=tuple(CompartmentName.values),
    )


def as_reviewer(world: World, opened: OpenCase, name: str = "advocate") -> OpenCase:
    return open_case(
        world.actor(name), opened.case.reference, need="review_case", compartments=(CompartmentName.RECORD,)
    )


def all_answered(
    opened: OpenCase,
    *,
    title: str = PUBLIC_TITLE,
    facets: Mapping[str, str] | None = None,
    hidden: tuple[Substitution, ...] = (),
) -> DraftState:
    """Every proposal replaced, every facet told as little as can be, unless `facets` says more."""
    bench = workbench_of(opened)
    decisions = {each.key: Decision(Action.REPLACE, PLACEHOLDER) for each in bench.proposals}
    least: dict[str, str] = {question.name: question.options[-1][0] for question in bench.questions}
    revision = bench.statement.revision if bench.statement else 0
    return DraftState(revision, decisions, {**least, **(facets or {})}, title, hidden)


def decide(opened: OpenCase, state: DraftState | None = None) -> RedactionDraft:
    """Save these decisions, or all of them, on top of whatever was saved."""
    row = RedactionDraft.objects.filter(case=opened.case).first()
    return save_draft(opened, state or all_answered(opened), revision=row.revision if row else None)


def hand_in(world: World, opened: OpenCase, reviewer: str = "advocate") -> None:
    """Send it to the reviewer, with everything that is left looked at."""
    preview = preview_of(opened, workbench_of(opened))
    submit(opened, world.people[reviewer], looked_at=frozenset(each.key for each in preview.leftovers))


def case_in_review(world: World) -> OpenCase:
    opened = case_to_anonymise(world)
    decide(opened)
    hand_in(world, opened)
    return opened


def published_case(world: World) -> tuple[OpenCase, PublishedRecord]:
    """A case that went all the way; opened by its lawyer."""
    opened = case_in_review(world)
    record = publish(as_reviewer(world, opened), NOTHING_FOUND)
    return as_lawyer(world, opened), record


def digest_of(world: World, *records: PublishedRecord, issued: bool = True, language: str = "en") -> Digest:
    facts = DigestFacts("Without cause", "Stops in the street", "Read this first.", language, records)
    digest = create_digest(world.actor("advocate"), facts)
    if issued:
        issue_digest(world.actor("advocate"), digest, revision=digest.revision)
        digest.refresh_from_db()
    return digest
