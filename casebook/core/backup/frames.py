"""What the frames of a part hold: first the manifest, then every table and its rows, then files, then the end."""

import json
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from casebook.core.backup.rows import Names


class Frame(IntEnum):
    """Kinds of frames, in the order in which they come; a table is followed by its rows, a file by its bytes."""

    MANIFEST = 1
    TABLE = 2
    ROWS = 3
    FILE = 4
    BYTES = 5
    END = 6


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a part says that it holds: rows by model, and the state of the database that they came from."""

    counts: dict[str, int]
    columns: dict[str, list[str]]
    migrations: list[str]
    names: Names

    def pack(self) -> bytes:
        content = {
            "counts": self.counts,
            "columns": self.columns,
            "migrations": self.migrations,
            "permissions": self.names.permissions,
            "content_types": self.names.content_types,
        }
        return json.dumps(content, sort_keys=True).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Manifest":
        """Raises ValueError, KeyError, TypeError or AttributeError for anything that `pack` does not make."""
        content = json.loads(packed)
        counts = {str(label): int(number) for label, number in content["counts"].items()}
        columns = {str(label): [str(name) for name in names] for label, names in content["columns"].items()}
        names = Names(_numbered(content["permissions"]), _numbered(content["content_types"]))
        return cls(counts, columns, [str(name) for name in content["migrations"]], names)


@dataclass(frozen=True, slots=True)
class End:
    """How many evidence files really came, and how many were removed by their people while the backup ran."""

    files: int = 0
    removed_meanwhile: int = 0

    def pack(self) -> bytes:
        return json.dumps({"files": self.files, "removed_meanwhile": self.removed_meanwhile}).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "End":
        """Raises ValueError, KeyError or TypeError for anything that `pack` does not make."""
        content = json.loads(packed)
        return cls(int(content["files"]), int(content["removed_meanwhile"]))


@dataclass(frozen=True, slots=True)
class FileHead:
    """Name and length in bytes of one sealed evidence file."""

    name: str
    length: int

    def pack(self) -> bytes:
        return json.dumps({"name": self.name, "length": self.length}).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "FileHead":
        """Raises ValueError, KeyError or TypeError for anything that `pack` does not make."""
        content = json.loads(packed)
        return cls(str(content["name"]), int(content["length"]))


def _numbered(names: dict[str, Any]) -> dict[int, str]:
    return {int(number): str(name) for number, name in names.items()}
