"""What somebody who writes to the database can do to teams: nothing that brings them a key (group C)."""

import pytest
from django.contrib.auth.models import Group

from accounts.actor import Actor
from accounts.models import Role, RoleGrant, Team, TeamMemberKey, User, UserKey
from accounts.team_queries import team_row
from accounts.teams import (
    WrongTeamRoleError,
    certified_team_key,
    coordinators_of,
    create_panel,
    give_key,
    join,
    leave,
    renew_key,
    team_keys,
    team_statement,
)
from accounts.teams import _member_key_info as place_of
from casebook.core.errors import IntegrityError, NoKeyError
from casebook.core.wrapping import PrivateKeys, hpke_seal, wrap_statement
from cases.models import Case, KeyWrap
from tests.builders import World, found_world
from tests.cases.builders import new_case


def coordinators(world: World) -> Team:
    team = coordinators_of(world.organisation)
    assert team
    return team


def plant_member(team: Team, person: User, role: Role | None = None) -> None:
    """Rows that say that somebody belongs to a team, as the writer makes them."""
    person.groups.add(Group.objects.get(pk=team.group_id))
    if role:
        RoleGrant.objects.get_or_create(user=person, role=role)
    person.forget_roles()


def plant_key(by: Actor, team: Team, member: User, seed: bytes) -> None:
    """A team key of the writer's choice for a member, signed by an accomplice with confirmed keys."""
    keys, key = by.require_keys(), UserKey.objects.get(user=member, active=True)
    info = place_of(team.id, team.epoch, member.id, key.epoch, bytes(key.hpke_public))
    blob = hpke_seal(bytes(key.hpke_public), seed, info=info)
    TeamMemberKey.objects.update_or_create(
        team=team,
        epoch=team.epoch,
        member=member,
        defaults={
            "member_epoch": key.epoch,
            "blob": blob,
            "signer_id": keys.key_id,
            "signature": keys.sign(wrap_statement(info, blob)),
            "checked": None,
        },
    )


def holders(team: Team) -> set[str]:
    return set(TeamMemberKey.objects.filter(team=team).values_list("member__username", flat=True))


# --- planted teams


def test_a_team_signed_by_an_officers_name_and_another_hand_is_refused(world: World) -> None:
    team, writer = coordinators(world), PrivateKeys.generate()
    team.hpke_public = writer.public().hpke
    team.signature = world.actor("lawyer").require_keys().sign(team_statement(team))
    team.save()

    with pytest.raises(IntegrityError):
        certified_team_key(world.actor("lawyer").require_keys(), coordinators(world))
    with pytest.raises(IntegrityError):
        new_case(world)
    assert not KeyWrap.objects.exists()


@pytest.mark.parametrize("called_officer", [False, True])
def test_a_team_signed_by_a_person_who_is_no_officer_is_refused(world: World, called_officer: bool) -> None:
    """Her certificate is in order, but it does not say that she is an officer."""
    team, accomplice = coordinators(world), world.actor("lawyer").require_keys()
    UserKey.objects.filter(pk=accomplice.key_id).update(officer=called_officer)
    team.hpke_public = PrivateKeys.generate().public().hpke
    team.signer_id = accomplice.key_id
    team.signature = accomplice.sign(team_statement(team))
    team.save()

    with pytest.raises(IntegrityError):
        new_case(world, by="colleague")
    assert not Case.objects.exists()


def test_a_panel_made_by_hand_with_a_key_of_the_writers_is_refused(world: World) -> None:
    writer = PrivateKeys.generate()
    officer = UserKey.objects.get(user=world.people["admin"])
    planted = Team.objects.create(
        organisation=world.organisation,
        group=Group.objects.create(name="planted"),
        name="Planted",
        kind=Team.Kind.PANEL,
        epoch=1,
        hpke_public=writer.public().hpke,
        signer=officer,
        signature=bytes(coordinators(world).signature),
    )

    with pytest.raises(IntegrityError):
        certified_team_key(world.actor("lawyer").require_keys(), planted)


def test_a_person_who_calls_herself_an_officer_makes_no_team_key(world: World) -> None:
    team = coordinators(world)
    UserKey.objects.filter(user=world.people["lawyer"]).update(officer=True)

    with pytest.raises(IntegrityError):
        renew_key(world.actor("lawyer"), team, [world.people["coordinator"]])
    assert coordinators(world).epoch == 1


def test_a_team_row_set_back_is_noticed_by_whoever_holds_its_newer_key(world: World) -> None:
    team = coordinators(world)
    old = {"epoch": team.epoch, "hpke_public": bytes(team.hpke_public), "signature": bytes(team.signature)}
    renew_key(world.actor("admin"), team)
    Team.objects.filter(pk=team.pk).update(**old)

    with pytest.raises(IntegrityError):
        team_keys(world.actor("coordinator"))


# --- planted members


@pytest.mark.parametrize("role", [None, Role.COORDINATOR])
def test_a_planted_member_gets_nothing_when_the_key_is_renewed(world: World, role: Role | None) -> None:
    team = coordinators(world)
    plant_member(team, world.people["lawyer"], role)

    renew_key(world.actor("admin"), team)

    assert holders(team) == {"coordinator-ge"}


