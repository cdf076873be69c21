"""Sealed values: the format that protects every field, key slot, session and epoch link. Pure: knows no Django model.

Layout (big-endian): 'S' | version | suite | flags | epoch u32 | revision u64 | Cobblestone-256 message
(salt 24, commitment 32, AES-256-GCM chunks of 16 KiB with a 16-byte tag each; C2SP chunked-encryption).
"""

import struct
from dataclasses import dataclass
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from casebook.core.encoding import ctx, pad, unpad
from casebook.core.errors import IntegrityError

_HEADER = struct.Struct(">cBBBIQ")
_MAGIC, _VERSION, _SUITE, _PADDED = b"S", 1, 1, 1
HEADER_LENGTH = _HEADER.size
MINIMUM_LENGTH = HEADER_LENGTH + 24 + 32 + 64 + 16


@dataclass(frozen=True, slots=True)
class Header:
    """The clear first 16 bytes of a sealed value; all of them are bound into the encryption."""

    epoch: int
    revision: int

    def pack(self) -> bytes:
        return _HEADER.pack(_MAGIC, _VERSION, _SUITE, _PADDED, self.epoch, self.revision)


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """Where a sealed field lives; a value moved anywhere else does not open."""

    organisation: UUID
    model: str
    row: UUID
    field: str
    case: UUID
    compartment: UUID
    compartment_name: str

    def context(self) -> bytes:
        return ctx(
            "field",
            self.organisation,
            self.model,
            self.row,
            self.field,
            self.case,
            self.compartment,
            self.compartment_name,
        )


def is_sealed(value: bytes) -> bool:
    """Whether the bytes have the outer form of a sealed value (this says nothing about whether they open)."""
    return len(value) >= MINIMUM_LENGTH and value[:4] == bytes((_MAGIC[0], _VERSION, _SUITE, _PADDED))


def read_header(sealed: bytes) -> Header:
    """Epoch and revision of a sealed value; raises IntegrityError for anything else."""
    if not is_sealed(sealed):
        raise IntegrityError
    return Header(*_HEADER.unpack_from(sealed)[4:])


def seal(key: bytes, plaintext: bytes, *, context: bytes, epoch: int = 0, revision: int = 0) -> bytes:
    """Seal `plaintext` under a 32-byte key for one place (`context`), padded to a size class."""
    header = Header(epoch, revision).pack()
    encryptor = Cobblestone256Encryptor(key, context=ctx("sealed", header, context))
    return header + encryptor.update(pad(plaintext)) + encryptor.finalize()


def unseal(key: bytes, sealed: bytes, *, context: bytes) -> bytes:
    """Open what `seal` made for the same key and place; raises IntegrityError for everything else."""
    read_header(sealed)
    header, message = sealed[:HEADER_LENGTH], sealed[HEADER_LENGTH:]
    decryptor = Cobblestone256Decryptor(key, context=ctx("sealed", header, context))
    try:
        return unpad(decryptor.update(message) + decryptor.finalize())
    except (InvalidTag, ValueError):
        raise IntegrityError from None
