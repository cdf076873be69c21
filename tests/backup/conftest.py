"""Fixtures of the backup tests: folders of their own, a backup key, and somebody who types its passphrase."""

from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.management.commands import restore
from tests.backup.builders import KEY_PASSPHRASE, Desk, new_desk


@pytest.fixture
def desk(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Desk:
    settings.CASEBOOK_BACKUP_KEY = ""
    settings.CASEBOOK_UPLOAD_DIR = tmp_path / "var" / "uploads"
    settings.CASEBOOK_EVIDENCE_DIR = tmp_path / "var" / "evidence"
    monkeypatch.setattr(restore, "getpass", lambda prompt: KEY_PASSPHRASE)
    return new_desk(tmp_path / "desk")
