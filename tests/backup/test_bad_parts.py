"""Damaged, foreign and forged parts are refused, and the machine stays as empty as it was."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from django.core.management import CommandError
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from accounts.management.commands import restore as restore_command
from accounts.models import Organisation
from casebook.core.backup import restoring
from casebook.core.backup.errors import BackupRefusedError
from casebook.core.backup.frames import End, FileHead, Frame, Manifest
from casebook.core.backup.key_file import open_file, write_new
from casebook.core.backup.making import applied_migrations, evidence_files, write_part
from casebook.core.backup.parts import MADE_BY_MIGRATE, Part, all_models
from casebook.core.backup.restoring import checked_pair
from casebook.core.backup.sealed_file import Head, Kind, Reader, Writer, read_head
from cases.models import Case
from tests.backup.builders import CHEAP, KEY_PASSPHRASE, Desk, back_up, burn_down, new_desk, run_restore
from tests.backup.test_restore import every_row
from tests.builders import World
from tests.cases.builders import told_case

HEAD, SEALED_KEY = 80, 1168


@pytest.fixture
def burnt(world: World, desk: Desk) -> Desk:
    """Both parts of a small world, and nothing else left of it."""
    told_case(world)
    back_up(desk)
    burn_down()
    return desk


def is_empty() -> bool:
    tables = [model for model in all_models() if model not in MADE_BY_MIGRATE]
    return not any(model._base_manager.exists() for model in tables) and not evidence_files()


def refusal(desk: Desk, **parts: Path) -> str:
    """What `restore` says when it refuses; the machine must be empty afterwards."""
    with pytest.raises(CommandError) as refused:
        run_restore(desk, **parts)
    assert is_empty()
    return str(refused.value)


def changed(part: Path, change: Callable[[bytearray], object]) -> Path:
    """A copy of a part with something done to its bytes."""
    content = bytearray(part.read_bytes())
    change(content)
    copy = part.with_name(f"copy-{part.name}")
    copy.write_bytes(content)
    return copy


# --- damage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 3, HEAD - 1, HEAD, HEAD + SEALED_KEY, HEAD + SEALED_KEY + 56, 20_000, -17, -1])
def test_a_truncated_part_is_refused_before_anything_is_written(burnt: Desk, left: int) -> None:
    data, keys = burnt.parts()

    def cut(content: bytearray) -> None:
        del content[left if left >= 0 else len(content) + left :]

    for said in (refusal(burnt, data=changed(data, cut)), refusal(burnt, keys=changed(keys, cut))):
        assert "integrity check" in said or "no part of a backup" in said


def test_a_part_cut_between_two_chunks_is_refused(burnt: Desk) -> None:
    chunk = 16 * 1024 + 16
    start = HEAD + SEALED_KEY + 24 + 32
    data = burnt.parts()[0]
    whole_chunks = (data.stat().st_size - start) // chunk
    assert whole_chunks > 1
    for number in range(1, whole_chunks + 1):

        def cut(content: bytearray, end: int = start + number * chunk) -> None:
            del content[end:]

        assert "integrity check" in refusal(burnt, data=changed(data, cut))


def test_a_flipped_bit_anywhere_is_refused(burnt: Desk) -> None:
    _data, keys = burnt.parts()
    length = keys.stat().st_size
    for position in [*range(0, HEAD, 7), HEAD, HEAD + 700, HEAD + SEALED_KEY, *range(2000, length, length // 9)]:

        def flip(content: bytearray, at: int = position) -> None:
            content[at] ^= 1

        assert refusal(burnt, keys=changed(keys, flip))


def test_bytes_after_the_end_are_refused(burnt: Desk) -> None:
    assert "integrity check" in refusal(burnt, data=changed(burnt.parts()[0], lambda content: content.extend(b"\0")))


def test_two_chunks_in_another_order_are_refused(burnt: Desk) -> None:
    first, chunk = HEAD + SEALED_KEY + 24 + 32, 16 * 1024 + 16

    def swap(content: bytearray) -> None:
        one, two = content[first : first + chunk], content[first + chunk : first + 2 * chunk]
        content[first : first + 2 * chunk] = two + one

    assert "integrity check" in refusal(burnt, data=changed(burnt.parts()[0], swap))


def test_a_file_that_changes_between_checking_and_loading_leaves_nothing(
    burnt: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, _keys = burnt.parts()
    check = checked_pair

    def check_then_damage(*arguments: Any) -> Any:
        pair = check(*arguments)
        content = bytearray(data.read_bytes())
        content[-5] ^= 1
        data.write_bytes(content)
        return pair

    monkeypatch.setattr(restore_command, "checked_pair", check_then_damage)

    assert "integrity check" in refusal(burnt)


def test_a_half_written_part_that_somebody_kept_is_refused(burnt: Desk) -> None:
    kept = burnt.folder / ".0192-unfinished"
    with kept.open("wb") as out:
        writer = Writer(out, read_head(burnt.parts()[0]), burnt.public)
        writer.frame(Frame.MANIFEST, b"{}" * 20_000)

    assert "integrity check" in refusal(burnt, data=kept)


@pytest.mark.parametrize("content", [b"", b"CBAK", b"\x89PNG\r\n", b"SQLite format 3\0" * 20])
def test_another_file_is_refused(burnt: Desk, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)

    assert "is no part of a backup" in refusal(burnt, data=other)


def test_a_missing_file_is_refused(burnt: Desk, tmp_path: Path) -> None:
    assert "cannot be read" in refusal(burnt, keys=tmp_path / "nowhere")


# --- parts that do not belong together ----------------------------------------------------------------------------


def test_swapped_parts_are_named(burnt: Desk) -> None:
    data, keys = burnt.parts()

    assert "is a key part" in refusal(burnt, data=keys, keys=data)
    assert "is a key part" in refusal(burnt, data=keys)
    assert "is a data part" in refusal(burnt, keys=data)


def test_parts_of_two_installations_are_refused(world: World, burnt: Desk) -> None:
    data, _keys = burnt.parts()
    other = burnt.folder / "other"
    back_up(burnt, to=other)
    burn_down()

    assert "two different installations" in refusal(burnt, data=data, keys=next(other.glob("keys-*")))


def test_a_key_part_older_than_the_data_part_is_refused(world: World, desk: Desk) -> None:
    told_case(world)
    back_up(desk)
    older_keys = desk.parts()[1]
    later = desk.folder / "later"
    back_up(desk, to=later)
    burn_down()

    assert "older than the data part" in refusal(desk, data=next(later.glob("data-*")), keys=older_keys)


def test_a_head_dated_back_to_make_parts_fit_is_refused(world: World, desk: Desk) -> None:
    """The date stands in the clear, and is bound into the encryption."""
    told_case(world)
    back_up(desk)
    older_keys = desk.parts()[1]
    later = desk.folder / "later"
    back_up(desk, to=later)
    burn_down()
    data = next(later.glob("data-*"))
    date = older_keys.read_bytes()[40:48]

    def date_back(content: bytearray) -> None:
        content[40:48] = date

    assert "integrity check" in refusal(desk, data=changed(data, date_back), keys=older_keys)


def test_a_filled_database_is_left_as_it_is(world: World, desk: Desk) -> None:
    told_case(world)
    back_up(desk)
    before = every_row()

    with pytest.raises(CommandError, match="The database is not empty"):
        run_restore(desk)

    assert every_row() == before


def test_a_filled_evidence_folder_is_left_as_it_is(burnt: Desk, settings: Settings) -> None:
    folder = Path(settings.CASEBOOK_EVIDENCE_DIR)
    folder.mkdir(parents=True)
    kept = folder / f"{uuid4()}.sealed"
    kept.write_bytes(b"something")

    with pytest.raises(CommandError, match="is not empty"):
        run_restore(burnt)

    assert kept.read_bytes() == b"something"


def test_another_state_of_the_database_is_named(burnt: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    there = applied_migrations(connection)
    monkeypatch.setattr(restoring, "applied_migrations", lambda _connection: [*there[1:], "cases.9999_later"])

    said = refusal(burnt)

    assert f"Only in the backup: {there[0]}" in said
    assert "Only here: cases.9999_later" in said


def test_another_ledger_key_is_refused_unless_it_is_asked_for(burnt: Desk, settings: Settings) -> None:
    settings.CASEBOOK_LEDGER_KEY = bytes(48)

    assert "CASEBOOK_LEDGER_KEY" in refusal(burnt)

    assert "Nothing lost" in run_restore(burnt, "--ledger-as-it-is")


# --- nothing half done --------------------------------------------------------------------------------------------


def test_a_failure_at_the_very_end_takes_the_files_back(burnt: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence_in_a_forged_part(burnt, f"{uuid4()}.sealed")
    moved = restoring._Staging.put_into_place

    def move_then_fail(staging: Any) -> None:
        moved(staging)
        assert evidence_files()
        raise BackupRefusedError("The power went.")

    monkeypatch.setattr(restoring._Staging, "put_into_place", move_then_fail)

    assert refusal(burnt) == "The power went."


def test_an_evidence_folder_that_cannot_be_written_is_named(burnt: Desk, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings.CASEBOOK_EVIDENCE_DIR = tmp_path / "file" / "evidence"

    with pytest.raises(CommandError, match="cannot be written"):
        run_restore(burnt)

    assert not Case.objects.exists()


# --- forged by somebody who has the public key --------------------------------------------------------------------


def forged(desk: Desk, part: Path, change: Callable[[int, bytes], list[tuple[int, bytes]]]) -> None:
    """Put in place of a part one that is well sealed, with other frames."""
    reader = Reader(part, desk.key.private, public_key=desk.public)
    frames = [new for kind, body in reader.frames() for new in change(kind, body)]
    with part.open("wb") as out:
        writer = Writer(out, reader.head, desk.public)
        for kind, body in frames:
            writer.frame(kind, body)
        writer.finish()


def evidence_in_a_forged_part(desk: Desk, name: str, *, length: int = 5, content: bytes = b"bytes") -> None:
    def add(kind: int, body: bytes) -> list[tuple[int, bytes]]:
        if kind != Frame.END:
            return [(kind, body)]
        file = [(Frame.FILE, FileHead(name, length).pack()), (Frame.BYTES, content)]
        return [*file, (Frame.END, End(files=1).pack())]

    forged(desk, desk.parts()[0], add)


@pytest.mark.parametrize("name", ["../../escaped.sealed", "/etc/escaped.sealed", "a.sealed", "", "x" * 5000])
def test_a_file_name_that_leads_elsewhere_is_refused(burnt: Desk, name: str) -> None:
    evidence_in_a_forged_part(burnt, name)

    assert "integrity check" in refusal(burnt)


@pytest.mark.parametrize("length", [4, 6, -1])
def test_a_file_of_another_length_than_it_says_is_refused(burnt: Desk, length: int) -> None:
    evidence_in_a_forged_part(burnt, f"{uuid4()}.sealed", length=length)

    assert "integrity check" in refusal(burnt)


def test_plaintext_in_a_sealed_column_is_refused(burnt: Desk) -> None:
    def plain(kind: int, body: bytes) -> list[tuple[int, bytes]]:
        return [(kind, body.replace(b'"UwEB', b'"cGxh') if kind == Frame.ROWS else body)]

    forged(burnt, burnt.parts()[0], plain)

    assert "integrity check" in refusal(burnt)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0\0\1",
        b"\0\0\0\1[1]",
        b"\0\0\0\1[[1]]",
        b"\0\0\0\1{}",
        b'\0\0\0\1[["' + b'x","' * 30 + b'"]]',
        b"\0\0\0\1" + b"[" * 60_000,
    ],
)
def test_rows_that_are_none_are_refused(burnt: Desk, body: bytes) -> None:
    seen: list[bytes] = []

    def first_rows(kind: int, old: bytes) -> list[tuple[int, bytes]]:
        if kind != Frame.ROWS or seen:
            return [(kind, old)]
        seen.append(old)
        return [(kind, body)]

    forged(burnt, burnt.parts()[0], first_rows)

    assert "integrity check" in refusal(burnt)


def test_a_row_left_out_is_noticed(burnt: Desk) -> None:
    def without_people(kind: int, body: bytes) -> list[tuple[int, bytes]]:
        if kind != Frame.ROWS:
            return [(kind, body)]
        rows = json.loads(body[4:])[1:]
        return [(kind, len(rows).to_bytes(4, "big") + json.dumps(rows).encode())]

    forged(burnt, burnt.parts()[1], without_people)

    assert "integrity check" in refusal(burnt)


def test_rows_whose_counts_were_mended_but_that_do_not_fit_are_refused(burnt: Desk) -> None:
    """Users without their organisations."""
    label = Organisation._meta.label
    current = [""]

    def without_organisations(kind: int, body: bytes) -> list[tuple[int, bytes]]:
        if kind == Frame.MANIFEST:
            manifest = Manifest.unpack(body)
            manifest.counts[label] = 0
            return [(kind, manifest.pack())]
        if kind == Frame.TABLE:
            current[0] = body.decode()
        return [] if kind == Frame.ROWS and current[0] == label else [(kind, body)]

    for part in burnt.parts():
        forged(burnt, part, without_organisations)

    assert "do not fit together" in refusal(burnt)


def test_a_permission_that_this_machine_does_not_know_is_named(burnt: Desk) -> None:
    def renamed(kind: int, body: bytes) -> list[tuple[int, bytes]]:
        return [(kind, body.replace(b"cases.case.view_case", b"cases.case.view_moon"))]

    forged(burnt, burnt.parts()[1], renamed)

    assert "knows no permission cases.case.view_moon" in refusal(burnt)


def test_a_frame_longer_than_any_is_refused(burnt: Desk) -> None:
    data = burnt.parts()[0]
    head = read_head(data)
    with data.open("wb") as out:
        writer = Writer(out, head, burnt.public)
        writer._out.write(writer._encryptor.update(b"\x01\xff\xff\xff\xff" + bytes(100)))
        writer.finish()

    assert "integrity check" in refusal(burnt)


# --- keys ---------------------------------------------------------------------------------------------------------


def test_another_backup_key_is_named(burnt: Desk, tmp_path: Path) -> None:
    other = new_desk(tmp_path / "other")

    assert "another backup key" in refusal(Desk(burnt.folder, other.key_file, other.public))


def test_a_head_that_names_our_key_does_not_make_it_ours(burnt: Desk, tmp_path: Path) -> None:
    other = new_desk(tmp_path / "other")
    own_fingerprint = sha256(other.public).digest()

    def rename(content: bytearray) -> None:
        content[48:80] = own_fingerprint

    data, keys = (changed(part, rename) for part in burnt.parts())

    assert "integrity check" in refusal(Desk(burnt.folder, other.key_file, other.public), data=data, keys=keys)


def test_a_wrong_passphrase_is_named(burnt: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore_command, "getpass", lambda prompt: "not the passphrase of the key")

    assert "passphrase did not open" in refusal(burnt)


@pytest.mark.parametrize(
    "change",
    [
        {"argon2": {"passes": 1, "memory": 8, "lanes": 1}},
        {"argon2": {"passes": 1, "memory": 2**31, "lanes": 1}},
        {"argon2": {}},
        {"argon2": 3},
        {"salt": "?"},
        {"sealed": ""},
        {"public": None},
        {"version": 2},
        {"casebook": "something else"},
    ],
)
def test_a_changed_key_file_is_refused(desk: Desk, change: dict[str, object]) -> None:
    content = json.loads(desk.key_file.read_text()) | change
    desk.key_file.write_text(json.dumps(content))

    with pytest.raises(BackupRefusedError):
        open_file(desk.key_file, KEY_PASSPHRASE, floor=CHEAP)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 60_000])
def test_another_file_is_no_key(desk: Desk, content: bytes) -> None:
    desk.key_file.write_bytes(content)

    with pytest.raises(BackupRefusedError, match="not a private backup key"):
        open_file(desk.key_file, KEY_PASSPHRASE, floor=CHEAP)


def test_a_key_file_is_never_written_over(desk: Desk) -> None:
    with pytest.raises(BackupRefusedError, match="exists already"):
        write_new(desk.key_file, "another passphrase", CHEAP)

    assert isinstance(desk.key.private, MLKEM768X25519PrivateKey)


# --- from one database to the other -------------------------------------------------------------------------------


def test_parts_go_from_one_kind_of_database_to_the_other_and_back(burnt: Desk) -> None:
    """Ours into SQLite in memory, from there into parts, and from these back into ours: not a value differs."""
    data, keys = burnt.parts()
    run_restore(burnt)
    before = every_row()
    burn_down()
    pair = checked_pair(data, keys, burnt.key)

    with restoring.database_in_memory() as memory:
        remember_migrations(memory, pair.data.manifest.migrations)
        with transaction.atomic(using=memory.alias):
            restoring.load(memory, pair, None)
        for path, which in ((data, Part.DATA), (keys, Part.KEYS)):
            head = read_head(path)
            with path.open("wb") as out:
                write_part(memory, which, Writer(out, head, burnt.public), [])
                assert head.kind is (Kind.DATA if which is Part.DATA else Kind.KEYS)
    run_restore(burnt)

    differing = {label for label, found in every_row().items() if found != before[label]}
    assert differing <= {"core.AuditEvent", "core.LedgerHead", "core.LedgerNode", "core.BackupPart"}


def remember_migrations(memory: BaseDatabaseWrapper, migrations: list[str]) -> None:
    recorder = MigrationRecorder(memory)
    recorder.ensure_schema()
    for label in migrations:
        recorder.record_applied(*label.split(".", 1))


def test_a_head_carries_its_time_to_the_microsecond(desk: Desk, tmp_path: Path) -> None:
    head = Head(
        Kind.DATA, uuid4(), uuid4(), datetime(2026, 3, 14, 15, 9, 26, 535_897, tzinfo=UTC), sha256(desk.public).digest()
    )
    path = tmp_path / "part"
    with path.open("wb") as out:
        Writer(out, head, desk.public).finish()

    assert read_head(path) == head
