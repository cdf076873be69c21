"""Every write of stage 3: one transaction each, with its ledger entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import models, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import require_role
from accounts.actor import Actor
from accounts.models import Role, User
from casebook.core import ledger
from casebook.core.errors import CasebookError, StaleRevisionError
from cases.access import OpenCase
from cases.actions import move, move_case
from cases.compartments import save_sealed
from cases.grants import remove_access, remove_team
from cases.guards import has_consent
from cases.levels import AccessLevel
from cases.models import Case, Consent, ConsentScope
from cases.rekeying import finish_rekeys
from cases.roster import roster_of, who_may_open
from cases.sharing import grant, revoke
from cases.stages import Missing, Stage, StepRefusedError
from publication.contents import DraftState, ReviewAnswers
from publication.digest_content import DigestContent
from publication.digest_json import render_json
from publication.digest_pdf import render_pdf
from publication.guards import missing_in
from publication.models import (
    AnonymisedRecord,
    Digest,
    DigestEntry,
    IntruderReview,
    NumberSeries,
    PublishedRecord,
    RedactionDraft,
)
from publication.queries import (
    digest_content,
    find_digest,
    preview_of,
    record_of,
    records_for_digests,
    records_in,
    reviewers_for,
    visible_records,
    workbench_of,
)
from publication.record_content import RecordContent

_MARKER_BRACKETS = "⟦⟧"


class ReviewerTooCloseError(CasebookError):
    """The reviewer made the record or may read more of the case than the record."""

    code = "reviewer-too-close"
    status = 403
    message = _(
        "You know this case from the inside, so you can't review it. A reviewer reads only the anonymised record. "
        "Ask the person who sent it to choose somebody else."
    )


class StillRecognisableError(CasebookError):
    code = "still-recognisable"
    status = 409
    message = _("Something still leads to the person. Send the record back and say what.")


class SupersededError(CasebookError):
    code = "superseded"
    status = 409
    message = _("This edition is replaced by a later one. Take the latest edition.")


class UnfitForReleaseError(CasebookError):
    """The last check of an export found a marker."""

    code = "unfit-for-release"
    status = 409
    message = _("A record in this edition still has a mark in the place of a name. Nothing was exported.")


class RetractionReason(models.TextChoices):
    RECOGNISABLE = "recognisable", _("Somebody can be recognised")
    MISTAKE = "mistake", _("It has a mistake of fact or law")
    DANGER = "danger", _("It puts somebody in danger now")
    ORGANISATION = "organisation", _("The organisation decided so")


def _lock(opened: OpenCase) -> None:
    """Let nobody else move this case until the transaction ends, and know its stage as it is now."""
    opened.case.stage = Case.objects.select_for_update().values_list("stage", flat=True).get(pk=opened.case.pk)


# --- anonymising --------------------------------------------------------------------------------------------------


@transaction.atomic
def save_draft(opened: OpenCase, state: DraftState, *, revision: int | None) -> RedactionDraft:
    """Keep the decisions; raises StaleRevisionError when somebody saved others since `revision`."""
    _lock(opened)
    opened.require("anonymise_case", Stage.ANONYMISATION)
    row = RedactionDraft.objects.filter(case=opened.case).first()
    if (row is None) != (revision is None):
        raise StaleRevisionError
    draft = row or RedactionDraft(case=opened.case)
    draft.anonymiser = opened.actor.user
    values = {"sealed_state": state.as_json()}
    save_sealed(opened.actor, opened.testimony, draft, values, expected=revision, changed=("anonymiser",))
    ledger.record("publication.save_draft", actor=opened.actor, target=draft, revision=draft.revision)
    return draft


@transaction.atomic
def submit(opened: OpenCase, reviewer: User, *, looked_at: frozenset[str]) -> AnonymisedRecord:
    """Build the anonymised record, seal it for the reviewer and let her in.

    `looked_at` are keys of `Preview.leftovers`: all of them, as they are now. Raises StepRefusedError with what is
    missing.
    """
    _lock(opened)
    opened.require("anonymise_case", Stage.ANONYMISATION)
    bench = workbench_of(opened)
    preview = preview_of(opened, bench)
    missing = [*missing_in(opened, bench, preview)]
    if not {each.key for each in preview.leftovers} <= looked_at:
        missing.append(Missing(_("Look at every word and number that is left."), "publication:preview"))
    if reviewer not in reviewers_for(opened):
        missing.append(Missing(_("Choose who reviews the record."), "publication:preview"))
    if missing:
        raise StepRefusedError(tuple(missing))
    row = _store_record(opened, preview.record)
    _let_in(opened, reviewer)
    ledger.record("publication.submit", actor=opened.actor, target=row, reviewer=reviewer.username)
    move(opened, Stage.REVIEW)
    return row


def _store_record(opened: OpenCase, content: RecordContent) -> AnonymisedRecord:
    row = AnonymisedRecord.objects.filter(case=opened.case).first() or AnonymisedRecord(case=opened.case)
    row.anonymiser = opened.actor.user
    values = {"sealed_record": content.as_json()}
    save_sealed(opened.actor, opened.record, row, values, changed=("anonymiser",))
    return row


def _let_in(opened: OpenCase, reviewer: User) -> None:
    """One reviewer at a time: whoever reviewed before loses the key."""
    for access in who_may_open(opened.case):
        if access.level == AccessLevel.REVIEWER and access.user != reviewer:
            revoke(opened, access.user)
    grant(opened, reviewer, AccessLevel.REVIEWER)


# --- reviewing ----------------------------------------------------------------------------------------------------


def require_distance(opened: OpenCase, record: AnonymisedRecord) -> None:
    """Raise ReviewerTooCloseError unless this person reads only the record, which somebody else made."""
    knows_more = {"read_identity", "read_testimony"} & opened.permissions
    if knows_more or record.anonymiser_id == opened.actor.user.id:
        raise ReviewerTooCloseError


@transaction.atomic
def publish(opened: OpenCase, answers: ReviewAnswers) -> PublishedRecord:
    """Give the record its number and put it in the clear. From here on it is public."""
    _lock(opened)
    opened.require("review_case", Stage.REVIEW)
    row, content = record_of(opened)
    require_distance(opened, row)
    if answers.found_a_way:
        raise StillRecognisableError
    if not has_consent(opened.case, ConsentScope.PUBLISH):
        raise StepRefusedError((Missing(_("The consent to publish was taken back or has run out.")),))
    _store_review(opened, answers, passed=True)
    published = PublishedRecord(
        case=opened.case,
        number=_next_number(content),
        content=content.as_json(),
        published_on=timezone.localdate(),
        anonymiser=row.anonymiser,
        reviewer=opened.actor.user,
    )
    published._history_user = opened.actor.user  # type: ignore[attr-defined]
    published.save(force_insert=True)
    ledger.record("publication.publish", actor=opened.actor, target=published, number=published.number)
    move(opened, Stage.PUBLISHED)
    return published


def _next_number(content: RecordContent) -> str:
    """`2025-GE-0001`: year and country as the record says them, and the next number there, given only once."""
    prefix = f"{content.facets.period.year}-{content.country}"
    series = NumberSeries.objects.select_for_update().get_or_create(pk=prefix)[0]
    series.last += 1
    series.save(update_fields=["last"])
    return f"{prefix}-{series.last:04}"


@transaction.atomic
def send_back(opened: OpenCase, answers: ReviewAnswers) -> None:
    """Give the record back to whoever anonymised it, with what was found."""
    _lock(opened)
    opened.require("review_case", Stage.REVIEW)
    row, _content = record_of(opened)
    require_distance(opened, row)
    review = _store_review(opened, answers, passed=False)
    ledger.record("publication.send_back", actor=opened.actor, target=review)
    move(opened, Stage.ANONYMISATION)


def _store_review(opened: OpenCase, answers: ReviewAnswers, *, passed: bool) -> IntruderReview:
    review = IntruderReview(case=opened.case, reviewer=opened.actor.user, passed=passed)
    save_sealed(opened.actor, opened.record, review, {"sealed_answers": answers.as_json()})
    return review


# --- taking back --------------------------------------------------------------------------------------------------


@transaction.atomic
def withdraw(opened: OpenCase, scope: ConsentScope) -> None:
    """Take a consent back on the word of the person, at whatever stage the case is."""
    opened.require("change_case")
    take_back_consent(opened.actor, opened.case, scope)
    finish_rekeys(opened)


@transaction.atomic
def take_back_consent(actor: Actor, case: Case, scope: ConsentScope) -> None:
    """`withdraw` without a key: the answer, the access it gave, what was published, the stage.

    Compartments that somebody lost are marked for a new key, which the next holder makes. Without consent to keep the
    record no other consent stands.
    """
    scopes = list(ConsentScope) if scope == ConsentScope.KEEP else [scope]
    for row in Consent.objects.select_for_update().filter(case=case, scope__in=scopes, withdrawn=False):
        row.withdrawn = True
        row._history_user = actor.user  # type: ignore[attr-defined]
        row.save(update_fields=["withdrawn"])
    ledger.record("publication.withdraw", actor=actor, target=case, scope=scope.value)
    if ConsentScope.EXPERTS in scopes:
        _shut_out(actor, case, AccessLevel.EXPERT)
    if ConsentScope.PUBLISH in scopes:
        _shut_out(actor, case, AccessLevel.REVIEWER)
        for record in PublishedRecord.objects.select_for_update().filter(case=case, retracted_on=None):
            _retract(actor, record)
    case.refresh_from_db(fields=["stage"])
    to = _stage_without(scope, case.current_stage)
    if to is not None:
        move_case(actor, case, to)


def _stage_without(scope: ConsentScope, stage: Stage) -> Stage | None:
    """Where a case goes that lost a consent, or None where it may stay."""
    match scope:
        case ConsentScope.KEEP if stage != Stage.WITHDRAWN:
            return Stage.WITHDRAWN
        case ConsentScope.PUBLISH if stage in (Stage.ANONYMISATION, Stage.REVIEW, Stage.PUBLISHED):
            return Stage.CLOSED
        case ConsentScope.EXPERTS if stage == Stage.ANALYSIS:
            return Stage.INTAKE
    return None


def _shut_out(actor: Actor, case: Case, level: AccessLevel) -> None:
    """Take the access of everybody of a level back at once, teams too; never refused, whoever else is left."""
    roster = roster_of(case)
    for access in roster.people:
        if access.level == level:
            names = sorted(row.name for row in remove_access(case, access.user))
            ledger.record("publication.shut_out", actor=actor, target=case, person=access.user.username, pending=names)
    for team in (each.team for each in roster.teams if each.level == level):
        names = sorted(row.name for row in remove_team(case, team))
        ledger.record("publication.shut_out", actor=actor, target=case, team=str(team.id), pending=names)


@transaction.atomic
def retract(actor: Actor, record: PublishedRecord, reason: RetractionReason) -> None:
    """Take a record of the own organisation out of the public. The case can be anonymised anew, for a new number."""
    require_role(actor, Role.ADVOCATE)
    stored = PublishedRecord.objects.select_for_update().select_related("case").get(pk=record.pk)
    if stored.case.organisation_id != actor.user.organisation_id or stored.is_retracted:
        raise Http404
    _retract(actor, stored, reason=reason.value)
    if stored.case.current_stage == Stage.PUBLISHED:
        move_case(actor, stored.case, Stage.ANONYMISATION)


def _retract(actor: Actor, record: PublishedRecord, *, reason: str = "consent") -> None:
    """Empty a record for good and replace every edition that carries it."""
    record.content = {}
    record.retracted_on = timezone.localdate()
    record._history_user = actor.user  # type: ignore[attr-defined]
    record.save(update_fields=["content", "retracted_on"])
    ledger.record("publication.retract", actor=actor, target=record, number=record.number, reason=reason)
    _leave_out_of_drafts(actor, record)
    carrying = Digest.objects.filter(entries__record=record, issued_on__isnull=False)
    current = carrying.filter(models.Q(superseded_by=None) | models.Q(superseded_by__issued_on=None))
    for edition in current.select_related("organisation"):
        _edition_without(actor, edition, record)


def _leave_out_of_drafts(actor: Actor, record: PublishedRecord) -> None:
    for entry in DigestEntry.objects.filter(record=record, digest__issued_on=None).select_related("digest"):
        remaining = [row for row in records_in(entry.digest) if row != record]
        _set_entries(actor, entry.digest, remaining)


def _edition_without(actor: Actor, edition: Digest, record: PublishedRecord) -> None:
    """Issue the next edition without the record; an edition in preparation becomes the one after."""
    draft = Digest.objects.filter(supersedes=edition).first()
    if draft is not None:
        _link(actor, edition, None)
        draft.edition += 1
        _save_digest(actor, draft, "edition")
    following = _copy_as_next(actor, edition, [row for row in records_in(edition) if row != record])
    following.issued_on = timezone.localdate()
    _save_digest(actor, following, "issued_on")
    if draft is not None:
        _link(actor, following, draft)
    ledger.record("publication.supersede_digest", actor=actor, target=edition, next=str(following.pk))


# --- digests ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """What the front of a digest says, and its records in order."""

    title: str
    subtitle: str
    foreword: str
    language: str
    records: Sequence[PublishedRecord]


@transaction.atomic
def create_digest(actor: Actor, facts: DigestFacts) -> Digest:
    """The first edition of a digest, not yet issued."""
    require_role(actor, Role.ADVOCATE)
    digest = Digest(organisation=actor.user.organisation)
    _write(actor, digest, facts)
    ledger.record("publication.create_digest", actor=actor, target=digest)
    return digest


@transaction.atomic
def change_digest(actor: Actor, digest: Digest, facts: DigestFacts, *, revision: int) -> Digest:
    """Change an edition in preparation; an issued one stays as it is and its next edition is made.

    Returns the edition that was written. Raises StaleRevisionError when it was changed since `revision`, or when the
    issued edition has a next one already.
    """
    require_role(actor, Role.ADVOCATE)
    stored = _claim(actor, digest, revision)
    target = stored
    if stored.is_issued:
        if stored.superseded_by is not None:
            raise StaleRevisionError
        target = _copy_as_next(actor, stored, [])
    _write(actor, target, facts)
    ledger.record("publication.change_digest", actor=actor, target=target, revision=target.revision)
    return target


@transaction.atomic
def issue_digest(actor: Actor, digest: Digest, *, revision: int) -> None:
    """Put today's date on an edition: from now on it can be handed out and no longer be changed."""
    require_role(actor, Role.ADVOCATE)
    stored = _claim(actor, digest, revision)
    if stored.is_issued:
        raise StaleRevisionError
    if not visible_records().filter(entries__digest=stored).exists():
        raise StepRefusedError((Missing(_("Choose at least one record.")),))
    stored.issued_on = timezone.localdate()
    _save_digest(actor, stored, "issued_on")
    ledger.record("publication.issue_digest", actor=actor, target=stored, edition=stored.edition)


