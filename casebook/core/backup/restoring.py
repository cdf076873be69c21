"""Brings an empty machine back from both parts, or tries whether it would work. All of it or nothing.

Each part is first read to its end, without touching anything: only then is it known to be whole. What is loaded
afterwards is checked again on the way, in one transaction that ends with the counts.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import BinaryIO

from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, DatabaseError, IntegrityError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from casebook.core.backup import rows
from casebook.core.backup.errors import BackupRefusedError
from casebook.core.backup.frames import End, FileHead, Frame, Manifest
from casebook.core.backup.key_file import BackupKey
from casebook.core.backup.making import EVIDENCE_NAME, applied_migrations, evidence_files
from casebook.core.backup.parts import MADE_BY_MIGRATE, Model, Part, all_models, models_in, part_of, settle_all
from casebook.core.backup.records import Installation
from casebook.core.backup.retention import remember
from casebook.core.backup.sealed_file import Head, Kind, Reader, damaged

_STAGING = "restoring-"
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
_TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """A part that was read to its end and holds what it says."""

    reader: Reader
    manifest: Manifest
    end: End

    @property
    def head(self) -> Head:
        return self.reader.head


@dataclass(frozen=True, slots=True)
class Pair:
    """Two checked parts that belong together; the key part is as old as the data part, or newer."""

    data: CheckedPart
    keys: CheckedPart

    @property
    def same_backup(self) -> bool:
        return self.data.head.backup == self.keys.head.backup


@dataclass(frozen=True, slots=True)
class Line:
    """Rows of one model: what the part says, what is in the database now, and keys whose rows are not in the data."""

    label: str
    said: int
    restored: int
    dropped: int = 0


@dataclass(slots=True)
class Restored:
    """What came back, model by model; every number was compared with what the parts say."""

    pair: Pair
    lines: list[Line] = field(default_factory=list)
    files: int = 0

    @property
    def rows(self) -> int:
        return sum(line.restored for line in self.lines)

    @property
    def dropped(self) -> int:
        return sum(line.dropped for line in self.lines)


def checked_pair(data: Path, keys: Path, key: BackupKey) -> Pair:
    """Read both parts to their ends; raises BackupRefusedError unless they are whole and belong together."""
    readers = [Reader(path, key.private, public_key=key.public) for path in (data, keys)]
    _belong_together(*(reader.head for reader in readers), data=data, keys=keys)
    pair = Pair(*(_checked(reader) for reader in readers))
    if pair.data.manifest.migrations != pair.keys.manifest.migrations:
        raise BackupRefusedError(
            "Casebook was updated between these two parts. Take a data part and a key part from the same side of it."
        )
    return pair


def _belong_together(data_head: Head, keys_head: Head, *, data: Path, keys: Path) -> None:
    if data_head.kind is not Kind.DATA:
        raise BackupRefusedError(f"{data} is a key part. --data takes the file data-…, --keys the file keys-….")
    if keys_head.kind is not Kind.KEYS:
        raise BackupRefusedError(f"{keys} is a data part. --data takes the file data-…, --keys the file keys-….")
    if data_head.installation != keys_head.installation:
        raise BackupRefusedError("These parts come from two different installations of Casebook.")
    if keys_head.made_at < data_head.made_at:
        raise BackupRefusedError(
            "The key part is older than the data part: keys that were made or erased in between would be missing or "
            "come back. Take a key part of the same time or a newer one."
        )


def _checked(reader: Reader) -> CheckedPart:
    """One pass over the whole part that keeps nothing but the manifest and the counts."""
    manifest, end, counts, files = None, None, {}, 0
    label = ""
    try:
        for kind, body in reader.frames():
            if end is not None or (manifest is None) != (kind == Frame.MANIFEST):
                raise damaged(reader.path)
            if kind == Frame.MANIFEST:
                manifest = Manifest.unpack(body)
            elif kind == Frame.TABLE:
                label = body.decode()
                counts[label] = 0
            elif kind == Frame.ROWS:
                counts[label] += rows.number_in(body)
            elif kind == Frame.FILE:
                files += 1
            elif kind == Frame.END:
                end = End.unpack(body)
    except _MALFORMED:
        raise damaged(reader.path) from None
    if manifest is None or end is None or counts != manifest.counts or files != end.files:
        raise damaged(reader.path)
    return CheckedPart(reader, manifest, end)


def restore(pair: Pair, *, witness: Callable[[Restored], None]) -> Restored:
    """Fill this machine's empty database and evidence folder; raises BackupRefusedError and leaves both empty.

    `witness` is called in the same transaction, after everything was counted.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    require_same_schema(pair, applied_migrations(connection))
    require_empty(connection)
    with _staged_files() as staging, transaction.atomic():
        restored = load(connection, pair, staging.folder)
        Installation.objects.create(pk=1, identifier=pair.data.head.installation)
        for part in (pair.data, pair.keys):
            remember(part.head)
        witness(restored)
        staging.put_into_place()
    return restored


