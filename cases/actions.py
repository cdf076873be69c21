"""Every write of stage 1: one transaction each, with its ledger entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import Role, User
from accounts.step_up import remember_names
from casebook.core import ledger
from casebook.core.errors import CasebookError, StaleRevisionError
from casebook.core.identifiers import new_id
from casebook.core.uploads import SealedUpload, stored_path
from cases.access import OpenCase, permissions_on
from cases.compartments import save_sealed
from cases.contents import (
    Card,
    ConsentDetails,
    EvidenceMeta,
    IncidentDetails,
    MentionWords,
    Profile,
    StatementContent,
    as_json,
)
from cases.guards import missing_for_analysis
from cases.mentions import MentionKind
from cases.models import (
    Case,
    CaseViolation,
    CompartmentName,
    Consent,
    ConsentScope,
    EvidenceFile,
    Incident,
    MentionMap,
    Person,
    Statement,
)
from cases.narrative import lift_narrative, text_digest, words_of
from cases.queries import (
    incident_of,
    known_people,
    mentions_in,
    meta_of,
    narrative_of,
    profile_of,
    statement_of,
    violation_codes,
)
from cases.sharing import new_compartments, store_compartments
from cases.stages import STEPS, Stage, StepRefusedError

OPEN_STAGES = (Stage.INTAKE, Stage.ANALYSIS, Stage.ANONYMISATION)
"""Stages in which intake may still be corrected."""
CONSENT_STAGES = (*OPEN_STAGES, Stage.REVIEW)
"""Stages in which a consent can be asked."""


@dataclass(frozen=True, slots=True, repr=False)
class NewCase:
    """What is asked first: what the list shows, where, when, and whether the organisation may recover the case."""

    country: str
    year: int
    card: Card = field(default_factory=Card)
    escrow: bool = True
    id: UUID = field(default_factory=new_id)


class MadeBeforeError(CasebookError):
    """The same page of a new case was sent twice; `reference` is of the case that the first sending made."""

    code = "made-before"
    status = HTTPStatus.CONFLICT
    message = _("This case is there already. Nothing was written twice.")

    def __init__(self, reference: str = "") -> None:
        super().__init__()
        self.reference = reference


@dataclass(frozen=True, slots=True, repr=False)
class Facts:
    """The facts of a case: open facets, the card, and exactly when and where."""

    country: str
    year: int
    perpetrator: str
    violations: tuple[str, ...]
    card: Card
    incident: IncidentDetails


@dataclass(frozen=True, slots=True, repr=False)
class MentionDecisions:
    """The lawyer's answer to what was found: what of whom stays visible, roles of unknown people, words she adds."""

    keep: frozenset[tuple[str, MentionKind]] = frozenset()
    roles: Mapping[str, str] = field(default_factory=dict)
    missed: tuple[tuple[str, MentionKind], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class ConsentChange:
    """A new answer for one scope; `revision` is the stored answer's when the page was opened, 0 before any."""

    scope: ConsentScope
    given: bool
    until: date | None
    details: ConsentDetails
    revision: int


@transaction.atomic
def create_case(actor: Actor, new: NewCase) -> OpenCase:
    """Make a case that its creator and the organisation's confirmed coordinators can open.

    Raises MadeBeforeError when the actor has sent the same page before: a double tap makes one case.
    """
    if not actor.has_role(Role.STREET_LAWYER, Role.COORDINATOR):
        raise Http404
    actor.require_keys()
    person = User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=actor.user.pk)
    before = Case.objects.filter(pk=new.id).first()
    if before is not None and before.created_by_id != person.pk:
        raise Http404
    if before is not None:
        raise MadeBeforeError(before.reference)
    case = Case(id=new.id, organisation=person.organisation, country=new.country, year=new.year, created_by=person)
    compartments = new_compartments(case)
    card = {"sealed_card": as_json(new.card)}
    save_sealed(actor, compartments[CompartmentName.TESTIMONY], case, card)
    store_compartments(actor, case, compartments, escrow=new.escrow)
    ledger.record("case.create", actor=actor, target=case, escrow=new.escrow)
    remember_names(actor, case.id)
    return OpenCase(case, actor, permissions_on(actor, case), compartments)


