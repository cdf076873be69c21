"""`manage.py backup_key`: the private half in one file under a passphrase, the public half on the screen."""

import json
import re
import stat
from base64 import b64decode
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.management.commands import backup_key
from casebook.core.backup.key_file import open_file, public_from_setting
from casebook.core.wrapping import hpke_open, hpke_seal
from tests.backup.builders import CHEAP

PASSPHRASE = "seven words for the backup key alone"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person at the terminal types, in this order; a test may change it."""
    answers = [PASSPHRASE, PASSPHRASE]
    monkeypatch.setattr(backup_key, "getpass", lambda prompt: answers.pop(0))
    return answers


def make(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("backup_key", str(path), *options, stdout=out)
    return out.getvalue()


def test_the_printed_half_seals_and_the_file_opens(typed: list[str], tmp_path: Path) -> None:
    said = make(tmp_path / "key.json")

    (line,) = re.findall(r"CASEBOOK_BACKUP_KEY=(\S+)", said)
    key = open_file(tmp_path / "key.json", PASSPHRASE, floor=CHEAP)
    assert key.public == public_from_setting(line)
    assert hpke_open(key.private, hpke_seal(key.public, b"words", info=b"here"), info=b"here") == b"words"


def test_nothing_secret_is_printed_and_only_the_owner_reads_the_file(typed: list[str], tmp_path: Path) -> None:
    said = make(tmp_path / "key.json")

    content = json.loads((tmp_path / "key.json").read_text())
    assert stat.S_IMODE((tmp_path / "key.json").stat().st_mode) == 0o600
    assert PASSPHRASE not in said
    assert content["sealed"] not in said
    assert set(content) == {"casebook", "version", "public", "argon2", "salt", "sealed"}
    assert len(b64decode(content["public"])) == 1216


def test_a_passphrase_is_offered_when_asked_for(typed: list[str], tmp_path: Path) -> None:
    assert re.search(r"^    (\w+ ){6}\w+$", make(tmp_path / "key.json", "--suggest"), re.MULTILINE)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (["short", "short"], "too short"),
        (["12345678901234567890"] * 2, "entirely numeric"),
        ([PASSPHRASE, PASSPHRASE + "x"], "differ"),
        (["x" * 5000] * 2, "at most"),
        (["\ud800" * 20] * 2, "."),
    ],
)
def test_a_weak_or_mistyped_passphrase_makes_nothing(
    typed: list[str], tmp_path: Path, answers: list[str], why: str
) -> None:
    typed[:] = answers

    with pytest.raises(CommandError, match=why):
        make(tmp_path / "key.json")

    assert not (tmp_path / "key.json").exists()


def test_a_file_that_exists_or_cannot_be_written_is_named(typed: list[str], tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text("precious")
    with pytest.raises(CommandError, match="exists already"):
        make(tmp_path / "key.json")
    with pytest.raises(CommandError, match="cannot be written"):
        make(tmp_path / "nowhere" / "key.json")

    assert (tmp_path / "key.json").read_text() == "precious"