def _claim(actor: Actor, digest: Digest, revision: int) -> Digest:
    stored = Digest.objects.select_for_update().filter(pk=digest.pk, organisation=actor.user.organisation).first()
    if stored is None:
        raise Http404
    if stored.revision != revision:
        raise StaleRevisionError
    return stored


def _write(actor: Actor, digest: Digest, facts: DigestFacts) -> None:
    if not set(facts.records) <= set(records_for_digests(actor)):
        raise Http404
    digest.title, digest.subtitle = facts.title, facts.subtitle
    digest.foreword, digest.language = facts.foreword, facts.language
    _save_digest(actor, digest, "title", "subtitle", "foreword", "language")
    _set_entries(actor, digest, facts.records)


def _save_digest(actor: Actor, digest: Digest, *changed: str) -> None:
    adding = digest._state.adding
    digest.revision += 1
    digest._history_user = actor.user  # type: ignore[attr-defined]
    if adding:
        digest.save(force_insert=True)
    else:
        digest.save(update_fields=["revision", *changed])


def _set_entries(actor: Actor, digest: Digest, records: Iterable[PublishedRecord]) -> None:
    for old in DigestEntry.objects.filter(digest=digest):
        old._history_user = actor.user  # type: ignore[attr-defined]
        old.delete()
    for position, record in enumerate(records, start=1):
        entry = DigestEntry(digest=digest, record=record, position=position)
        entry._history_user = actor.user  # type: ignore[attr-defined]
        entry.save(force_insert=True)


