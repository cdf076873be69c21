"""Rows as bytes and back, the same for SQLite and PostgreSQL: one JSON list a row, no pickle, nothing executed.

Text, numbers, booleans and JSON text as they are; UUIDs as 32 hexadecimal digits; days as YYYY-MM-DD; times as UTC
without a zone; bytes in base64. What refers to a permission or a content type carries its number in the backed up
database: `Names` says what it was called there, because the numbers of another database differ.
"""

import json
import re
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from casebook.core.backup.errors import BackupRefusedError
from casebook.core.backup.parts import Model
from casebook.core.fields import SealedField
from casebook.core.sealing import is_sealed

ROWS_A_FRAME = 500
BYTES_A_FRAME = 512 * 1024
_UUID = re.compile("[0-9a-f]{32}")
_Convert = Callable[[Any], Any]
_AS_IT_IS = frozenset(
    {
        "AutoField",
        "BigAutoField",
        "BigIntegerField",
        "BooleanField",
        "CharField",
        "IntegerField",
        "JSONField",
        "PositiveBigIntegerField",
        "PositiveIntegerField",
        "PositiveSmallIntegerField",
        "SmallIntegerField",
        "TextField",
    }
)


class UnknownColumnError(TypeError):
    """A model has a kind of column that backups cannot carry yet; teach `_CONVERSIONS` about it."""


@dataclass(frozen=True, slots=True)
class Names:
    """What permissions and content types are called, by their number in the database that was backed up."""

    permissions: dict[int, str]
    content_types: dict[int, str]

    @classmethod
    def of_database(cls, alias: str) -> "Names":
        types = ContentType.objects.using(alias).values_list("id", "app_label", "model")
        content_types = {number: f"{app}.{model}" for number, app, model in types}
        permissions = Permission.objects.using(alias).values_list("id", "content_type_id", "codename")
        return cls({number: f"{content_types[kind]}.{code}" for number, kind, code in permissions}, content_types)


def _of_bytes(value: Any) -> str:
    return b64encode(value).decode()


def _of_uuid(value: Any) -> str:
    return value.hex if isinstance(value, UUID) else str(value)


