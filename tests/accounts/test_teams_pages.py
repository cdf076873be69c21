"""Teams as administrators and members see them: members, panels, keys made and given."""

from uuid import uuid4

import pytest

from accounts.actions import set_roles
from accounts.models import Role, Team, TeamMemberKey, User, UserKey
from accounts.team_forms import PanelForm
from accounts.team_queries import KeyState, team_row
from accounts.teams import create_panel, give_key, join, team_keys
from tests.accounts.entries import entries
from tests.builders import World, found_world, unlocked
from tests.clients import client_of

TEAMS, OWN = "/account/teams/", "/account/own-teams/"


def coordinators(world: World) -> Team:
    return Team.objects.get(organisation=world.organisation, kind=Team.Kind.COORDINATORS)


def panel(world: World, *names: str) -> Team:
    team = create_panel(world.actor("admin"), name="Night panel")
    for name in names:
        join(world.actor("admin"), team, world.people[name])
    team.refresh_from_db()
    return team


def team_url(team: Team, page: str = "") -> str:
    return f"{TEAMS}{team.pk}/{page}"


def give_url(team: Team, person: User) -> str:
    return f"{OWN}{team.pk}/people/{person.pk}/key/"


def states(team: Team) -> dict[str, KeyState]:
    team.refresh_from_db()
    return {member.person.username: member.state for member in team_row(team).members}


# --- who may see them


@pytest.mark.parametrize("name", ["lawyer", "coordinator", "expert", "advocate", "auditor"])
def test_to_everybody_but_administrators_there_are_no_pages_of_teams(world: World, name: str) -> None:
    team = panel(world, "expert")
    client = client_of(world, name)

    gets = [TEAMS, team_url(team)]
    posts = [f"{TEAMS}new/", *(team_url(team, page) for page in ("name/", "delete/", "members/", "key/"))]
    posts += [team_url(team, f"members/{world.people['expert'].pk}/remove/")]
    posts += [f"/account/people/{world.people['expert'].pk}/{page}/" for page in ("teams", "sign-out")]

    assert {client.get(url).status_code for url in gets} == {404}
    assert {client.post(url, {"name": "x", "person": world.people["second"].pk}).status_code for url in posts} == {404}
    team.refresh_from_db()
    assert (team.name, list(states(team))) == ("Night panel", ["expert-ge"])


def test_teams_and_people_of_another_organisation_do_not_exist(world: World) -> None:
    other = found_world("Elsewhere", "MD", with_people=False)
    theirs = create_panel(unlocked(other.founding.administrator), name="Theirs")
    other.add("expert", Role.LEGAL_EXPERT)
    client, ours = client_of(world, "admin"), panel(world, "expert")

    for team_id in (theirs.pk, uuid4()):
        assert client.get(f"{TEAMS}{team_id}/").status_code == 404
        for page in ("name/", "delete/", "members/", "key/", f"members/{other.people['expert'].pk}/remove/"):
            assert client.post(f"{TEAMS}{team_id}/{page}", {"name": "x"}).status_code == 404
        assert client_of(world, "expert").post(f"{OWN}{team_id}/people/{uuid4()}/key/").status_code == 404
    assert client.post(team_url(ours, f"members/{other.people['expert'].pk}/remove/")).status_code == 404
    assert client.post(team_url(ours, "members/"), {"person": other.people["expert"].pk}).status_code == 422
    person = f"/account/people/{world.people['second'].pk}/teams/"
    assert client.post(person, {"team": theirs.pk}).status_code == 422
    assert "Theirs" not in client.get(TEAMS).content.decode()
    assert Team.objects.filter(pk=theirs.pk).exists()


def test_forms_of_teams_are_no_pages(world: World) -> None:
    team = panel(world)
    client = client_of(world, "admin")

    assert {client.get(team_url(team, page)).status_code for page in ("name/", "delete/", "members/", "key/")} == {405}
    assert client.get(give_url(team, world.people["expert"])).status_code == 405


# --- panels


def test_an_administrator_makes_renames_and_deletes_a_panel(world: World) -> None:
    client = client_of(world, "admin")

    made = client.post(f"{TEAMS}new/", {"name": "Night panel"})
    team = Team.objects.get(name="Night panel")
    assert made["Location"] == team_url(team)
    client.post(team_url(team, "name/"), {"name": "Day panel"})
    assert b"Day panel" in client.get(TEAMS).content
    assert client.post(team_url(team, "delete/"))["Location"] == TEAMS

    assert not Team.objects.filter(kind=Team.Kind.PANEL).exists()
    assert [entries(world, f"team.{deed}")[-1]["target"] for deed in ("create", "rename", "delete")] == [
        f"accounts.Team:{team.pk}"
    ] * 3


