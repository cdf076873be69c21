"""E 69: what an erasure leaves on the disk, and on PostgreSQL in the tables."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from cases.erasure import finishing
from cases.erasure.finishing import touched_tables, vacuum
from cases.models import Case
from tests.builders import World, found_world
from tests.cases.builders import told_case
from tests.erasure.builders import erased

_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_no_sealed_byte_of_an_erased_case_is_left_in_the_files(tmp_path: Path) -> None:
    """A database of its own on the disk, with its write-ahead log; two people approve at once."""
    command = [sys.executable, "-m", "tests.erasure.erased_file", str(tmp_path)]
    environment = {**os.environ, "DATABASE_URL": "", "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr[-2000:]
    seen = json.loads(run.stdout)
    assert seen["answers"] == ["already-decided", "erased"]
    assert seen["values"] >= 20
    assert seen["before"] == seen["values"]
    assert (seen["after"], seen["others"], seen["files"]) == (0, 0, 0)
    assert seen["finished"]


@pytest.mark.django_db(transaction=True)
def test_erasing_vacuums_right_after_its_transaction() -> None:
    world = found_world("Vacuum", "AM")
    row = erased(world, told_case(world))

    row.refresh_from_db()
    assert row.finished_at is not None
    assert row.files == []


@pytest.mark.django_db(transaction=True)
def test_both_databases_are_vacuumed_by_their_own_words() -> None:
    said: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        assert vacuum()

    if connection.vendor == "sqlite":
        assert said == ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
    else:
        assert said == [f'VACUUM "{table}"' for table in touched_tables()]


def test_inside_a_transaction_it_waits(world: World) -> None:
    row = erased(world, told_case(world))

    assert not vacuum()
    assert not finishing.finish(row.pk)
    row.refresh_from_db()
    assert row.finished_at is None


def test_while_somebody_reads_the_database_it_waits_for_the_command(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Busy:
        vendor = connection.vendor
        in_atomic_block = False
        ops = connection.ops

        def cursor(self) -> Any:
            raise OperationalError("database is locked")

    monkeypatch.setattr(finishing, "connection", Busy())
    row = erased(world, told_case(world))

    assert not finishing.finish(row.pk)
    assert [left.pk for left in finishing.finish_all()] == [row.pk]


def test_every_table_that_held_something_of_a_case_is_vacuumed() -> None:
    tables = set(touched_tables())

    assert {"cases_keywrap", "cases_epochlink", "cases_statement", "cases_historicalstatement"} <= tables
    assert {"publication_historicalanonymisedrecord", "legal_analysis_finding", Case._meta.db_table} <= tables