@transaction.atomic
def change_facts(opened: OpenCase, facts: Facts, *, revision: int) -> None:
    """Write the facts; raises StaleRevisionError when the case was changed since `revision`."""
    opened.require("change_case", *OPEN_STAGES)
    case = opened.case
    case.country, case.year, case.perpetrator = facts.country, facts.year, facts.perpetrator
    open_columns = ("country", "year", "perpetrator")
    values = {"sealed_card": as_json(facts.card)}
    save_sealed(opened.actor, opened.testimony, case, values, expected=revision, changed=open_columns)
    incident, _details = incident_of(opened)
    row = incident or Incident(case=case)
    save_sealed(opened.actor, opened.testimony, row, {"sealed_details": as_json(facts.incident)})
    ledger.record("case.save_incident", actor=opened.actor, target=row)
    _set_violations(opened, facts.violations)
    ledger.record("case.change_facts", actor=opened.actor, target=case)


def _take_turn(opened: OpenCase) -> None:
    """Lock the case's row: what is read next is what the write builds on, and first saves of a row can't collide."""
    Case.objects.select_for_update().values_list("pk").get(pk=opened.case.pk)


def _set_violations(opened: OpenCase, codes: Iterable[str]) -> None:
    wanted, present = set(codes), set(violation_codes(opened.case))
    for row in CaseViolation.objects.filter(case=opened.case, code__in=present - wanted):
        row._history_user = opened.actor.user  # type: ignore[attr-defined]
        row.delete()
    for code in sorted(wanted - present):
        row = CaseViolation(case=opened.case, code=code)
        row._history_user = opened.actor.user  # type: ignore[attr-defined]
        row.save(force_insert=True)


@transaction.atomic
def save_person(
    opened: OpenCase, profile: Profile, *, person: Person | None = None, revision: int | None = None
) -> Person:
    """Add or change a person; their names are lifted from the testimony at once."""
    opened.require("change_case", *OPEN_STAGES)
    _take_turn(opened)
    row = person or Person(case=opened.case)
    values = {"sealed_profile": as_json(profile)}
    save_sealed(opened.actor, opened.identity, row, values, expected=revision)
    ledger.record("case.save_person", actor=opened.actor, target=row)
    _lift_again(opened)
    return row


@transaction.atomic
def remove_person(opened: OpenCase, person: Person) -> None:
    """Take a person out of the case; what was lifted for them stays lifted, as somebody nobody typed in."""
    opened.require("change_case", *OPEN_STAGES)
    _take_turn(opened)
    profile = profile_of(opened, person)
    _row, words = narrative_of(opened)
    _statement, content = statement_of(opened)
    theirs = {
        words.words[number]: (info["kind"], str(person.id))
        for number, info in content.markers.items()
        if info["entity"] == str(person.id)
    }
    ledger.record("case.remove_person", actor=opened.actor, target=person)
    person._history_user = opened.actor.user  # type: ignore[attr-defined]
    person.delete()
    kept = replace(words, extra={**words.extra, **theirs}, roles={**words.roles, str(person.id): profile.role})
    _lift_again(opened, kept)


@transaction.atomic
def save_narrative(opened: OpenCase, text: str, *, language: str, revision: int | None) -> StatementContent:
    """Write the testimony: names and numbers are lifted before anything is stored.

    `revision` is the statement's when the page was opened, None when there was none; raises StaleRevisionError.
    """
    opened.require("change_case", *OPEN_STAGES)
    _take_turn(opened)
    _map, decisions = narrative_of(opened)
    return _store_narrative(opened, text, language, decisions, revision=revision)


