"""Giving keys in batches: again to colleagues who replaced theirs, and new ones to cases whose team changed."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import confirm_keys, deactivate
from accounts.enrolment import replace_keys
from accounts.models import Role, Team, TeamMemberKey, User, UserKey
from accounts.teams import leave
from cases.access import OpenCase
from cases.grants import give_permissions
from cases.levels import AccessLevel
from cases.models import KeyWrap
from cases.roster import drift
from cases.sharing import grant, grant_team, wall_off
from tests.builders import PASSPHRASE, World, found_world
from tests.cases.builders import NAME, ready_case, told_case
from tests.cases.pages import forms_in, words
from tests.clients import client_of
from tests.test_teams import add_coordinator, coordinators, panel_of

LIST, KEYS_AGAIN = "/cases/", "/cases/keys-again/"


@pytest.fixture(autouse=True)
def two_cases_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.views.keys.BATCH", 2)


def share_url(person: User) -> str:
    return reverse("cases:share_again", args=[person.pk])


def rekey_url(team: Team) -> str:
    return reverse("cases:team_rekey", args=[team.pk])


def shared_cases(world: World, count: int, name: str = "colleague") -> list[OpenCase]:
    """Cases that the lawyer shared with a colleague."""
    cases = [told_case(world) for _ in range(count)]
    for opened in cases:
        grant(opened, world.people[name], AccessLevel.CASEWORKER)
    return cases


def new_keys(world: World, name: str, *, confirmed: bool = True) -> User:
    person = world.people[name]
    replace_keys(person, PASSPHRASE)
    if confirmed:
        confirm_keys(world.actor("admin"), person)
    return person


# --- keys to give again -------------------------------------------------------------------------------------------


def test_keys_are_given_again_in_batches_and_the_page_says_how_many_are_left(world: World) -> None:
    cases = shared_cases(world, 3)
    person = new_keys(world, "colleague")
    lawyer = client_of(world, "lawyer")
    assert KEYS_AGAIN in words(lawyer.get(LIST))
    page = lawyer.get(KEYS_AGAIN)
    assert "3 cases are left" in words(page)
    assert "hx-trigger" not in words(page)
    form = next(each for each in forms_in(page) if each.action == share_url(person))

    once = lawyer.post(form.action, form.fields, follow=True)

    assert "1 case is left" in words(once)
    assert "2 of 3 done" in words(once)
    assert 'hx-trigger="load' in words(once)
    again = next(each for each in forms_in(once) if each.action == share_url(person))
    last = lawyer.post(again.action, again.fields, follow=True)
    assert last.redirect_chain == [(KEYS_AGAIN, 302)]
    assert "Nothing to give again" in words(last)
    assert KEYS_AGAIN not in words(lawyer.get(LIST))
    colleague = client_of(world, "colleague")
    for opened in cases:
        assert NAME in words(colleague.get(reverse("cases:detail", args=[opened.case.reference])))
    assert drift() == []
    assert lawyer.post(again.action, again.fields).status_code == 404


def test_keys_that_nobody_confirmed_yet_are_named_and_get_nothing(world: World) -> None:
    shared_cases(world, 1)
    person = new_keys(world, "colleague", confirmed=False)
    lawyer = client_of(world, "lawyer")

    page = lawyer.get(KEYS_AGAIN)
    forced = lawyer.post(share_url(person))

    assert "Keys not confirmed" in words(page)
    assert share_url(person) not in words(page)
    assert forced.status_code == 403
    assert "Confirm the four words" in words(forced)
    assert not KeyWrap.objects.filter(recipient=person.id, recipient_epoch=2).exists()


def test_coordinators_give_again_too_and_nobody_else_is_told(world: World) -> None:
    shared_cases(world, 1)
    person = new_keys(world, "colleague")

    told = {name: KEYS_AGAIN in words(client_of(world, name).get(LIST)) for name in ("coordinator", "second", "expert")}

    assert told == {"coordinator": True, "second": False, "expert": False}
    coordinator = client_of(world, "coordinator")
    assert coordinator.post(share_url(person)).headers["Location"] == KEYS_AGAIN
    assert KEYS_AGAIN not in words(coordinator.get(LIST))


def test_who_lacks_the_key_too_is_not_asked_to_give_it(world: World) -> None:
    [opened] = shared_cases(world, 1)
    wall_off(opened, world.people["coordinator"])
    world.add("third", Role.STREET_LAWYER)
    give_permissions(world.people["third"], opened.case, AccessLevel.CASEWORKER)
    person = new_keys(world, "colleague")

    third = client_of(world, "third")

    assert KEYS_AGAIN not in words(third.get(LIST))
    assert "Nothing to give again" in words(third.get(KEYS_AGAIN))
    assert third.post(share_url(person)).status_code == 404


def test_strangers_walled_people_and_other_roles_give_nothing(world: World) -> None:
    [opened] = shared_cases(world, 1)
    wall_off(opened, world.people["coordinator"])
    person = new_keys(world, "colleague")
    elsewhere = found_world("Lighthouse", "AM")

    for client in (
        client_of(world, "coordinator"),
        client_of(elsewhere, "lawyer"),
        client_of(elsewhere, "coordinator"),
    ):
        assert "colleague-ge" not in words(client.get(KEYS_AGAIN))
        assert KEYS_AGAIN not in words(client.get(LIST))
        assert client.post(share_url(person)).status_code == 404
    for name in ("expert", "advocate", "admin", "auditor"):
        assert client_of(world, name).get(KEYS_AGAIN).status_code == 404
        assert client_of(world, name).post(share_url(person)).status_code == 404
    assert not KeyWrap.objects.filter(recipient=person.id, recipient_epoch=2).exists()


def test_closed_accounts_wait_for_nothing(world: World) -> None:
    shared_cases(world, 1)
    person = new_keys(world, "colleague")
    deactivate(world.actor("admin"), person)
    lawyer = client_of(world, "lawyer")

    assert KEYS_AGAIN not in words(lawyer.get(LIST))
    assert lawyer.post(share_url(person)).status_code == 404


@pytest.mark.parametrize("of", ["x", "-1", "0", "9" * 40, "\0"])
def test_a_progress_that_nobody_wrote_is_a_bad_request(world: World, of: str) -> None:
    shared_cases(world, 1)
    person = new_keys(world, "colleague")
    lawyer = client_of(world, "lawyer")

    assert lawyer.get(KEYS_AGAIN, {"of": of, "person": str(person.pk)}).status_code == 400
    assert lawyer.get(KEYS_AGAIN, {"person": "x"}).status_code == 400
    assert lawyer.post(share_url(person), {"of": of}).status_code == 400
    assert lawyer.post(share_url(User(id=uuid4())), {"of": "3"}).status_code == 404


def test_no_link_sets_the_giving_of_keys_going(world: World) -> None:
    shared_cases(world, 3)
    person = new_keys(world, "colleague")
    lawyer, coordinator = client_of(world, "lawyer"), client_of(world, "coordinator")
    begun = lawyer.post(share_url(person), {"of": "3"}).headers["Location"]

    assert 'hx-trigger="load' in words(lawyer.get(begun))
    assert 'hx-trigger="load' not in words(coordinator.get(begun))
    assert 'hx-trigger="load' not in words(
        lawyer.get(KEYS_AGAIN, {"of": "3", "person": str(person.pk), "begun": "x:y"})
    )


# --- teams that somebody left -------------------------------------------------------------------------------------


def left_team(world: World, count: int) -> Team:
    """The coordinators' team after somebody left it, with cases that wait."""
    for _ in range(count):
        told_case(world)
    leave(world.actor("admin"), coordinators(world), add_coordinator(world))
    return coordinators(world)


