"""Fixtures of the whole suite."""

import pytest

from tests.builders import World, found_world


@pytest.fixture()
def world(db: None) -> World:
    """One organisation with a person in every role."""
    return found_world()
