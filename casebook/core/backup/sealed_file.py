"""The format of one part of a backup. Pure: knows neither tables nor settings.

Layout (big-endian): 80 bytes of clear head, 1168 bytes of HPKE, then a Cobblestone-256 message up to the end.

    0  4 'CBAK'   4 1 version=1   5 1 suite=1   6 1 part 'D' or 'K'   7 1 zero
    8 16 installation   24 16 backup   40 8 time, microseconds since 1970   48 32 SHA-256 of the backup public key
    80 1168 HPKE: a random 32-byte key sealed to the backup public key, info = ctx("backup-key", head)
    1248 …  Cobblestone-256 under that key, context = ctx("backup", head)

The message is a row of frames: kind u8, length u32, body. A reader gets frames out before the end of the file was
checked: whoever acts on them first reads the part to its end (`Reader.frames` returns only when the end is right).
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from casebook.core.backup.errors import BackupRefusedError
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError
from casebook.core.wrapping import hpke_open, hpke_seal

_HEAD = struct.Struct(">4sBBcB16s16sQ32s")
_FRAME = struct.Struct(">BI")
_MAGIC, _VERSION, _SUITE = b"CBAK", 1, 1
_SEALED_KEY = 1120 + 32 + 16
_READ = 256 * 1024
_LONGEST_FRAME = 64 * 1024 * 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """The two parts, by the letter in their head."""

    DATA = "D"
    KEYS = "K"

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Head:
    """What stands in the clear before a part: neither a name nor a count. All of it is bound into the encryption."""

    kind: Kind
    installation: UUID
    backup: UUID
    made_at: datetime
    key_fingerprint: bytes

    def pack(self) -> bytes:
        microseconds = (self.made_at - _EPOCH) // timedelta(microseconds=1)
        return _HEAD.pack(
            _MAGIC,
            _VERSION,
            _SUITE,
            self.kind.value.encode(),
            0,
            self.installation.bytes,
            self.backup.bytes,
            microseconds,
            self.key_fingerprint,
        )


def read_head(path: Path) -> Head:
    """The head of a part; raises BackupRefusedError for a file that is none."""
    try:
        with path.open("rb") as source:
            return _unpacked(source.read(_HEAD.size), path)
    except OSError as problem:
        raise BackupRefusedError(f"{path} cannot be read: {problem.strerror}.") from None


def _unpacked(packed: bytes, path: Path) -> Head:
    if len(packed) != _HEAD.size or not packed.startswith(_MAGIC):
        raise BackupRefusedError(f"{path} is no part of a backup.")
    _magic, version, suite, kind, zero, installation, backup, microseconds, fingerprint = _HEAD.unpack(packed)
    if (version, suite) != (_VERSION, _SUITE):
        raise BackupRefusedError(f"{path} was made by another version of Casebook (format {version}.{suite}).")
    try:
        made_at = _EPOCH + timedelta(microseconds=microseconds)
        part = Kind(kind.decode())
    except (OverflowError, ValueError):
        raise damaged(path) from None
    if zero:
        raise damaged(path)
    return Head(part, UUID(bytes=installation), UUID(bytes=backup), made_at, fingerprint)


def damaged(path: Path) -> BackupRefusedError:
    """The one answer to every changed, cut or half-written part."""
    return BackupRefusedError(
        f"{path} failed its integrity check: it was changed, cut off or never finished. Nothing was restored from it. "
        "Take another copy of this part."
    )


class Writer:
    """Writes one part, sealed as it goes; the file is whole only after `finish`."""

    def __init__(self, out: BinaryIO, head: Head, public_key: bytes) -> None:
        packed, key = head.pack(), Cobblestone256Encryptor.generate_key()
        self._out = out
        self._encryptor = Cobblestone256Encryptor(key, context=ctx("backup", packed))
        out.write(packed + hpke_seal(public_key, key, info=ctx("backup-key", packed)))

    def frame(self, kind: int, body: bytes) -> None:
        self._out.write(self._encryptor.update(_FRAME.pack(kind, len(body)) + body))

    def finish(self) -> None:
        """Seal the end and wait until all of it is on the disk."""
        self._out.write(self._encryptor.finalize())
        self._out.flush()
        os.fsync(self._out.fileno())


class Reader:
    """Reads one part with the private key; raises BackupRefusedError for one that does not open."""

    def __init__(self, path: Path, private_key: MLKEM768X25519PrivateKey, *, public_key: bytes) -> None:
        self.path, self.head = path, read_head(path)
        if self.head.key_fingerprint != sha256(public_key).digest():
            raise BackupRefusedError(f"{path} was sealed to another backup key than the one given.")
        self._private_key = private_key

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Every frame as (kind, body), in order; raises BackupRefusedError where the file is not what was written."""
        pending = bytearray()
        for piece in self._opened():
            pending += piece
            start = 0
            while len(pending) - start >= _FRAME.size:
                kind, length = _FRAME.unpack_from(pending, start)
                if length > _LONGEST_FRAME:
                    raise damaged(self.path)
                end = start + _FRAME.size + length
                if len(pending) < end:
                    break
                yield kind, bytes(pending[start + _FRAME.size : end])
                start = end
            del pending[:start]
        if pending:
            raise damaged(self.path)

    def _opened(self) -> Iterator[bytes]:
        packed = self.head.pack()
        try:
            with self.path.open("rb") as source:
                if source.read(_HEAD.size) != packed:
                    raise damaged(self.path)
                key = hpke_open(self._private_key, source.read(_SEALED_KEY), info=ctx("backup-key", packed))
                decryptor = Cobblestone256Decryptor(key, context=ctx("backup", packed))
                while piece := source.read(_READ):
                    yield decryptor.update(piece)
                yield decryptor.finalize()
        except (InvalidTag, IntegrityError, ValueError):
            raise damaged(self.path) from None
        except OSError as problem:
            raise BackupRefusedError(f"{self.path} cannot be read: {problem.strerror}.") from None
