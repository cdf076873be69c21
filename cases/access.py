"""The one door to a case: permission, then key, then ledger entry. Missing and forbidden are the same 404."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from accounts.actor import Actor
from casebook.core import ledger
from casebook.core.errors import NoKeyError
from cases.compartments import OpenCompartment
from cases.models import Case, CaseUserObjectPermission, CompartmentName
from cases.stages import Stage, WrongStageError
from cases.wraps import open_compartments

READ_PERMISSION = {
    CompartmentName.IDENTITY.value: "read_identity",
    CompartmentName.TESTIMONY.value: "read_testimony",
    CompartmentName.RECORD.value: "read_record",
}


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
    """Cases that the actor has the guardian permission for, as a filter for few rows; lists walk (`cases.queries`)."""
    grants = CaseUserObjectPermission.objects.filter(
        content_object=OuterRef("pk"), user=actor.user, permission__codename=permission
    )
    return Case.objects.filter(Exists(grants))


@transaction.atomic
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
    are both there. LockedError before anything is looked up. Writes `case.open` with the compartments read.
    """
    actor.require_keys()
    case = permitted(actor, need).select_related("organisation").filter(reference=reference).first()
    if case is None:
        raise Http404
    permissions = permissions_on(actor, case)
    required = tuple(compartments)
    if any(READ_PERMISSION[name] not in permissions for name in required):
        raise Http404
    allowed = (name for name in optional if READ_PERMISSION[name] in permissions)
    opened = open_compartments(actor, case, {*required, *allowed})
    if any(name not in opened for name in required):
        raise NoKeyError
    ledger.record("case.open", actor=actor, target=case, need=need, compartments=sorted(opened))
    return OpenCase(case, actor, permissions, opened)


def permissions_on(actor: Actor, case: Case) -> frozenset[str]:
    """Codenames of the actor's guardian permissions on the case, in one query."""
    return frozenset(
        CaseUserObjectPermission.objects.filter(user=actor.user, content_object=case).values_list(
            "permission__codename", flat=True
        )
    )
