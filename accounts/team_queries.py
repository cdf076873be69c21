"""Choosing teams to show: their members, and who of them holds the team's key."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import Team, TeamMemberKey, User, UserKey
from accounts.teams import KIND_ROLES, memberships


class KeyState(models.TextChoices):
    """How a member stands to the team's present key."""

    HOLDS = "holds", _("Holds the key")
    WAITS = "waits", _("Waits for the key")
    UNCONFIRMED = "unconfirmed", _("Own keys not confirmed yet")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs to a team. `belongs` is false without the team's role: then nobody gives them its key."""

    person: User
    state: KeyState
    belongs: bool

    @property
    def holds(self) -> bool:
        return self.state == KeyState.HOLDS

    @property
    def can_be_given(self) -> bool:
        return self.state == KeyState.WAITS and self.belongs


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team with its active members by name."""

    team: Team
    members: tuple[Member, ...]

    @property
    def is_panel(self) -> bool:
        return self.team.kind == Team.Kind.PANEL

    @property
    def has_key(self) -> bool:
        """Whether somebody can use the team's key."""
        return any(member.holds for member in self.members)

    @property
    def holders(self) -> list[User]:
        return [member.person for member in self.members if member.holds]

    @property
    def recipients(self) -> list[User]:
        """Whom an officer can make a key for."""
        return [each.person for each in self.members if each.belongs and each.state != KeyState.UNCONFIRMED]

    @property
    def can_be_deleted(self) -> bool:
        return self.is_panel and self.team.epoch == 0 and not self.members

    def member(self, person: User) -> Member | None:
        return next((each for each in self.members if each.person.id == person.id), None)


def teams_of(actor: Actor) -> list[TeamRow]:
    """Every team of the actor's organisation, the coordinators first."""
    return _rows(Team.objects.filter(organisation=actor.user.organisation_id))


def own_teams(actor: Actor) -> list[TeamRow]:
    """The teams that the actor is a member of."""
    return teams_of_person(actor.user)


def teams_of_person(person: User) -> list[TeamRow]:
    return _rows(Team.objects.filter(pk__in=[membership.team for membership in memberships(person)]))


def with_earlier_keys(rows: Iterable[TeamRow]) -> set[UUID]:
    """Teams whose earlier keys are still kept, because something may be wrapped for them."""
    held = TeamMemberKey.objects.filter(team__in=[row.team.pk for row in rows], epoch__lt=F("team__epoch"))
    return set(held.values_list("team", flat=True))


def team_row(team: Team) -> TeamRow:
    return _rows([team])[0]


def who_can_join(team: Team) -> QuerySet[User]:
    """Active people with the team's role who are no members, by name."""
    people = User.objects.filter(
        organisation=team.organisation_id, is_active=True, role_grants__role__in=KIND_ROLES[Team.Kind(team.kind)]
    )
    return people.exclude(groups=team.group_id).distinct().order_by("display_name", "id")


def teams_to_join(person: User) -> QuerySet[Team]:
    """Teams of the person's organisation whose role they hold and that they are no member of."""
    kinds = [kind for kind, roles in KIND_ROLES.items() if person.has_role(*roles)]
    return Team.objects.filter(organisation=person.organisation_id, kind__in=kinds).exclude(group__user=person)


def _rows(teams: Iterable[Team]) -> list[TeamRow]:
    teams = list(teams)
    members = _members(teams)
    people = {person.id for each in members.values() for person in each}
    keys = UserKey.objects.filter(user__in=people, active=True)
    present = {
        user: (epoch, cert is not None) for user, epoch, cert in keys.values_list("user", "epoch", "certificate")
    }
    held = set(
        TeamMemberKey.objects.filter(team__in=teams).values_list("team_id", "epoch", "member_id", "member_epoch")
    )
    rows = []
    for team in teams:
        roles = set(KIND_ROLES[Team.Kind(team.kind)])
        found = []
        for person in members[team.group_id]:
            epoch, confirmed = present.get(person.id, (0, False))
            holds = (team.id, team.epoch, person.id, epoch) in held
            state = KeyState.HOLDS if holds else KeyState.WAITS if confirmed else KeyState.UNCONFIRMED
            found.append(Member(person, state, bool(roles & person.roles)))
        rows.append(TeamRow(team, tuple(found)))
    return rows


def _members(teams: list[Team]) -> dict[int, list[User]]:
    """Active members by the group of their team."""
    groups = {team.group_id for team in teams}
    people = User.objects.filter(groups__in=groups, is_active=True).distinct().prefetch_related("role_grants")
    by_id: dict[UUID, User] = {person.id: person for person in people}
    found: dict[int, list[User]] = defaultdict(list)
    for group_id, user_id in User.groups.through.objects.filter(group__in=groups).values_list("group_id", "user_id"):
        if user_id in by_id:
            found[group_id].append(by_id[user_id])
    for each in found.values():
        each.sort(key=lambda person: person.display_name.casefold())
    return found
