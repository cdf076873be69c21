"""`manage.py backup`: two sealed parts out of one moment, all tables declared, what is expired deleted."""

import fcntl
import os
import sqlite3
import stat
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError
from django.db import connection, connections, models
from django.utils import timezone
from pytest_django import Settings

from accounts.auditing import audit
from accounts.models import Organisation
from casebook.core.backup import making, parts, rows
from casebook.core.backup.making import snapshot
from casebook.core.backup.parts import OF_OTHER_PROJECTS, Part, all_models, part_of, undeclared
from casebook.core.backup.records import BackupPart, Installation
from casebook.core.backup.retention import last_key_backup_expiry
from casebook.core.backup.sealed_file import Head, Kind, Writer, read_head
from casebook.core.models import AuditEvent, RateWindow
from tests import raw_bytes
from tests.accounts.entries import entries
from tests.backup.builders import Desk, back_up
from tests.builders import World
from tests.cases.builders import SECRETS, STORY, told_case

# --- which table goes where ---------------------------------------------------------------------------------------


def test_every_model_is_declared_for_a_part() -> None:
    """A new model fails here until its app's `backup_parts.py` says whether it is data, keys, both or neither."""
    assert undeclared() == []


def test_nothing_is_declared_that_does_not_exist() -> None:
    labels = {model._meta.label for model in all_models()}
    declared = set(OF_OTHER_PROJECTS)
    for model in all_models():
        declared |= {f"{model._meta.app_label}.{name}" for name in _declared(model)}

    assert declared - labels == set()


def _declared(model: type[models.Model]) -> list[str]:
    return list(parts.declared_by(model._meta.app_config))


def test_a_model_that_nobody_declared_stops_the_backup(desk: Desk, world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(making, "undeclared", lambda: ["cases.Forgotten"])

    with pytest.raises(CommandError, match=r"declared for cases\.Forgotten"):
        back_up(desk)


def test_no_row_of_the_data_needs_a_row_of_the_keys() -> None:
    """Keys may be newer: data that pointed into them could not come back. What is optional is emptied then."""
    data = [model for model in all_models() if part_of(model) in {Part.DATA, Part.BOTH}]
    found = [
        f"{model._meta.label}.{field.name}"
        for model in data
        for field in model._meta.concrete_fields
        if field.related_model is not None
        and not field.null
        and part_of(field.related_model) in {Part.KEYS, Part.NEITHER}
    ]

    assert found == []


def test_keys_have_no_history() -> None:
    history = [model for model in all_models() if hasattr(model, "instance_type")]

    assert [model._meta.label for model in history if part_of(model) is not Part.DATA] == []


def test_every_kind_of_column_can_be_written() -> None:
    for model in all_models():
        assert rows.Loader(connection, model, rows.Names({}, {}), rows.Names({}, {}))


# --- the parts ----------------------------------------------------------------------------------------------------


def test_only_their_owner_reads_the_parts_and_nothing_else_is_left(world: World, desk: Desk) -> None:
    said = back_up(desk)

    data, keys = desk.parts()
    assert sorted(desk.folder.iterdir()) == sorted([data, keys])
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data, keys)} == {0o600}
    assert stat.S_IMODE(desk.folder.stat().st_mode) == 0o700
    assert str(data) in said
    assert f"Delete every copy by {timezone.now() + timedelta(days=35):%Y-%m-%d}" in said


def test_a_head_says_no_more_than_it_must(world: World, desk: Desk) -> None:
    told_case(world)
    back_up(desk)

    data, keys = (read_head(path) for path in desk.parts())
    assert (data.kind, keys.kind) == (Kind.DATA, Kind.KEYS)
    assert data.backup == keys.backup
    assert data.installation == keys.installation == Installation.objects.get().identifier
    assert data.made_at == keys.made_at
    assert data.key_fingerprint == sha256(desk.public).digest()


def test_no_name_lies_in_either_part_in_the_clear(world: World, desk: Desk) -> None:
    """Not even what the database holds in the clear: user names, names of organisations, references."""
    case = told_case(world).case
    back_up(desk)

    words = [*SECRETS, STORY, "lawyer", "Harbour", case.reference, "cases.Case"]
    assert raw_bytes.found(words, raw_bytes.of_files(desk.folder)) == []


