"""Uploads are sealed while they arrive, and open only whole."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from casebook.core.errors import IntegrityError
from casebook.core.uploads import SealedUpload, SealingUploadHandler, read_stored, stored_path, verify_stored
from tests import raw_bytes

MARKER = b"Lukerya was here. "
CHUNK = 16_384 + 16


@pytest.fixture
def folders(settings: Any, tmp_path: Path) -> Path:
    settings.CASEBOOK_UPLOAD_DIR = tmp_path / "uploads"
    settings.CASEBOOK_EVIDENCE_DIR = tmp_path / "evidence"
    return tmp_path


def receive(content: bytes, name: str = "photo.jpg") -> SealedUpload:
    """One file through Django's own multipart parser and the project's only handler."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    request = RequestFactory().post("/", {"file": SimpleUploadedFile(name, content, "image/jpeg")})
    upload = request.FILES["file"]
    assert isinstance(upload, SealedUpload)
    return upload


def test_a_large_upload_is_never_on_disk_in_the_clear(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bool] = []
    receive_chunk = SealingUploadHandler.receive_data_chunk

    def look_at_the_disk(self: SealingUploadHandler, raw_data: bytes, start: int) -> None:
        receive_chunk(self, raw_data, start)
        self._out.flush()
        looked.append(MARKER in raw_bytes.of_files(folders))

    monkeypatch.setattr(SealingUploadHandler, "receive_data_chunk", look_at_the_disk)
    content = MARKER * (4_800_000 // len(MARKER))
    upload = receive(content)
    upload.keep()

    assert len(looked) > 50
    assert not any(looked)
    assert MARKER not in raw_bytes.of_files(folders)
    assert b"photo" not in raw_bytes.of_files(folders)
    assert b"".join(read_stored(upload.sealed)) == content


def test_what_is_not_kept_is_deleted_with_the_request(folders: Path) -> None:
    upload = receive(MARKER)
    assert list((folders / "uploads").iterdir())

    upload.close()
    assert not list((folders / "uploads").iterdir())


def test_an_empty_file_round_trips(folders: Path) -> None:
    upload = receive(b"")
    upload.keep()

    verify_stored(upload.sealed)
    assert b"".join(read_stored(upload.sealed)) == b""


def test_a_file_too_large_says_so_and_is_not_written_to_the_end(folders: Path, settings: Any) -> None:
    settings.CASEBOOK_MAX_UPLOAD = 100_000
    upload = receive(os.urandom(300_000))

    assert upload.too_large
    assert upload.sealed.sealed_length < 150_000


@pytest.mark.parametrize("cut", [56 + CHUNK, 56 + 2 * CHUNK, 56 + 3 * CHUNK, 56, 0, 10, -1])
def test_a_file_cut_anywhere_is_refused_before_the_first_byte(folders: Path, cut: int) -> None:
    upload = receive(os.urandom(60_000))
    upload.keep()
    path = stored_path(upload.sealed.id)
    path.write_bytes(path.read_bytes()[:cut])

    with pytest.raises(IntegrityError):
        verify_stored(upload.sealed)
    with pytest.raises(IntegrityError):
        next(iter(read_stored(upload.sealed)))


def test_a_file_with_a_flipped_bit_or_from_another_place_is_refused(folders: Path) -> None:
    first, second = receive(os.urandom(60_000)), receive(os.urandom(60_000))
    first.keep()
    second.keep()
    path = stored_path(first.sealed.id)
    content = bytearray(path.read_bytes())
    for index in (0, 30, 57, len(content) // 2, len(content) - 1):
        content[index] ^= 1
        path.write_bytes(content)
        with pytest.raises(IntegrityError):
            verify_stored(first.sealed)
        content[index] ^= 1
    path.write_bytes(stored_path(second.sealed.id).read_bytes())
    with pytest.raises(IntegrityError):
        verify_stored(first.sealed)


def test_a_missing_file_is_refused(folders: Path) -> None:
    upload = receive(MARKER)

    with pytest.raises(IntegrityError):
        verify_stored(upload.sealed)
