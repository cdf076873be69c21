"""Fixtures of the whole suite, and what holds for every test: no log line carries a word of a case."""

import logging
from collections.abc import Iterator

import pytest

from tests import raw_bytes
from tests.builders import World, found_world
from tests.cases.builders import SECRETS


@pytest.fixture
def world(db: None) -> World:
    """One organisation with a person in every role."""
    return found_world()


@pytest.fixture(autouse=True)
def no_log_line_carries_a_word_of_a_case(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    for phase in ("setup", "call"):
        logged = "\n".join(record.getMessage() for record in caplog.get_records(phase))
        assert raw_bytes.found(SECRETS, logged.encode()) == []
