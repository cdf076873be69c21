"""Two workers of a real server and many visitors at once: nothing is lost, and the ledger stays one chain."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.builders import PASSPHRASE
from tests.own_database import ROOT, environment_of, own_database, run_module
from tests.test_two_workers import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
PEOPLE_EACH = 5


@contextmanager
def served(database: str, folder: Path) -> Iterator[int]:
    """A server with two workers on this database; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bound = {"CASEBOOK_BIND": f"127.0.0.1:{port}", "CASEBOOK_WORKERS": "2"}
    command = [sys.executable, "-m", "gunicorn", "--config", "casebook/gunicorn.py", "casebook.wsgi"]
    command += ["--env", "DJANGO_SETTINGS_MODULE=casebook.settings_test"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment_of(database, folder) | bound, start_new_session=True)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=20)


def signed_in(port: int, username: str) -> Visitor:
    visitor = Visitor(port)
    assert visitor.post("/sign-in/", {"login": username, "password": PASSPHRASE})[0] == 302
    return visitor


def add_people(port: int, username: str, reference: str, who: str) -> list[str]:
    """The names that the server said it had saved."""
    visitor = signed_in(port, username)
    names = [f"{who}{number}" for number in range(PEOPLE_EACH)]
    answers = [visitor.post(f"/cases/{reference}/people/add/", {"role": "witness", "given": name})[0] for name in names]
    return [name for name, status in zip(names, answers, strict=True) if status == 302]


def rewrite(port: int, username: str, reference: str, word: str) -> int:
    """Put a word before the story; look again and repeat while somebody else was faster. How often that was."""
    visitor = signed_in(port, username)
    for attempt in range(40):
        page = visitor.get(f"/cases/{reference}/story/")
        revision = re.search(r'name="revision" value="(\d+)"', page)
        text = re.search(r"<textarea[^>]*>\s?([^<]*)</textarea>", page)
        assert revision is not None
        assert text is not None
        told = {"text": f"{word} {text[1]}", "language": "ru", "revision": revision[1]}
        status, _location = visitor.post(f"/cases/{reference}/story/", told)
        if status == 302:
            return attempt
        assert status == 409
    raise AssertionError("never got through")


def share(port: int, username: str, reference: str, value: str) -> int:
    page = f"/cases/{reference}/sharing/"
    return signed_in(port, username).post(f"{page}add/", {"who": value}, form=page)[0]


def test_edits_shares_and_sign_ins_at_once_lose_nothing(tmp_path: Path) -> None:
    with own_database(tmp_path) as database:
        prepared = json.loads(run_module("tests.prepared", database=database, folder=tmp_path))
        people, ids, references = prepared["people"], prepared["ids"], prepared["references"]
        first = references[0]
        with served(database, tmp_path) as port, ThreadPoolExecutor(8) as pool:
            adding = [
                pool.submit(add_people, port, people[name], first, f"{name.title()}Witness")
                for name in ("lawyer", "coordinator", "coordinator")
            ]
            writing = [
                pool.submit(rewrite, port, people[name], first, f"{name}-was-here")
                for name in ("lawyer", "coordinator")
            ]
            sharing = [
                pool.submit(share, port, people["lawyer"], reference, f"caseworker:{ids['colleague']}")
                for reference in references
            ]
            saved = [name for each in adding for name in each.result()]
            for each in writing:
                each.result()
            assert [each.result() for each in sharing] == [302] * len(references)

            colleague = signed_in(port, people["colleague"])
            page = colleague.get(f"/cases/{first}/people/")
            story = colleague.get(f"/cases/{first}/story/")
            assert len(saved) == 3 * PEOPLE_EACH
            assert {name: page.count(name) >= saved.count(name) for name in saved} == dict.fromkeys(saved, True)
            assert "lawyer-was-here" in story
            assert "coordinator-was-here" in story
            for reference in references:
                assert reference in colleague.get("/cases/")
        checked = run_module("manage", "verify_ledger", database=database, folder=tmp_path)
        agreed = run_module("manage", "drift", database=database, folder=tmp_path)

    assert "verified" in checked
    assert "agree" in agreed
