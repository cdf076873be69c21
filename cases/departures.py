"""Ending all of somebody's access to cases, for an administrator: without a key, and without learning which cases."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import actions, teams
from accounts.access import require_person
from accounts.actor import Actor
from accounts.models import Role, Team, TeamMemberKey, User, UserKey
from accounts.teams import coordinators_of, memberships
from casebook.core import ledger
from cases.compartments import ALL_COMPARTMENTS
from cases.grants import remove_access
from cases.models import Case, CaseUserObjectPermission, EmergencyAccess, KeyWrap, RecipientKind


@dataclass(frozen=True, slots=True)
class NamedAccess:
    """How much a person reaches, in numbers of cases, and through which teams.

    `cases`: open to them by name. The others count cases on which nobody would work by name any more: those that the
    team of coordinators still opens, those that only the custodians can recover, those that nobody could open again.
    """

    cases: int
    to_coordinators: int
    to_custodians: int
    to_nobody: int
    teams: tuple[str, ...]

    @property
    def left(self) -> int:
        return self.to_coordinators + self.to_custodians + self.to_nobody


def named_access(actor: Actor, person: User) -> NamedAccess:
    """What would end; raises 404 for anybody but an administrator of the person's organisation."""
    require_person(actor, person)
    cases = _named_cases(person)
    left = _without_another(person, cases)
    teamed = _teamed(person, left)
    escrowed = _fully_wrapped(left - teamed, Q(kind=RecipientKind.ORGANISATION))
    return NamedAccess(
        cases=cases.count(),
        to_coordinators=len(teamed),
        to_custodians=len(escrowed),
        to_nobody=len(left - teamed - escrowed),
        teams=tuple(str(team) for team in Team.objects.filter(group__user=person)),
    )


@transaction.atomic
def take_all_access(actor: Actor, person: User) -> int:
    """Delete every permission and key by which a person opens cases, at once; how many cases they had by name.

    What they could open waits for a new key from the next holder. They leave their panels and lose the role of a
    coordinator, for it opens every case; an emergency that they asked for is over. Needs no key.
    """
    require_person(actor, person)
    cases = list(_named_cases(person))
    for case in cases:
        remove_access(case, person)
        ledger.record("case.remove_access", actor=actor, target=case, person=person.username)
    EmergencyAccess.objects.filter(asked_by=person, ended=False).update(ended=True)
    if person.has_role(Role.COORDINATOR):
        actions.set_roles(actor, person, person.roles - {Role.COORDINATOR})
    for membership in memberships(person):
        teams.leave(actor, teams.find_team(actor, membership.team), person)
    return len(cases)


def _named_cases(person: User) -> QuerySet[Case]:
    """Cases with a permission or a key of the person's own."""
    permitted = CaseUserObjectPermission.objects.filter(user=person).values("content_object")
    wrapped = KeyWrap.objects.filter(kind=RecipientKind.USER, recipient=person.id).values("compartment__case")
    return Case.objects.filter(Q(pk__in=permitted) | Q(pk__in=wrapped)).order_by("id")


def _without_another(person: User, cases: QuerySet[Case]) -> set[UUID]:
    """Cases that the person works on and nobody else does by name with every key."""
    workers = CaseUserObjectPermission.objects.filter(permission__codename="share_case", content_object__in=cases)
    mine = set(workers.filter(user=person).values_list("content_object_id", flat=True))
    others = workers.filter(user__is_active=True, content_object__in=mine).exclude(user=person)
    pairs = set(others.values_list("content_object_id", "user_id"))
    people = {user_id for _case, user_id in pairs}
    present = dict(UserKey.objects.filter(user__in=people, active=True).values_list("user_id", "epoch"))
    held: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    wraps = KeyWrap.objects.filter(kind=RecipientKind.USER, recipient__in=people, compartment__case__in=mine)
    for case_id, recipient, epoch, name in wraps.values_list(
        "compartment__case", "recipient", "recipient_epoch", "compartment__name"
    ):
        if present.get(recipient) == epoch:
            held[case_id, recipient].add(name)
    return mine - {case_id for case_id, user_id in pairs if held[case_id, user_id] == set(ALL_COMPARTMENTS)}


def _teamed(person: User, cases: Collection[UUID]) -> set[UUID]:
    """Those of the cases that somebody else opens as a coordinator."""
    team = coordinators_of(person.organisation)
    if team is None:
        return set()
    epochs = TeamMemberKey.objects.filter(team=team, member__is_active=True, member__groups=team.group_id)
    held = set(epochs.exclude(member=person).values_list("epoch", flat=True))
    belonging = Case.objects.filter(pk__in=cases, team=team).values_list("pk", flat=True)
    return _fully_wrapped(belonging, Q(kind=RecipientKind.TEAM, recipient=team.id, recipient_epoch__in=held))


def _fully_wrapped(cases: Iterable[UUID], whom: Q) -> set[UUID]:
    """Those of the cases of which every compartment is wrapped for these recipients."""
    names: dict[UUID, set[str]] = defaultdict(set)
    rows = KeyWrap.objects.filter(whom, compartment__case__in=list(cases))
    for case_id, name in rows.values_list("compartment__case", "compartment__name"):
        names[case_id].add(name)
    return {case_id for case_id, found in names.items() if found == set(ALL_COMPARTMENTS)}
