"""Legal hold: what keeps a case from being erased."""

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import Role
from casebook.core import ledger
from cases.access import OpenCase
from cases.erasure.errors import ErasureRefusedError
from cases.erasure.records import HoldReason, LegalHold
from cases.models import Case


def standing_hold(case: Case) -> LegalHold | None:
    """The hold that keeps the case now."""
    return LegalHold.objects.filter(case=case, lifted_at=None).select_related("set_by").first()


def is_held(case: Case) -> bool:
    return LegalHold.objects.filter(case=case, lifted_at=None).exists()


@transaction.atomic
def set_hold(opened: OpenCase, reason: HoldReason) -> LegalHold:
    """Keep a case from being erased. Only coordinators who may share it: 404 for others; raises when it is held."""
    case = _claim(opened)
    if is_held(case):
        raise ErasureRefusedError
    row = LegalHold.objects.create(case=case, reason=reason, set_by=opened.actor.user, set_at=timezone.now())
    ledger.record("case.hold", actor=opened.actor, target=case, reason=reason.value)
    return row


@transaction.atomic
def lift_hold(opened: OpenCase) -> None:
    """Let a case be erased again; 404 for who is no coordinator of it, or when nothing holds it."""
    case = _claim(opened)
    standing = LegalHold.objects.filter(case=case, lifted_at=None)
    if not standing.update(lifted_by=opened.actor.user, lifted_at=timezone.now()):
        raise Http404
    ledger.record("case.release_hold", actor=opened.actor, target=case)


def _claim(opened: OpenCase) -> Case:
    opened.require("share_case")
    if not opened.actor.has_role(Role.COORDINATOR):
        raise Http404
    return Case.objects.select_for_update().get(pk=opened.case.pk)
