"""Teams: permission through membership, key through a colleague; leaving, walls, emergencies (group B)."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.http import Http404
from django.utils import timezone

from accounts.actions import set_roles
from accounts.enrolment import replace_keys
from accounts.models import Role, Team, TeamMemberKey, User, UserKey
from accounts.teams import create_panel, give_key, join, leave, renew_key, team_keys
from casebook.core.errors import IntegrityError, NoKeyError, UnconfirmedKeyError
from casebook.core.sealing import unseal
from casebook.core.wrapping import PrivateKeys, hpke_open, hpke_private_key, unwrap
from cases.compartments import ALL_COMPARTMENTS
from cases.emergency import _place, ask, decide, requests_for
from cases.grants import give_team_permissions
from cases.levels import AccessLevel
from cases.models import Case, CaseWall, Compartment, EmergencyAccess, KeyWrap, Person, RecipientKind, Statement
from cases.queries import card_of, list_cases, profile_of
from cases.rekeying import rekey_some, waiting_for_team
from cases.resharing import people_without_keys, share_again
from cases.roster import drift, roster_of
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
from tests import raw_bytes
from tests.builders import PASSPHRASE, World
from tests.cases.builders import NAME, TITLE, new_case, ready_case, reopen, told_case

TESTIMONY = ("testimony",)


def coordinators(world: World) -> Team:
    return Team.objects.get(organisation=world.organisation, kind=Team.Kind.COORDINATORS)


def add_coordinator(world: World, name: str = "newcomer") -> User:
    person = world.add(name, Role.COORDINATOR)
    give_key(world.actor("coordinator"), coordinators(world), person)
    return person


def panel_of(world: World, *names: str) -> Team:
    team = create_panel(world.actor("admin"), name="Panel")
    for name in names:
        join(world.actor("admin"), team, world.people[name])
        team.refresh_from_db()
        if not TeamMemberKey.objects.filter(team=team, member=world.people[name]).exists():
            give_key(world.actor(names[0]), team, world.people[name])
    return team


# --- coordinators -------------------------------------------------------------------------------------------------


def test_a_coordinator_sees_every_case_through_the_team_and_holds_no_row_of_her_own(world: World) -> None:
    opened = told_case(world)

    again = reopen(world, opened, "coordinator", wanted=ALL_COMPARTMENTS)

    assert card_of(again).title == TITLE
    assert not KeyWrap.objects.filter(recipient=world.people["coordinator"].id).exists()
    assert [line.reference for line in list_cases(world.actor("coordinator")).lines] == [opened.case.reference]
    assert drift() == []


def test_a_coordinator_appointed_later_opens_older_cases_once_a_colleague_gave_her_the_key(world: World) -> None:
    opened = told_case(world)
    newcomer = world.add("newcomer", Role.COORDINATOR)
    with pytest.raises(NoKeyError):
        reopen(world, opened, "newcomer")
    assert [line.card for line in list_cases(world.actor("newcomer")).lines] == [None]
    assert any("member without key" in line for line in drift())

    give_key(world.actor("coordinator"), coordinators(world), newcomer)

    assert card_of(reopen(world, opened, "newcomer")).title == TITLE
    assert drift() == []


def test_somebody_put_into_the_group_by_hand_gets_nothing_and_drift_says_so(world: World) -> None:
    opened = told_case(world)
    world.people["colleague"].groups.add(coordinators(world).group)

    with pytest.raises(NoKeyError):
        reopen(world, opened, "colleague")
    assert f"team:{coordinators(world).id} colleague-ge member without key" in drift()


def test_a_key_of_a_team_without_membership_opens_nothing(world: World) -> None:
    opened = told_case(world)
    world.people["coordinator"].groups.clear()

    with pytest.raises(Http404):
        reopen(world, opened, "coordinator")
    assert f"team:{coordinators(world).id} coordinator-ge key without membership" in drift()


def test_only_a_member_with_the_key_gives_it_on_and_only_to_members(world: World) -> None:
    team = coordinators(world)
    newcomer = world.add("newcomer", Role.COORDINATOR)

    with pytest.raises(NoKeyError):
        give_key(world.actor("newcomer"), team, newcomer)
    with pytest.raises(Http404):
        give_key(world.actor("admin"), team, newcomer)
    with pytest.raises(Http404):
        give_key(world.actor("coordinator"), team, world.people["lawyer"])
    UserKey.objects.filter(user=newcomer).update(certificate=None)
    with pytest.raises(UnconfirmedKeyError):
        give_key(world.actor("coordinator"), team, newcomer)


def test_only_an_officer_makes_a_team_key(world: World) -> None:
    with pytest.raises(NoKeyError):
        renew_key(world.actor("coordinator"), coordinators(world))


@pytest.mark.parametrize("planted", ["own key", "own key, signed by a colleague", "older signature"])
def test_nothing_is_wrapped_for_a_planted_team_key(world: World, planted: str) -> None:
    team = coordinators(world)
    writer = PrivateKeys.generate()
    Team.objects.filter(pk=team.pk).update(hpke_public=writer.public().hpke)
    if planted == "own key, signed by a colleague":
        from accounts.teams import team_statement

        team.refresh_from_db()
        expert = world.actor("expert").require_keys()
        Team.objects.filter(pk=team.pk).update(signer=expert.key_id, signature=expert.sign(team_statement(team)))
    if planted == "older signature":
        Team.objects.filter(pk=team.pk).update(epoch=2)

    with pytest.raises(IntegrityError):
        new_case(world)
    assert not Case.objects.exists()


def test_a_member_key_given_by_the_database_writer_does_not_open(world: World) -> None:
    told_case(world)
    row = TeamMemberKey.objects.get(team=coordinators(world))
    TeamMemberKey.objects.filter(pk=row.pk).update(signature=bytes(64), checked=None)

    with pytest.raises(IntegrityError):
        list_cases(world.actor("coordinator"))


# --- leaving ------------------------------------------------------------------------------------------------------


def test_who_left_the_team_opens_nothing_new_even_with_every_key_she_held(world: World) -> None:
    opened = told_case(world)
    newcomer = add_coordinator(world)
    team = coordinators(world)
    kept = team_keys(world.actor("newcomer"))[team.id, 1]
    kept_dek = reopen(world, opened, "newcomer").testimony.current_key()

    set_roles(world.actor("admin"), newcomer, [Role.STREET_LAWYER])

    with pytest.raises(Http404):
        reopen(world, opened, "newcomer")
    team.refresh_from_db()
    assert (team.epoch, team.renewal_due) == (2, False)
    assert waiting_for_team(team).count() == 1
    assert rekey_some(world.actor("coordinator"), team, limit=25) == 0
    assert not waiting_for_team(team).exists()
    row = Statement.objects.get()
    with pytest.raises(IntegrityError):
        unseal(kept_dek, row.sealed_content, context=opened.testimony._place(row, "sealed_content"))
    for wrap_row in KeyWrap.objects.filter(kind=RecipientKind.TEAM):
        with pytest.raises(IntegrityError):
            unwrap(kept.private, bytes(wrap_row.blob), info=b"")
    assert not TeamMemberKey.objects.filter(member=newcomer).exists()
    assert not TeamMemberKey.objects.filter(epoch=1).exists()
    assert card_of(reopen(world, opened, "coordinator")).title == TITLE
    assert card_of(reopen(world, opened, "lawyer")).title == TITLE
    assert drift() == []


def test_cases_stay_readable_while_they_wait_for_their_new_keys(world: World) -> None:
    opened = told_case(world)
    newcomer = add_coordinator(world)
    leave(world.actor("admin"), coordinators(world), newcomer)

    assert card_of(reopen(world, opened, "coordinator")).title == TITLE
    assert card_of(reopen(world, opened, "lawyer")).title == TITLE


def test_without_an_officer_leaving_is_immediate_and_a_new_key_is_due(world: World) -> None:
    told_case(world)
    newcomer = add_coordinator(world)
    admin = world.actor("admin")
    UserKey.objects.filter(user=world.people["admin"]).update(officer=False)

    leave(admin, coordinators(world), newcomer)

    assert coordinators(world).renewal_due
    assert not TeamMemberKey.objects.filter(member=newcomer).exists()


def test_when_nobody_holds_the_team_key_any_more_the_next_lawyer_brings_the_case_to_the_new_one(world: World) -> None:
    opened = told_case(world)
    TeamMemberKey.objects.all().delete()
    renew_key(world.actor("admin"), coordinators(world))
    with pytest.raises(NoKeyError):
        reopen(world, opened, "coordinator")

    again = reopen(world, opened, "lawyer", wanted=ALL_COMPARTMENTS)
    bring_to_coordinators(again, roster_of(again.case))

    assert card_of(reopen(world, opened, "coordinator")).title == TITLE
    assert drift() == []


def test_a_case_made_before_there_were_coordinators_comes_to_them_later(world: World) -> None:
    KeyWrap.objects.all().delete()
    TeamMemberKey.objects.all().delete()
    Team.objects.update(epoch=0, signer=None)
    opened = told_case(world)
    assert opened.case.team_id is None

    renew_key(world.actor("admin"), coordinators(world))
    again = reopen(world, opened, "lawyer", wanted=ALL_COMPARTMENTS)
    bring_to_coordinators(again, roster_of(again.case))

    assert card_of(reopen(world, opened, "coordinator")).title == TITLE


# --- panels -------------------------------------------------------------------------------------------------------


def test_a_panel_reads_the_testimony_and_never_the_identity(world: World) -> None:
    opened = ready_case(world)
    team = panel_of(world, "expert", "second")

    grant_team(opened, team)

    for name in ("expert", "second"):
        again = reopen(world, opened, name, wanted=TESTIMONY)
        assert card_of(again).title == TITLE
        with pytest.raises(Http404):
            reopen(world, opened, name, wanted=("identity",))
        assert [line.card is not None for line in list_cases(world.actor(name)).lines] == [True]
    assert drift() == []

    revoke_team(reopen(world, opened, "lawyer", wanted=ALL_COMPARTMENTS), team)

    with pytest.raises(Http404):
        reopen(world, opened, "expert", wanted=TESTIMONY)
    assert Compartment.objects.get(case=opened.case, name="testimony").epoch == 2
    assert drift() == []


def test_a_panel_is_given_nothing_by_a_permission_row_alone(world: World) -> None:
    opened = ready_case(world)
    team = panel_of(world, "expert")
    give_team_permissions(team, opened.case, AccessLevel.EXPERT)

    with pytest.raises(NoKeyError):
        reopen(world, opened, "expert", wanted=TESTIMONY)
    assert drift() == [f"{opened.case.reference} team:{team.id} testimony permission without key"]


def test_coordinators_are_no_panel_and_a_foreign_panel_is_none(world: World) -> None:
    opened = ready_case(world)
    with pytest.raises(Http404):
        grant_team(opened, coordinators(world))
    foreign = Team.objects.create(
        organisation=world.organisation, name="x", kind=Team.Kind.PANEL, group=Group.objects.create(name="x")
    )
    with pytest.raises(UnconfirmedKeyError):
        grant_team(opened, foreign)


def test_a_panel_with_a_caseworker_in_it_is_refused(world: World) -> None:
    opened = ready_case(world)
    team = panel_of(world, "expert")
    world.people["lawyer"].groups.add(team.group)

    with pytest.raises(MixedAccessError):
        grant_team(opened, team)


# --- walls --------------------------------------------------------------------------------------------------------


def test_a_wall_keeps_a_coordinator_out_and_the_others_in(world: World) -> None:
    opened = told_case(world)
    add_coordinator(world)

    wall_off(reopen(world, opened, "lawyer", wanted=ALL_COMPARTMENTS), world.people["coordinator"])

    with pytest.raises(Http404):
        reopen(world, opened, "coordinator")
    assert list_cases(world.actor("coordinator")).lines == []
    assert not KeyWrap.objects.filter(compartment__case=opened.case, kind=RecipientKind.TEAM).exists()
    assert card_of(reopen(world, opened, "newcomer")).title == TITLE
    assert drift() == []
    again = reopen(world, opened, "lawyer", wanted=ALL_COMPARTMENTS)
    with pytest.raises(WalledError):
        grant(again, world.people["coordinator"], AccessLevel.CASEWORKER)
    bring_to_coordinators(again, roster_of(again.case))
    with pytest.raises(Http404):
        reopen(world, opened, "coordinator")

    take_wall_down(reopen(world, opened, "lawyer", wanted=ALL_COMPARTMENTS), world.people["coordinator"])

    assert card_of(reopen(world, opened, "coordinator")).title == TITLE
    assert drift() == []


def test_a_wall_holds_against_a_permission_row_by_hand(world: World) -> None:
    opened = told_case(world)
    CaseWall.objects.create(case=opened.case, person=world.people["coordinator"])

    with pytest.raises(Http404):
        reopen(world, opened, "coordinator")


def test_the_last_holder_cannot_be_walled_off(world: World) -> None:
    opened = told_case(world)
    revoke(opened, world.people["lawyer"])
    with pytest.raises(LastHolderError):
        wall_off(reopen(world, opened, "coordinator", wanted=ALL_COMPARTMENTS), world.people["coordinator"])


# --- handing over -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["colleague", None])
def test_who_hands_a_case_over_keeps_no_key(world: World, to: str | None) -> None:
    opened = told_case(world)
    kept = opened.identity.current_key()

    hand_over(opened, world.people[to] if to else None)

    with pytest.raises(Http404):
        reopen(world, opened, "lawyer")
    assert not KeyWrap.objects.filter(recipient=world.people["lawyer"].id).exists()
    row = Person.objects.get()
    with pytest.raises(IntegrityError):
        unseal(kept, row.sealed_profile, context=opened.identity._place(row, "sealed_profile"))
    assert profile_of(reopen(world, opened, to or "coordinator"), row).given == NAME


# --- emergencies --------------------------------------------------------------------------------------------------


def test_emergency_access_is_for_some_hours_for_the_one_who_asked(world: World) -> None:
    opened = told_case(world)
    ask(world.actor("colleague"), opened.case.reference, reason="Her lawyer is ill.", hours=2)
    [request] = requests_for(world.actor("coordinator"))
    assert request.reason == "Her lawyer is ill."

    decide(world.actor("coordinator"), request.row.id, allow=True)

    again = reopen(world, opened, "colleague", wanted=ALL_COMPARTMENTS)
    assert card_of(again).title == TITLE
    assert not again.can("share_case")
    EmergencyAccess.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Http404):
        reopen(world, opened, "colleague")
    assert not KeyWrap.objects.filter(recipient=world.people["colleague"].id).exists()
    assert Compartment.objects.filter(case=opened.case, rekey_pending=True).count() == 3


def test_what_is_sealed_to_a_team_cannot_be_read_back_by_who_wrote_it_nor_by_the_server(world: World) -> None:
    """Write-only: whoever asks has no key of the coordinators' team, and no key of the server opens it."""
    opened = told_case(world)
    ask(world.actor("colleague"), opened.case.reference, reason="Лукерья просит", hours=2)
    row = EmergencyAccess.objects.get()

    assert raw_bytes.found(["Лукерья просит"], raw_bytes.of_database()) == []
    for name in ("colleague", "lawyer", "admin", "auditor"):
        assert team_keys(world.actor(name)) == {}
        private = world.actor(name).require_keys().hpke
        with pytest.raises(IntegrityError):
            hpke_open(private, bytes(row.reason), info=_place(row))
    assert requests_for(world.actor("coordinator"))[0].reason == "Лукерья просит"


