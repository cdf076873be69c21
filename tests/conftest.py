"""Fixtures of the whole suite, and what holds for every test: no log line carries a word of a case."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Organisation, User
from tests import raw_bytes
from tests.builders import World, found_world
from tests.cases.builders import SECRETS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-only", action="store_true", help="only tests that touch the database of the settings")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --database-only: leave out what would only do the same again on another database."""
    if config.getoption("--database-only"):
        touching = [item for item in items if {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))]
        touching += [item for item in items if item not in touching and item.get_closest_marker("django_db")]
        config.hook.pytest_deselected(items=[item for item in items if item not in touching])
        items[:] = [item for item in items if item in touching]


@pytest.fixture(scope="session")
def founded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> World:
    """The organisation that every test of a worker starts from: made once; each test's rollback leaves it so."""
    with django_db_blocker.unblock():
        return found_world()


@pytest.fixture
def world(founded: World, db: None) -> World:
    """One organisation with a person in every role, as if made for this test alone."""
    if not Organisation.objects.filter(pk=founded.organisation.pk).exists():
        return found_world()
    people = {
        name: User.objects.select_related("organisation").get(pk=user.pk) for name, user in founded.people.items()
    }
    founding = replace(founded.founding, organisation=people["admin"].organisation, administrator=people["admin"])
    return World(founding, people, dict(founded.codes))


@pytest.fixture
def nothing_yet(db: None) -> None:
    """A database in which nobody has founded anything."""
    models = [*apps.get_app_config("core").get_models(), *apps.get_app_config("accounts").get_models()]
    tables = [model._meta.db_table for model in models]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables, allow_cascade=True))


@pytest.fixture(autouse=True)
def in_the_language_of_the_settings() -> Iterator[None]:
    """A request answered in Russian leaves the thread in Russian; the next test begins in English again."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def no_log_line_carries_a_word_of_a_case(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    for phase in ("setup", "call"):
        logged = "\n".join(record.getMessage() for record in caplog.get_records(phase))
        assert raw_bytes.found(SECRETS, logged.encode()) == []