def test_cases_of_a_team_get_new_keys_in_batches_and_the_page_says_when_it_is_done(world: World) -> None:
    team = left_team(world, 3)
    coordinator = client_of(world, "coordinator")
    assert rekey_url(team) in words(coordinator.get(LIST))
    page = coordinator.get(rekey_url(team))
    assert "3 cases wait for their new keys" in words(page)
    form = next(each for each in forms_in(page) if each.action == rekey_url(team))

    once = coordinator.post(form.action, form.fields, follow=True)

    assert "1 case waits for its new key" in words(once)
    assert "2 of 3 done" in words(once)
    assert 'hx-trigger="load' in words(once)
    again = next(each for each in forms_in(once) if each.action == rekey_url(team))
    last = coordinator.post(again.action, again.fields, follow=True)
    assert "Every case of the team has its present key" in words(last)
    assert rekey_url(team) not in words(coordinator.get(LIST))
    assert not TeamMemberKey.objects.filter(epoch=1).exists()
    assert drift() == []
    assert coordinator.post(again.action, again.fields).status_code == 302


def test_only_coordinators_are_told_and_only_members_see_the_page(world: World) -> None:
    team = left_team(world, 1)

    for name in ("lawyer", "colleague", "expert", "advocate", "admin", "newcomer"):
        client = client_of(world, name)
        assert client.get(rekey_url(team)).status_code == 404
        assert client.post(rekey_url(team)).status_code == 404
    assert rekey_url(team) not in words(client_of(world, "lawyer").get(LIST))
    elsewhere = client_of(found_world("Lighthouse", "AM"), "coordinator")
    assert elsewhere.get(rekey_url(team)).status_code == 404
    assert elsewhere.get(rekey_url(Team(id=uuid4()))).status_code == 404


