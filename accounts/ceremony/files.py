"""The files that travel between the server and the offline machine: JSON, strictly read. Pure.

Each file is one frozen dataclass. Bytes are base64, identifiers are UUIDs as text; `format` and `version` say which
file it is. Unknown, missing, doubled or wrongly typed fields make a file unreadable.
"""

import json
import types
import typing
from base64 import b64decode, b64encode
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.certified_keys import CertifiedKey, OrganisationKeys
from casebook.core.encoding import ctx
from casebook.core.errors import CasebookError

VERSION = 1
MAX_BYTES = 64 * 1024 * 1024
_LENGTHS = {
    **dict.fromkeys(("hpke_public", "recovery_public", "auditor_public"), 1216),
    **dict.fromkeys(("root_public", "signing_public"), 32),
    **dict.fromkeys(("signature", "certificate", "auditors_signature"), 64),
}
T = TypeVar("T")
F = TypeVar("F", bound="File")


class UnreadableFileError(CasebookError):
    code = "unreadable-file"
    message = _("This is not the file that is needed here, or it was damaged on the way. Copy it again.")


# --- what the files say -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecoveryCopy:
    """The recovery key sealed to two custodians together, by their numbers (first < second)."""

    first: int
    second: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SealedCopies:
    """What the paper codes open: the recovery key once for each pair, the auditors' key under the root's code."""

    recovery: tuple[RecoveryCopy, ...]
    auditors: bytes


@dataclass(frozen=True, slots=True)
class File:
    """A file with a `format` of its own."""

    format: ClassVar[str]


@dataclass(frozen=True, slots=True)
class OrganisationFile(File):
    """`organisation.json`: the public halves of the organisation's keys and the sealed copies of two private ones."""

    format: ClassVar[str] = "casebook/organisation"

    keys: OrganisationKeys
    copies: SealedCopies


@dataclass(frozen=True, slots=True)
class OfficerRequest(File):
    """Asks the root to make the holder of a key an officer."""

    format: ClassVar[str] = "casebook/officer-request"

    request: UUID
    organisation: OrganisationFile
    key: CertifiedKey


@dataclass(frozen=True, slots=True)
class OfficerAnswer(File):
    """The root's certificate for an officer, and the auditors' key wrapped to them; `signature` is by the root."""

    format: ClassVar[str] = "casebook/officer-certificate"

    request: UUID
    certificate: bytes
    auditors_wrap: bytes
    auditors_signature: bytes
    signature: bytes

    def statement(self, organisation: UUID, key: UUID) -> bytes:
        """What binds the answer to one request."""
        return ctx("officer-answer", organisation, self.request, key, self.certificate, self.auditors_signature)


@dataclass(frozen=True, slots=True)
class EscrowedKey:
    """A compartment's key as it is wrapped to the recovery key; without a signer the root signed."""

    compartment: UUID
    name: str
    epoch: int
    blob: bytes
    signature: bytes
    signer: CertifiedKey | None


@dataclass(frozen=True, slots=True)
class EscrowedCase:
    case: UUID
    reference: str
    compartments: tuple[EscrowedKey, ...]


@dataclass(frozen=True, slots=True)
class Escrow(File):
    """Asks two custodians and the root to give cases to a new holder."""

    format: ClassVar[str] = "casebook/escrow"

    request: UUID
    organisation: OrganisationFile
    holder: CertifiedKey
    cases: tuple[EscrowedCase, ...]


@dataclass(frozen=True, slots=True)
class RecoveredKey:
    """A compartment's key wrapped to the new holder; `signature` is by the root."""

    compartment: UUID
    epoch: int
    blob: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Recovered(File):
    """What was recovered for the holder of one key; `signature` is by the root."""

    format: ClassVar[str] = "casebook/recovered"

    request: UUID
    keys: tuple[RecoveredKey, ...]
    signature: bytes

    def statement(self, organisation: UUID, holder: UUID) -> bytes:
        """What binds the wraps to one request and to each other; each wrap's own signature binds its place."""
        wraps = (part for key in self.keys for part in (key.compartment, key.signature))
        return ctx("recovered", organisation, self.request, holder, *wraps)


# --- writing and reading ------------------------------------------------------------------------------------------


def dump(file: File) -> str:
    """The text of a file."""
    return json.dumps({"format": file.format, "version": VERSION, **encode(file)}, indent=1) + "\n"


def parse(kind: type[F], text: str | bytes) -> F:
    """A file from its text; raises UnreadableFileError for everything but what `dump` makes of this kind."""
    try:
        content = json.loads(text, object_pairs_hook=_once)
        if not isinstance(content, dict) or content.pop("format", None) != kind.format:
            raise UnreadableFileError
        version = content.pop("version", None)
        if type(version) is not int or version != VERSION:
            raise UnreadableFileError
        return decode(kind, content)
    except (ValueError, RecursionError):
        raise UnreadableFileError from None


def read(kind: type[F], path: Path) -> F:
    """A file from disk; raises UnreadableFileError, and OSError when there is none."""
    with path.open("rb") as source:
        content = source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UnreadableFileError
    return parse(kind, content)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _value in pairs}) != len(pairs):
        raise UnreadableFileError
    return dict(pairs)


def encode(value: Any) -> Any:
    """A dataclass of bytes, UUIDs, texts, numbers and further ones as what JSON can hold."""
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [encode(each) for each in value]
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value) if isinstance(value, UUID) else value


def decode(kind: type[T], content: Any) -> T:
    """Inverse of `encode`; raises UnreadableFileError, or ValueError for text that is no base64, UUID or Unicode."""
    hints = typing.get_type_hints(kind)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    if not isinstance(content, dict) or set(content) != set(names):
        raise UnreadableFileError
    values = {name: _value(hints[name], content[name]) for name in names}
    if any(len(values[name] or bytes(length)) != length for name, length in _LENGTHS.items() if name in values):
        raise UnreadableFileError
    return kind(**values)


def _value(hint: Any, value: Any) -> Any:
    if typing.get_origin(hint) is types.UnionType:
        return None if value is None else _value(typing.get_args(hint)[0], value)
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise UnreadableFileError
        return tuple(_value(typing.get_args(hint)[0], each) for each in value)
    if is_dataclass(hint):
        return decode(typing.cast(type[Any], hint), value)
    if hint in (bytes, UUID):
        return _from_text(hint, value)
    if type(value) is not hint or (hint is int and not 0 <= value < 2**32):
        raise UnreadableFileError
    if hint is str:
        value.encode()
    return value


def _from_text(hint: type, value: Any) -> Any:
    """Base64 or a UUID; a ValueError makes the whole file unreadable."""
    if not isinstance(value, str):
        raise UnreadableFileError
    return b64decode(value, validate=True) if hint is bytes else UUID(value)
