"""Handing a case over and keeping no key: who takes it, what is refused, and what is left afterwards."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User, UserKey
from accounts.teams import leave
from cases.grants import remove_team
from cases.levels import AccessLevel
from cases.models import Case, KeyWrap
from cases.roster import drift, who_may_open
from cases.sharing import grant, wall_off
from tests.builders import World, found_world
from tests.cases.builders import NAME, ready_case, told_case
from tests.cases.pages import opened_form, words
from tests.clients import client_of
from tests.test_teams import add_coordinator, coordinators


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def url_of(case: Case, name: str = "hand_over") -> str:
    return reverse(f"cases:{name}", args=[case.reference])


def to(person: User | None) -> dict[str, str]:
    return {"to": str(person.pk) if person else "coordinators", "sure": "on"}


@pytest.mark.parametrize("taker", ["colleague", "coordinator", None])
def test_a_case_is_handed_over_and_the_worker_is_back_at_the_list_without_it(
    world: World, lawyer: Client, taker: str | None
) -> None:
    opened = told_case(world)
    assert url_of(opened.case) in words(lawyer.get(url_of(opened.case, "sharing")))
    form = opened_form(lawyer, url_of(opened.case), "to")

    answer = to(world.people[taker] if taker else None)
    response = lawyer.post(url_of(opened.case), form.with_values(**answer), follow=True)

    assert response.redirect_chain == [(reverse("cases:list"), 302)]
    assert opened.case.reference not in words(response)
    assert lawyer.get(url_of(opened.case, "detail")).status_code == 404
    assert not KeyWrap.objects.filter(recipient=world.people["lawyer"].id).exists()
    assert set(opened.case.compartments.values_list("epoch", flat=True)) == {2}
    assert NAME in words(client_of(world, taker or "coordinator").get(url_of(opened.case, "detail")))
    assert drift() == []


def test_it_is_asked_whether_she_is_sure_and_who_takes_it(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    for sent in ({}, {"to": "coordinators"}, {"sure": "on"}, {"to": str(world.people["colleague"].pk)}):
        assert lawyer.post(url_of(opened.case), sent).status_code == 422
    assert lawyer.get(url_of(opened.case, "detail")).status_code == 200


def test_nobody_without_confirmed_keys_or_from_elsewhere_or_behind_a_wall_takes_a_case(
    world: World, lawyer: Client
) -> None:
    opened = told_case(world)
    unconfirmed = world.add("newcomer", Role.STREET_LAWYER, confirmed=False)
    wall_off(opened, world.people["colleague"])
    foreigner = found_world("Lighthouse", "AM").people["lawyer"]
    people = (unconfirmed, foreigner, *(world.people[name] for name in ("expert", "colleague", "lawyer", "admin")))

    for value in (*(str(person.pk) for person in people), str(uuid4()), "\0", "x" * 100_000):
        assert lawyer.post(url_of(opened.case), {"to": value, "sure": "on"}).status_code == 422
    assert {each.user.username for each in who_may_open(opened.case)} == {"lawyer-ge", "coordinator-ge"}


def test_coordinators_alone_can_take_it_only_while_they_hold_its_keys(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    remove_team(opened.case, coordinators(world))
    assert "coordinators" not in opened_form(lawyer, url_of(opened.case), "to").fields["to"]

    assert lawyer.post(url_of(opened.case), to(None)).status_code == 422
    assert lawyer.get(url_of(opened.case, "detail")).status_code == 200


def test_coordinators_take_it_also_while_the_case_waits_for_their_new_team_key(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    leave(world.actor("admin"), coordinators(world), add_coordinator(world))

    assert lawyer.post(url_of(opened.case), to(None)).status_code == 302
    assert NAME in words(client_of(world, "coordinator").get(url_of(opened.case, "detail")))


def test_keys_that_were_confirmed_no_more_since_the_page_was_opened_are_refused(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    UserKey.objects.filter(user=world.people["colleague"]).update(certificate=None)

    assert lawyer.post(url_of(opened.case), to(world.people["colleague"])).status_code == 422


def test_only_who_has_the_case_by_name_hands_it_over(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)

    for name in ("coordinator", "colleague", "expert", "admin"):
        client = client_of(world, name)
        assert client.get(url_of(opened.case)).status_code == 404
        assert client.post(url_of(opened.case), to(world.people["colleague"])).status_code == 404
    assert client_of(found_world("Lighthouse", "AM"), "lawyer").get(url_of(opened.case)).status_code == 404
    assert url_of(opened.case) not in words(client_of(world, "coordinator").get(url_of(opened.case, "sharing")))


def test_a_coordinator_who_has_it_by_name_is_told_that_the_team_still_reaches_it(world: World) -> None:
    opened = told_case(world, by="coordinator")

    page = client_of(world, "coordinator").get(url_of(opened.case))

    assert "You also reach this case through a team" in words(page)


def test_the_same_hand_over_sent_twice_finds_nothing_the_second_time(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    assert lawyer.post(url_of(opened.case), to(world.people["colleague"])).status_code == 302
    assert lawyer.post(url_of(opened.case), to(world.people["colleague"])).status_code == 404
    assert set(opened.case.compartments.values_list("epoch", flat=True)) == {2}
