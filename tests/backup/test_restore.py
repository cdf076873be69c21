"""Both parts bring an empty machine back: every row and file, the keys, nobody's session."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Invitation, RoleGrant, SignInReset, UnlockedSession, User
from casebook.core.backup.parts import Part, all_models, part_of
from casebook.core.backup.records import BackupPart, Installation
from casebook.core.models import Session
from cases.access import open_case
from cases.levels import AccessLevel
from cases.models import Case, CaseWall, Compartment, EpochLink, EvidenceFile, KeyWrap
from cases.sharing import grant, revoke
from tests import raw_bytes
from tests.backup.builders import Desk, back_up, burn_down, run_restore
from tests.builders import World
from tests.cases.builders import BOTH, TITLE, told_case
from tests.clients import client_of

BYTES = bytes(range(256)) * 3000


def every_row() -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables that a backup holds, by model, in a fixed order."""
    return {
        model._meta.label: sorted(
            (tuple(map(_comparable, row)) for row in model._base_manager.values_list(*_names(model))), key=repr
        )
        for model in all_models()
        if part_of(model) is not Part.NEITHER
    }


def _names(model: type) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]  # type: ignore[attr-defined]


def _comparable(value: object) -> object:
    """A hashable value, the same on every database."""
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return bytes(value) if isinstance(value, memoryview) else value


def attach(client: Client, case: Case) -> EvidenceFile:
    file = SimpleUploadedFile("Лукерья.jpg", BYTES, content_type="image/jpeg")
    url = reverse("cases:evidence", args=[case.reference])
    assert client.post(url, {"file": file, "kind": "photo_injuries"}).status_code == 302
    return EvidenceFile.objects.latest("id")


def title_of(world: World, case: Case, name: str) -> str:
    opened = open_case(world.actor(name), case.reference, need="view_case", compartments=BOTH)
    return str(client_of(world, name).get(f"/cases/{opened.case.reference}/").content.decode())


@pytest.fixture
def busy(world: World, desk: Desk) -> tuple[World, Case]:
    """A shared case with evidence, whose keys were changed once; somebody is signed in, somebody was invited."""
    opened = told_case(world)
    attach(client_of(world, "lawyer"), opened.case)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    revoke(opened, world.people["colleague"])
    return world, opened.case


def test_an_empty_machine_comes_back_row_by_row(busy: tuple[World, Case], desk: Desk) -> None:
    before = every_row()
    back_up(desk)
    burn_down()

    said = run_restore(desk)

    after = every_row()
    written_since = {"core.AuditEvent", "core.LedgerHead", "core.LedgerNode", "core.BackupPart"}
    assert without(after, written_since) == without(before, written_since)
    assert set(before["core.AuditEvent"]) < set(after["core.AuditEvent"])
    assert len(after["core.AuditEvent"]) == len(before["core.AuditEvent"]) + 1
    assert "Nothing lost." in said


def without(rows: dict[str, list[tuple[object, ...]]], labels: set[str]) -> dict[str, list[tuple[object, ...]]]:
    return {label: found for label, found in rows.items() if label not in labels}


def test_the_ledger_verifies_and_permissions_and_keys_agree(busy: tuple[World, Case], desk: Desk) -> None:
    back_up(desk)
    burn_down()

    run_restore(desk)

    call_command("verify_ledger")
    call_command("drift")


def test_somebody_signs_in_with_her_passphrase_and_opens_her_case_and_her_file(
    busy: tuple[World, Case], desk: Desk
) -> None:
    world, case = busy
    back_up(desk)
    burn_down()

    run_restore(desk)

    client = client_of(world, "lawyer")
    assert TITLE in client.get(f"/cases/{case.reference}/").content.decode()
    row = EvidenceFile.objects.get(case=case)
    answer = client.get(reverse("cases:evidence_download", args=[case.reference, row.pk]))
    assert b"".join(answer) == BYTES


def test_nobody_is_signed_in_afterwards_and_no_link_of_before_works(busy: tuple[World, Case], desk: Desk) -> None:
    assert UnlockedSession.objects.exists()
    assert Session.objects.exists()
    assert Invitation.objects.exists()
    SignInReset.objects.create(
        user=busy[0].people["lawyer"], token_digest=bytes(32), expires_at=timezone.now() + timedelta(days=1)
    )
    back_up(desk)
    burn_down()

    run_restore(desk)

    gone = (UnlockedSession, Session, Invitation, SignInReset)
    assert [model for model in gone if model._base_manager.exists()] == []


def test_a_restored_machine_is_the_same_installation_and_makes_the_next_backup(
    busy: tuple[World, Case], desk: Desk
) -> None:
    back_up(desk)
    identifier = Installation.objects.get().identifier
    burn_down()
    run_restore(desk)

    back_up(desk, to=desk.folder / "next")

    assert Installation.objects.get().identifier == identifier
    assert BackupPart.objects.count() == 4


