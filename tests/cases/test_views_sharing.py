"""Who may open a case: letting in, taking back, and what is refused."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, Team, UserKey
from cases.grants import remove_access, remove_team
from cases.levels import AccessLevel
from cases.models import Case, KeyWrap, RecipientKind
from cases.roster import who_may_open
from cases.sharing import grant
from tests.builders import World, found_world
from tests.cases.builders import NAME, STORY, new_case, ready_case, told_case
from tests.cases.pages import forms_in, words
from tests.clients import client_of
from tests.test_teams import coordinators, panel_of


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def url_of(case: Case, name: str = "sharing", *more: object) -> str:
    return reverse(f"cases:{name}", args=[case.reference, *more])


def who(world: World, name: str, level: AccessLevel) -> dict[str, str]:
    return {"who": f"{level.value}:{world.people[name].pk}"}


def levels(case: Case) -> dict[str, str]:
    return {access.user.username: access.level.value for access in who_may_open(case)}


def test_the_page_names_everybody_who_can_open_the_case_and_who_could(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    world.add("newcomer", Role.STREET_LAWYER, confirmed=False)

    response = lawyer.get(url_of(opened.case))

    assert "Coordinator" in words(response)
    offered = {label for _level, group in response.context["form"].fields["who"].choices[1:] for _value, label in group}
    assert offered == {
        "Colleague (colleague-ge)",
        "Expert (expert-ge)",
        "Second (second-ge)",
        "Advocate (advocate-ge)",
    }


def test_a_colleague_is_let_in_and_reads_everything(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    response = lawyer.post(url_of(opened.case, "share"), who(world, "colleague", AccessLevel.CASEWORKER))

    assert response.headers["Location"] == url_of(opened.case)
    assert STORY.rsplit(". ", 1)[-1] in words(client_of(world, "colleague").get(url_of(opened.case, "detail")))


def test_an_expert_is_let_in_once_the_person_agreed(world: World, lawyer: Client) -> None:
    unasked, agreed = told_case(world), ready_case(world)
    expert = who(world, "expert", AccessLevel.EXPERT)

    refused = lawyer.post(url_of(unasked.case, "share"), expert)
    shared = lawyer.post(url_of(agreed.case, "share"), expert)

    assert (refused.status_code, shared.status_code) == (422, 302)
    assert reverse("cases:consent", args=[unasked.case.reference]) in words(refused)
    assert "expert-ge" not in levels(unasked.case)
    assert NAME not in words(client_of(world, "expert").get(url_of(agreed.case, "detail")))


def test_access_is_taken_back_at_once_and_the_case_gets_new_keys(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    expert = client_of(world, "expert")
    revoke = url_of(opened.case, "revoke", world.people["expert"].pk)
    form = next(each for each in forms_in(lawyer.get(url_of(opened.case))) if each.action == revoke)

    assert lawyer.get(revoke).status_code == 405
    assert lawyer.post(revoke, form.fields).status_code == 302

    assert expert.get(url_of(opened.case, "detail")).status_code == 404
    assert opened.case.compartments.get(name="testimony").epoch == 2
    assert STORY.rsplit(". ", 1)[-1] in words(lawyer.get(url_of(opened.case, "detail")))


def test_a_lawyer_hands_a_case_over_by_taking_her_own_access_back(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    response = lawyer.post(url_of(opened.case, "revoke", world.people["lawyer"].pk))

    assert response.headers["Location"] == reverse("cases:list")
    assert lawyer.get(url_of(opened.case)).status_code == 404
    assert levels(opened.case) == {}
    assert NAME in words(client_of(world, "coordinator").get(url_of(opened.case, "detail")))


def test_the_last_one_with_all_keys_stays(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    remove_team(opened.case, Team.objects.get())

    response = lawyer.post(url_of(opened.case, "revoke", world.people["lawyer"].pk))

    assert response.status_code == 409
    assert "Share it with a colleague first" in words(response)
    assert levels(opened.case) == {"lawyer-ge": "caseworker"}


def test_nobody_is_let_in_twice_in_two_ways(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    both = world.add("versatile", Role.LEGAL_EXPERT, Role.ADVOCATE)
    grant(opened, both, AccessLevel.EXPERT)

    response = lawyer.post(url_of(opened.case, "share"), who(world, "versatile", AccessLevel.REVIEWER))

    assert response.status_code == 409
    assert "in two ways" in words(response)
    assert levels(opened.case)["versatile-ge"] == "expert"


def test_who_lost_a_key_is_named_and_can_be_given_it_again(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    KeyWrap.objects.filter(kind=RecipientKind.USER, recipient=world.people["colleague"].id).delete()

    assert "Key missing" in words(lawyer.get(url_of(opened.case)))
    again = who(world, "colleague", AccessLevel.CASEWORKER)
    assert lawyer.post(url_of(opened.case, "share"), again).status_code == 302
    assert "Key missing" not in words(lawyer.get(url_of(opened.case)))


def test_sharing_is_offered_only_to_own_colleagues_with_confirmed_keys_in_their_role(
    world: World, lawyer: Client
) -> None:
    opened = ready_case(world)
    unconfirmed = world.add("newcomer", Role.STREET_LAWYER, confirmed=False)
    foreigner = found_world("Lighthouse", "AM").people["lawyer"]
    wrong = [
        f"caseworker:{unconfirmed.pk}",
        f"caseworker:{foreigner.pk}",
        f"caseworker:{world.people['expert'].pk}",
        f"expert:{world.people['colleague'].pk}",
        f"owner:{world.people['colleague'].pk}",
        f"caseworker:{uuid4()}",
        "caseworker:",
        "\0",
        "",
        "x" * 100_000,
    ]

    for value in wrong:
        assert lawyer.post(url_of(opened.case, "share"), {"who": value}).status_code == 422
    assert lawyer.post(url_of(opened.case, "share")).status_code == 422
    assert levels(opened.case) == {"lawyer-ge": "caseworker"}


def test_keys_that_were_confirmed_no_more_are_refused(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    UserKey.objects.filter(user=world.people["colleague"]).update(certificate=None)

    response = lawyer.post(url_of(opened.case, "share"), who(world, "colleague", AccessLevel.CASEWORKER))

    assert response.status_code == 422


def test_the_next_holder_who_comes_gives_new_keys_to_what_was_taken_back_without_one(
    world: World, lawyer: Client
) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    remove_access(opened.case, world.people["expert"])
    assert opened.case.compartments.filter(rekey_pending=True).count() == 1

    page = words(lawyer.get(url_of(opened.case, "detail")))

    assert NAME in page
    assert list(opened.case.compartments.filter(name="testimony").values_list("epoch", "rekey_pending")) == [(2, False)]
    assert NAME in words(client_of(world, "coordinator").get(url_of(opened.case, "detail")))


def test_who_is_not_in_the_case_has_nothing_to_take_back(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    for person in (world.people["colleague"].pk, uuid4()):
        assert lawyer.post(url_of(opened.case, "revoke", person)).status_code == 404


def test_experts_and_reviewers_neither_see_nor_change_who_can_open_it(world: World) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    grant(opened, world.people["advocate"], AccessLevel.REVIEWER)

    for name in ("expert", "advocate"):
        client = client_of(world, name)
        assert client.get(url_of(opened.case)).status_code == 404
        again = who(world, "colleague", AccessLevel.CASEWORKER)
        assert client.post(url_of(opened.case, "share"), again).status_code == 404
        assert client.post(url_of(opened.case, "revoke", world.people["lawyer"].pk)).status_code == 404


def test_a_warning_stands_beside_a_story_whose_names_are_unchecked(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    assert "not checked yet" not in words(lawyer.get(url_of(opened.case)))

    assert "agreed to it" in words(lawyer.get(url_of(new_case(world).case)))


def test_people_of_one_shown_name_are_told_apart_by_their_user_names(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    type(world.people["colleague"]).objects.filter(username="colleague-ge").update(display_name="Expert")
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)

    page = words(lawyer.get(url_of(opened.case)))

    assert "colleague-ge" in page
    assert "Take access back from Expert (colleague-ge)?" in page


# --- panels -------------------------------------------------------------------------------------------------------


def panel_choice(team: Team) -> dict[str, str]:
    return {"who": f"panel:{team.pk}"}


def test_a_panel_is_let_in_seen_with_its_members_and_shut_out_again(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    team = panel_of(world, "expert", "second")

    shared = lawyer.post(url_of(opened.case, "share"), panel_choice(team))

    assert shared.status_code == 302
    page = lawyer.get(url_of(opened.case))
    assert "second-ge" in words(page)
    assert client_of(world, "second").get(url_of(opened.case, "detail")).status_code == 200
    back = url_of(opened.case, "revoke_team", team.pk)
    form = next(each for each in forms_in(page) if each.action == back)
    assert lawyer.get(back).status_code == 405
    assert lawyer.post(back, form.fields).status_code == 302
    assert client_of(world, "second").get(url_of(opened.case, "detail")).status_code == 404
    assert opened.case.compartments.get(name="testimony").epoch == 2
    assert lawyer.post(back, form.fields).status_code == 404


def test_a_panel_is_let_in_only_once_the_person_agreed(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    team = panel_of(world, "expert")

    response = lawyer.post(url_of(opened.case, "share"), panel_choice(team))

    assert response.status_code == 422
    assert "Ask first whether legal experts may read this" in words(response)
    assert client_of(world, "expert").get(url_of(opened.case, "detail")).status_code == 404


def test_a_panel_with_somebody_who_works_on_the_case_is_refused_by_name(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    both = world.add("versatile", Role.LEGAL_EXPERT, Role.STREET_LAWYER)
    team = panel_of(world, "expert", "versatile")
    grant(opened, both, AccessLevel.CASEWORKER)

    response = lawyer.post(url_of(opened.case, "share"), panel_choice(team))

    assert response.status_code == 422
    assert "Versatile (versatile-ge)" in words(response)
    assert not KeyWrap.objects.filter(recipient=team.id).exists()


def test_panels_without_a_key_foreign_ones_and_the_coordinators_are_not_offered(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    elsewhere = found_world("Lighthouse", "AM")
    foreign = panel_of(elsewhere, "expert")
    keyless = panel_of(world, "expert")
    Team.objects.filter(pk=keyless.pk).update(epoch=0, signer=None)

    for team in (foreign, keyless, coordinators(world)):
        assert lawyer.post(url_of(opened.case, "share"), panel_choice(team)).status_code == 422
    for team in (foreign, keyless, coordinators(world)):
        assert lawyer.post(url_of(opened.case, "revoke_team", team.pk)).status_code == 404
    assert client_of(elsewhere, "lawyer").post(url_of(opened.case, "share"), panel_choice(foreign)).status_code == 404
    assert client_of(world, "coordinator").get(url_of(opened.case, "detail")).status_code == 200
