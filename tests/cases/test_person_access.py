"""Taking all of a person's access away: by an administrator, without a key, without learning which cases."""

from uuid import uuid4

import pytest
from django.http import Http404

from accounts.actions import deactivate
from accounts.models import Role, TeamMemberKey
from accounts.teams import coordinators_of, create_panel, give_key, join
from casebook.core.errors import IntegrityError
from casebook.core.sealing import unseal
from cases.compartments import ALL_COMPARTMENTS
from cases.departures import NamedAccess, named_access, take_all_access
from cases.emergency import ask, decide, requests_for
from cases.levels import AccessLevel
from cases.models import CaseUserObjectPermission, Compartment, EmergencyAccess, KeyWrap, Statement
from cases.queries import list_cases
from cases.rekeying import finish_rekeys
from cases.roster import drift
from cases.sharing import grant, grant_team, wall_off
from tests.accounts.entries import entries
from tests.builders import World, found_world
from tests.cases.builders import new_case, ready_case, reopen, told_case
from tests.clients import client_of


def url(world: World, name: str = "lawyer") -> str:
    return f"/cases/people/{world.people[name].pk}/access/"


def access(world: World, name: str = "lawyer") -> NamedAccess:
    return named_access(world.actor("admin"), world.people[name])


@pytest.mark.parametrize("name", ["lawyer", "colleague", "coordinator", "expert", "advocate", "auditor"])
def test_to_everybody_but_administrators_there_is_no_such_page(world: World, name: str) -> None:
    told_case(world)
    client = client_of(world, name)

    assert [client.get(url(world)).status_code, client.post(url(world)).status_code] == [404, 404]
    with pytest.raises(Http404):
        take_all_access(world.actor(name), world.people["lawyer"])
    assert KeyWrap.objects.filter(recipient=world.people["lawyer"].id).exists()


def test_people_of_another_organisation_do_not_exist(world: World) -> None:
    other = found_world("Elsewhere", "MD", with_people=False)
    stranger = other.add("stranger", Role.STREET_LAWYER)
    client = client_of(world, "admin")

    for person in (stranger.pk, uuid4()):
        address = f"/cases/people/{person}/access/"
        assert [client.get(address).status_code, client.post(address).status_code] == [404, 404]


def test_a_locked_administrator_takes_everything_away_and_learns_no_reference(world: World) -> None:
    cases = [told_case(world), told_case(world)]
    kept = cases[0].testimony.current_key()
    client = client_of(world, "admin")
    client.post("/account/lock/")

    page = client.get(url(world))
    answer = client.post(url(world), follow=True)

    for shown in (page.content.decode(), answer.content.decode()):
        assert not [each for each in cases if each.case.reference in shown or str(each.case.pk) in shown]
    assert page.context["access"].cases == 2
    assert "2 cases" in answer.content.decode()
    assert list_cases(world.actor("lawyer")).lines == []
    with pytest.raises(Http404):
        reopen(world, cases[0], "lawyer")
    assert not KeyWrap.objects.filter(recipient=world.people["lawyer"].id).exists()
    assert Compartment.objects.filter(rekey_pending=True).count() == 6
    assert [entry["person"] for entry in entries(world, "case.remove_access")] == ["lawyer-ge"] * 2
    assert drift() == []
    finish_rekeys(reopen(world, cases[0], "coordinator", wanted=ALL_COMPARTMENTS))
    row = Statement.objects.get(case=cases[0].case)
    with pytest.raises(IntegrityError):
        unseal(kept, row.sealed_content, context=cases[0].testimony._place(row, "sealed_content"))


def test_an_expert_leaves_panels_and_a_coordinator_loses_the_role(world: World) -> None:
    opened = ready_case(world)
    panel = create_panel(world.actor("admin"), name="Panel")
    join(world.actor("admin"), panel, world.people["expert"])
    panel.refresh_from_db()
    grant_team(opened, panel)
    assert access(world, "expert") == NamedAccess(0, 0, 0, 0, ("Panel",))
    assert access(world, "coordinator").teams == ("Coordinators",)
    client = client_of(world, "admin")

    client.post(url(world, "expert"))
    client.post(url(world, "coordinator"))

    for name in ("expert", "coordinator"):
        with pytest.raises(Http404):
            reopen(world, opened, name, wanted=("testimony",))
        world.people[name].forget_roles()
        assert b"Nothing to take away" in client.get(url(world, name)).content
    assert world.people["expert"].roles == {Role.LEGAL_EXPERT}
    assert world.people["coordinator"].roles == set()


def test_an_emergency_ends_with_everything_else(world: World) -> None:
    opened, other = told_case(world), told_case(world)
    for case in (opened, other):
        ask(world.actor("colleague"), case.case.reference, reason="x", hours=2)
    first = requests_for(world.actor("coordinator"))[0]
    decide(world.actor("coordinator"), first.row.id, allow=True)

    take_all_access(world.actor("admin"), world.people["colleague"])

    assert not EmergencyAccess.objects.filter(ended=False).exists()
    assert requests_for(world.actor("coordinator")) == []
    assert not CaseUserObjectPermission.objects.filter(user=world.people["colleague"]).exists()


def test_a_closed_account_can_be_cleared_as_well(world: World) -> None:
    told_case(world)
    deactivate(world.actor("admin"), world.people["lawyer"])

    assert client_of(world, "admin").post(url(world)).status_code == 302
    assert not KeyWrap.objects.filter(recipient=world.people["lawyer"].id).exists()


# --- who is left


def test_the_page_says_how_many_cases_nobody_would_work_on(world: World) -> None:
    shared, _teamed = told_case(world), told_case(world)
    grant(shared, world.people["colleague"], AccessLevel.CASEWORKER)
    walled, sealed_off = told_case(world), new_case(world, escrow=False)
    for opened in (walled, sealed_off):
        wall_off(opened, world.people["coordinator"])

    found = access(world)

    assert found == NamedAccess(cases=4, to_coordinators=1, to_custodians=1, to_nobody=1, teams=())
    assert found.left == 3
    page = client_of(world, "admin").get(url(world)).content.decode()
    assert "On 3 cases nobody would work by name any more" in page
    assert "1 would be lost for good" in page


def test_who_has_permission_without_a_key_is_nobody_to_leave_a_case_to(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    assert access(world).left == 0

    KeyWrap.objects.filter(recipient=world.people["colleague"].id, compartment__name="identity").delete()
    TeamMemberKey.objects.all().delete()

    assert access(world) == NamedAccess(cases=1, to_coordinators=0, to_custodians=1, to_nobody=0, teams=())


def test_a_coordinator_is_not_left_to_herself(world: World) -> None:
    told_case(world, by="coordinator")
    assert access(world, "coordinator").to_custodians == 1

    newcomer, team = world.add("newcomer", Role.COORDINATOR), coordinators_of(world.organisation)
    assert team
    give_key(world.actor("coordinator"), team, newcomer)

    assert access(world, "coordinator").to_coordinators == 1