def try_out(pair: Pair) -> Restored:
    """Load both parts into a database in memory that ends with this call. Nothing is written to this machine."""
    known = MigrationLoader(None).disk_migrations or {}
    require_same_schema(pair, [f"{app}.{name}" for app, name in known])
    with database_in_memory() as connection, transaction.atomic(using=connection.alias):
        return load(connection, pair, None)


def require_same_schema(pair: Pair, migrations: Iterable[str]) -> None:
    """Raise BackupRefusedError unless the tables that these migrations make are those of the backup."""
    here, there = set(migrations), set(pair.data.manifest.migrations)
    if here == there:
        return
    only_here, only_there = sorted(here - there), sorted(there - here)
    reason = "The backup and this machine are not at the same state of the database."
    if only_there:
        reason += f" Only in the backup: {', '.join(only_there)}."
    if only_here:
        reason += f" Only here: {', '.join(only_here)}."
    raise BackupRefusedError(
        f"{reason} Install the version of Casebook that made the backup, run `manage.py migrate` on an empty database, "
        "restore, then update."
    )


def require_empty(connection: BaseDatabaseWrapper) -> None:
    """Raise BackupRefusedError when a table holds a row, or the evidence folder a file."""
    filled = [model._meta.label for model in all_models() if _holds_rows(connection, model)]
    if filled:
        raise BackupRefusedError(
            f"The database is not empty: {len(filled)} tables hold rows, {filled[0]} first. A restore needs a new "
            "database: `manage.py migrate` and nothing else, no `load_reference`, no founding."
        )
    if evidence_files():
        raise BackupRefusedError(
            f"{settings.CASEBOOK_EVIDENCE_DIR} is not empty. If an earlier restore was cut off, delete what lies there."
        )


def _holds_rows(connection: BaseDatabaseWrapper, model: Model) -> bool:
    return model not in MADE_BY_MIGRATE and model._base_manager.using(connection.alias).exists()


def load(connection: BaseDatabaseWrapper, pair: Pair, staging: Path | None) -> Restored:
    """Keys first, so that of rows in both parts the newer one stays; then the data, then what has to fit."""
    here = rows.Names.of_database(connection.alias)
    new = _load_part(connection, pair.keys, Part.KEYS, here, None)
    for label, number in _load_part(connection, pair.data, Part.DATA, here, staging).items():
        new[label] = new.get(label, 0) + number
    dropped = _drop_keys_without_rows(connection)
    if dropped and pair.same_backup:
        raise _do_not_fit()
    if not pair.same_backup:
        _forget_missing_keys(connection)
        settle_all(connection.alias)
    _check_references(connection)
    _reset_sequences(connection)
    return Restored(pair, _counted(connection, pair, new, dropped), pair.data.end.files)


