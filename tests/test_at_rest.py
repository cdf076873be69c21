"""What lies in the database says nothing (group A of the security specification)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.serializers import JSONSerializer
from django.core import serializers, signing
from django.core.checks import run_checks
from django.db import connection

from accounts.models import KeySlot, UnlockedSession
from casebook.core import sealing
from casebook.core.fields import PlaintextRefusedError, sealed_fields
from casebook.core.key_derivation import FLOOR, Argon2Cost
from casebook.core.models import Session
from cases.actions import MentionDecisions, confirm_mentions, save_narrative, save_person
from cases.contents import Profile
from cases.models import Case, CompartmentName, Person, Statement
from cases.queries import statement_of
from tests import raw_bytes
from tests.builders import World
from tests.cases.builders import NAME, PHONE, SECRETS, STORY, told_case
from tests.clients import sign_in


def test_five_planted_words_are_nowhere_in_the_database(world: World) -> None:
    opened = told_case(world)
    save_narrative(opened, STORY + " Ещё строка.", language="ru", revision=Statement.objects.get().revision)

    assert raw_bytes.found(SECRETS, raw_bytes.of_database()) == []
    assert statement_of(opened)[1].text.count("остановили") == 1


def test_the_search_finds_them_all_when_sealing_is_switched_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_sealed(key: bytes, plaintext: bytes, *, context: bytes, epoch: int = 0, revision: int = 0) -> bytes:
        return sealing.Header(epoch, revision).pack() + plaintext.ljust(200, b"\0")

    monkeypatch.setattr("cases.compartments.seal", not_sealed)
    monkeypatch.setattr("cases.compartments.unseal", lambda key, sealed, *, context: sealed[16:].rstrip(b"\0"))
    told_case(world)

    assert raw_bytes.found(SECRETS, raw_bytes.of_database()) == list(SECRETS)


def test_history_rows_hold_sealed_bytes_and_open_by_their_revision(world: World) -> None:
    opened = told_case(world)
    first = Statement.objects.get().revision
    save_narrative(opened, "Второй текст.", language="ru", revision=first)

    rows = list(Statement.history.order_by("revision"))
    texts = [opened.testimony.unseal(row, "sealed_content")["text"] for row in rows]
    assert [row.revision for row in rows] == [1, 2]
    assert all(sealing.is_sealed(row.sealed_content) for row in rows)
    assert "остановили" in texts[0]
    assert texts[1] == "Второй текст."


def test_no_sql_parameter_carries_plain_text_while_a_case_is_written(world: World) -> None:
    seen: list[str] = []

    def spy(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(repr(params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(spy):
        opened = told_case(world)
        confirm_mentions(opened, MentionDecisions(), revision=Statement.objects.get().revision)

    assert len(seen) > 50
    assert raw_bytes.found(SECRETS, "".join(seen).encode()) == []


def test_serialising_and_printing_rows_shows_nothing(world: World) -> None:
    opened = told_case(world)
    rows = [Case.objects.get(), Person.objects.get(), Statement.objects.get()]

    shown = serializers.serialize("json", rows) + "".join(repr(row) + repr(vars(row)) for row in rows)
    shown += repr(opened) + repr(opened.testimony) + repr(opened.actor.keys) + repr(statement_of(opened)[1])
    assert raw_bytes.found(SECRETS, shown.encode()) == []


def test_the_same_person_twice_leaves_no_equal_bytes(world: World) -> None:
    opened, other = told_case(world), told_case(world)
    profile = Profile(given="Зинаида", phones=("+995 599 55 44 33",))
    first, second = save_person(opened, profile), save_person(other, profile)

    pieces = {first.sealed_profile[i : i + 16] for i in range(16, len(first.sealed_profile) - 16)}
    assert not any(second.sealed_profile[i : i + 16] in pieces for i in range(16, len(second.sealed_profile) - 16))


def test_plain_text_cannot_be_stored_in_a_sealed_column(world: World) -> None:
    opened = told_case(world)
    row = Person.objects.get()
    plain: Any
    for plain in (NAME.encode(), NAME, b"S\x01\x01\x01" + NAME.encode(), None, b""):
        row.sealed_profile = plain
        with pytest.raises(PlaintextRefusedError):
            row.save()
        with pytest.raises(PlaintextRefusedError):
            Person.objects.filter(pk=row.pk).update(sealed_profile=plain)
        with pytest.raises(PlaintextRefusedError):
            Person.objects.bulk_create([Person(case=opened.case, sealed_profile=plain)])


def test_a_refused_value_is_not_in_the_error(world: World) -> None:
    row = Person(case=told_case(world).case, sealed_profile=PHONE.encode())

    with pytest.raises(PlaintextRefusedError) as refusal:
        row.save()
    assert PHONE not in str(refusal.value)


def test_key_tables_keep_no_history() -> None:
    with_history = {
        model._meta.label
        for model in apps.get_models()
        if hasattr(model, "history") and not hasattr(model, "history_date")
    }
    key_tables = {
        "accounts.UserKey",
        "accounts.KeySlot",
        "accounts.UnlockedSession",
        "accounts.OrganisationKeyWrap",
        "cases.Compartment",
        "cases.KeyWrap",
        "cases.EpochLink",
    }
    assert key_tables <= {model._meta.label for model in apps.get_models()}
    assert with_history & key_tables == set()
    assert {"cases.Case", "cases.Person", "cases.Statement", "cases.Consent"} <= with_history


def test_every_sealed_model_belongs_to_one_compartment() -> None:
    sealed = [m for m in apps.get_models() if sealed_fields(m) and not hasattr(m, "history_date")]
    keys = {"cases.EpochLink", "cases.KeyWrap"}
    compartments = {m._meta.label: getattr(m, "compartment", None) for m in sealed if m._meta.label not in keys}

    assert all(name in {*CompartmentName.values, "keyring"} for name in compartments.values())
    assert compartments["cases.Person"] == compartments["cases.MentionMap"] == CompartmentName.IDENTITY
    assert compartments["cases.Statement"] == compartments["cases.EvidenceFile"] == CompartmentName.TESTIMONY


def test_the_history_says_why_of_nothing(world: World) -> None:
    """`history_change_reason` is free text in the clear: nobody writes it."""
    told_case(world)
    models = [model for model in apps.get_models() if hasattr(model, "history_date")]

    assert len(models) >= 6
    assert all(not m._base_manager.exclude(history_change_reason=None).exists() for m in models)


def test_the_key_derivation_floor_is_checked_at_start(settings: Any) -> None:
    with silenced_nothing(settings):
        settings.CASEBOOK_ARGON2 = Argon2Cost(passes=2, memory=8 * 1024, lanes=1)
        assert "casebook.E002" in {message.id for message in run_checks(tags=["security"])}
        settings.CASEBOOK_ARGON2 = FLOOR
        assert "casebook.E002" not in {message.id for message in run_checks(tags=["security"])}


@contextmanager
def silenced_nothing(settings: Any) -> Iterator[None]:
    settings.SILENCED_SYSTEM_CHECKS = []
    yield


def test_a_session_row_says_who_is_signed_in_and_nothing_of_a_case(world: World, client: Any) -> None:
    sign_in(client, world, "lawyer")
    opened = told_case(world)
    client.get(f"/cases/{opened.case.reference}/", secure=True)

    for row in Session.objects.all():
        decoded = signing.loads(
            row.session_data, salt="django.contrib.sessions.SessionStore", serializer=JSONSerializer
        )
        assert raw_bytes.found(SECRETS, repr(decoded).encode()) == []


def test_no_cookie_value_lies_in_the_database(world: World, client: Any) -> None:
    sign_in(client, world, "lawyer")
    values = {name: cookie.value for name, cookie in client.cookies.items() if "csrf" not in name}

    haystack = raw_bytes.of_database()
    assert set(values) == {"__Host-sessionid", "__Host-casekey", "__Host-browser"}
    assert raw_bytes.found(values.values(), haystack) == []
    assert bytes.fromhex(values["__Host-casekey"]) not in haystack
    assert UnlockedSession.objects.count() == 1
    assert KeySlot.objects.filter(key__user=world.people["lawyer"]).count() == 2
