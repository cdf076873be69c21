"""What somebody is told who looks for what was erased: 410 with a date for those who may know of it, else nothing."""

from datetime import date
from typing import NoReturn
from uuid import UUID

from django.http import Http404

from accounts.actor import Actor
from accounts.models import Role
from casebook.core.errors import ErasedError
from cases.erasure.records import Erasure, ErasureState


def refuse_missing(actor: Actor, reference: str) -> NoReturn:
    """Raise ErasedError for an erased case that the actor may know of, else 404.

    That are coordinators and administrators of the organisation and whoever proposed it: who else could open the case
    was erased with it.
    """
    done = Erasure.objects.filter(state=ErasureState.DONE, subject=None, case__reference=reference)
    row = done.filter(case__organisation=actor.user.organisation_id).first()
    known = row is not None and (
        actor.has_role(Role.COORDINATOR, Role.ADMINISTRATOR) or row.proposed_by_id == actor.user.pk
    )
    if row is None or not known:
        raise Http404
    raise ErasedError(row.keys_until)


def refuse_missing_person(case_id: UUID, person_id: UUID) -> NoReturn:
    """Raise ErasedError for a person who was erased from a case that is open to the reader, else 404."""
    row = Erasure.objects.filter(state=ErasureState.DONE, case=case_id, subject=person_id).first()
    if row is None:
        raise Http404
    raise ErasedError(row.keys_until)


def erased_until(case_id: UUID) -> date | None:
    """Until when a key backup may still hold the keys of an erased case."""
    row = Erasure.objects.filter(state=ErasureState.DONE, subject=None, case=case_id).first()
    return row.keys_until if row else None