def _load_part(
    connection: BaseDatabaseWrapper, part: CheckedPart, which: Part, here: rows.Names, staging: Path | None
) -> dict[str, int]:
    """Rows that were new, by model; raises BackupRefusedError when the part is not what was checked before."""
    known = {model._meta.label: model for model in models_in(which)}
    if part.manifest.columns != {label: rows.columns(model) for label, model in known.items()}:
        raise BackupRefusedError(f"{part.reader.path} was made by another version of Casebook. Install that one.")
    new = dict.fromkeys(known, 0)
    label, loader = "", None
    try:
        with _FileWriter(staging) as files:
            for kind, body in part.reader.frames():
                if kind == Frame.TABLE:
                    label = body.decode()
                    keep = which is Part.DATA and part_of(known[label]) is Part.BOTH
                    loader = rows.Loader(connection, known[label], part.manifest.names, here, keep_present=keep)
                elif kind == Frame.ROWS and loader is not None:
                    new[label] += loader.load(body)
                elif kind == Frame.FILE:
                    files.begin(FileHead.unpack(body))
                elif kind == Frame.BYTES:
                    files.add(body)
    except IntegrityError:
        raise _do_not_fit() from None
    except (*_MALFORMED, DatabaseError):
        raise damaged(part.reader.path) from None
    except OSError as problem:
        raise BackupRefusedError(f"The evidence files could not be written: {problem.strerror}.") from None
    return new


