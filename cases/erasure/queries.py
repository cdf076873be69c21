"""Choosing proposals and certificates to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.actor import Actor
from accounts.models import Role
from cases.erasure.records import Erasure, ErasureState
from cases.models import Case, CaseWall

DECIDERS = (Role.COORDINATOR, Role.ADMINISTRATOR)
"""Who may be the second person."""
READERS = (*DECIDERS, Role.AUDITOR)
PAGE = 100


@dataclass(frozen=True, slots=True)
class Erasures:
    """What waits for a second person, and what was decided; each newest first."""

    waiting: Sequence[Erasure]
    decided: Sequence[Erasure]


def visible(actor: Actor) -> QuerySet[Erasure]:
    """What the actor may know of: their own proposals; all of the organisation for those who decide.

    Auditors see what was carried out. Nobody sees anything of a case from behind a wall.
    """
    reached = Q(proposed_by=actor.user)
    if actor.has_role(*DECIDERS):
        reached |= Q(case__organisation=actor.user.organisation)
    elif actor.has_role(Role.AUDITOR):
        reached |= Q(case__organisation=actor.user.organisation, state=ErasureState.DONE)
    walls = CaseWall.objects.filter(case=OuterRef("case"), person=actor.user)
    rows = Erasure.objects.filter(reached, ~Exists(walls))
    return rows.select_related("case__organisation", "proposed_by", "decided_by")


def find_erasure(actor: Actor, erasure_id: UUID) -> Erasure:
    """A proposal or certificate that the actor may see, or 404."""
    row = visible(actor).filter(pk=erasure_id).first()
    if row is None:
        raise Http404
    return row


def erasures_of(actor: Actor) -> Erasures:
    rows = visible(actor)
    return Erasures(
        list(rows.filter(state=ErasureState.PROPOSED)[:PAGE]), list(rows.exclude(state=ErasureState.PROPOSED)[:PAGE])
    )


def open_proposals(case: Case) -> list[Erasure]:
    """What is proposed for erasure of a case, the case as a whole first."""
    rows = Erasure.objects.filter(case=case, state=ErasureState.PROPOSED).select_related("proposed_by")
    return sorted(rows, key=lambda row: row.is_of_person)
