"""Signed notes, checkpoints and cosignatures as C2SP writes them down. Pure.

Sources: c2sp.org/signed-note (the format, key identifiers, verifier keys), c2sp.org/tlog-checkpoint (origin, size,
root), c2sp.org/tlog-cosignature (`cosignature/v1`, Ed25519). A note is text, an empty line, and signature lines.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, replace
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_NOTE = 64 * 1024
MAX_SIGNATURES = 64
_DASH = "\N{EM DASH}"
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID, _PUBLIC, _SIGNATURE, _TIME = 4, 32, 64, 8


class NoteError(ValueError):
    """Text that is not what it should be; the message says what, in plain English, for a command line."""


class KeyKind(IntEnum):
    """Signature types of c2sp.org/signed-note: what a log signs with, and what a witness adds."""

    LOG = 0x01
    WITNESS = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under its name, written `name+id+key`: what somebody needs to check a signature."""

    name: str
    kind: KeyKind
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name, newline, type, public key)."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_KEY_ID]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def of(cls, name: str, kind: KeyKind, private: Ed25519PrivateKey) -> "VerifierKey":
        return cls(checked_name(name), kind, private.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read `name+id+key`; raises NoteError for another type of key or an id that is not the key's."""
        name, _plus, rest = text.strip().partition("+")
        key_id, _plus, encoded = rest.partition("+")
        material = _decode(encoded)
        if len(material) != 1 + _PUBLIC or material[0] not in tuple(KeyKind):
            raise NoteError("This is no verifier key of a log or a witness (Ed25519).")
        key = cls(checked_name(name), KeyKind(material[0]), material[1:])
        if key.key_id.hex() != key_id:
            raise NoteError("The identifier in the verifier key is not the key's.")
        return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who signed, by name and key identifier, and what stands after the identifier."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_DASH} {self.name} {b64encode(self.key_id + self.value).decode()}"

    @classmethod
    def parse(cls, line: str) -> "NoteSignature":
        dash, _space, rest = line.partition(" ")
        name, _space, encoded = rest.partition(" ")
        value = _decode(encoded)
        if dash != _DASH or len(value) <= _KEY_ID:
            raise NoteError("A signature line is broken.")
        return cls(checked_name(name), value[:_KEY_ID], value[_KEY_ID:])

    def is_by(self, key: VerifierKey) -> bool:
        return (self.name, self.key_id) == (key.name, key.key_id)


@dataclass(frozen=True, slots=True)
class Note:
    """Signed text; the text ends in a newline."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)

    @classmethod
    def parse(cls, written: str) -> "Note":
        """Read a note; raises NoteError. Nothing of it may be believed before `signed_by`."""
        if len(written) > MAX_NOTE or _CONTROL.search(written):
            raise NoteError("This is no signed note.")
        text, empty, lines = written.rpartition("\n\n")
        if not empty or not lines.endswith("\n"):
            raise NoteError("This is no signed note: an empty line and signatures must follow the text.")
        signatures = tuple(map(NoteSignature.parse, lines.removesuffix("\n").split("\n")))
        if len(signatures) > MAX_SIGNATURES:
            raise NoteError("This note has too many signatures.")
        return cls(text + "\n", signatures)

    def signed_by(self, key: VerifierKey) -> bool:
        """Whether this key signed; raises NoteError where a line says so and its signature is false."""
        lines = [signature for signature in self.signatures if signature.is_by(key)]
        for line in lines:
            _check(key, line.value, self.text)
        return bool(lines)

    def with_signature(self, signature: NoteSignature) -> "Note":
        """The note with one more line; it takes the place of an older line by the same key."""
        others = tuple(
            each for each in self.signatures if (each.name, each.key_id) != (signature.name, signature.key_id)
        )
        return replace(self, signatures=(*others, signature))

    def only_by(self, keys: list[VerifierKey]) -> "Note":
        """The note without the lines of other keys."""
        known = tuple(line for line in self.signatures if any(line.is_by(key) for key in keys))
        return replace(self, signatures=known)


@dataclass(frozen=True, slots=True)
class CheckpointText:
    """What a checkpoint says: which log, how many entries, the root over them (RFC 6962)."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "CheckpointText":
        """Read the three lines; raises NoteError, for extension lines too, which nobody could audit."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
            raise NoteError("This is no checkpoint: it must say origin, size and root in three lines.")
        root = _decode(lines[2])
        if len(root) != sha256().digest_size:
            raise NoteError("The root of this checkpoint is not 32 bytes.")
        return cls(lines[0], int(lines[1]), root)


def checked_name(name: str) -> str:
    """The name, if it can stand in a note: not empty, no spaces, no plus; raises NoteError."""
    if not _NAME.fullmatch(name):
        raise NoteError("A name in a note has no spaces and no plus sign.")
    return name


def sign_text(text: str, name: str, private: Ed25519PrivateKey) -> NoteSignature:
    """A log's signature: Ed25519 over the text itself."""
    key = VerifierKey.of(name, KeyKind.LOG, private)
    return NoteSignature(name, key.key_id, private.sign(text.encode()))


def cosign(text: str, name: str, private: Ed25519PrivateKey, *, at: int) -> NoteSignature:
    """A witness's signature, `at` in seconds since 1970: it saw this log consistent and no larger at that time."""
    key = VerifierKey.of(name, KeyKind.WITNESS, private)
    return NoteSignature(name, key.key_id, at.to_bytes(_TIME, "big") + private.sign(_cosigned(text, at)))


def cosigned_at(signature: NoteSignature) -> int:
    """When a witness signed, in seconds since 1970."""
    return int.from_bytes(signature.value[:_TIME], "big")


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _check(key: VerifierKey, value: bytes, text: str) -> None:
    message = text.encode()
    if key.kind == KeyKind.WITNESS:
        message, value = _cosigned(text, int.from_bytes(value[:_TIME], "big")), value[_TIME:]
    try:
        if len(value) != _SIGNATURE:
            raise InvalidSignature
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, message)
    except InvalidSignature:
        raise NoteError(f"The signature of {key.name} is false.") from None


def _decode(encoded: str) -> bytes:
    """Base64 in its one canonical spelling (RFC 4648 section 4); raises NoteError."""
    try:
        value = b64decode(encoded, validate=True)
    except (Base64Error, ValueError):
        raise NoteError("This is not base64.") from None
    if b64encode(value).decode() != encoded:
        raise NoteError("This is not base64.")
    return value
