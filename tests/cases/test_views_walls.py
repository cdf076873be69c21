"""Keeping a colleague out of a case: what a wall shuts, who may build it, and what stays for the others."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from cases.grants import give_permissions
from cases.levels import AccessLevel
from cases.models import Case, CaseWall
from cases.roster import drift, roster_of
from cases.sharing import grant, grant_team, revoke, wall_off
from tests.builders import World, found_world
from tests.cases.builders import NAME, ready_case, told_case
from tests.cases.pages import forms_in, opened_form, words
from tests.clients import client_of
from tests.test_teams import add_coordinator, coordinators, panel_of


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def url_of(case: Case, name: str = "walls", *more: object) -> str:
    return reverse(f"cases:{name}", args=[case.reference, *more])


def against(person: User) -> dict[str, str]:
    return {"person": str(person.pk)}


def by_name(case: Case) -> dict[str, str]:
    return {each.user.username: each.level.value for each in roster_of(case).people}


def test_a_walled_coordinator_finds_no_case_and_the_others_keep_it(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    add_coordinator(world)
    kept_out = client_of(world, "coordinator")
    assert kept_out.get(url_of(opened.case, "detail")).status_code == 200
    form = opened_form(lawyer, url_of(opened.case), "person")

    response = lawyer.post(url_of(opened.case), form.with_values(**against(world.people["coordinator"])), follow=True)

    assert response.redirect_chain == [(url_of(opened.case), 302)]
    assert "coordinator-ge" in words(response)
    for name in ("detail", "sharing", "walls", "history", "evidence"):
        assert kept_out.get(url_of(opened.case, name)).status_code == 404
    assert opened.case.reference not in words(kept_out.get(reverse("cases:list")))
    assert kept_out.post(url_of(opened.case, "wall_down", world.people["coordinator"].pk)).status_code == 404
    assert NAME in words(client_of(world, "newcomer").get(url_of(opened.case, "detail")))
    assert by_name(opened.case) == {"lawyer-ge": "caseworker", "newcomer-ge": "caseworker"}
    assert drift() == []


def test_a_wall_shuts_the_list_against_a_permission_row_by_hand(world: World) -> None:
    opened = told_case(world)
    wall_off(opened, world.people["colleague"])
    give_permissions(world.people["colleague"], opened.case, AccessLevel.CASEWORKER)

    assert opened.case.reference not in words(client_of(world, "colleague").get(reverse("cases:list")))


def test_a_wall_is_taken_down_and_the_coordinators_have_the_case_again(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    wall_off(opened, world.people["coordinator"])
    down = url_of(opened.case, "wall_down", world.people["coordinator"].pk)
    form = next(each for each in forms_in(lawyer.get(url_of(opened.case))) if each.action == down)

    assert lawyer.get(down).status_code == 405
    assert lawyer.post(down, form.fields).headers["Location"] == url_of(opened.case)

    assert NAME in words(client_of(world, "coordinator").get(url_of(opened.case, "detail")))
    assert lawyer.post(down, form.fields).status_code == 404
    assert drift() == []


def test_behind_a_wall_nobody_is_shared_with_and_no_panel_is_offered(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    team = panel_of(world, "expert", "second")
    lawyer.post(url_of(opened.case), against(world.people["colleague"]))
    choices = (f"caseworker:{world.people['colleague'].pk}", f"panel:{team.pk}")

    page = lawyer.get(url_of(opened.case, "sharing"))

    assert "Somebody is kept out of this case" in words(page)
    for value in choices:
        assert f'value="{value}"' not in words(page)
        assert lawyer.post(url_of(opened.case, "share"), {"who": value}).status_code == 422
    assert client_of(world, "colleague").get(url_of(opened.case, "detail")).status_code == 404


def test_members_of_a_panel_keep_the_case_by_name_when_one_of_them_is_kept_out(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    team = panel_of(world, "expert", "second")
    grant_team(opened, team)

    lawyer.post(url_of(opened.case), against(world.people["expert"]))

    assert by_name(opened.case) == {
        "lawyer-ge": "caseworker",
        "coordinator-ge": "caseworker",
        "second-ge": "expert",
    }
    assert client_of(world, "expert").get(url_of(opened.case, "detail")).status_code == 404
    assert client_of(world, "second").get(url_of(opened.case, "detail")).status_code == 200
    assert drift() == []


def test_somebody_in_the_team_and_in_the_panel_keeps_the_case_as_a_coordinator(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    world.add("versatile", Role.LEGAL_EXPERT, Role.COORDINATOR)
    team = panel_of(world, "expert", "second")
    grant_team(opened, team)
    world.people["versatile"].groups.add(team.group)

    response = lawyer.post(url_of(opened.case), against(world.people["second"]))

    assert response.status_code == 302
    assert by_name(opened.case)["versatile-ge"] == "caseworker"
    assert drift() == [f"team:{each.id} versatile-ge member without key" for each in (coordinators(world), team)]


def test_the_last_one_who_works_on_a_case_cannot_be_kept_out(world: World) -> None:
    opened = told_case(world)
    revoke(opened, world.people["lawyer"])
    grant_back = client_of(world, "coordinator")

    response = grant_back.post(url_of(opened.case), against(world.people["coordinator"]))

    assert response.status_code == 422
    assert not CaseWall.objects.exists()


def test_a_colleague_who_alone_has_every_key_cannot_be_kept_out(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    wall_off(opened, world.people["coordinator"])
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    opened.case.compartments.get(name="record").wraps.filter(recipient=world.people["lawyer"].id).delete()

    response = lawyer.post(url_of(opened.case), against(world.people["colleague"]))

    assert response.status_code == 409
    assert "Share it with a colleague first" in words(response)
    assert client_of(world, "colleague").get(url_of(opened.case, "detail")).status_code == 200


def test_strangers_themselves_and_people_walled_already_are_not_offered(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    wall_off(opened, world.people["expert"])
    foreigner = found_world("Lighthouse", "AM").people["lawyer"]
    people = [str(person.pk) for person in (foreigner, world.people["lawyer"], world.people["expert"])]

    for value in (*people, str(uuid4()), "", "\0", "x" * 100_000):
        assert lawyer.post(url_of(opened.case), {"person": value}).status_code == 422
    assert CaseWall.objects.count() == 1
    assert lawyer.post(url_of(opened.case, "wall_down", foreigner.pk)).status_code == 404


def test_only_who_can_share_the_case_sees_and_builds_walls(world: World) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    grant(opened, world.people["advocate"], AccessLevel.REVIEWER)

    for name in ("expert", "advocate", "colleague", "admin", "auditor"):
        client = client_of(world, name)
        assert client.get(url_of(opened.case)).status_code == 404
        assert client.post(url_of(opened.case), against(world.people["lawyer"])).status_code == 404
    assert not CaseWall.objects.exists()