def _of_time(value: datetime) -> str:
    return (value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat(" ")


def _of_day(value: date) -> str:
    return value.isoformat()


def _to_bytes(value: str) -> bytes:
    return a2b_base64(value, strict_mode=True)


def _to_sealed(value: str) -> bytes:
    sealed = _to_bytes(value)
    if not is_sealed(sealed):
        raise ValueError
    return sealed


def _to_uuid(value: str) -> str:
    if not _UUID.fullmatch(value):
        raise ValueError
    return value


_CONVERSIONS: dict[str, tuple[_Convert, _Convert | None]] = {
    "BinaryField": (_of_bytes, _to_bytes),
    "UUIDField": (_of_uuid, _to_uuid),
    "DateTimeField": (_of_time, None),
    "DateField": (_of_day, None),
}


def _stored_as(field: "models.Field[Any, Any]") -> "models.Field[Any, Any]":
    """The field whose values a column holds: for a reference, the key that it points to."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def columns(model: Model) -> list[str]:
    """Names of the columns, in the order in which rows carry their values."""
    return [str(field.column) for field in model._meta.concrete_fields]


def _conversions(model: Model) -> list[tuple[int, _Convert, _Convert | None]]:
    """The columns that are not written as they are: (index, to text, from text)."""
    found = []
    for index, field in enumerate(model._meta.concrete_fields):
        stored = _stored_as(field)
        kind = stored.get_internal_type()
        if kind in _CONVERSIONS:
            outward, inward = _CONVERSIONS[kind]
            found.append((index, outward, _to_sealed if isinstance(stored, SealedField) else inward))
        elif kind not in _AS_IT_IS:
            raise UnknownColumnError(f"{model._meta.label}.{field.name} is a {kind}")
    return found


def count(connection: BaseDatabaseWrapper, model: Model) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 (ours)
        number: int = cursor.fetchone()[0]
        return number


def read(connection: BaseDatabaseWrapper, model: Model) -> Iterator[bytes]:
    """All rows of a table in frames: u32 number of rows, then a JSON list of them. Holds one frame at a time."""
    quoted = ", ".join(connection.ops.quote_name(name) for name in columns(model))
    outward = [(index, convert) for index, convert, _inward in _conversions(model)]
    rows: list[list[Any]] = []
    size = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {quoted} FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 (ours)
        while fetched := cursor.fetchmany(ROWS_A_FRAME):
            for values in fetched:
                row = list(values)
                for index, convert in outward:
                    if row[index] is not None:
                        row[index] = convert(row[index])
                rows.append(row)
                size += sum(len(value) for value in row if isinstance(value, str))
                if len(rows) == ROWS_A_FRAME or size >= BYTES_A_FRAME:
                    yield _packed(rows)
                    rows, size = [], 0
    if rows:
        yield _packed(rows)


def _packed(rows: list[list[Any]]) -> bytes:
    return len(rows).to_bytes(4, "big") + json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def number_in(frame: bytes) -> int:
    """How many rows a frame says that it holds."""
    return int.from_bytes(frame[:4], "big")


class Loader:
    """Writes the frames of one table into an empty table of another database.

    Raises ValueError for a frame that does not hold rows of this table, BackupRefusedError for a permission that does
    not exist here. With `keep_present` a row whose key is there already is left as it is.
    """

    def __init__(
        self, connection: BaseDatabaseWrapper, model: Model, names: Names, here: Names, *, keep_present: bool = False
    ) -> None:
        self._connection, self._model, self._keep_present = connection, model, keep_present
        self._width = len(model._meta.concrete_fields)
        self._inward = [(index, convert) for index, _outward, convert in _conversions(model) if convert is not None]
        self._inward += list(_translations(model, names, here))
        if connection.vendor == "postgresql":
            self._inward += [(index, _with_zone) for index in _times(model)]

    def load(self, frame: bytes) -> int:
        """Write the rows of one frame; returns how many were new."""
        rows = json.loads(frame[4:])
        if not isinstance(rows, list) or len(rows) != number_in(frame):
            raise ValueError
        for row in rows:
            if not isinstance(row, list) or len(row) != self._width:
                raise ValueError
            for index, convert in self._inward:
                if row[index] is not None:
                    row[index] = convert(row[index])
        if self._connection.vendor == "postgresql" and not self._keep_present:
            self._copy(rows)
            return len(rows)
        return self._insert(rows)

    def _target(self) -> str:
        quote = self._connection.ops.quote_name
        return f"{quote(self._model._meta.db_table)} ({', '.join(map(quote, columns(self._model)))})"

    def _copy(self, rows: Sequence[Sequence[Any]]) -> None:
        statement = f"COPY {self._target()} FROM STDIN"
        with self._connection.wrap_database_errors, self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def _insert(self, rows: Sequence[Sequence[Any]]) -> int:
        places = ", ".join(["%s"] * self._width)
        ending = ""
        if self._keep_present:
            ending = f" ON CONFLICT ({self._connection.ops.quote_name(_primary_key(self._model))}) DO NOTHING"
        with self._connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self._target()} VALUES ({places}){ending}", rows)  # noqa: S608 (ours)
            return int(cursor.rowcount)


def _primary_key(model: Model) -> str:
    return str(model._meta.pk.column)


def _times(model: Model) -> list[int]:
    fields = enumerate(model._meta.concrete_fields)
    return [index for index, field in fields if _stored_as(field).get_internal_type() == "DateTimeField"]


def _with_zone(value: str) -> str:
    return f"{value}+00:00"


def _translations(model: Model, names: Names, here: Names) -> Iterator[tuple[int, _Convert]]:
    for index, field in enumerate(model._meta.concrete_fields):
        if field.related_model is Permission:
            yield index, _translation(names.permissions, here.permissions, "permission")
        elif field.related_model is ContentType:
            yield index, _translation(names.content_types, here.content_types, "content type")


def _translation(there: dict[int, str], here: dict[int, str], what: str) -> _Convert:
    numbers = {name: number for number, name in here.items()}

    def translate(number: int) -> int:
        name = there.get(number)
        if name is None:
            raise ValueError
        if name not in numbers:
            raise BackupRefusedError(f"This machine knows no {what} {name}. Run `manage.py migrate` first.")
        return numbers[name]

    return translate