def test_a_planted_member_gets_nothing_when_a_colleague_leaves_or_joins(world: World) -> None:
    team = create_panel(world.actor("admin"), name="Panel")
    plant_member(team, world.people["lawyer"], Role.LEGAL_EXPERT)

    join(world.actor("admin"), team, world.people["expert"])
    assert holders(team) == {"expert-ge"}
    join(world.actor("admin"), team, world.people["second"])
    give_key(world.actor("expert"), team, world.people["second"])
    leave(world.actor("admin"), team, world.people["expert"])

    assert holders(team) == {"second-ge"}


def test_a_planted_member_without_the_role_is_given_nothing_and_the_page_says_so(world: World) -> None:
    team, lawyer = coordinators(world), world.people["lawyer"]
    plant_member(team, lawyer)

    with pytest.raises(WrongTeamRoleError):
        give_key(world.actor("coordinator"), team, lawyer)
    with pytest.raises(WrongTeamRoleError):
        renew_key(world.actor("admin"), team, [lawyer])
    member = team_row(team).member(lawyer)
    assert member is not None
    assert (member.belongs, member.can_be_given) == (False, False)
    assert lawyer not in team_row(team).recipients
    assert holders(team) == {"coordinator-ge"}


def test_a_planted_stranger_is_given_nothing(world: World) -> None:
    """A coordinator of another organisation, whose certificate comes from another root."""
    other = found_world("Elsewhere", "MD", with_people=False)
    stranger, team = other.add("stranger", Role.COORDINATOR), coordinators(world)
    plant_member(team, stranger)

    with pytest.raises(WrongTeamRoleError):
        give_key(world.actor("coordinator"), team, stranger)
    User.objects.filter(pk=stranger.pk).update(organisation=world.organisation)
    stranger.refresh_from_db()
    with pytest.raises(IntegrityError):
        give_key(world.actor("coordinator"), team, stranger)
    with pytest.raises(IntegrityError):
        renew_key(world.actor("admin"), team, [world.people["coordinator"], stranger])
    assert holders(team) == {"coordinator-ge"}
    assert coordinators(world).epoch == 1


def test_a_planted_holder_stops_the_renewal(world: World) -> None:
    """With a row that she signed herself the accomplice calls herself a holder, to be given the next key."""
    team, lawyer = coordinators(world), world.people["lawyer"]
    plant_member(team, lawyer, Role.COORDINATOR)
    plant_key(world.actor("lawyer"), team, lawyer, PrivateKeys.generate().hpke)

    with pytest.raises(IntegrityError):
        renew_key(world.actor("admin"), team)
    assert coordinators(world).epoch == 1


def test_a_holder_with_a_signature_that_does_not_fit_stops_the_renewal(world: World) -> None:
    TeamMemberKey.objects.filter(team=coordinators(world)).update(signature=bytes(64))

    with pytest.raises(IntegrityError):
        renew_key(world.actor("admin"), coordinators(world))
    assert coordinators(world).epoch == 1


def test_a_recipient_with_a_swapped_public_key_stops_the_renewal_before_anything_is_wrapped(world: World) -> None:
    team = coordinators(world)
    UserKey.objects.filter(user=world.people["coordinator"]).update(hpke_public=PrivateKeys.generate().public().hpke)

    with pytest.raises(IntegrityError):
        renew_key(world.actor("admin"), team, [world.people["coordinator"]])
    assert not TeamMemberKey.objects.filter(team=team, epoch=2).exists()


# --- swapped keys of members


def test_a_team_key_that_an_accomplice_made_is_not_taken_for_the_teams(world: World) -> None:
    """What the victim wraps for her team she keeps under the team's key: a key that the accomplice knows opens it."""
    team, known = coordinators(world), PrivateKeys.generate()
    plant_key(world.actor("lawyer"), team, world.people["coordinator"], known.hpke)

    with pytest.raises(IntegrityError):
        team_keys(world.actor("coordinator"))
    with pytest.raises(IntegrityError):
        new_case(world, by="coordinator")
    assert not KeyWrap.objects.exists()


def test_such_a_key_is_not_handed_on(world: World) -> None:
    team, newcomer = coordinators(world), world.add("newcomer", Role.COORDINATOR)
    plant_key(world.actor("lawyer"), team, world.people["coordinator"], PrivateKeys.generate().hpke)

    with pytest.raises(IntegrityError):
        give_key(world.actor("coordinator"), team, newcomer)
    assert not TeamMemberKey.objects.filter(member=newcomer).exists()


def test_a_members_key_moved_to_another_member_does_not_open(world: World) -> None:
    team, newcomer = coordinators(world), world.add("newcomer", Role.COORDINATOR)
    with pytest.raises(NoKeyError):
        give_key(world.actor("newcomer"), team, newcomer)
    TeamMemberKey.objects.filter(team=team).update(member=newcomer, checked=None)

    with pytest.raises(IntegrityError):
        team_keys(world.actor("newcomer"))


def test_a_members_key_of_another_team_does_not_open(world: World) -> None:
    one, other = (create_panel(world.actor("admin"), name=name) for name in ("One", "Other"))
    for team in (one, other):
        join(world.actor("admin"), team, world.people["expert"])
    rows = {row.team_id: row for row in TeamMemberKey.objects.filter(team__in=[one, other])}
    swapped = rows[other.id]
    TeamMemberKey.objects.filter(pk=rows[one.id].pk).update(
        blob=swapped.blob, signature=swapped.signature, signer=swapped.signer
    )

    with pytest.raises(IntegrityError):
        team_keys(world.actor("expert"))
