"""`manage.py found_organisation`: the first administrator, and the paper that must leave the server."""

import re
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.ceremony.keys import recovery_seed, root_signing_key
from accounts.enrolment import open_with_passphrase, open_with_recovery_code
from accounts.management.commands import found_organisation
from accounts.models import Organisation, Role, User
from accounts.officers import organisation_file
from casebook.core.recovery_code import parse_code
from casebook.core.wrapping import hpke_public_of
from tests import raw_bytes

PASSPHRASE = "seven words that nobody else would ever choose"
_CODE = re.compile(r"^ {4}((?:[0-9A-Z]{4}-){8}[0-9A-Z*~$=])$", re.MULTILINE)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person at the terminal types, in this order; a test may change it."""
    answers = [PASSPHRASE, PASSPHRASE]
    monkeypatch.setattr(found_organisation, "getpass", lambda prompt: answers.pop(0))
    return answers


def found(paper: Path, *options: str, **changes: str) -> str:
    wanted = {"name": "Harbour", "country": "ge", "admin": "nino", "display_name": "Nino"} | changes
    out = StringIO()
    call_command(
        "found_organisation",
        wanted["name"],
        *("--country", wanted["country"], "--admin", wanted["admin"]),
        *("--display-name", wanted["display_name"], "--paper", str(paper), *options),
        stdout=out,
    )
    return out.getvalue()


@pytest.mark.usefixtures("nothing_yet")
def test_it_makes_the_administrator_and_shows_the_recovery_code_once(typed: list[str], tmp_path: Path) -> None:
    said = found(tmp_path / "paper.txt")

    administrator = User.objects.get(username="nino")
    assert administrator.roles == {Role.ADMINISTRATOR}
    assert (administrator.organisation.name, administrator.organisation.country) == ("Harbour", "GE")
    assert open_with_passphrase(administrator, PASSPHRASE)
    (code,) = re.findall(r"(?:[0-9A-Z]{4}-){8}[0-9A-Z*~$=]", said)
    assert open_with_recovery_code(administrator, code)
    assert PASSPHRASE not in said


@pytest.mark.usefixtures("nothing_yet")
def test_the_paper_holds_the_codes_and_only_its_owner_reads_it(typed: list[str], tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    said = found(paper)
    file = organisation_file(Organisation.objects.get())

    assert stat.S_IMODE(paper.stat().st_mode) == 0o600
    root, *custodians = (parse_code(code) for code in _CODE.findall(paper.read_text(encoding="utf-8")))
    assert hpke_public_of(recovery_seed(file, (custodians[2], custodians[0]))) == file.keys.recovery_public
    secrets = [root, *custodians, root_signing_key(file, root), recovery_seed(file, (custodians[0], custodians[1]))]
    database = raw_bytes.of_database()
    assert not any(secret in database or secret.hex().encode() in database for secret in secrets)
    assert not any(code in said for code in _CODE.findall(paper.read_text(encoding="utf-8")))


@pytest.mark.usefixtures("nothing_yet")
def test_an_existing_file_is_not_overwritten(typed: list[str], tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("something else", encoding="utf-8")

    with pytest.raises(CommandError, match="exists already"):
        found(paper)

    assert paper.read_text(encoding="utf-8") == "something else"
    assert not Organisation.objects.exists()


@pytest.mark.usefixtures("nothing_yet")
@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"country": "US"}, "Unknown country"),
        ({"admin": "no spaces"}, "valid username"),
        ({"admin": "x" * 61}, "60"),
        ({"admin": ""}, "blank"),
        ({"display_name": ""}, "blank"),
        ({"name": ""}, "blank"),
        ({"name": "x" * 201}, "200"),
        ({"name": "a\udcff"}, "broken character"),
    ],
)
def test_names_that_cannot_be_are_refused_before_anything_is_asked(
    typed: list[str], tmp_path: Path, changes: dict[str, str], complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        found(tmp_path / "paper.txt", **changes)

    assert typed == [PASSPHRASE, PASSPHRASE]
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("nothing_yet")
@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ([PASSPHRASE, PASSPHRASE + "x"], "differ"),
        (["short", "short"], "too short"),
        (["x" * 1025, "x" * 1025], "1024"),
        (["12345678901234567890"] * 2, "numeric"),
        (["a\udcff" * 10] * 2, "broken character"),
    ],
)
def test_a_passphrase_that_will_not_do_makes_nothing(
    typed: list[str], tmp_path: Path, answers: list[str], complaint: str
) -> None:
    typed[:] = answers

    with pytest.raises(CommandError, match=complaint):
        found(tmp_path / "paper.txt")

    assert not Organisation.objects.exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("nothing_yet")
def test_names_that_are_taken_are_refused(typed: list[str], tmp_path: Path) -> None:
    found(tmp_path / "first.txt")

    with pytest.raises(CommandError, match="organisation of this name"):
        found(tmp_path / "second.txt")
    with pytest.raises(CommandError, match="user name is taken"):
        found(tmp_path / "second.txt", name="Elsewhere", admin="NINO")


@pytest.mark.usefixtures("nothing_yet")
def test_without_its_paper_there_is_no_organisation(typed: list[str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        found(tmp_path / "no-such-folder" / "paper.txt")

    assert not Organisation.objects.exists()


@pytest.mark.usefixtures("nothing_yet")
def test_words_are_offered_on_request(typed: list[str], tmp_path: Path, capsys: Any) -> None:
    said = found(tmp_path / "paper.txt", "--suggest")

    assert re.search(r"\n {4}([a-z]+ ){6}[a-z]+\n", said)
