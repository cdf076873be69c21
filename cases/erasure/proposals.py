"""Proposing an erasure, and the second person's answer. Approving carries it out at once, or changes nothing."""

from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.access import require_role
from accounts.actor import Actor, Operator
from accounts.models import Role, User
from casebook.core import ledger
from casebook.core.errors import ErasedError, NoKeyError
from cases.access import OpenCase, open_case
from cases.erasure import destruction
from cases.erasure.errors import (
    AlreadyDecidedError,
    AlreadyProposedError,
    ChangedMeanwhileError,
    HeldError,
    NeedsKeysError,
    OwnProposalError,
    StillPublishedError,
)
from cases.erasure.finishing import finish
from cases.erasure.holds import is_held
from cases.erasure.key_backups import keys_until
from cases.erasure.notice import erased_until
from cases.erasure.person import erase_person
from cases.erasure.queries import DECIDERS, visible
from cases.erasure.records import Erasure, ErasureReason, ErasureState
from cases.models import Case, CaseWall, Compartment, CompartmentName
from cases.queries import find_person
from cases.stages import Stage

_BOTH = (CompartmentName.IDENTITY, CompartmentName.TESTIMONY)


# --- proposing ----------------------------------------------------------------------------------------------------


@transaction.atomic
def propose_case(opened: OpenCase, reason: ErasureReason) -> Erasure:
    """Propose to erase a case that is open; raises 404 without `share_case`, and what `_propose` raises."""
    opened.require("share_case")
    return _propose(opened.actor, opened.case, proposer=opened.actor.user, reason=reason)


@transaction.atomic
def propose_person(opened: OpenCase, person_id: UUID, reason: ErasureReason) -> Erasure:
    """Propose to erase one person in an open case; raises 404 for somebody who is not in it."""
    opened.require("share_case")
    person = find_person(opened, person_id)
    return _propose(opened.actor, opened.case, proposer=opened.actor.user, reason=reason, subject=person.pk)


@transaction.atomic
def propose_by_reference(actor: Actor, reference: str, reason: ErasureReason) -> Erasure:
    """Propose to erase a case without a key to it, as the administrator of its organisation; 404 for any other."""
    require_role(actor, Role.ADMINISTRATOR)
    actor.require_keys()
    case = Case.objects.filter(reference=reference, organisation=actor.user.organisation).first()
    if case is None or CaseWall.objects.filter(case=case, person=actor.user).exists():
        raise Http404
    return _propose(actor, case, proposer=actor.user, reason=reason)


@transaction.atomic
def propose_by_rule(case: Case, *, proposer: User) -> Erasure:
    """What a rule of retention proposes by itself, for whoever set the rule."""
    operator = Operator(case.organisation)
    return _propose(operator, case, proposer=proposer, reason=ErasureReason.RETENTION, by_rule=True)


def _propose(
    actor: Actor | Operator,
    case: Case,
    *,
    proposer: User,
    reason: ErasureReason,
    subject: UUID | None = None,
    by_rule: bool = False,
) -> Erasure:
    """Raises ErasedError, HeldError, StillPublishedError or AlreadyProposedError."""
    stored = Case.objects.select_for_update().get(pk=case.pk)
    _require_erasable(stored, subject)
    if Erasure.objects.filter(case=stored, subject=subject, state=ErasureState.PROPOSED).exists():
        raise AlreadyProposedError
    row = Erasure.objects.create(
        case=stored,
        subject=subject,
        reason=reason,
        case_state=_state(stored, subject),
        proposed_by=proposer,
        proposed_at=timezone.now(),
        by_rule=by_rule,
    )
    ledger.record(
        "erasure.propose",
        actor=actor,
        target=row,
        reference=stored.reference,
        of=_what(row),
        reason=reason.value,
        by_rule=by_rule,
    )
    return row


def _require_erasable(case: Case, subject: UUID | None) -> None:
    if Compartment.objects.filter(case=case, shredded=True).exists():
        raise ErasedError(erased_until(case.pk))
    if is_held(case):
        raise HeldError
    if subject is None and case.current_stage == Stage.PUBLISHED:
        raise StillPublishedError