def _copy_as_next(actor: Actor, edition: Digest, records: Iterable[PublishedRecord]) -> Digest:
    """The next edition, in preparation, and the link to it."""
    following = Digest(
        organisation=edition.organisation,
        title=edition.title,
        subtitle=edition.subtitle,
        foreword=edition.foreword,
        language=edition.language,
        edition=edition.edition + 1,
    )
    _save_digest(actor, following)
    _set_entries(actor, following, records)
    _link(actor, edition, following)
    return following


def _link(actor: Actor, edition: Digest, following: Digest | None) -> None:
    edition.superseded_by = following
    _save_digest(actor, edition, "superseded_by")


@transaction.atomic
def export_digest(actor: Actor, digest: Digest, *, as_pdf: bool) -> bytes:
    """The edition as PDF or JSON, with its hash in the ledger. A draft can be read over, a superseded one not.

    Raises SupersededError for an edition that was replaced, UnfitForReleaseError where a marker is left.
    """
    stored = find_digest(actor, digest.pk)
    if stored.is_superseded:
        raise SupersededError
    content = digest_content(stored)
    data = render_pdf(content) if as_pdf else render_json(content)
    _check_bytes(content)
    ledger.record(
        "publication.export_digest",
        actor=actor,
        target=digest,
        format="pdf" if as_pdf else "json",
        sha256=sha256(data).hexdigest(),
    )
    return data


def _check_bytes(content: DigestContent) -> None:
    """The last check: no marker is left. A PDF packs its words, so that both forms are checked as JSON says them."""
    data = render_json(content)
    if any(bracket.encode() in data for bracket in _MARKER_BRACKETS):
        raise UnfitForReleaseError