def test_cases_that_others_gave_new_keys_to_leave_only_the_earlier_keys_to_delete(world: World) -> None:
    team = left_team(world, 1)
    lawyer, coordinator = client_of(world, "lawyer"), client_of(world, "coordinator")
    reference = coordinators(world).cases.get().reference
    assert lawyer.get(reverse("cases:detail", args=[reference])).status_code == 200

    page = coordinator.get(rekey_url(team))

    assert "One step is left" in words(page)
    assert "Every case of the team" in words(coordinator.post(rekey_url(team), follow=True))
    assert not TeamMemberKey.objects.filter(epoch=1).exists()


def test_a_member_without_the_earlier_key_is_told_that_somebody_else_has_to_do_it(world: World) -> None:
    team = left_team(world, 2)
    world.add("late", Role.COORDINATOR)
    late = client_of(world, "late")

    page = late.get(rekey_url(team))
    answer = late.post(rekey_url(team), follow=True)

    assert "2 cases wait for a colleague" in words(page)
    assert answer.status_code == 200
    assert "2 cases wait for a colleague" in words(answer)
    coordinator = client_of(world, "coordinator")
    assert "Every case of the team" in words(coordinator.post(rekey_url(team), follow=True))


def test_a_case_with_a_wall_against_the_member_is_not_hers_to_do(world: World) -> None:
    team = left_team(world, 1)
    opened = told_case(world, by="lawyer")
    wall_off(opened, world.people["coordinator"])

    assert "1 case waits for its new key" in words(client_of(world, "coordinator").get(rekey_url(team)))


def test_experts_of_a_panel_see_that_their_cases_wait_for_who_works_on_them(world: World) -> None:
    opened = ready_case(world)
    team = panel_of(world, "expert", "second")
    grant_team(opened, team)
    leave(world.actor("admin"), team, world.people["second"])
    expert = client_of(world, "expert")

    assert "1 case waits for a colleague" in words(expert.get(rekey_url(team)))
    assert "1 case waits for a colleague" in words(expert.post(rekey_url(team), follow=True))
    assert rekey_url(team) not in words(expert.get(LIST))
    client_of(world, "lawyer").get(reverse("cases:detail", args=[opened.case.reference]))
    assert "One step is left" in words(expert.get(rekey_url(team)))


def test_a_team_whose_own_key_is_due_says_so(world: World) -> None:
    told_case(world)
    newcomer = add_coordinator(world)
    UserKey.objects.filter(user=world.people["admin"]).update(officer=False)
    leave(world.actor("admin"), coordinators(world), newcomer)

    page = client_of(world, "coordinator").get(rekey_url(coordinators(world)))

    assert "The team itself waits for a new key" in words(page)


def test_a_progress_of_a_team_that_nobody_wrote_is_a_bad_request(world: World) -> None:
    team = left_team(world, 1)
    coordinator = client_of(world, "coordinator")

    assert coordinator.get(rekey_url(team), {"of": "x"}).status_code == 400
    assert coordinator.post(rekey_url(team), {"of": "x"}).status_code == 400


def test_while_locked_nothing_is_shown_or_done(world: World) -> None:
    team = left_team(world, 1)
    coordinator = client_of(world, "coordinator")
    coordinator.post(reverse("accounts:lock"))

    for url in (rekey_url(team), share_url(world.people["colleague"])):
        assert coordinator.post(url).status_code == 423
    assert coordinator.get(KEYS_AGAIN).status_code == 423


def test_a_click_more_after_the_last_batch_changes_nothing(world: World) -> None:
    team = left_team(world, 1)
    coordinator: Client = client_of(world, "coordinator")
    coordinator.post(rekey_url(team))
    epochs = set(coordinators(world).cases.get().compartments.values_list("epoch", flat=True))

    assert coordinator.post(rekey_url(team)).status_code == 302
    assert set(coordinators(world).cases.get().compartments.values_list("epoch", flat=True)) == epochs == {2}
