"""Backup and restore of 10,000 cases, against the same rows read and written with sqlite3 alone."""

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from os import fsync
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction

from benchmarks.measure import Row, compare
from casebook.core.backup.key_file import BackupKey
from casebook.core.backup.making import make_backup
from casebook.core.backup.parts import Part, all_models, part_of
from casebook.core.backup.restoring import checked_pair, database_in_memory, load
from casebook.core.identifiers import new_id, new_reference
from casebook.core.wrapping import PrivateKeys, hpke_private_key
from cases.access import OpenCase
from cases.models import Case

CASES = 10_000
_AT_ONCE = 500


def backup_rows(opened: OpenCase) -> list[Row]:
    """Two rows of the table. `opened` is copied until there are 10,000 cases; its copies are counted, never opened."""
    multiply(opened.case, CASES - Case.objects.count())
    folder = Path(settings.CASEBOOK_VAR) / "bench-backups"
    private = PrivateKeys.generate()
    key = BackupKey(hpke_private_key(private.hpke), private.public().hpke)
    with database_in_memory() as memory:
        rows = [_backup(folder, key), _restore(folder, key, memory)]
    rmtree(folder)
    return rows


def multiply(template: Case, copies: int) -> None:
    """Copy a case and every row that hangs off it, history included, with new ids and the same sealed values."""
    for start in range(0, copies, _AT_ONCE):
        number = min(_AT_ONCE, copies - start)
        new_ids = [new_id() for _copy in range(number)]
        with transaction.atomic():
            Case.objects.bulk_create(_copies(template, id=pk, reference=new_reference()) for pk in new_ids)
            for row in list(_rows_of(template)):
                _copy_row(row, template, new_ids)


def _rows_of(case: Case) -> Iterator[models.Model]:
    """Rows that refer to the case, and those that refer to its compartments right after the compartment."""
    for model in all_models():
        for field in model._meta.concrete_fields:
            if field.related_model is Case:
                yield from model._base_manager.filter(**{field.name: case})


def _copy_row(row: models.Model, template: Case, new_ids: list[UUID]) -> None:
    copies = []
    for pk in new_ids:
        changes: dict[str, Any] = {
            field.attname: pk for field in row._meta.concrete_fields if field.related_model is Case
        }
        copies.append(_copies(row, **changes, **_new_keys(row)))
    type(row)._base_manager.bulk_create(copies, batch_size=_AT_ONCE)
    for relation in row._meta.related_objects:
        for child in relation.related_model._base_manager.filter(**{relation.field.name: row}):
            _copy_children(child, relation.field.attname, [copy.pk for copy in copies])


def _copy_children(child: models.Model, attname: str, parents: list[Any]) -> None:
    copies = [_copies(child, **{attname: parent}, **_new_keys(child)) for parent in parents]
    type(child)._base_manager.bulk_create(copies, batch_size=_AT_ONCE)


def _new_keys(row: models.Model) -> dict[str, Any]:
    """Fresh values for what must be unique."""
    fresh: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or (field.unique and not field.is_relation):
            fresh[field.attname] = new_id() if isinstance(field, models.UUIDField) else None
    return fresh


def _copies(row: models.Model, **changes: Any) -> Any:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**{**values, **changes})


def _backup(folder: Path, key: BackupKey) -> Row:
    def ours() -> None:
        rmtree(folder, ignore_errors=True)
        make_backup(folder, key.public, witness=lambda done: None)

    return compare(
        "back up 10,000 cases",
        ours,
        lambda: _read_and_write(folder / "floor"),
        unit="s",
        floor_is="every row read, hashed, written",
        target="<= 3x",
        rounds=1,
    )


def _tables() -> list[str]:
    return [model._meta.db_table for model in all_models() if part_of(model) is not Part.NEITHER]


def _read_and_write(path: Path) -> None:
    """What no backup can do without: fetch every row, look at every byte, wait for the disk."""
    digest = sha256()
    with path.open("wb") as out, connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (our own tables)
            while rows := cursor.fetchmany(_AT_ONCE):
                piece = b"".join(
                    cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row
                )
                digest.update(piece)
                out.write(piece)
        out.flush()
        fsync(out.fileno())


def _restore(folder: Path, key: BackupKey, memory: Any) -> Row:
    (data,), (keys,) = folder.glob("data-*"), folder.glob("keys-*")

    def ours() -> None:
        pair = checked_pair(data, keys, key)
        with transaction.atomic(using=memory.alias):
            load(memory, pair, None)
            transaction.set_rollback(True, using=memory.alias)

    rows = {table: _all_rows(table) for table in _tables()}
    bare = _bare_database()

    def floor() -> None:
        for path in (data, keys):
            sha256(path.read_bytes()).digest()
        bare.execute("BEGIN")
        for table, values in rows.items():
            if values:
                bare.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(values[0]))})', values)  # noqa: S608
        bare.execute("ROLLBACK")

    return compare(
        "restore 10,000 cases",
        ours,
        floor,
        unit="s",
        floor_is="parts hashed, rows inserted with sqlite3",
        target="<= 5x",
        rounds=1,
    )


def _all_rows(table: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (our own tables)
        return [tuple(map(_as_stored, row)) for row in cursor.fetchall()]


def _as_stored(cell: Any) -> Any:
    """A cell as sqlite3 takes it without a detour through Python's own types."""
    return cell if cell is None or isinstance(cell, bytes | int | str) else str(cell)


def _bare_database() -> sqlite3.Connection:
    """An empty database in memory with the same tables and indexes."""
    bare = sqlite3.connect(":memory:", isolation_level=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%%'")
        for (statement,) in cursor.fetchall():
            bare.execute(statement)
    return bare
