"""Access needs permission and key, and neither stands for the other (group B of the security specification)."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.http import Http404

from accounts.models import Team
from casebook.core.errors import IntegrityError, NoKeyError, UnconfirmedKeyError
from casebook.core.sealing import unseal
from cases.access import open_case
from cases.compartments import OpenCompartment
from cases.grants import give_permissions, remove_access, remove_team
from cases.levels import AccessLevel
from cases.models import (
    Case,
    CaseGroupObjectPermission,
    CaseUserObjectPermission,
    Compartment,
    CompartmentName,
    KeyWrap,
    Person,
    RecipientKind,
    Statement,
)
from cases.queries import card_of, profile_of, statement_of
from cases.rekeying import finish_rekeys, rekey
from cases.roster import drift
from cases.sharing import LastHolderError, MixedAccessError, grant, revoke
from tests.builders import World
from tests.cases.builders import BOTH, NAME, new_case, reopen, told_case

TESTIMONY = (CompartmentName.TESTIMONY,)


def give_by_hand(world: World, name: str, case: Case, *codenames: str) -> None:
    for permission in Permission.objects.filter(content_type__app_label="cases", codename__in=codenames):
        CaseUserObjectPermission.objects.create(user=world.people[name], content_object=case, permission=permission)


@pytest.mark.parametrize("name", ["colleague", "expert", "advocate", "admin", "auditor"])
def test_without_permission_not_even_the_open_facets_show(world: World, name: str) -> None:
    opened = told_case(world)

    for reference in (opened.case.reference, "NOTHING"):
        with pytest.raises(Http404):
            open_case(world.actor(name), reference, need="view_case")


def test_a_superuser_passes_no_door(world: World) -> None:
    opened = told_case(world)
    admin = world.people["admin"]
    admin.is_superuser = True
    admin.save()

    with pytest.raises(Http404):
        reopen(world, opened, "admin")


def test_a_superuser_with_every_permission_still_has_no_key(world: World) -> None:
    opened = told_case(world)
    give_permissions(world.people["admin"], opened.case, AccessLevel.CASEWORKER)

    with pytest.raises(NoKeyError):
        reopen(world, opened, "admin")


def test_a_permission_written_by_hand_gives_nothing_and_is_reported(world: World) -> None:
    opened = told_case(world)
    give_permissions(world.people["expert"], opened.case, AccessLevel.EXPERT)

    with pytest.raises(NoKeyError):
        reopen(world, opened, "expert", wanted=TESTIMONY)
    assert drift() == [f"{opened.case.reference} expert-ge testimony permission without key"]


def test_a_key_without_permission_is_refused_and_reported(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    CaseUserObjectPermission.objects.filter(user=world.people["expert"]).delete()

    with pytest.raises(Http404):
        reopen(world, opened, "expert", wanted=TESTIMONY)
    assert drift() == [f"{opened.case.reference} {world.people['expert'].id} testimony key without permission"]


def test_the_testimony_key_never_opens_identity_even_with_the_permission(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    give_by_hand(world, "expert", opened.case, "read_identity")
    expert = reopen(world, opened, "expert", wanted=TESTIMONY)

    with pytest.raises(NoKeyError):
        reopen(world, opened, "expert", wanted=BOTH)
    person = Person.objects.get(case=opened.case)
    identity = Compartment.objects.get(case=opened.case, name=CompartmentName.IDENTITY)
    pretended = OpenCompartment(identity, expert.case.organisation_id, dict(expert.testimony.keys_by_epoch))
    with pytest.raises(IntegrityError):
        pretended.unseal(person, "sealed_profile")
    with pytest.raises(IntegrityError):
        expert.testimony.unseal(person, "sealed_profile")


def test_an_expert_reads_the_testimony_without_names(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)

    _row, content = statement_of(reopen(world, opened, "expert", wanted=TESTIMONY))

    assert "остановили" in content.text
    assert NAME not in content.text


def test_a_revoked_person_keeps_a_key_that_opens_nothing_new(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    kept = reopen(world, opened, "expert", wanted=TESTIMONY).testimony.current_key()
    before = Statement.history.count()

    revoke(opened, world.people["expert"])

    with pytest.raises(Http404):
        reopen(world, opened, "expert", wanted=TESTIMONY)
    row = Statement.objects.get(case=opened.case)
    with pytest.raises(IntegrityError):
        unseal(kept, row.sealed_content, context=opened.testimony._place(row, "sealed_content"))
    assert Statement.history.count() == before
    again = reopen(world, opened, "coordinator")
    _row, content = statement_of(again)
    assert "остановили" in content.text
    assert "остановили" in again.testimony.unseal(Statement.history.earliest(), "sealed_content")["text"]
    assert drift() == []


def test_access_taken_back_without_a_key_holds_at_once_and_is_marked(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)

    remove_access(opened.case, world.people["expert"])

    with pytest.raises(Http404):
        reopen(world, opened, "expert", wanted=TESTIMONY)
    pending = Compartment.objects.filter(case=opened.case, rekey_pending=True)
    assert [row.name for row in pending] == ["testimony"]
    finish_rekeys(reopen(world, opened, "coordinator"))
    assert not pending.all().exists()
    assert Compartment.objects.get(case=opened.case, name="testimony").epoch == 2
    assert card_of(reopen(world, opened, "lawyer")).age == 34


def test_somebody_without_a_key_cannot_share(world: World) -> None:
    opened = told_case(world)
    give_permissions(world.people["colleague"], opened.case, AccessLevel.CASEWORKER)
    colleague = open_case(world.actor("colleague"), opened.case.reference, need="share_case")

    with pytest.raises(NoKeyError):
        grant(colleague, world.people["expert"], AccessLevel.EXPERT)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    expert = reopen(world, opened, "expert", wanted=TESTIMONY)
    with pytest.raises(Http404):
        grant(expert, world.people["second"], AccessLevel.EXPERT)


def test_nothing_is_shared_with_keys_that_nobody_confirmed(world: World) -> None:
    world.add("newcomer", confirmed=False)
    opened = told_case(world)

    with pytest.raises(UnconfirmedKeyError):
        grant(opened, world.people["newcomer"], AccessLevel.CASEWORKER)
    assert not KeyWrap.objects.filter(recipient=world.people["newcomer"].id).exists()
    assert not CaseUserObjectPermission.objects.filter(user=world.people["newcomer"]).exists()


def test_a_group_added_by_hand_opens_nothing(world: World) -> None:
    opened = told_case(world)
    group = Group.objects.create(name="friends")
    world.people["colleague"].groups.add(group)
    for permission in Permission.objects.filter(content_type__app_label="cases"):
        if permission.content_type.model == "case":
            CaseGroupObjectPermission.objects.create(group=group, content_object=opened.case, permission=permission)

    with pytest.raises(Http404):
        reopen(world, opened, "colleague")


def test_a_case_handed_over_leaves_the_worker_without_a_key(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)

    revoke(opened, world.people["lawyer"])

    with pytest.raises(Http404):
        reopen(world, opened, "lawyer")
    assert not KeyWrap.objects.filter(recipient=world.people["lawyer"].id).exists()
    assert profile_of(reopen(world, opened, "colleague"), Person.objects.get(case=opened.case)).given == NAME


def test_the_last_caseworker_cannot_be_shut_out(world: World) -> None:
    opened = told_case(world)
    remove_team(opened.case, Team.objects.get())

    with pytest.raises(LastHolderError):
        revoke(opened, world.people["lawyer"])


def test_a_caseworker_cannot_also_be_the_reviewer(world: World) -> None:
    opened = told_case(world)

    with pytest.raises(MixedAccessError):
        grant(opened, world.people["coordinator"], AccessLevel.REVIEWER)


def test_a_case_without_escrow_has_no_wrap_for_the_organisation(world: World) -> None:
    kept, recoverable = new_case(world, escrow=False), new_case(world)
    rekey(kept, CompartmentName.IDENTITY)
    rekey(recoverable, CompartmentName.IDENTITY)

    escrow = KeyWrap.objects.filter(kind=RecipientKind.ORGANISATION)
    assert not escrow.filter(compartment__case=kept.case).exists()
    assert escrow.filter(compartment__case=recoverable.case).count() == 3