def test_nobody_decides_about_their_own_request(world: World) -> None:
    opened = told_case(world)
    wall_off(opened, world.people["colleague"])
    take_wall_down(reopen(world, opened, "lawyer", wanted=ALL_COMPARTMENTS), world.people["colleague"])
    ask(world.actor("colleague"), opened.case.reference, reason="x", hours=2)
    row = EmergencyAccess.objects.get()
    EmergencyAccess.objects.filter(pk=row.pk).update(asked_by=world.people["coordinator"])

    with pytest.raises(Http404):
        decide(world.actor("coordinator"), row.id, allow=True)
    with pytest.raises(Http404):
        decide(world.actor("second"), row.id, allow=True)


def test_asking_tells_nothing_and_a_walled_person_is_not_heard(world: World) -> None:
    opened = told_case(world)
    wall_off(opened, world.people["colleague"])

    ask(world.actor("colleague"), opened.case.reference, reason="x", hours=1)
    ask(world.actor("colleague"), "NOTHING", reason="x", hours=1)
    ask(world.actor("lawyer"), opened.case.reference, reason="x", hours=1)

    assert not EmergencyAccess.objects.exists()


def test_a_reason_changed_or_moved_does_not_open(world: World) -> None:
    opened = told_case(world)
    ask(world.actor("colleague"), opened.case.reference, reason="x", hours=1)
    EmergencyAccess.objects.update(hours=72)

    with pytest.raises(IntegrityError):
        requests_for(world.actor("coordinator"))