def test_the_keys_are_only_in_the_key_part(world: World, desk: Desk) -> None:
    told_case(world)
    counts: dict[str, making.Backup] = {}

    def keep(done: making.Backup) -> None:
        counts["done"] = done

    making.make_backup(desk.folder, desk.public, witness=keep)

    key_tables = {"accounts.UserKey", "accounts.KeySlot", "cases.Compartment", "cases.KeyWrap", "cases.EpochLink"}
    done = counts["done"]
    assert key_tables & set(done.data.counts) == set()
    assert key_tables <= set(done.keys.counts)
    in_both = {"accounts.User", "accounts.Organisation", "accounts.Team", "auth.Group"}
    assert set(done.data.counts) & set(done.keys.counts) == in_both


def test_nothing_is_written_anywhere_but_into_the_folder(
    world: World, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_case(world)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.chdir(elsewhere)

    back_up(desk)

    assert list(elsewhere.iterdir()) == []


def test_it_is_in_the_ledger_of_every_organisation(world: World, desk: Desk) -> None:
    before = AuditEvent.objects.count()

    back_up(desk)

    assert AuditEvent.objects.count() == before + Organisation.objects.count()
    (entry,) = entries(world, "backup.make")
    assert entry["actor"] == "(manage.py)"
    assert audit(world.actor("auditor")).is_clean


def test_evidence_is_read_in_small_pieces(world: World, desk: Desk, settings: Settings) -> None:
    """Forty megabytes of file must not need forty megabytes of memory."""
    folder = Path(settings.CASEBOOK_EVIDENCE_DIR)
    folder.mkdir(parents=True)
    with (folder / f"{uuid4()}.sealed").open("wb") as out:
        out.truncate(40 * 1024 * 1024)
    tracemalloc.start()
    try:
        back_up(desk)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert desk.parts()[0].stat().st_size > 40 * 1024 * 1024
    assert peak < 10 * 1024 * 1024


def test_a_file_that_its_people_removed_meanwhile_is_counted(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(making, "evidence_files", lambda: [tmp_path / f"{uuid4()}.sealed"])

    assert "1 files were removed by people while the backup ran" in back_up(desk)


# --- one moment ---------------------------------------------------------------------------------------------------


@pytest.fixture
def on_disk(db: None, tmp_path: Path) -> Iterator[Any]:
    """A SQLite database in a file, opened as production opens it."""
    template = connections.settings["default"]
    options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;", "timeout": 1}
    here = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "db.sqlite3"), "OPTIONS": options}
    connections.settings["on_disk"] = {**template, **here}
    opened = connections.create_connection("on_disk")
    opened.connect()
    connections["on_disk"] = opened
    yield opened
    opened.close()
    del connections["on_disk"]
    del connections.settings["on_disk"]