@pytest.mark.parametrize("name", ["", "x" * 101, "null \x00", "night PANEL", "Coordinators", "Координаторы"])
def test_a_name_that_is_bad_or_taken_is_refused_and_kept(world: World, name: str) -> None:
    team, other = panel(world), create_panel(world.actor("admin"), name="Other")
    client = client_of(world, "admin")

    answers = [client.post(url, {"name": name}) for url in (f"{TEAMS}new/", team_url(other, "name/"))]

    assert {answer.status_code for answer in answers} <= {409, 422}
    assert all(name.replace("\x00", "") in answer.content.decode().replace("\x00", "") for answer in answers)
    assert sorted(Team.objects.filter(kind="panel").values_list("name", flat=True)) == [team.name, "Other"]


def test_half_a_surrogate_is_no_name() -> None:
    assert not PanelForm({"name": "half \ud800"}).is_valid()


def test_a_panel_that_was_used_and_the_coordinators_are_not_deleted_or_renamed(world: World) -> None:
    used = panel(world, "expert")
    client = client_of(world, "admin")
    client.post(team_url(used, f"members/{world.people['expert'].pk}/remove/"))

    assert client.post(team_url(used, "delete/"))["Location"] == team_url(used)
    assert client.post(team_url(coordinators(world), "delete/")).status_code == 404
    assert client.post(team_url(coordinators(world), "name/"), {"name": "x"}).status_code == 404
    removal = team_url(coordinators(world), f"members/{world.people['coordinator'].pk}/remove/")
    assert client.post(removal).status_code == 404
    assert Team.objects.count() == 2


# --- members


def test_members_come_and_go_and_the_pages_say_who_holds_the_key(world: World) -> None:
    team = panel(world)
    client = client_of(world, "admin")

    client.post(team_url(team, "members/"), {"person": world.people["expert"].pk})
    second = world.people["second"]
    assert client.post(f"/account/people/{second.pk}/teams/", {"team": team.pk})["Location"].endswith(f"{second.pk}/")
    assert states(team) == {"expert-ge": KeyState.HOLDS, "second-ge": KeyState.WAITS}
    page = client.get(f"/account/people/{second.pk}/").content.decode()
    assert "Night panel" in page
    assert "Waits for the key" in page

    back = f"/account/people/{second.pk}/"
    assert client.post(f"{team_url(team, f'members/{second.pk}/remove/')}?next={back}")["Location"] == back
    assert states(team) == {"expert-ge": KeyState.HOLDS}
    assert not team.renewal_due
    assert client.post(team_url(team, f"members/{second.pk}/remove/")).status_code == 404


def test_only_people_with_the_role_can_be_added(world: World) -> None:
    team = panel(world)
    client = client_of(world, "admin")

    for wrong in (world.people["lawyer"].pk, world.people["advocate"].pk, uuid4(), "nobody", ""):
        assert client.post(team_url(team, "members/"), {"person": wrong}).status_code == 422
    lawyer = f"/account/people/{world.people['lawyer'].pk}/teams/"
    assert client.post(lawyer, {"team": team.pk}).status_code == 422
    assert states(team) == {}


def test_next_leads_nowhere_else(world: World) -> None:
    team = panel(world, "expert")
    url = team_url(team, f"members/{world.people['expert'].pk}/remove/?next=https://evil.example/")

    assert client_of(world, "admin").post(url)["Location"] == team_url(team)


# --- a new key


def test_a_locked_administrator_removes_at_once_and_the_key_is_due_until_an_officer_makes_it(world: World) -> None:
    team = panel(world, "expert", "second")
    give_key(world.actor("expert"), team, world.people["second"])
    client = client_of(world, "admin")
    client.post("/account/lock/")

    client.post(team_url(team, f"members/{world.people['second'].pk}/remove/"))

    assert states(team) == {"expert-ge": KeyState.HOLDS}
    assert team.renewal_due
    assert "New key due" in client.get(TEAMS).content.decode()
    expert = world.people["expert"].pk
    assert client.post(team_url(team, "key/"), {"people": [expert]}).status_code == 423
    client = client_of(world, "admin")
    assert client.post(team_url(team, "key/"), {"people": [expert]}).status_code == 302
    team.refresh_from_db()
    assert (team.epoch, team.renewal_due) == (2, False)
    assert entries(world, "team.renew_key")[-1]["people"] == ["expert-ge"]