def _store_narrative(
    opened: OpenCase, text: str, language: str, decisions: MentionWords, *, revision: int | None
) -> StatementContent:
    row, _content = statement_of(opened)
    if (row.revision if row else None) != revision:
        raise StaleRevisionError
    content, words = lift_narrative(text, language=language, people=known_people(opened), decisions=decisions)
    statement = row or Statement(case=opened.case)
    values = {"sealed_content": as_json(content)}
    save_sealed(opened.actor, opened.testimony, statement, values, expected=revision)
    _store_words(opened, words)
    ledger.record("case.save_narrative", actor=opened.actor, target=statement)
    return content


def _store_words(opened: OpenCase, words: MentionWords) -> None:
    row, _words = narrative_of(opened)
    mention_map = row or MentionMap(case=opened.case)
    save_sealed(opened.actor, opened.identity, mention_map, {"sealed_words": as_json(words)})
    ledger.record("case.save_mentions", actor=opened.actor, target=mention_map)


def _lift_again(opened: OpenCase, decisions: MentionWords | None = None) -> None:
    """After a change of people: find mentions anew in what was written."""
    row, content = statement_of(opened)
    _map, words = narrative_of(opened)
    if row is not None:
        text = words_of(content, words)
        _store_narrative(opened, text, content.language, decisions or words, revision=row.revision)


@transaction.atomic
def confirm_mentions(opened: OpenCase, answer: MentionDecisions, *, revision: int) -> StatementContent:
    """Apply the lawyer's answer to every form of each entity and mark the testimony as checked."""
    opened.require("change_case", *OPEN_STAGES)
    _take_turn(opened)
    text, content, words, found = mentions_in(opened)
    people = known_people(opened)
    kept, extra, roles = set(words.kept), dict(words.extra), dict(words.roles)
    for each in found:
        if (each.entity, each.kind) in answer.keep:
            kept.update(form.casefold() for form in each.forms)
        elif not each.known:
            entity = _stable_entity(each.entity, extra)
            extra.update(dict.fromkeys(each.forms, (each.kind.value, entity)))
            roles[entity] = answer.roles.get(each.entity, each.role)
    for surface, kind in answer.missed:
        kept.discard(surface.casefold())
        extra[surface] = (kind.value, _stable_entity("", extra))
    extra = {form: value for form, value in extra.items() if form.casefold() not in kept}
    decisions = replace(words, kept=tuple(sorted(kept)), extra=extra, roles=roles)
    _again, lifted = lift_narrative(text, language=content.language, people=people, decisions=decisions)
    seen = tuple(sorted({word.casefold() for word in lifted.words.values()} | {""}))
    return _store_narrative(
        opened,
        text,
        content.language,
        replace(decisions, confirmed=seen, confirmed_text=text_digest(text)),
        revision=revision,
    )


def _stable_entity(entity: str, extra: Mapping[str, tuple[str, str]]) -> str:
    """A name for somebody nobody typed in that stays the same from one reading to the next."""
    if entity and not entity.startswith("?"):
        return entity
    return f"e{1 + max((int(e[1:]) for _k, e in extra.values() if e[:1] == 'e' and e[1:].isdigit()), default=0)}"


@transaction.atomic
def record_consents(opened: OpenCase, changes: Iterable[ConsentChange]) -> None:
    """Write the answers of one page, all or none; raises StaleRevisionError."""
    for each in changes:
        record_consent(
            opened, each.scope, given=each.given, until=each.until, details=each.details, revision=each.revision
        )