def _state(case: Case, subject: UUID | None) -> str:
    return destruction.state_of_case(case.pk) if subject is None else destruction.state_of_person(subject)


def _what(row: Erasure) -> str:
    return "person" if row.is_of_person else "case"


def is_stale(row: Erasure) -> bool:
    """Whether what was proposed to be erased was changed since."""
    return _state(row.case, row.subject) != row.case_state


# --- deciding -----------------------------------------------------------------------------------------------------


@transaction.atomic
def withdraw(actor: Actor, erasure_id: UUID) -> None:
    """Take the own proposal back; raises AlreadyDecidedError."""
    row = _claim(actor, erasure_id)
    if row.proposed_by_id != actor.user.pk:
        raise Http404
    _close(actor, row, ErasureState.WITHDRAWN)
    ledger.record("erasure.withdraw", actor=actor, target=row, reference=row.case.reference)


@transaction.atomic
def refuse(actor: Actor, erasure_id: UUID) -> None:
    """Say no as a coordinator or administrator; raises AlreadyDecidedError, OwnProposalError."""
    row = _claim_to_decide(actor, erasure_id)
    _close(actor, row, ErasureState.REFUSED)
    ledger.record("erasure.refuse", actor=actor, target=row, reference=row.case.reference)


@transaction.atomic
def approve(actor: Actor, erasure_id: UUID) -> Erasure:
    """Say yes as the second person: what was proposed is destroyed before this returns, all of it or nothing.

    Raises ErasureRefusedError with the reason, ErasedError, and LockedError while the keys are closed.
    """
    actor.require_keys()
    row = _claim_to_decide(actor, erasure_id)
    _require_erasable(row.case, row.subject)
    if is_stale(row):
        raise ChangedMeanwhileError
    reference = row.case.reference
    ledger.record("erasure.approve", actor=actor, target=row, reference=reference, of=_what(row))
    if row.subject is None:
        row.files = destruction.evidence_ids(row.case_id)
        row.destroyed = destruction.inventory(row.case)
        destruction.destroy_keys(row.case)
        destruction.purge(row.case, by=actor.user)
        Erasure.objects.filter(case=row.case).exclude(pk=row.pk).exclude(state=ErasureState.DONE).delete()
    else:
        row.destroyed = erase_person(_opened(actor, row), row.subject)
    row.keys_until = keys_until()
    _close(actor, row, ErasureState.DONE)
    counted = {kind: str(number) for kind, number in row.destroyed.items()}
    ledger.record("erasure.carry_out", actor=actor, target=row, reference=reference, destroyed=counted)
    transaction.on_commit(lambda: finish(row.pk))
    return row


def _opened(actor: Actor, row: Erasure) -> OpenCase:
    """The case of a person who is erased, for somebody who can take her words out of it."""
    try:
        return open_case(actor, row.case.reference, need="share_case", compartments=_BOTH)
    except (Http404, NoKeyError):
        raise NeedsKeysError from None


def _claim_to_decide(actor: Actor, erasure_id: UUID) -> Erasure:
    require_role(actor, *DECIDERS)
    row = _claim(actor, erasure_id)
    if row.proposed_by_id == actor.user.pk:
        raise OwnProposalError
    return row


def _claim(actor: Actor, erasure_id: UUID) -> Erasure:
    """Lock the case, then the proposal; of two who decide at once the second gets AlreadyDecidedError."""
    seen = visible(actor).filter(pk=erasure_id).first()
    if seen is None:
        raise Http404
    case = Case.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=seen.case_id)
    row = Erasure.objects.select_for_update(of=("self",)).select_related("proposed_by").filter(pk=erasure_id).first()
    if row is None or not row.is_open:
        raise AlreadyDecidedError
    row.case = case
    return row


def _close(actor: Actor, row: Erasure, state: ErasureState) -> None:
    row.state, row.decided_by, row.decided_at = state, actor.user, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at", "destroyed", "keys_until", "files"])
