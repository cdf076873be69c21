"""Uploaded files are sealed while they arrive: no byte of them is ever on disk in the clear."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError
from casebook.core.identifiers import new_id

_READ = 256 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class SealedFile:
    """What is needed to open a sealed file: belongs into a sealed field, as hexadecimal text and numbers."""

    id: UUID
    key: bytes
    sealed_length: int
    sha256: bytes


class SealedUpload(UploadedFile):  # type: ignore[type-arg]
    """A finished upload: already sealed under a key of its own, deleted with the request unless it is kept."""

    def __init__(self, *, name: str, content_type: str, size: int, path: Path, sealed: SealedFile) -> None:
        super().__init__(file=None, name=name, content_type=content_type, size=size)
        self._path = path
        self.sealed = sealed

    @property
    def too_large(self) -> bool:
        return bool(self.size and self.size > settings.CASEBOOK_MAX_UPLOAD)

    def keep(self) -> None:
        """Move the sealed file to where evidence lies."""
        target = stored_path(self.sealed.id)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self._path, target)

    def close(self) -> None:
        self._path.unlink(missing_ok=True)


class SealingUploadHandler(FileUploadHandler):
    """The only upload handler of the project; a second one would let Django spool to disk in clear."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._id = new_id()
        self._key = Cobblestone256Encryptor.generate_key()
        self._encryptor = Cobblestone256Encryptor(self._key, context=_context(self._id))
        self._digest = sha256()
        self._size = 0
        folder = Path(settings.CASEBOOK_UPLOAD_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{self._id}.part"
        self._out = self._path.open("wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if self._size > settings.CASEBOOK_MAX_UPLOAD:
            return
        self._digest.update(raw_data)
        self._out.write(self._encryptor.update(raw_data))

    def file_complete(self, file_size: int) -> SealedUpload:
        self._out.write(self._encryptor.finalize())
        self._out.close()
        sealed = SealedFile(self._id, self._key, self._path.stat().st_size, self._digest.digest())
        return SealedUpload(
            name=self.file_name or "",
            content_type=self.content_type or "application/octet-stream",
            size=file_size,
            path=self._path,
            sealed=sealed,
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "_out"):
            self._out.close()
            self._path.unlink(missing_ok=True)


def stored_path(file_id: UUID) -> Path:
    """Where a kept file lies; its name says nothing."""
    return Path(settings.CASEBOOK_EVIDENCE_DIR) / f"{file_id}.sealed"


def verify_stored(sealed: SealedFile) -> None:
    """Read the whole file once; raises IntegrityError before a single byte of a damaged file could leave."""
    digest = sha256()
    for piece in _opened(sealed):
        digest.update(piece)
    if digest.digest() != sealed.sha256:
        raise IntegrityError


def read_stored(sealed: SealedFile) -> Iterator[bytes]:
    """The file in pieces; call `verify_stored` first."""
    return _opened(sealed)


def _opened(sealed: SealedFile) -> Iterator[bytes]:
    path = stored_path(sealed.id)
    if not path.exists() or path.stat().st_size != sealed.sealed_length:
        raise IntegrityError
    decryptor = Cobblestone256Decryptor(sealed.key, context=_context(sealed.id))
    try:
        with path.open("rb") as source:
            while piece := source.read(_READ):
                yield decryptor.update(piece)
        yield decryptor.finalize()
    except (InvalidTag, ValueError):
        raise IntegrityError from None


def _context(file_id: UUID) -> bytes:
    return ctx("file", file_id)