# --- keys that were replaced --------------------------------------------------------------------------------------


def test_replaced_keys_wait_for_confirmation_and_for_colleagues(world: World) -> None:
    from accounts.actions import confirm_keys

    opened = told_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    old = reopen(world, opened, "colleague").testimony.current_key()
    seed = world.actor("colleague").require_keys().pair.seed

    replace_keys(world.people["colleague"], PASSPHRASE)

    with pytest.raises(NoKeyError):
        reopen(world, opened, "colleague")
    [missing] = people_without_keys(world.actor("lawyer"))
    assert (missing.person.username, missing.confirmed, len(missing.cases)) == ("colleague-ge", False, 1)
    with pytest.raises(UnconfirmedKeyError):
        share_again(world.actor("lawyer"), world.people["colleague"], limit=5)
    confirm_keys(world.actor("admin"), world.people["colleague"])
    assert share_again(world.actor("lawyer"), world.people["colleague"], limit=5) == 0

    assert card_of(reopen(world, opened, "colleague")).title == TITLE
    row = Statement.objects.get()
    with pytest.raises(IntegrityError):
        unseal(old, row.sealed_content, context=opened.testimony._place(row, "sealed_content"))
    for blob in KeyWrap.objects.values_list("blob", flat=True):
        with pytest.raises(IntegrityError):
            unwrap(hpke_private_key(seed), bytes(blob), info=b"")
    assert people_without_keys(world.actor("lawyer")) == []
    assert drift() == []
