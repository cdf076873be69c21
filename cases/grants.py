"""Permission rows and wraps as they are stored: written together, deleted together. Called by `cases.sharing` only,
and by whatever ends access without needing a key."""

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Team, User
from casebook.core import ledger
from cases.levels import PERMISSIONS, AccessLevel
from cases.models import (
    Case,
    CaseGroupObjectPermission,
    CaseUserObjectPermission,
    Compartment,
    EmergencyAccess,
    KeyWrap,
    RecipientKind,
)


def _permission_ids() -> dict[str, int]:
    rows = Permission.objects.filter(content_type__app_label="cases", content_type__model="case")
    return dict(rows.values_list("codename", "id"))


def give_permissions(user: User, case: Case, level: AccessLevel) -> None:
    """Write guardian's rows for a level. Only ever together with the wraps."""
    ids = _permission_ids()
    CaseUserObjectPermission.objects.bulk_create(
        [
            CaseUserObjectPermission(user=user, content_object=case, permission_id=ids[codename])
            for codename in sorted(PERMISSIONS[level])
        ],
        ignore_conflicts=True,
    )


def give_team_permissions(team: Team, case: Case, level: AccessLevel) -> None:
    """The same for a panel. Coordinators need no rows: the case itself names their team."""
    ids = _permission_ids()
    CaseGroupObjectPermission.objects.bulk_create(
        [
            CaseGroupObjectPermission(group_id=team.group_id, content_object=case, permission_id=ids[codename])
            for codename in sorted(PERMISSIONS[level])
        ],
        ignore_conflicts=True,
    )


def remove_access(case: Case, person: User) -> list[Compartment]:
    """Delete a person's permissions and wraps on a case and mark what needs a new key; needs no key itself.

    What the person reaches through a team stays: see `remove_team` and walls. Emergencies end with it: whatever the
    person is given later is not to end when those hours do.
    """
    CaseUserObjectPermission.objects.filter(user=person, content_object=case).delete()
    EmergencyAccess.objects.filter(asked_by=person, case=case, ended=False).update(ended=True)
    return _remove_wraps(case, KeyWrap.objects.filter(kind=RecipientKind.USER, recipient=person.id))


def remove_team(case: Case, team: Team) -> list[Compartment]:
    """Delete a team's permissions and wraps on a case and mark what needs a new key; needs no key itself."""
    CaseGroupObjectPermission.objects.filter(group=team.group_id, content_object=case).delete()
    if case.team_id == team.id:
        case.team = None
        Case.objects.filter(pk=case.pk).update(team=None)
    return _remove_wraps(case, KeyWrap.objects.filter(kind=RecipientKind.TEAM, recipient=team.id))


def _remove_wraps(case: Case, wraps: QuerySet[KeyWrap]) -> list[Compartment]:
    of_case = wraps.filter(compartment__case=case)
    affected = list(Compartment.objects.filter(pk__in=of_case.values("compartment")))
    of_case.delete()
    Compartment.objects.filter(pk__in=[row.pk for row in affected]).update(rekey_pending=True)
    return affected


def end_expired_access(actor: Actor) -> None:
    """Take back what the actor was given in an emergency and whose hours are over."""
    rows = EmergencyAccess.objects.filter(
        asked_by=actor.user, ended=False, decided_by__isnull=False, expires_at__lte=timezone.now()
    )
    for row in rows.select_related("case"):
        _end(actor, row)


@transaction.atomic
def _end(actor: Actor, row: EmergencyAccess) -> None:
    remove_access(row.case, actor.user)
    ledger.record("case.emergency_over", actor=actor, target=row.case, person=actor.user.username)
