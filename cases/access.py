"""The one door to a case: permission, then key, then ledger entry. Missing and forbidden are the same 404."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.actor import Actor
from accounts.models import Team
from accounts.step_up import require_fresh_for_names
from accounts.teams import memberships
from casebook.core import ledger
from casebook.core.errors import NoKeyError
from cases.compartments import OpenCompartment
from cases.erasure.notice import refuse_missing
from cases.grants import end_expired_access
from cases.levels import PERMISSIONS, READ_PERMISSION, AccessLevel
from cases.models import Case, CaseGroupObjectPermission, CaseUserObjectPermission, CaseWall, CompartmentName
from cases.stages import Stage, WrongStageError
from cases.wraps import open_compartments


@dataclass(slots=True, repr=False)
class OpenCase:
    """A case opened for one request: the row, what the actor may do with it, and what was unlocked."""

    case: Case
    actor: Actor
    permissions: frozenset[str]
    opened: dict[str, OpenCompartment] = field(default_factory=dict)

    @property
    def identity(self) -> OpenCompartment:
        return self._compartment(CompartmentName.IDENTITY)

    @property
    def testimony(self) -> OpenCompartment:
        return self._compartment(CompartmentName.TESTIMONY)

    @property
    def record(self) -> OpenCompartment:
        return self._compartment(CompartmentName.RECORD)

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    def holds(self, name: str) -> bool:
        """Whether the compartment is open here."""
        return name in self.opened

    def require(self, permission: str, *stages: Stage) -> None:
        """Raise 404 without the permission, WrongStageError outside the stages (any stage, when none is named)."""
        if permission not in self.permissions:
            raise Http404
        if stages and self.case.current_stage not in stages:
            raise WrongStageError

    def _compartment(self, name: str) -> OpenCompartment:
        if name not in self.opened:
            raise NoKeyError
        return self.opened[name]

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


def permitted(actor: Actor, permission: str) -> QuerySet[Case]:
    """Cases that the actor has the permission for, as a filter for few rows; lists walk (`cases.queries`).

    By name, through the permission row of a team, or through the team of coordinators that a case belongs to. Nobody
    reaches a case from behind a wall.
    """
    own = CaseUserObjectPermission.objects.filter(
        content_object=OuterRef("pk"), user=actor.user, permission__codename=permission
    )
    reached = Q(Exists(own))
    panels, scope = panel_groups(actor), scope_teams(actor, permission)
    if panels:
        shared = CaseGroupObjectPermission.objects.filter(
            content_object=OuterRef("pk"), group__in=panels, permission__codename=permission
        )
        reached |= Q(Exists(shared))
    if scope:
        reached |= Q(team__in=scope)
    walls = CaseWall.objects.filter(case=OuterRef("pk"), person=actor.user)
    return Case.objects.filter(reached, ~Exists(walls))


def panel_groups(actor: Actor) -> list[int]:
    """Groups of the actor's panels, whose permissions are rows. Teams of coordinators have none."""
    return [team.group for team in memberships(actor.user) if team.kind == Team.Kind.PANEL]


def scope_teams(actor: Actor, permission: str) -> list[UUID]:
    """Teams of coordinators through which the actor has the permission on every case that belongs to them."""
    if permission not in PERMISSIONS[AccessLevel.CASEWORKER]:
        return []
    return [team.team for team in memberships(actor.user) if team.kind == Team.Kind.COORDINATORS]


def open_case(
    actor: Actor,
    reference: str,
    *,
    need: str,
    compartments: Iterable[str] = (),
    optional: Iterable[str] = (),
) -> OpenCase:
    """Open a case for one request, or raise.

    `need` is a permission of Case; without it, or without a case of that reference: 404. `compartments` must all open:
    their read permission missing is a 404, their key missing NoKeyError. `optional` ones open where permission and key
    are both there. LockedError before anything is looked up; StepUpNeededError where names that this session has not
    opened yet ask for the passphrase; ErasedError for an erased case, to whoever may know of it. Writes `case.open`
    with the compartments read.
    """
    actor.require_keys()
    end_expired_access(actor)
    return _open_permitted(actor, reference, need, tuple(compartments), tuple(optional))


@transaction.atomic
def _open_permitted(
    actor: Actor, reference: str, need: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> OpenCase:
    case = permitted(actor, need).select_related("organisation").filter(reference=reference).first()
    if case is None:
        refuse_missing(actor, reference)
    permissions = permissions_on(actor, case)
    if any(READ_PERMISSION[name] not in permissions for name in required):
        raise Http404
    allowed = (name for name in optional if READ_PERMISSION[name] in permissions)
    opened = open_compartments(actor, case, {*required, *allowed})
    if any(name not in opened for name in required):
        raise NoKeyError
    if CompartmentName.IDENTITY in opened:
        require_fresh_for_names(actor, case.id)
    ledger.record("case.open", actor=actor, target=case, need=need, compartments=sorted(opened))
    return OpenCase(case, actor, permissions, opened)


def permissions_on(actor: Actor, case: Case) -> frozenset[str]:
    """Codenames of the actor's permissions on the case, by name and through teams."""
    rows = CaseUserObjectPermission.objects.filter(user=actor.user, content_object=case)
    found = set(rows.values_list("permission__codename", flat=True))
    panels = panel_groups(actor)
    if panels:
        shared = CaseGroupObjectPermission.objects.filter(group__in=panels, content_object=case)
        found |= set(shared.values_list("permission__codename", flat=True))
    if case.team_id in scope_teams(actor, "view_case"):
        found |= PERMISSIONS[AccessLevel.CASEWORKER]
    return frozenset(found)


def readable_ids(actor: Actor, cases: Iterable[Case], permission: str) -> set[UUID]:
    """Which of these cases, all of which the actor may see, the permission is there for."""
    ids = [case.id for case in cases]
    named = CaseUserObjectPermission.objects.filter(
        user=actor.user, permission__codename=permission, content_object__in=ids
    )
    found = set(named.values_list("content_object_id", flat=True))
    panels = panel_groups(actor)
    if panels:
        shared = CaseGroupObjectPermission.objects.filter(
            group__in=panels, permission__codename=permission, content_object__in=ids
        )
        found |= set(shared.values_list("content_object_id", flat=True))
    scope = set(scope_teams(actor, permission))
    return found | {case.id for case in cases if case.team_id in scope}