class _FileWriter:
    """Writes evidence files into the staging folder, still sealed; without a folder it only checks them."""

    def __init__(self, staging: Path | None) -> None:
        self._staging, self._out, self._left = staging, None, 0

    def __enter__(self) -> "_FileWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._out is not None:
            self._out.close()
        if kind is None and self._left:
            raise ValueError

    _out: BinaryIO | None

    def begin(self, head: FileHead) -> None:
        """Start the next file; raises ValueError for a name that is not one of ours, or when the last is not whole."""
        if self._left or head.length < 0 or not EVIDENCE_NAME.fullmatch(head.name):
            raise ValueError
        self._left = head.length
        if self._staging is not None:
            if self._out is not None:
                self._out.close()
            self._out = (self._staging / head.name).open("xb")

    def add(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise ValueError
        if self._out is not None:
            self._out.write(piece)
            if not self._left:
                self._out.flush()
                os.fsync(self._out.fileno())


def _references(model: Model) -> Iterator["models.ForeignKey[models.Model, models.Model]"]:
    """The columns of a model that the database holds to an existing row."""
    for column in model._meta.concrete_fields:
        if isinstance(column, models.ForeignKey) and column.db_constraint:  # type: ignore[attr-defined]
            yield column


def _drop_keys_without_rows(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """Delete rows of the key part whose rows are newer than the data part, until all fit; counts by model."""
    dropped: dict[str, int] = {}
    keys = [model for model in all_models() if part_of(model) is Part.KEYS]
    found = True
    while found:
        found = False
        for model in keys:
            for column in _references(model):
                number = _delete_orphans(connection, column)
                if number:
                    dropped[model._meta.label] = dropped.get(model._meta.label, 0) + number
                    found = True
    return dropped


def _delete_orphans(connection: BaseDatabaseWrapper, column: "models.ForeignKey[models.Model, models.Model]") -> int:
    table = connection.ops.quote_name(column.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {_orphans(connection, column)}")  # noqa: S608 (ours)
        return int(cursor.rowcount)


def _forget_missing_keys(connection: BaseDatabaseWrapper) -> None:
    """Empty the optional references of older data to rows that the newer key part no longer has."""
    quote = connection.ops.quote_name
    for model in (model for model in all_models() if part_of(model) in {Part.DATA, Part.BOTH}):
        for column in _references(model):
            if column.null and part_of(column.target_field.model) is Part.KEYS:
                table, own = quote(model._meta.db_table), quote(str(column.column))
                with connection.cursor() as cursor:
                    change = f"UPDATE {table} SET {own} = NULL WHERE {_orphans(connection, column)}"  # noqa: S608 (ours)
                    cursor.execute(change)


def _orphans(connection: BaseDatabaseWrapper, column: "models.ForeignKey[models.Model, models.Model]") -> str:
    """SQL that holds for the rows whose reference leads nowhere. All names in it are those of our own tables."""
    quote = connection.ops.quote_name
    target = column.target_field
    own = f"{quote(column.model._meta.db_table)}.{quote(str(column.column))}"
    there, key = quote(target.model._meta.db_table), quote(str(target.column))
    present = f"SELECT 1 FROM {there} AS target WHERE target.{key} = {own}"  # noqa: S608 (ours)
    return f"{own} IS NOT NULL AND NOT EXISTS ({present})"


def _check_references(connection: BaseDatabaseWrapper) -> None:
    try:
        connection.check_constraints([model._meta.db_table for model in all_models()])
    except DatabaseError:
        raise _do_not_fit() from None


def _do_not_fit() -> BackupRefusedError:
    return BackupRefusedError("The rows of these parts do not fit together. Nothing was restored.")


def _reset_sequences(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), all_models()):
            cursor.execute(statement)


def _counted(connection: BaseDatabaseWrapper, pair: Pair, new: dict[str, int], dropped: dict[str, int]) -> list[Line]:
    """Compare what is in every table now with what the parts say; raises BackupRefusedError when a row is missing."""
    lines = []
    for model in all_models():
        label = model._meta.label
        said = max(pair.data.manifest.counts.get(label, 0), pair.keys.manifest.counts.get(label, 0))
        if label not in new:
            continue
        lost = dropped.get(label, 0)
        restored = rows.count(connection, model)
        one_part = part_of(model) is not Part.BOTH or pair.same_backup
        if restored + lost != new[label] or restored + lost < said or (one_part and restored + lost != said):
            raise BackupRefusedError(f"{label}: {said} rows in the backup, {restored} restored. Nothing was kept.")
        lines.append(Line(label, said, restored, lost))
    return lines


@dataclass(slots=True)
class _Staging:
    """A folder beside the evidence folder, and what was moved out of it into that one."""

    folder: Path
    moved: list[Path] = field(default_factory=list)

    def put_into_place(self) -> None:
        for path in sorted(self.folder.iterdir()):
            target = Path(settings.CASEBOOK_EVIDENCE_DIR) / path.name
            os.replace(path, target)
            self.moved.append(target)


@contextmanager
def _staged_files() -> Iterator[_Staging]:
    """Room for evidence files that is gone afterwards; if the block fails, so is what was moved into place."""
    evidence = Path(settings.CASEBOOK_EVIDENCE_DIR)
    try:
        evidence.mkdir(parents=True, exist_ok=True)
        for left_over in evidence.parent.glob(f"{_STAGING}*"):
            rmtree(left_over)
        staging = _Staging(Path(mkdtemp(prefix=_STAGING, dir=evidence.parent)))
    except OSError as problem:
        raise BackupRefusedError(f"{evidence.parent} cannot be written: {problem.strerror}.") from None
    finished = False
    try:
        yield staging
        finished = True
    finally:
        rmtree(staging.folder, ignore_errors=True)
        if not finished:
            for path in staging.moved:
                path.unlink(missing_ok=True)


@contextmanager
def database_in_memory() -> Iterator[BaseDatabaseWrapper]:
    """A SQLite database of this process alone, with every table. Made from the models: no migration runs."""
    connections.settings[_TRIAL] = {
        **connections.settings[DEFAULT_DB_ALIAS],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "OPTIONS": {},
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
    }
    connection = connections.create_connection(_TRIAL)
    connection.connect()
    connections[_TRIAL] = connection
    try:
        with connection.schema_editor() as editor:
            for model in all_models():
                if not model._meta.auto_created:
                    editor.create_model(model)
        for config in apps.get_app_configs():
            create_contenttypes(config, verbosity=0, using=_TRIAL)
            create_permissions(config, verbosity=0, using=_TRIAL)
        yield connection
    finally:
        ContentType.objects.clear_cache()
        del connections[_TRIAL]
        del connections.settings[_TRIAL]
        BaseDatabaseWrapper.close(connection)  # Django keeps databases in memory open; this one ends here
