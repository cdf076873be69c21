"""Processes killed in the middle of writing, sharing and rekeying leave nothing half done."""

import re
from pathlib import Path

import pytest

from tests.own_database import own_database, run_module

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
DEEDS = 200


def test_two_hundred_deeds_by_processes_that_are_killed_leave_nothing_half_done(tmp_path: Path) -> None:
    with own_database(tmp_path) as database:
        printed = run_module("tests.killing", str(DEEDS), database=database, folder=tmp_path)

    found = re.search(r"(\d+) deeds, (\d+) killed", printed)
    assert found is not None
    assert int(found[1]) >= DEEDS
    assert int(found[2]) > 5
