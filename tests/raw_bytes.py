"""Everything a seized database says, as raw bytes, and the words of a search. No decoding that could hide a word."""

from collections.abc import Iterable
from pathlib import Path

from django.db import connection


def of_database() -> bytes:
    """Every cell of every table as its bytes; on SQLite the image of the whole database as well."""
    pieces: list[bytes] = []
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            pieces += [_cell(cell) for row in cursor.fetchall() for cell in row]
    if connection.vendor == "sqlite":
        pieces.append(connection.connection.serialize())
    return b"\0".join(pieces)


def of_files(*roots: Path) -> bytes:
    """Every byte of every file under the roots, names included."""
    files = sorted(path for root in roots for path in root.rglob("*") if path.is_file())
    return b"\0".join(str(path).encode() + b"\0" + _content(path) for path in files)


def _content(path: Path) -> bytes:
    """A file that went away since it was listed, such as a finished write-ahead log, has no bytes left to search."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _cell(cell: object) -> bytes:
    if isinstance(cell, bytes | memoryview):
        return bytes(cell)
    return str(cell).encode("utf-8", "surrogatepass")


def spellings(word: str) -> Iterable[bytes]:
    """The byte forms a word could lie in: UTF-8, UTF-16, JSON escapes, legacy code pages, base64-free."""
    yield word.encode()
    yield word.encode("utf-16-le")
    escaped = word.encode("ascii", "backslashreplace")
    yield escaped
    for codec in ("cp1251", "koi8-r"):
        try:
            yield word.encode(codec)
        except UnicodeEncodeError:
            continue


def found(words: Iterable[str], haystack: bytes) -> list[str]:
    """Words that occur in the bytes in any spelling."""
    return [word for word in words if any(spelling in haystack for spelling in spellings(word))]
