"""The rows of the table in the design: what is measured, and the floor that nothing can be faster than."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.template import loader
from django.test import Client
from django.test.utils import setup_test_environment, teardown_test_environment

from accounts.enrolment import open_with_passphrase
from accounts.models import UnlockedSession
from accounts.unlocking import resume, start_active
from benchmarks.backup_rows import backup_rows
from benchmarks.ledger_rows import ledger_rows
from benchmarks.measure import Row, compare
from benchmarks.sharing_rows import sharing_rows
from casebook.core.models import RateWindow
from casebook.core.sealing import seal, unseal
from cases.access import OpenCase
from cases.actions import (
    Facts,
    MentionDecisions,
    NewCase,
    change_facts,
    confirm_mentions,
    create_case,
    record_consent,
    save_narrative,
    save_person,
)
from cases.contents import Card, ConsentDetails, IncidentDetails, Profile
from cases.levels import AccessLevel
from cases.models import ConsentScope
from cases.queries import statement_of
from cases.sharing import grant
from tests.builders import PASSPHRASE, World, found_world

LIST_LENGTH = 50
STORY = "Her name was written down and then lifted. " * 40


def all_rows() -> list[Row]:
    """Every row, in the order of the design's table."""
    world = found_world()
    cases = [_case(world, number) for number in range(LIST_LENGTH + 5)]
    for opened in cases:
        grant(opened, world.people["expert"], AccessLevel.EXPERT)
    return [
        _sealed_value(),
        _case_page(world, cases[0]),
        _case_list(world, "lawyer", "list 50 cases, titles opened, own"),
        _case_list(world, "expert", "list 50 cases, titles opened, single grants"),
        _case_list(world, "coordinator", "list 50 cases, titles opened, through a team"),
        _resume(world),
        _sign_in(world),
        *sharing_rows(world, cases[1]),
        *ledger_rows(),
        *backup_rows(cases[2]),
    ]


def _case(world: World, number: int) -> OpenCase:
    """A case with 20 sealed values: card, incident, statement, mention map, ten people, six consents."""
    card = Card(title=f"Case number {number}", region="Region", month=3, age=30)
    opened = create_case(world.actor("lawyer"), NewCase("GE", 2025, card))
    if number:
        return opened
    for person in range(10):
        save_person(opened, Profile(role="witness", given=f"Given{person}", family=f"Family{person}"))
    save_narrative(opened, STORY, language="en", revision=None)
    row, _content = statement_of(opened)
    if row is not None:
        confirm_mentions(opened, MentionDecisions(), revision=row.revision)
    facts = Facts("GE", 2025, "patrol", ("arbitrary-arrest",), card, IncidentDetails("2025-03-14", "18:40", "A place"))
    change_facts(opened, facts, revision=opened.case.revision)
    for scope in ConsentScope:
        record_consent(opened, scope, given=True, until=None, details=ConsentDetails())
    return opened


def _sealed_value() -> Row:
    key, plaintext, nonce = token_bytes(32), token_bytes(200), token_bytes(12)
    sealed = seal(key, plaintext, context=b"place")
    raw, cipher = AESGCM(key).encrypt(nonce, plaintext, b"place"), AESGCM(key)
    return compare(
        "open a sealed value of 200 B",
        lambda: unseal(key, sealed, context=b"place"),
        lambda: cipher.decrypt(nonce, raw, b"place"),
        unit="us",
        floor_is="raw AES-256-GCM",
        target="<= 10 us",
        rounds=41,
        calls=500,
    )


def _browser(world: World, name: str) -> Client:
    client = Client()
    RateWindow.objects.all().delete()
    response = client.post("/sign-in/", {"login": world.people[name].username, "password": PASSPHRASE})
    if response.status_code != 302:
        raise SystemExit(f"sign-in answered {response.status_code}")
    return client


def _page(client: Client, address: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """The page through everything, and the same page bare: its SQL reads and its template, with the values at hand."""
    setup_test_environment()
    with _recording() as statements:
        response = client.get(address)
    teardown_test_environment()
    if response.status_code != 200:
        raise SystemExit(f"{address} answered {response.status_code}")
    template = loader.get_template(str(response.templates[0].name))
    context: dict[str, Any] = {key: value for layer in _layers(response) for key, value in layer.items()}
    reads = [(sql, params) for sql, params in statements if sql.startswith("SELECT") and _is_content(sql)]

    def bare() -> None:
        with connection.cursor() as cursor:
            for sql, params in reads:
                cursor.execute(sql, params)
                cursor.fetchall()
        template.render(context, response.wsgi_request)

    return lambda: client.get(address), bare


_KEY_TABLES = ("compartment", "keywrap", "userkey", "unlockedsession", "permission", "ledger", "auditevent", "session")


def _is_content(sql: str) -> bool:
    """Whether a page without permissions and sealing would read this too."""
    table = sql.split(" FROM ")[1].split()[0].strip('"').lower()
    return not any(name in table for name in _KEY_TABLES)


@contextmanager
def _recording() -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield statements


def _layers(response: Any) -> list[dict[str, Any]]:
    """The context of the page's own template, outermost layer first."""
    return list(reversed(list(response.context[0])))


def _case_page(world: World, opened: OpenCase) -> Row:
    client = _browser(world, "lawyer")
    ours, floor = _page(client, f"/cases/{opened.case.reference}/")
    return compare(
        "open a case with 20 sealed values, all checks",
        ours,
        floor,
        unit="ms",
        floor_is="its content reads and its template",
        target="<= 9 ms",
        rounds=61,
    )


def _case_list(world: World, name: str, what: str) -> Row:
    ours, floor = _page(_browser(world, name), "/cases/")
    return compare(
        what,
        ours,
        floor,
        unit="ms",
        floor_is="its content reads and its template",
        target="<= 8 ms" if "team" in what else "<= 20 ms",
        rounds=61,
    )


def _resume(world: World) -> Row:
    binding = bytes(32)
    user = world.people["lawyer"]
    token = start_active(open_with_passphrase(user, PASSPHRASE), binding)
    row_id = token.row_id
    return compare(
        "resume an unlocked session",
        lambda: resume(token, user, binding),
        lambda: UnlockedSession.objects.filter(id=row_id).values_list("blob").first(),
        unit="ms",
        floor_is="one indexed read",
        target="<= 2 ms",
        rounds=41,
        calls=20,
    )


def _sign_in(world: World) -> Row:
    user = world.people["lawyer"]
    client = Client()

    def ours() -> None:
        RateWindow.objects.all().delete()
        client.post("/sign-in/", {"login": user.username, "password": PASSPHRASE})
        client.cookies.clear()

    return compare(
        "sign in",
        ours,
        lambda: make_password(PASSPHRASE),
        unit="ms",
        floor_is="one password hash",
        target="<= 3x",
        rounds=7,
    )