@transaction.atomic
def record_consent(
    opened: OpenCase,
    scope: ConsentScope,
    *,
    given: bool,
    until: date | None,
    details: ConsentDetails,
    revision: int | None = None,
) -> None:
    """Write the answer for one scope. A consent that was taken back can be given anew only here, by asking again.

    With `revision` (0 before any answer) raises StaleRevisionError when the answer was changed since.
    """
    opened.require("change_case", *CONSENT_STAGES)
    _take_turn(opened)
    row = Consent.objects.filter(case=opened.case, scope=scope).first() or Consent(case=opened.case, scope=scope)
    if revision is not None and row.revision != revision:
        raise StaleRevisionError
    row.given, row.until, row.withdrawn = given, until, False
    values = {"sealed_details": as_json(details)}
    save_sealed(opened.actor, opened.testimony, row, values, changed=("given", "until", "withdrawn"))
    ledger.record(
        "case.record_consent",
        actor=opened.actor,
        target=row,
        scope=scope.value,
        given=given,
        revision=row.revision,
    )


@transaction.atomic
def attach_evidence(opened: OpenCase, upload: SealedUpload, *, kind: str = "") -> EvidenceFile:
    """Keep a file that was sealed while it arrived; its name, hash and key go into the testimony compartment."""
    opened.require("change_case", *OPEN_STAGES)
    sealed = upload.sealed
    meta = EvidenceMeta(
        name=upload.name or "",
        content_type=upload.content_type or "",
        size=upload.size or 0,
        key=sealed.key.hex(),
        sealed_length=sealed.sealed_length,
        sha256=sealed.sha256.hex(),
        kind=kind,
    )
    row = EvidenceFile(case=opened.case, file_id=sealed.id)
    save_sealed(opened.actor, opened.testimony, row, {"sealed_meta": as_json(meta)})
    ledger.record("case.attach_evidence", actor=opened.actor, target=row)
    upload.keep()
    return row


@transaction.atomic
def read_evidence(opened: OpenCase, row: EvidenceFile) -> EvidenceMeta:
    """The file's name, type and key, with a ledger entry of the download."""
    opened.require("read_testimony")
    ledger.record("case.download_evidence", actor=opened.actor, target=row)
    return meta_of(opened, row)


@transaction.atomic
def remove_evidence(opened: OpenCase, row: EvidenceFile) -> None:
    """Delete a file; its name and hash stay readable in the sealed history, its bytes are gone."""
    opened.require("change_case", *OPEN_STAGES)
    path = stored_path(row.file_id)
    ledger.record("case.remove_evidence", actor=opened.actor, target=row)
    row._history_user = opened.actor.user  # type: ignore[attr-defined]
    row.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


@transaction.atomic
def move(opened: OpenCase, to: Stage) -> None:
    """Take a step that the table allows. What the step demands is checked by the action that calls this.

    The stage is an open facet: no sealed value changes, so no key is needed and the revision stays.
    """
    move_case(opened.actor, opened.case, to)


def move_case(actor: Actor, case: Case, to: Stage) -> None:
    """`move` for a case that is not open, such as one whose consent was taken back by receipt code."""
    stored = Stage(Case.objects.select_for_update().values_list("stage", flat=True).get(pk=case.pk))
    if to not in STEPS[stored]:
        raise StepRefusedError
    case.stage = to
    case._history_user = actor.user  # type: ignore[attr-defined]
    case.save(update_fields=["stage"])
    ledger.record("case.move", actor=actor, target=case, before=stored.value, after=to.value)


@transaction.atomic
def send_to_analysis(opened: OpenCase) -> None:
    """Intake is done: raises StepRefusedError with what is missing."""
    opened.require("change_case", Stage.INTAKE)
    missing = missing_for_analysis(opened)
    if missing:
        raise StepRefusedError(missing)
    move(opened, Stage.ANALYSIS)


@transaction.atomic
def close_case(opened: OpenCase) -> None:
    """End a case without publication; it can be taken up again."""
    opened.require("change_case", Stage.INTAKE, Stage.ANALYSIS, Stage.ANONYMISATION, Stage.REVIEW)
    move(opened, Stage.CLOSED)


@transaction.atomic
def reopen_case(opened: OpenCase) -> None:
    opened.require("change_case", Stage.CLOSED)
    move(opened, Stage.INTAKE)