def test_on_sqlite_a_snapshot_is_one_moment_and_holds_nobody_up(on_disk: Any, tmp_path: Path) -> None:
    with on_disk.cursor() as cursor:
        cursor.execute("CREATE TABLE things (id integer)")

    def number() -> int:
        with on_disk.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM things")
            return int(cursor.fetchone()[0])

    with snapshot(on_disk):
        before = number()
        other = sqlite3.connect(tmp_path / "db.sqlite3", timeout=1)
        other.execute("INSERT INTO things VALUES (1)")
        other.commit()
        other.close()
        during = number()

    assert (before, during, number()) == (0, 0, 1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own way to keep one moment")
@pytest.mark.django_db(transaction=True)
def test_on_postgresql_a_snapshot_is_one_moment_and_holds_nobody_up() -> None:
    def write() -> None:
        RateWindow.objects.create(subject=bytes(32), started=0, attempts=1)
        connection.close()

    with snapshot(connection):
        before = RateWindow.objects.count()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(write).result()
        during = RateWindow.objects.count()

    assert (before, during, RateWindow.objects.count()) == (0, 0, 1)


# --- what goes wrong ----------------------------------------------------------------------------------------------


def test_without_a_backup_key_it_says_what_to_do(world: World, desk: Desk, settings: Settings) -> None:
    settings.CASEBOOK_BACKUP_KEY = ""

    with pytest.raises(CommandError, match=r"Run `manage\.py backup_key FILE`"):
        back_up(desk)


@pytest.mark.parametrize("key", ["?", "AAAA", "A" * 1624 + "=", "é", "A" * 1622 + "==", "/" * 1621 + "w=="])
def test_a_backup_key_that_is_none_is_named(world: World, desk: Desk, settings: Settings, key: str) -> None:
    settings.CASEBOOK_BACKUP_KEY = key

    with pytest.raises(CommandError, match="CASEBOOK_BACKUP_KEY"):
        back_up(desk)


def test_a_folder_that_cannot_be_written_is_named(world: World, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(CommandError, match="could not be written"):
        back_up(desk, to=tmp_path / "file" / "parts")


def test_a_full_disk_leaves_no_part(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(CommandError, match="No space left"):
        back_up(desk)

    assert list(desk.folder.iterdir()) == []
    assert not BackupPart.objects.exists()


def test_when_the_second_part_finds_no_place_the_first_goes_too(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace
    moved: list[Path] = []

    def once(source: Path, target: Path) -> None:
        if moved:
            raise OSError(5, "Input/output error")
        moved.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", once)
    events = AuditEvent.objects.count()

    with pytest.raises(CommandError, match="Input/output error"):
        back_up(desk)

    assert list(desk.folder.iterdir()) == []
    assert not BackupPart.objects.exists()
    assert AuditEvent.objects.count() == events


def test_what_a_killed_backup_left_is_swept_and_what_is_being_written_stays(world: World, desk: Desk) -> None:
    desk.folder.mkdir()
    left_over, busy = (desk.folder / f".{uuid4()}.unfinished" for _ in range(2))
    left_over.write_bytes(b"half")
    with busy.open("wb") as out:
        fcntl.flock(out, fcntl.LOCK_EX)

        back_up(desk)

        assert not left_over.exists()
        assert busy.exists()


# --- how long parts are kept --------------------------------------------------------------------------------------


def old_part(desk: Desk, kind: Kind, days: int, installation: Any = None) -> Path:
    """A part made some days ago."""
    identifier = installation or Installation.objects.get_or_create(pk=1)[0].identifier
    head = Head(kind, identifier, uuid4(), timezone.now() - timedelta(days=days), sha256(desk.public).digest())
    desk.folder.mkdir(exist_ok=True)
    path = desk.folder / f"{kind.word}-{days}-{uuid4()}.casebook"
    with path.open("wb") as out:
        Writer(out, head, desk.public).finish()
    return path


def test_parts_past_their_time_are_deleted_and_nothing_else(world: World, desk: Desk) -> None:
    expired = [old_part(desk, Kind.KEYS, 36), old_part(desk, Kind.KEYS, 400), old_part(desk, Kind.DATA, 366)]
    kept = [old_part(desk, Kind.KEYS, 34), old_part(desk, Kind.DATA, 364), old_part(desk, Kind.KEYS, 36, uuid4())]
    foreign = desk.folder / "holiday.casebook"
    foreign.write_bytes(b"no part of ours")

    said = back_up(desk)

    assert [path for path in expired if path.exists()] == []
    assert [path for path in [*kept, foreign] if not path.exists()] == []
    assert all(f"{path}: expired, deleted." in said for path in expired)


def test_keep_leaves_them_and_says_what_that_means(world: World, desk: Desk) -> None:
    expired = old_part(desk, Kind.KEYS, 36)

    said = back_up(desk, "--keep")

    assert expired.exists()
    assert "1 expired parts were kept: with them, what was erased can come back." in said


def test_the_last_key_part_says_until_when_erased_keys_can_come_back(world: World, desk: Desk) -> None:
    assert last_key_backup_expiry() is None
    back_up(desk)

    made_at = BackupPart.objects.get(kind="keys").made_at

    assert last_key_backup_expiry() == made_at + timedelta(days=35)


def test_a_key_part_past_its_time_counts_no_more(world: World, desk: Desk) -> None:
    back_up(desk)
    BackupPart.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert last_key_backup_expiry() is None
