"""Access in an emergency: asked for with a reason, given by a second person for some hours, ended by the clock.

Whoever asks learns nothing: the answer is the same whether or not there is such a case. The reason is sealed to the
coordinators, who decide; access is for the one who asked, by name, and ends by itself (`cases.grants`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.access import require_role
from accounts.actor import Actor
from accounts.certificates import check_organisation
from accounts.models import Role
from accounts.teams import certified_team_key, coordinators_of, team_keys
from casebook.core import ledger
from casebook.core.encoding import ctx, pad, unpad
from casebook.core.errors import IntegrityError
from casebook.core.wrapping import hpke_open, hpke_seal
from cases.access import open_case, permissions_on, permitted
from cases.compartments import ALL_COMPARTMENTS
from cases.grants import end_expired_access
from cases.levels import AccessLevel
from cases.models import Case, CaseWall, EmergencyAccess
from cases.sharing import grant

MOST_HOURS = 72


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """A request as a coordinator reads it. `reason` is None where it was sealed to a key that is gone."""

    row: EmergencyAccess
    reason: str | None


def _place(row: EmergencyAccess) -> bytes:
    return ctx("emergency", row.id, row.case_id, row.asked_by_id, row.team_id, row.team_epoch, row.hours)


def can_be_asked(actor: Actor) -> bool:
    """Whether the organisation has coordinators whose team has a key: the reason is sealed to them."""
    team = coordinators_of(actor.user.organisation)
    return team is not None and team.epoch > 0


@transaction.atomic
def ask(actor: Actor, reference: str, *, reason: str, hours: int) -> None:
    """Ask to be let into a case of the own organisation for 1 to MOST_HOURS hours.

    Nothing is stored for a case that is not there, is open to the actor already, or has a wall against them; the caller
    says the same in every case. The ledger keeps every attempt.
    """
    require_role(actor, Role.STREET_LAWYER, Role.COORDINATOR)
    keys = actor.require_keys()
    organisation = actor.user.organisation
    ledger.record("case.ask_emergency", actor=actor, reference=reference, hours=hours)
    end_expired_access(actor)
    case = Case.objects.filter(reference=reference, organisation=organisation).first()
    team = coordinators_of(organisation)
    if case is None or team is None or not team.epoch or permissions_on(actor, case):
        return
    waiting = EmergencyAccess.objects.filter(case=case, asked_by=actor.user, decided_by=None, ended=False)
    if waiting.exists() or CaseWall.objects.filter(case=case, person=actor.user).exists():
        return
    check_organisation(keys, organisation)
    row = EmergencyAccess(
        case=case, asked_by=actor.user, asked_at=timezone.now(), hours=hours, team=team, team_epoch=team.epoch
    )
    row.reason = hpke_seal(certified_team_key(keys, team), pad(reason.encode()), info=_place(row))
    row.save(force_insert=True)


@transaction.atomic
def requests_for(actor: Actor) -> Sequence[Request]:
    """Open requests that the actor can decide about: for cases they may share, asked by somebody else."""
    actor.require_keys()
    found = [Request(row, _reason(actor, row)) for row in _open_requests(actor).select_related("case", "asked_by")]
    if found:
        ledger.record("case.read_emergencies", actor=actor, cases=[each.row.case.reference for each in found])
    return found


def count_requests(actor: Actor) -> int:
    """How many requests wait for the actor's decision; cheap while the organisation has none."""
    here = EmergencyAccess.objects.filter(decided_by=None, ended=False, case__organisation=actor.user.organisation_id)
    if not here.exists():
        return 0
    return _open_requests(actor).count()


def _open_requests(actor: Actor) -> QuerySet[EmergencyAccess]:
    return EmergencyAccess.objects.filter(
        decided_by=None,
        ended=False,
        asked_by__is_active=True,
        case__in=permitted(actor, "share_case").values("pk"),
    ).exclude(asked_by=actor.user)


def _reason(actor: Actor, row: EmergencyAccess) -> str | None:
    pair = team_keys(actor).get((row.team_id, row.team_epoch))
    if pair is None:
        return None
    try:
        return unpad(hpke_open(pair.private, bytes(row.reason), info=_place(row))).decode()
    except ValueError:
        raise IntegrityError from None


@transaction.atomic
def decide(actor: Actor, request_id: UUID, *, allow: bool) -> EmergencyAccess:
    """Let the one who asked in for the hours asked for, or refuse. Never one's own request.

    Raises 404 for a request that is not there or not the actor's to decide, and what `grant` raises.
    """
    row = (
        EmergencyAccess.objects.select_for_update(of=("self",))
        .select_related("case", "asked_by__organisation")
        .filter(pk=request_id, decided_by=None, ended=False)
        .exclude(asked_by=actor.user)
        .first()
    )
    if row is None:
        raise Http404
    opened = open_case(actor, row.case.reference, need="share_case", optional=ALL_COMPARTMENTS)
    row.decided_by = actor.user
    if allow:
        row.expires_at = timezone.now() + timedelta(hours=row.hours)
        grant(opened, row.asked_by, AccessLevel.EMERGENCY)
    else:
        row.ended = True
    row.save(update_fields=["decided_by", "expires_at", "ended"])
    ledger.record(
        "case.decide_emergency",
        actor=actor,
        target=row.case,
        person=row.asked_by.username,
        allowed=allow,
        hours=row.hours,
    )
    return row


def access_until(case: Case) -> dict[UUID, datetime]:
    """Who was let into the case in an emergency, and until when; also those whose hours are over but who did not come
    since: it ends for good when they do."""
    rows = EmergencyAccess.objects.filter(case=case, ended=False, decided_by__isnull=False).order_by("expires_at")
    return {row.asked_by_id: row.expires_at for row in rows if row.expires_at is not None}
