"""The way of one demonstration case, step by step, each step an action that a user could take on a page."""

from dataclasses import dataclass
from datetime import date

from accounts.actor import Actor
from accounts.models import User
from casebook.demo.stories import Story
from cases.access import OpenCase, open_case
from cases.actions import (
    Facts,
    MentionDecisions,
    NewCase,
    change_facts,
    confirm_mentions,
    create_case,
    record_consent,
    save_narrative,
    save_person,
    send_to_analysis,
)
from cases.contents import Card, ConsentDetails, IncidentDetails
from cases.levels import AccessLevel
from cases.mentions import MentionKind
from cases.models import CompartmentName, ConsentScope
from cases.queries import narrative_of, statement_of
from cases.sharing import grant
from legal_analysis.actions import add_annotation, add_finding, review_finding, send_to_anonymisation
from legal_analysis.anchors import anchor
from legal_analysis.contents import FindingText, LegalTest, Strength
from legal_analysis.models import Conclusion, Finding, Provision
from publication.actions import publish, save_draft, submit
from publication.contents import INTRUDER_QUESTIONS, DraftState, ReviewAnswers
from publication.models import PublishedRecord
from publication.queries import preview_of, workbench_of
from publication.redaction import Action, Decision, Substitution

_KINDS = {
    "PERSON": MentionKind.PERSON,
    "NICKNAME": MentionKind.PERSON,
    "PHONE": MentionKind.PHONE,
    "EMAIL": MentionKind.EMAIL,
    "ADDRESS": MentionKind.ADDRESS,
    "ID_NUMBER": MentionKind.DOCUMENT,
    "VEHICLE": MentionKind.VEHICLE,
}
_PLACEHOLDER = {"ru": "[скрыто]", "uk": "[приховано]", "lt": "[paslėpta]", "ka": "[დაფარულია]", "en": "[withheld]"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a story does not say of itself: when it happened, who did it, how old she is, and the public title."""

    happened: date
    perpetrator: str
    age: int
    region: str
    public_title: str
    provision: tuple[str, str]
    reasoning: str
    in_custody: bool = False
    has_children: bool = False
    on_treatment: bool = False


def intake(actor: Actor, story: Story, setting: Setting) -> OpenCase:
    """A new case with its people, testimony, facts and consents; names and numbers are checked."""
    card = Card(
        title=story.title,
        region=setting.region,
        month=setting.happened.month,
        age=setting.age,
        gender="woman",
        has_children=setting.has_children,
        in_custody=setting.in_custody,
        on_treatment=setting.on_treatment,
    )
    opened = create_case(actor, NewCase(country=story.country, year=setting.happened.year, card=card))
    for profile in story.people:
        save_person(opened, profile)
    save_narrative(opened, story.text, language=story.language, revision=None)
    incident = IncidentDetails(date=setting.happened.isoformat(), place=setting.region)
    facts = Facts(story.country, setting.happened.year, setting.perpetrator, story.violations, card, incident)
    change_facts(opened, facts, revision=opened.case.revision)
    for scope in ConsentScope:
        details = ConsentDetails(how="spoken", language=story.language, asked_on=setting.happened.isoformat())
        record_consent(opened, scope, given=scope != ConsentScope.NAMED, until=None, details=details)
    return opened


def check_mentions(opened: OpenCase, story: Story) -> None:
    """Confirm what was found, and mark by hand what the lawyer sees was missed."""
    row, content = statement_of(opened)
    _map, lifted = narrative_of(opened)
    hidden = " ".join(lifted.words.values())
    missed = tuple(
        dict.fromkeys(
            (span.text, _KINDS.get(span.kind, MentionKind.NUMBER))
            for span in story.spans
            if span.identifier == "DIRECT" and span.text not in hidden and span.text in content.text
        )
    )
    if row is not None:
        confirm_mentions(opened, MentionDecisions(missed=missed), revision=row.revision)


def hand_to_experts(opened: OpenCase, *experts: User) -> None:
    for expert in experts:
        grant(opened, expert, AccessLevel.EXPERT)
    send_to_analysis(opened)


def analyse(expert: Actor, reference: str, setting: Setting) -> Finding:
    """Tie the first sentences to a provision and conclude."""
    opened = open_case(expert, reference, need="analyse_case", compartments=(CompartmentName.TESTIMONY,))
    _row, content = statement_of(opened)
    code, ref = setting.provision
    provision = Provision.objects.get(instrument__code=code, ref=ref)
    start = content.text.index("\n") + 1
    end = content.text.index(".", start + 120) + 1
    add_annotation(opened, place=anchor(content.text, start, end), provision=provision, reasoning=setting.reasoning)
    text = FindingText(test=LegalTest.ELEMENTS, reasoning=setting.reasoning, strength=Strength.STRONG)
    return add_finding(opened, provision=provision, conclusion=Conclusion.VIOLATED, text=text)


def second_opinion(expert: Actor, reference: str, finding: Finding) -> None:
    opened = open_case(expert, reference, need="analyse_case", compartments=(CompartmentName.TESTIMONY,))
    review_finding(opened, finding, agrees=True, comment="", revision=finding.revision)
    send_to_anonymisation(opened)


def anonymise(caseworker: Actor, reference: str, story: Story, setting: Setting) -> OpenCase:
    """Accept every proposal, hide what was missed, generalise the facets."""
    opened = open_case(caseworker, reference, need="anonymise_case", compartments=tuple(CompartmentName.values))
    bench = workbench_of(opened)
    placeholder = _PLACEHOLDER[story.language]
    decisions = {
        each.key: Decision(Action.KEEP)
        if each.suggestion in each.forms
        else Decision(Action.REPLACE, each.suggestion or placeholder)
        for each in bench.proposals
    }
    answers = {"period": "quarter", "place": "country", "age": "band", "gender": "shown"}
    facets: dict[str, str] = {question.name: answers[question.name] for question in bench.questions}
    found = {form.casefold() for each in bench.proposals for form in each.forms}
    hidden = tuple(
        Substitution(span.text, placeholder)
        for span in story.spans
        if span.identifier == "QUASI" and span.text.casefold() not in found and span.text in bench.content.text
    )
    revision = bench.statement.revision if bench.statement else 0
    state = DraftState(revision, decisions, facets, setting.public_title, tuple(dict.fromkeys(hidden)))
    save_draft(opened, state, revision=None)
    return opened


def hand_to_reviewer(opened: OpenCase, reviewer: User) -> None:
    """Everything that is left was looked at."""
    preview = preview_of(opened, workbench_of(opened))
    submit(opened, reviewer, looked_at=frozenset(each.key for each in preview.leftovers))


def review_and_publish(advocate: Actor, reference: str) -> PublishedRecord:
    opened = open_case(advocate, reference, need="review_case", compartments=(CompartmentName.RECORD,))
    answers = ReviewAnswers(risks=dict.fromkeys(INTRUDER_QUESTIONS, False))
    return publish(opened, answers)
