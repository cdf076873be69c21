"""Random sequences of sharing, teams, walls, hand-overs, new keys and erasure against a plain model of who reads what.

The model knows nothing of keys: after every step, for everybody and every case, it must say what the door says.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
from django.db import transaction
from django.http import Http404
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import confirm_keys
from accounts.enrolment import replace_keys
from accounts.models import Role, Team, TeamMemberKey
from accounts.teams import coordinators_of, create_panel, give_key, join, leave
from casebook.core.errors import ErasedError, NoKeyError
from cases.access import OpenCase, open_case
from cases.compartments import ALL_COMPARTMENTS
from cases.erasure.proposals import approve, propose_case
from cases.erasure.records import ErasureReason
from cases.levels import COMPARTMENTS, AccessLevel
from cases.models import CaseWall, CompartmentName
from cases.rekeying import finish_rekeys, rekey, rekey_some
from cases.resharing import people_without_keys, share_again
from cases.roster import roster_of
from cases.sharing import (
    LastHolderError,
    MixedAccessError,
    WalledError,
    bring_to_coordinators,
    grant,
    grant_team,
    hand_over,
    revoke,
    revoke_team,
    take_wall_down,
    wall_off,
)
from tests.builders import PASSPHRASE, World
from tests.cases.builders import told_case

CASES = 2
LAWYERS, COORDINATORS, EXPERTS = ("lawyer", "colleague"), ("coordinator", "deputy"), ("expert", "second")
EVERYBODY = (*LAWYERS, *COORDINATORS, *EXPERTS, "advocate", "auditor")
LEVEL_OF = {
    **dict.fromkeys((*LAWYERS, *COORDINATORS), AccessLevel.CASEWORKER),
    **dict.fromkeys(EXPERTS, AccessLevel.EXPERT),
    "advocate": AccessLevel.REVIEWER,
}
REFUSALS = (LastHolderError, MixedAccessError, WalledError)


class Step(NamedTuple):
    what: str
    person: str
    case: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(
            (
                *("grant", "revoke", "rekey", "leave", "join", "panel", "no panel", "wall", "unwall", "hand over"),
                *("replace", "erase"),
            )
        ),
        st.sampled_from(EVERYBODY[:-1]),
        st.integers(0, CASES - 1),
    ),
    min_size=4,
    max_size=14,
)


@dataclass
class CaseModel:
    """Who may read a case: people by name, the coordinators or not, the panel or not, and who is kept out."""

    named: dict[str, AccessLevel] = field(default_factory=lambda: {"lawyer": AccessLevel.CASEWORKER})
    coordinators: bool = True
    panel: bool = False
    walls: set[str] = field(default_factory=set)
    erased: bool = False


@dataclass
class Model:
    coordinators: set[str] = field(default_factory=lambda: set(COORDINATORS))
    panel: set[str] = field(default_factory=lambda: set(EXPERTS))
    cases: list[CaseModel] = field(default_factory=lambda: [CaseModel() for _ in range(CASES)])

    def readable(self, person: str, case: CaseModel) -> set[str]:
        if person in case.walls:
            return set()
        found = set(COMPARTMENTS[case.named[person]]) if person in case.named else set()
        if case.coordinators and person in self.coordinators:
            found |= set(ALL_COMPARTMENTS)
        if case.panel and person in self.panel:
            found |= {CompartmentName.TESTIMONY}
        return found


class Stage:
    """The product, driven step by step, and the model beside it."""

    def __init__(self, world: World) -> None:
        self.world, self.model = world, Model()
        deputy = world.add("deputy", Role.COORDINATOR)
        give_key(world.actor("coordinator"), self.team, deputy)
        self.panel = create_panel(world.actor("admin"), name="Panel")
        join(world.actor("admin"), self.panel, world.people["expert"])
        join(world.actor("admin"), self.panel, world.people["second"])
        self.panel.refresh_from_db()
        give_key(world.actor("expert"), self.panel, world.people["second"])
        self.references = [told_case(world).case.reference for _ in range(CASES)]

    @property
    def team(self) -> Team:
        team = coordinators_of(self.world.organisation)
        assert team
        return team

    def open(self, name: str, number: int) -> OpenCase:
        return open_case(self.world.actor(name), self.references[number], need="share_case", optional=ALL_COMPARTMENTS)

    def somebody_at_work(self, case: CaseModel, *, besides: str = "") -> str | None:
        """A caseworker who has every key, people by name first."""
        names = [name for name, level in case.named.items() if level == AccessLevel.CASEWORKER]
        names += sorted(self.model.coordinators) if case.coordinators else []
        return next((name for name in names if name != besides and name not in case.walls), None)

    def take(self, step: Step) -> None:
        case = self.model.cases[step.case]
        try:
            with transaction.atomic():
                getattr(self, f"_{step.what.replace(' ', '_')}")(step, case)
        except REFUSALS:
            return

    def _grant(self, step: Step, case: CaseModel) -> None:
        by, level = self.somebody_at_work(case), LEVEL_OF[step.person]
        if by is not None:
            grant(self.open(by, step.case), self.world.people[step.person], level)
            case.named[step.person] = level

    def _revoke(self, step: Step, case: CaseModel) -> None:
        by = self.somebody_at_work(case, besides=step.person)
        if by is not None:
            revoke(self.open(by, step.case), self.world.people[step.person])
            case.named.pop(step.person, None)

    def _rekey(self, step: Step, case: CaseModel) -> None:
        by = self.somebody_at_work(case)
        if by is not None:
            opened = self.open(by, step.case)
            for name in ALL_COMPARTMENTS:
                rekey(opened, name)

    def _leave(self, step: Step, case: CaseModel) -> None:
        """The last coordinator stays: what happens to a team without members is told in tests/test_teams.py."""
        members, team = self._team_of(step.person)
        if step.person in members and len(members) > 1:
            leave(self.world.actor("admin"), team, self.world.people[step.person])
            members.discard(step.person)
            rekey_some(self.world.actor(sorted(members)[0]), self.team, limit=CASES) if team == self.team else None
            self._settle()

    def _join(self, step: Step, case: CaseModel) -> None:
        members, team = self._team_of(step.person)
        allowed = COORDINATORS if team == self.team else EXPERTS
        if step.person in allowed and step.person not in members:
            join(self.world.actor("admin"), team, self.world.people[step.person])
            give_key(self.world.actor(sorted(members)[0]), team, self.world.people[step.person])
            members.add(step.person)

    def _team_of(self, person: str) -> tuple[set[str], Team]:
        self.panel.refresh_from_db()
        return (self.model.panel, self.panel) if person in EXPERTS else (self.model.coordinators, self.team)

    def _panel(self, step: Step, case: CaseModel) -> None:
        by = self.somebody_at_work(case)
        if by is not None:
            self.panel.refresh_from_db()
            grant_team(self.open(by, step.case), self.panel)
            case.panel = True

    def _no_panel(self, step: Step, case: CaseModel) -> None:
        by = self.somebody_at_work(case)
        if by is not None:
            revoke_team(self.open(by, step.case), self.panel)
            case.panel = False

    def _wall(self, step: Step, case: CaseModel) -> None:
        by = self.somebody_at_work(case, besides=step.person)
        if by is None:
            return
        wall_off(self.open(by, step.case), self.world.people[step.person])
        case.walls.add(step.person)
        case.named.pop(step.person, None)
        keep = [(self.model.coordinators, AccessLevel.CASEWORKER)] * case.coordinators
        keep += [(self.model.panel, AccessLevel.EXPERT)] * case.panel
        for members, level in keep:
            case.named |= dict.fromkeys(members - case.walls, level)
        case.coordinators = case.panel = False

    def _unwall(self, step: Step, case: CaseModel) -> None:
        by = self.somebody_at_work(case)
        if by is not None and step.person in case.walls:
            take_wall_down(self.open(by, step.case), self.world.people[step.person])
            case.walls.discard(step.person)
            case.coordinators = not case.walls

    def _hand_over(self, step: Step, case: CaseModel) -> None:
        by = self.somebody_at_work(case)
        if by is None or by == step.person or LEVEL_OF[step.person] != AccessLevel.CASEWORKER:
            return
        hand_over(self.open(by, step.case), self.world.people[step.person])
        case.named[step.person] = AccessLevel.CASEWORKER
        case.named.pop(by, None)

    def _erase(self, step: Step, case: CaseModel) -> None:
        by = self.somebody_at_work(case)
        if by is not None:
            proposal = propose_case(self.open(by, step.case), ErasureReason.ASKED)
            approve(self.world.actor("admin"), proposal.pk)
            case.named, case.walls, case.erased = {}, set(), True
            case.coordinators = case.panel = False

    def _replace(self, step: Step, case: CaseModel) -> None:
        """New keys, confirmed, given again by whoever can; a member of a team gets the team's keys again."""
        person = self.world.people[step.person]
        members, team = self._team_of(step.person)
        others = sorted(members - {step.person})
        alone = [
            each
            for each in self.model.cases
            if not each.erased and self.somebody_at_work(each, besides=step.person) is None
        ]
        if alone or (step.person in members and not others):
            return
        replace_keys(person, PASSPHRASE)
        confirm_keys(self.world.actor("admin"), person)
        if step.person in members:
            give_key(self.world.actor(others[0]), team, person)
        for name in (*LAWYERS, *COORDINATORS):
            waiting = {each.person for each in people_without_keys(self.world.actor(name))}
            if person in waiting and name != step.person:
                share_again(self.world.actor(name), person, limit=CASES)
        self._settle()

    def _settle(self) -> None:
        """Somebody who works on a case opens it: what waits gets its new key."""
        for number, case in enumerate(self.model.cases):
            by = self.somebody_at_work(case)
            if by is not None:
                opened = self.open(by, number)
                finish_rekeys(opened)
                bring_to_coordinators(opened, roster_of(opened.case))

    def check(self) -> None:
        for number, case in enumerate(self.model.cases):
            for name in EVERYBODY:
                assert self._opens(name, number) == self.model.readable(name, case), (name, number)
        assert CaseWall.objects.count() == sum(len(case.walls) for case in self.model.cases)
        holders = set(TeamMemberKey.objects.filter(team=self.team).values_list("member__username", flat=True))
        assert holders == {f"{name}-ge" for name in self.model.coordinators}

    def _opens(self, name: str, number: int) -> set[str]:
        try:
            opened = open_case(
                self.world.actor(name), self.references[number], need="view_case", optional=ALL_COMPARTMENTS
            )
        except (Http404, NoKeyError, ErasedError):
            return set()
        return set(opened.opened)


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_the_product_and_a_plain_model_never_disagree(world: World, steps: list[Step]) -> None:
    with transaction.atomic():
        people = dict(world.people)
        stage = Stage(world)
        stage.check()
        for step in steps:
            stage.take(step)
            stage.check()
        world.people.clear()
        world.people.update(people)
        transaction.set_rollback(True)
