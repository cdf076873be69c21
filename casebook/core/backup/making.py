"""Makes a backup: both parts out of one snapshot of the database, or neither. Nothing lies anywhere unsealed."""

import fcntl
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from casebook.core.backup import rows
from casebook.core.backup.errors import BackupRefusedError
from casebook.core.backup.frames import End, FileHead, Frame, Manifest
from casebook.core.backup.parts import Part, models_in, undeclared
from casebook.core.backup.records import Installation
from casebook.core.backup.retention import SUFFIX, remember
from casebook.core.backup.sealed_file import Head, Kind, Writer
from casebook.core.identifiers import new_id

EVIDENCE_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.sealed")
_READ = 256 * 1024
_UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class Written:
    """One finished part: where it lies, its head, how many rows of each model and how many files it holds."""

    path: Path
    head: Head
    counts: dict[str, int]
    end: End


@dataclass(frozen=True, slots=True)
class Backup:
    """Both parts of one backup."""

    data: Written
    keys: Written


def make_backup(folder: Path, public_key: bytes, *, witness: Callable[[Backup], None]) -> Backup:
    """Write both parts into `folder`, sealed to the 1216-byte `public_key`, and remember them in `BackupPart`.

    `witness` is called in the transaction that remembers them. Raises BackupRefusedError; then neither part is there.
    """
    forgotten = undeclared()
    if forgotten:
        raise BackupRefusedError(f"No part of the backup is declared for {', '.join(forgotten)}: see backup_parts.py.")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sweep_unfinished(folder)
        return _both_parts(folder, public_key, witness)
    except OSError as problem:
        raise BackupRefusedError(f"The backup could not be written to {folder}: {problem.strerror}.") from None


def sweep_unfinished(folder: Path) -> None:
    """Delete what a backup that was killed left behind; what another one is writing now is locked and stays."""
    for path in folder.glob(f".*{_UNFINISHED}"):
        with path.open("rb") as left_over:
            try:
                fcntl.flock(left_over, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            path.unlink(missing_ok=True)


def _both_parts(folder: Path, public_key: bytes, witness: Callable[[Backup], None]) -> Backup:
    installation = Installation.objects.get_or_create(pk=1)[0].identifier
    connection = connections[DEFAULT_DB_ALIAS]
    with _new_file(folder) as keys_out, _new_file(folder) as data_out:
        with snapshot(connection):
            made_at, backup, fingerprint = timezone.now(), new_id(), sha256(public_key).digest()
            keys_head = Head(Kind.KEYS, installation, backup, made_at, fingerprint)
            data_head = Head(Kind.DATA, installation, backup, made_at, fingerprint)
            keys = write_part(connection, Part.KEYS, Writer(keys_out, keys_head, public_key), [])
            data = write_part(connection, Part.DATA, Writer(data_out, data_head, public_key), evidence_files())
        done = Backup(
            data=Written(_final_path(folder, data_head), data_head, *data),
            keys=Written(_final_path(folder, keys_head), keys_head, *keys),
        )
        _finish(done, {Path(data_out.name): done.data.path, Path(keys_out.name): done.keys.path}, witness)
    return done


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Everything read inside comes from one moment, and nobody who writes has to wait.

    Inside a transaction of the caller, that transaction is the moment.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Django would begin with a lock that keeps writers out; a deferred transaction only reads.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def evidence_files() -> list[Path]:
    """The sealed evidence files that lie on this machine now, oldest first."""
    folder = Path(settings.CASEBOOK_EVIDENCE_DIR)
    return sorted(path for path in folder.glob("*.sealed") if EVIDENCE_NAME.fullmatch(path.name))


def applied_migrations(connection: BaseDatabaseWrapper) -> list[str]:
    """`app.name` of every migration that the database has seen, in order."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def write_part(
    connection: BaseDatabaseWrapper, part: Part, writer: Writer, files: Iterable[Path]
) -> tuple[dict[str, int], End]:
    """Write one part of a database, and sealed files; returns rows by model, and how many files there were."""
    models = models_in(part)
    counts = {model._meta.label: rows.count(connection, model) for model in models}
    columns = {model._meta.label: rows.columns(model) for model in models}
    names = rows.Names.of_database(connection.alias)
    writer.frame(Frame.MANIFEST, Manifest(counts, columns, applied_migrations(connection), names).pack())
    for model in models:
        writer.frame(Frame.TABLE, model._meta.label.encode())
        for frame in rows.read(connection, model):
            writer.frame(Frame.ROWS, frame)
    end = _write_files(writer, files)
    writer.frame(Frame.END, end.pack())
    writer.finish()
    return counts, end


def _write_files(writer: Writer, files: Iterable[Path]) -> End:
    written = removed = 0
    for path in files:
        try:
            source = path.open("rb")
        except FileNotFoundError:
            removed += 1
            continue
        with source:
            left = os.fstat(source.fileno()).st_size
            writer.frame(Frame.FILE, FileHead(path.name, left).pack())
            while left and (piece := source.read(min(left, _READ))):
                writer.frame(Frame.BYTES, piece)
                left -= len(piece)
        if left:
            raise BackupRefusedError(f"{path} became shorter while it was read. Run the backup again.")
        written += 1
    return End(written, removed)


@contextmanager
def _new_file(folder: Path) -> Iterator[BinaryIO]:
    """A locked file that only its owner reads; afterwards it is gone, unless it was moved to its final name."""
    path = folder / f".{new_id()}{_UNFINISHED}"
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        try:
            yield out
        finally:
            path.unlink(missing_ok=True)


def _final_path(folder: Path, head: Head) -> Path:
    return folder / f"{head.kind.word}-{head.made_at:%Y%m%dT%H%M%SZ}{SUFFIX}"


def _finish(done: Backup, moves: dict[Path, Path], witness: Callable[[Backup], None]) -> None:
    """Remember both parts and give them their names: either all of it is done afterwards, or nothing."""
    placed: list[Path] = []
    finished = False
    try:
        with transaction.atomic():
            remember(done.data.head)
            remember(done.keys.head)
            witness(done)
            for source, target in moves.items():
                if target.exists():
                    raise BackupRefusedError(f"{target} exists already. Wait a second, then run the backup again.")
                os.replace(source, target)
                placed.append(target)
        finished = True
    finally:
        if not finished:
            for target in placed:
                target.unlink()
