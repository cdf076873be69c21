"""An empty database of its own for tests that need several processes, of the kind that the suite runs on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The address of an empty database; on PostgreSQL it is dropped afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'own.sqlite3'}"
        return
    kept = connection.settings_dict
    server = f"postgres://{kept['USER']}@{kept['HOST']}:{kept['PORT'] or 5432}"
    name = f"own_{uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield f"{server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def environment_of(database: str, folder: Path) -> dict[str, str]:
    """The environment of a process of the test suite that works on such a database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "casebook.settings_test",
        "DATABASE_URL": database,
        "CASEBOOK_VAR": str(folder),
    }


def run_module(name: str, *arguments: str, database: str, folder: Path) -> str:
    """What `python -m name` prints; fails the test with its last lines when it fails."""
    command = [sys.executable, "-m", name, *arguments]
    environment = environment_of(database, folder)
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout
