"""A real server with two workers takes a slow upload, and no file that either holds open has a word of it."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests import raw_bytes
from tests.test_demo import ROOT, demo, manage, own_environment

__all__ = ["demo"]
pytestmark = pytest.mark.slow
MARKER = b"Lukerya-was-here-and-nobody-may-read-it "
PIECES = 60


@dataclass
class Visitor:
    """A small browser: cookies, forms and their tokens."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def headers(self) -> dict[str, str]:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": jar, "Origin": f"http://127.0.0.1:{self.port}", "Sec-Fetch-Site": "same-origin"}

    def read(self, answer: http.client.HTTPResponse) -> tuple[int, str, str]:
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return answer.status, answer.read().decode(errors="replace"), answer.headers.get("Location", "")

    def get(self, path: str) -> str:
        connection = self.connect()
        connection.request("GET", path, headers=self.headers())
        status, page, _location = self.read(connection.getresponse())
        assert status == 200, (path, status)
        return page

    def post(self, path: str, fields: dict[str, str], *, form: str = "") -> tuple[int, str]:
        """Status and location of the answer; the form stands on the page `form`, or on the one it posts to."""
        token = token_in(self.get(form or path))
        body = urlencode({**fields, "csrfmiddlewaretoken": token})
        connection = self.connect()
        headers = {**self.headers(), "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, body, headers)
        status, _page, location = self.read(connection.getresponse())
        return status, location


def token_in(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def server(demo: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    manage(demo, "collectstatic", "--noinput", "--verbosity", "0")
    (demo / "tmp").mkdir()
    with serving(demo, workers=2) as served:
        yield served


@contextmanager
def serving(demo: Path, *, workers: int) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A server of its own over the demonstration's database, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bound = {"CASEBOOK_BIND": f"127.0.0.1:{port}", "CASEBOOK_WORKERS": str(workers), "TMPDIR": str(demo / "tmp")}
    command = [sys.executable, "-m", "gunicorn", "--config", "casebook/gunicorn.py", "casebook.wsgi"]
    process = subprocess.Popen(command, cwd=ROOT, env=own_environment(demo) | bound, start_new_session=True)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield process, port
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=20)


def open_files(leader: int) -> bytes:
    """The content of every regular file that the server's processes hold open, deleted ones too."""
    pieces = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) != leader:
                continue
            for link in (folder / "fd").iterdir():
                if link.is_file():
                    pieces.append(link.read_bytes())
        except (ProcessLookupError, FileNotFoundError, PermissionError, OSError):
            continue
    return b"".join(pieces)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc to look into open files")
def test_a_slow_upload_is_never_in_the_clear_in_any_open_file(
    demo: Path, server: tuple[subprocess.Popen[bytes], int]
) -> None:
    process, port = server
    logins = json.loads((demo / "demo-accounts.json").read_text(encoding="utf-8"))
    password = next(login["password"] for login in logins if login["username"] == "lawyer-lt")
    visitor = Visitor(port)
    assert visitor.post("/sign-in/", {"login": "lawyer-lt", "password": password})[0] == 302
    reference = re.findall(r'href="/cases/([2-9A-Z]{7})/"', visitor.get("/cases/"))[0]
    path = f"/cases/{reference}/evidence/"
    piece = MARKER * (100_000 // len(MARKER))
    head, tail = multipart(token_in(visitor.get(path)), piece, PIECES)

    connection = visitor.connect()
    connection.putrequest("POST", path)
    for name, value in visitor.headers().items():
        connection.putheader(name, value)
    connection.putheader("Content-Type", "multipart/form-data; boundary=edge")
    connection.putheader("Content-Length", str(len(head) + PIECES * len(piece) + len(tail)))
    connection.endheaders(head)
    looked = 0
    for number in range(PIECES):
        connection.send(piece)
        if number % 6 == 5:
            time.sleep(0.05)
            looked += len(open_files(process.pid))
            assert MARKER not in open_files(process.pid)
            assert MARKER not in raw_bytes.of_files(demo)
    connection.send(tail)
    status, _page, _location = visitor.read(connection.getresponse())

    assert status == 302
    assert looked > 1_000_000
    assert MARKER not in raw_bytes.of_files(demo)
    kept = [each for each in (demo / "evidence").iterdir() if each.stat().st_size > PIECES * len(piece)]
    assert len(kept) == 1
    assert list((demo / "uploads").iterdir()) == []


def multipart(token: str, piece: bytes, pieces: int) -> tuple[bytes, bytes]:
    """What stands before and behind the file in the body of the form."""
    fields = f'--edge\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
    fields += '--edge\r\nContent-Disposition: form-data; name="kind"\r\n\r\n\r\n'
    opening = (
        '--edge\r\nContent-Disposition: form-data; name="file"; filename="walk.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    )
    return (fields + opening).encode(), b"\r\n--edge--\r\n"


def test_the_eleventh_sign_in_of_a_minute_is_refused_across_processes(
    demo: Path, server: tuple[subprocess.Popen[bytes], int]
) -> None:
    """Two servers that share nothing but the database, asked in turn."""
    with serving(demo, workers=1) as (_other, second_port):
        visitors = (Visitor(server[1]), Visitor(second_port))
        time.sleep(60 - time.time() % 60)  # the window is a minute of the clock
        tries = [
            visitors[number % 2].post("/sign-in/", {"login": "lawyer-lt", "password": "no"}) for number in range(12)
        ]

    assert [status for status, _location in tries] == [200] * 10 + [429] * 2
