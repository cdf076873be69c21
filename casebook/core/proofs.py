"""Proofs about the ledger as JSON files, for people without access to it. Pure; hashes are base64.

Consistency: `{"kind": "consistency", "from", "to", "from_root", "to_root", "hashes"}`.
Inclusion: `{"kind": "inclusion", "entry", "size", "root", "organisation", "at", "commitment", "leaf", "hashes"}`.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from casebook.core import merkle
from casebook.core.signed_notes import NoteError

MAX_PROOF = 64 * 1024


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the ledger of `size` events begins with the ledger of `old` events."""

    old: int
    size: int
    old_root: bytes
    root: bytes
    hashes: tuple[bytes, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": "consistency",
            "from": self.old,
            "to": self.size,
            "from_root": _encode(self.old_root),
            "to_root": _encode(self.root),
            "hashes": [_encode(each) for each in self.hashes],
        }

    def holds(self) -> bool:
        return merkle.verify_consistency(self.old, self.size, self.hashes, self.old_root, self.root)

    @classmethod
    def parse(cls, written: str) -> "ConsistencyProof":
        """Read the JSON of a proof; raises NoteError."""
        return cls.from_json(read_json(written))

    @classmethod
    def from_json(cls, content: Any) -> "ConsistencyProof":
        try:
            kind, old, size = content["kind"], content["from"], content["to"]
            old_root, root = _decode(content["from_root"]), _decode(content["to_root"])
            hashes = tuple(map(_decode, content["hashes"]))
        except (KeyError, TypeError, ValueError, Base64Error):
            raise NoteError("This is no consistency proof.") from None
        if kind != "consistency" or type(old) is not int or type(size) is not int or len(hashes) > _MOST_HASHES:
            raise NoteError("This is no consistency proof.")
        return cls(old, size, old_root, root, hashes)


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an event stands in the ledger of `size` events, with the clear part of the event that its leaf hashes."""

    entry: int
    size: int
    root: bytes
    organisation: UUID
    at: str
    commitment: bytes
    leaf: bytes
    hashes: tuple[bytes, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": "inclusion",
            "entry": self.entry,
            "size": self.size,
            "root": _encode(self.root),
            "organisation": str(self.organisation),
            "at": self.at,
            "commitment": _encode(self.commitment),
            "leaf": _encode(self.leaf),
            "hashes": [_encode(each) for each in self.hashes],
        }

    def holds(self) -> bool:
        return merkle.verify_inclusion(self.leaf, self.entry, self.size, self.hashes, self.root)


_MOST_HASHES = 128


def read_json(written: str) -> Any:
    """JSON of a size that a proof can have; raises NoteError."""
    if len(written) > MAX_PROOF:
        raise NoteError("This file is too long for a proof.")
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        raise NoteError("This file is not JSON.") from None


def _encode(value: bytes) -> str:
    return b64encode(value).decode()


def _decode(value: str) -> bytes:
    return b64decode(value, validate=True)