def test_the_new_key_goes_to_those_whom_the_officer_chose_and_to_nobody_else(world: World) -> None:
    team = panel(world, "expert", "second")
    client = client_of(world, "admin")

    for people in ([], [world.people["lawyer"].pk], [uuid4()], ["x"]):
        assert client.post(team_url(team, "key/"), {"people": people}).status_code == 422
    client.post(team_url(team, "key/"), {"people": [world.people["second"].pk]})

    assert states(team) == {"expert-ge": KeyState.WAITS, "second-ge": KeyState.HOLDS}
    assert team.epoch == 2


def test_an_administrator_who_is_no_officer_is_told_whom_to_ask(world: World) -> None:
    team = panel(world, "expert")
    world.add("deputy", Role.ADMINISTRATOR)
    client = client_of(world, "deputy")

    page = client.get(team_url(team)).content.decode()
    answer = client.post(team_url(team, "key/"), {"people": [world.people["expert"].pk]})

    assert "Ask Admin." in page
    assert answer.status_code == 403
    assert b"Only an officer can" in answer.content
    assert states(team) == {"expert-ge": KeyState.HOLDS}
    assert team.epoch == 1


# --- one's own teams


def test_a_member_gives_the_key_to_one_who_waits(world: World) -> None:
    newcomer = world.add("newcomer", Role.COORDINATOR)
    team = coordinators(world)
    waiting = client_of(world, "newcomer").get(OWN).content.decode()
    assert "You have no key of this team yet" in waiting
    assert "Ask one of: Coordinator." in waiting
    client = client_of(world, "coordinator")
    page = client.get(OWN).content.decode()
    assert give_url(team, newcomer) in page
    assert "User name: newcomer-ge." in page

    assert client.post(give_url(team, newcomer))["Location"] == OWN

    assert states(team)["newcomer-ge"] == KeyState.HOLDS
    assert (team.id, team.epoch) in team_keys(world.actor("newcomer"))
    assert entries(world, "team.give_key")[-1]["person"] == "newcomer-ge"
    assert "You have no key" not in client_of(world, "newcomer").get(OWN).content.decode()


def test_nobody_gives_a_key_without_holding_it_or_to_somebody_outside(world: World) -> None:
    newcomer = world.add("newcomer", Role.COORDINATOR)
    third = world.add("third", Role.COORDINATOR)
    team, others = coordinators(world), panel(world, "expert")

    assert client_of(world, "newcomer").post(give_url(team, third)).status_code == 403
    assert client_of(world, "expert").post(give_url(team, newcomer)).status_code == 404
    assert client_of(world, "admin").post(give_url(team, newcomer)).status_code == 404
    member = client_of(world, "coordinator")
    assert member.post(give_url(team, world.people["lawyer"])).status_code == 404
    assert member.post(give_url(others, world.people["second"])).status_code == 404
    assert member.post(f"{OWN}{team.pk}/people/{uuid4()}/key/").status_code == 404
    member.post("/account/lock/")
    assert member.post(give_url(team, newcomer)).status_code == 423
    assert not TeamMemberKey.objects.filter(member__in=[newcomer, third]).exists()


def test_a_member_whose_keys_nobody_confirmed_is_told_so_and_gets_nothing(world: World) -> None:
    newcomer = world.add("newcomer", Role.COORDINATOR)
    UserKey.objects.filter(user=newcomer).update(certificate=None)
    team = coordinators(world)

    assert b"Your own keys are not confirmed" in client_of(world, "newcomer").get(OWN).content
    assert client_of(world, "coordinator").post(give_url(team, newcomer)).status_code == 403
    assert not TeamMemberKey.objects.filter(member=newcomer).exists()


def test_when_nobody_holds_the_key_the_page_says_whom_to_ask(world: World) -> None:
    TeamMemberKey.objects.all().delete()

    assert b"Ask your administrator to make a new key" in client_of(world, "coordinator").get(OWN).content
    assert b"No key yet" in client_of(world, "admin").get(TEAMS).content


def test_the_account_page_leads_to_own_teams_where_there_are_any(world: World) -> None:
    assert OWN in client_of(world, "coordinator").get("/account/").content.decode()
    assert OWN not in client_of(world, "lawyer").get("/account/").content.decode()
    assert b"You belong to no team" in client_of(world, "lawyer").get(OWN).content


def test_who_loses_the_role_leaves_the_panel(world: World) -> None:
    team = panel(world, "expert", "second")

    set_roles(world.actor("admin"), world.people["expert"], [Role.STREET_LAWYER])

    assert states(team) == {"second-ge": KeyState.WAITS}
    assert team.renewal_due
