"""The demonstration as a stranger makes it, and what lies on its disk afterwards: real processes, real files."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from casebook.demo.stories import all_stories
from tests import raw_bytes

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


def own_environment(folder: Path) -> dict[str, str]:
    """The environment of this machine without any setting of ours, and the demonstration's in a folder of the test."""
    ours = ("CASEBOOK_", "DJANGO_", "DATABASE_")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return environment | {"CASEBOOK_ENV_FILE": str(folder / "casebook.env"), "CASEBOOK_VAR": str(folder)}


def manage(folder: Path, *arguments: str) -> str:
    """manage.py as `make demo` calls it, with its files in a folder of the test."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=own_environment(folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    from casebook.demo.environment import write_environment

    assert write_environment(folder / "casebook.env")
    manage(folder, "migrate", "--verbosity", "0")
    manage(folder, "load_reference")
    manage(folder, "load_demo")
    return folder


def test_eleven_people_cover_every_role_in_two_organisations(demo: Path) -> None:
    logins = json.loads((demo / "demo-accounts.json").read_text(encoding="utf-8"))

    assert len(logins) == 11
    assert {role for login in logins for role in login["roles"]} == {
        "street_lawyer",
        "coordinator",
        "legal_expert",
        "advocate",
        "administrator",
        "auditor",
    }
    assert len({login["organisation"] for login in logins}) == 2
    assert set(logins[0]) == {"username", "password", "roles", "organisation"}


def test_seven_cases_stand_at_every_stage_and_three_are_published_in_a_digest(demo: Path) -> None:
    database = sqlite3.connect(demo / "casebook.sqlite3")
    stages = dict(database.execute("SELECT stage, count(*) FROM cases_case GROUP BY stage").fetchall())
    published = database.execute("SELECT count(*) FROM publication_publishedrecord").fetchone()
    digests = database.execute("SELECT count(*) FROM publication_digest WHERE issued_on IS NOT NULL").fetchone()

    assert stages == {"intake": 1, "analysis": 1, "anonymisation": 1, "review": 1, "published": 3}
    assert (published, digests) == ((3,), (1,))


def test_loading_it_again_changes_nothing(demo: Path) -> None:
    before = list(sqlite3.connect(demo / "casebook.sqlite3").iterdump())
    shown = manage(demo, "load_demo")

    assert "lawyer" in shown
    assert list(sqlite3.connect(demo / "casebook.sqlite3").iterdump()) == before


def test_its_ledger_and_its_keys_verify(demo: Path) -> None:
    assert "verified" in manage(demo, "verify_ledger")
    assert "agree" in manage(demo, "drift")


def direct_identifiers() -> list[str]:
    """Every DIRECT gold span of the seven testimonies, and each of its words that could name somebody by itself.

    Short words are left to the whole span: three letters stand somewhere in a megabyte of random bytes.
    """
    spans = {span for story in all_stories().values() for span in story.direct}
    words = {
        word for span in spans for word in re.findall(r"[^\W\d_]{4,}", span) if word[0].isupper() and not word.isascii()
    }
    return sorted(span for span in spans | words if len(span.encode()) >= 6)


def published_text(demo: Path) -> str:
    rows = (
        sqlite3.connect(demo / "casebook.sqlite3").execute("SELECT content FROM publication_publishedrecord").fetchall()
    )
    return "\n".join(json.dumps(json.loads(content), ensure_ascii=False) for (content,) in rows)


def test_no_direct_identifier_lies_anywhere_on_its_disk(demo: Path) -> None:
    words = direct_identifiers()
    files = {path.name for path in demo.rglob("*") if path.is_file()}

    assert len(words) > 150
    assert "casebook.sqlite3" in files
    assert raw_bytes.found(words, raw_bytes.of_files(demo)) == []


def test_published_records_hold_no_direct_identifier(demo: Path) -> None:
    text = published_text(demo).casefold()

    assert len(text) > 3000
    assert [
        word for word in direct_identifiers() if re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", text)
    ] == []