def test_new_rows_get_new_numbers(busy: tuple[World, Case], desk: Desk) -> None:
    world, _case = busy
    back_up(desk)
    burn_down()
    run_restore(desk)

    opened = told_case(world)

    assert RoleGrant.objects.create(user=world.people["lawyer"], role="advocate").pk
    assert title_of(world, opened.case, "lawyer")


def test_permissions_are_found_by_their_name(busy: tuple[World, Case], desk: Desk) -> None:
    """The new machine numbers its permissions otherwise: what was reading must not become sharing."""
    _world, case = busy
    before = sorted(case.caseuserobjectpermission_set.values_list("user__username", "permission__codename"))
    back_up(desk)
    burn_down()
    renumber_permissions()

    run_restore(desk)

    again = Case.objects.get(pk=case.pk)
    after = sorted(again.caseuserobjectpermission_set.values_list("user__username", "permission__codename"))
    assert after == before


def renumber_permissions() -> None:
    names = list(Permission.objects.order_by("-pk").values("content_type_id", "codename", "name"))
    Permission.objects.all().delete()
    Permission.objects.bulk_create(Permission(**each) for each in names)


# --- older data with newer keys -----------------------------------------------------------------------------------


def shred(case: Case) -> None:
    """What erasing leaves of a case's keys."""
    KeyWrap.objects.filter(compartment__case=case).delete()
    EpochLink.objects.filter(compartment__case=case).delete()
    Compartment.objects.filter(case=case).update(shredded=True)


def test_what_was_shredded_stays_shredded_with_older_data(busy: tuple[World, Case], desk: Desk) -> None:
    world, case = busy
    kept = told_case(world).case
    back_up(desk)
    older_data = desk.parts()[0]
    shred(case)
    later_case = told_case(world).case
    keys = newer_keys(desk)
    burn_down()

    said = run_restore(desk, data=older_data, keys=keys)

    assert TITLE in title_of(world, kept, "lawyer")
    assert Compartment.objects.filter(case=case).values_list("shredded", flat=True).distinct().get() is True
    assert not KeyWrap.objects.filter(compartment__case=case).exists()
    assert not Case.objects.filter(pk=later_case.pk).exists()
    assert "newer than the data, left out" in said
    call_command("verify_ledger")


def test_a_wall_that_is_newer_than_the_data_keeps_teams_out(world: World, desk: Desk) -> None:
    case = told_case(world).case
    assert Case.objects.get(pk=case.pk).team is not None
    back_up(desk)
    older_data = desk.parts()[0]
    Case.objects.filter(pk=case.pk).update(team=None)
    CaseWall.objects.create(case=case, person=world.people["coordinator"])
    keys = newer_keys(desk)
    burn_down()

    run_restore(desk, data=older_data, keys=keys)

    assert Case.objects.get(pk=case.pk).team is None


def newer_keys(desk: Desk) -> Path:
    """The key part of a backup made now."""
    folder = desk.folder / "later"
    back_up(desk, to=folder)
    return next(folder.glob("keys-*"))


def test_access_and_roles_that_were_taken_back_stay_so_with_older_data(world: World, desk: Desk) -> None:
    opened = told_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    back_up(desk)
    older_data = desk.parts()[0]
    revoke(opened, world.people["colleague"])
    RoleGrant.objects.filter(user=world.people["second"]).delete()
    User.objects.filter(pk=world.people["second"].pk).update(is_active=False)
    keys = newer_keys(desk)
    burn_down()

    run_restore(desk, data=older_data, keys=keys)

    assert not opened.case.caseuserobjectpermission_set.filter(user=world.people["colleague"]).exists()
    assert not RoleGrant.objects.filter(user=world.people["second"]).exists()
    assert User.objects.get(pk=world.people["second"].pk).is_active is False
    call_command("drift")


def test_data_sealed_before_a_rekey_opens_with_the_newer_keys(world: World, desk: Desk) -> None:
    opened = told_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    back_up(desk)
    older_data = desk.parts()[0]
    revoke(opened, world.people["colleague"])
    keys = newer_keys(desk)
    burn_down()

    run_restore(desk, data=older_data, keys=keys)

    assert TITLE in title_of(world, opened.case, "lawyer")


# --- the drill ----------------------------------------------------------------------------------------------------


def test_the_drill_loads_everything_and_writes_nothing(busy: tuple[World, Case], desk: Desk) -> None:
    back_up(desk)
    before, files = every_row(), raw_bytes.of_files(Path(settings.CASEBOOK_EVIDENCE_DIR).parent, desk.folder)

    said = run_restore(desk, "--check")

    assert every_row() == before
    assert raw_bytes.of_files(Path(settings.CASEBOOK_EVIDENCE_DIR).parent, desk.folder) == files
    assert "Nothing was written." in said
    assert "Nothing lost." in said


def test_the_drill_asks_nothing_of_this_machines_database(
    busy: tuple[World, Case], desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """It runs on any computer, and must not touch the server's database where it runs on the server."""
    back_up(desk)

    with django_assert_num_queries(0):
        run_restore(desk, "--check")
