"""Who may open a case and whether they can: permissions and keys held against each other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.models import Team, User, UserKey
from cases.levels import COMPARTMENTS, READ_PERMISSION, TEAM_LEVEL, AccessLevel, level_of
from cases.models import (
    Case,
    CaseGroupObjectPermission,
    CaseUserObjectPermission,
    KeyWrap,
    RecipientKind,
)


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody who may open a case by name; `without_key` names compartments they may read but hold no key for."""

    user: User
    level: AccessLevel
    without_key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamAccess:
    """A team whose members may open a case."""

    team: Team
    level: AccessLevel
    without_key: tuple[str, ...]
    members: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who may open a case. `outdated`: compartments wrapped for keys that were replaced since."""

    people: tuple[Access, ...]
    teams: tuple[TeamAccess, ...]
    outdated: frozenset[str]

    def levels_of(self, person: User) -> set[AccessLevel]:
        """The levels that a person has, by name and through teams."""
        by_name = {access.level for access in self.people if access.user.id == person.id}
        return by_name | {access.level for access in self.teams if person.id in {each.id for each in access.members}}

    def caseworkers_besides(self, person: User) -> bool:
        """Whether somebody else, by name or in a team, works on the case and holds every key for it."""
        others: list[Access | TeamAccess] = [access for access in self.people if access.user.id != person.id]
        others += [access for access in self.teams if {each.id for each in access.members} - {person.id}]
        return any(access.level == AccessLevel.CASEWORKER and not access.without_key for access in others)

    @property
    def everybody(self) -> set[UUID]:
        """Ids of all who may open the case as more than a reviewer."""
        named = {access.user.id for access in self.people if access.level != AccessLevel.REVIEWER}
        return named | {person.id for access in self.teams for person in access.members}


def who_may_open(case: Case) -> list[Access]:
    """Everybody with permissions by name, by level and name."""
    return list(roster_of(case).people)


def roster_of(case: Case) -> Roster:
    """Everybody with permissions on the case and the keys they lack, in six reads at most."""
    wraps = list(
        KeyWrap.objects.filter(compartment__case=case)
        .exclude(kind=RecipientKind.ORGANISATION)
        .values_list("kind", "recipient", "recipient_epoch", "compartment__name")
    )
    epochs = _present_epochs({recipient for kind, recipient, *_rest in wraps if kind == RecipientKind.USER})
    teams = _teams_of(case)
    epochs |= {team.id: team.epoch for team, _level in teams}
    held = {(recipient, name) for _kind, recipient, epoch, name in wraps if epochs.get(recipient) == epoch}
    outdated = frozenset(name for _kind, recipient, epoch, name in wraps if epochs.get(recipient) != epoch)
    return Roster(tuple(_people(case, held)), tuple(_team_accesses(teams, held)), outdated)


def _present_epochs(people: Iterable[UUID]) -> dict[UUID, int]:
    rows = UserKey.objects.filter(user__in=list(people), active=True)
    return dict(rows.values_list("user_id", "epoch"))


def _missing(recipient: UUID, level: AccessLevel, held: set[tuple[UUID, str]]) -> tuple[str, ...]:
    return tuple(name for name in COMPARTMENTS[level] if (recipient, name) not in held)


def _people(case: Case, held: set[tuple[UUID, str]]) -> list[Access]:
    granted: dict[UUID, set[str]] = defaultdict(set)
    rows = CaseUserObjectPermission.objects.filter(content_object=case)
    for user_id, codename in rows.values_list("user_id", "permission__codename"):
        granted[user_id].add(codename)
    people = User.objects.in_bulk(list(granted))
    levels = {user_id: level_of(permissions) for user_id, permissions in granted.items()}
    found = [
        Access(people[user_id], level, _missing(user_id, level, held))
        for user_id, level in levels.items()
        if level is not None
    ]
    return sorted(found, key=lambda access: (access.level, access.user.display_name.casefold()))


def _teams_of(case: Case) -> list[tuple[Team, AccessLevel]]:
    granted: dict[int, set[str]] = defaultdict(set)
    rows = CaseGroupObjectPermission.objects.filter(content_object=case)
    for group_id, codename in rows.values_list("group_id", "permission__codename"):
        granted[group_id].add(codename)
    if not granted and case.team_id is None:
        return []
    panels = Q(kind=Team.Kind.PANEL, group__in=list(granted))
    teams = Team.objects.filter(panels | Q(cases=case)).distinct()
    found = []
    for team in teams.select_related("signer__user", "signer__signer"):
        level = TEAM_LEVEL[team.kind] if team.id == case.team_id else level_of(granted[team.group_id])
        if level is not None:
            found.append((team, level))
    return found


def _team_accesses(teams: list[tuple[Team, AccessLevel]], held: set[tuple[UUID, str]]) -> Iterator[TeamAccess]:
    groups = [team.group_id for team, _level in teams]
    members: dict[int, list[User]] = defaultdict(list)
    if groups:
        through = User.groups.through.objects.filter(group__in=groups).values_list("group_id", "user_id")
        people = User.objects.filter(groups__in=groups, is_active=True).distinct().in_bulk()
        for group_id, user_id in through:
            if user_id in people:
                members[group_id].append(people[user_id])
    for team, level in teams:
        ordered = sorted(members[team.group_id], key=lambda person: person.display_name.casefold())
        yield TeamAccess(team, level, _missing(team.id, level, held), tuple(ordered))


# --- drift --------------------------------------------------------------------------------------------------------


def drift() -> list[str]:
    """Differences between permissions and keys, both ways, as `reference who compartment what`; empty when none.

    Team members who hold no key of their team, and keys of people who are no members, are told as `team NAME who what`.
    """
    found = []
    for case in Case.objects.order_by("id").iterator():
        roster = roster_of(case)
        found += [
            f"{case.reference} {access.user.username} {name} permission without key"
            for access in roster.people
            for name in access.without_key
        ]
        found += [
            f"{case.reference} team:{access.team.id} {name} permission without key"
            for access in roster.teams
            for name in access.without_key
        ]
        found += _keys_without_permission(case, roster)
    return found + [line for team in Team.objects.order_by("id") for line in _team_drift(team)]


def _keys_without_permission(case: Case, roster: Roster) -> list[str]:
    readable = {
        (user_id, codename)
        for user_id, codename in CaseUserObjectPermission.objects.filter(content_object=case).values_list(
            "user_id", "permission__codename"
        )
    }
    teams = {(access.team.id, name) for access in roster.teams for name in COMPARTMENTS[access.level]}
    wraps = KeyWrap.objects.filter(compartment__case=case).exclude(kind=RecipientKind.ORGANISATION)
    return [
        f"{case.reference} {recipient} {name} key without permission"
        for recipient, name in wraps.values_list("recipient", "compartment__name")
        if (recipient, READ_PERMISSION[name]) not in readable and (recipient, name) not in teams
    ]


def _team_drift(team: Team) -> list[str]:
    members = set(User.objects.filter(groups=team.group_id).values_list("username", flat=True))
    keys = team.member_keys.filter(epoch=team.epoch, member__keys__active=True)
    holders = {
        username
        for username, held, present in keys.values_list("member__username", "member_epoch", "member__keys__epoch")
        if held == present
    }
    any_key = set(team.member_keys.values_list("member__username", flat=True))
    return [f"team:{team.id} {name} member without key" for name in sorted(members - holders)] + [
        f"team:{team.id} {name} key without membership" for name in sorted(any_key - members)
    ]
