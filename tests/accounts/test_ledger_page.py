"""The ledger as an auditor reads it."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from accounts import ledger_search
from accounts.ledger_search import LedgerRow
from accounts.ledger_words import ACTIONS, in_words
from accounts.models import OrganisationKeyWrap
from casebook.core import ledger
from casebook.core.models import AuditEvent
from tests.builders import World, found_world
from tests.cases.builders import new_case
from tests.clients import client_of

LEDGER = "/account/ledger/"
_CODE = re.compile(r"ledger\.record\(\s*\"([a-z_.]+)\"")


def test_an_auditor_reads_who_did_what_newest_first(world: World) -> None:
    client = client_of(world, "auditor")

    lines = client.get(LEDGER).context["lines"]

    assert [line.seq for line in lines] == sorted((line.seq for line in lines), reverse=True)
    assert (lines[0].actor, str(lines[0].what)) == ("auditor-ge", "signed in")
    details = {str(label): str(value) for label, value in lines[0].details}
    assert details.keys() == {"keys opened", "device"}
    assert details["keys opened"] == "yes"


@pytest.mark.parametrize("name", ["admin", "lawyer", "coordinator", "expert", "advocate"])
def test_to_everybody_else_there_is_no_ledger(world: World, name: str) -> None:
    assert client_of(world, name).get(LEDGER).status_code == 404


def test_an_auditor_without_the_auditors_key_is_told_to_ask_for_it(world: World) -> None:
    OrganisationKeyWrap.objects.filter(member_key__user=world.people["auditor"]).delete()

    page = client_of(world, "auditor").get(LEDGER)

    assert page.status_code == 403
    assert b"key" in page.content


def test_pages_follow_each_other_without_gap_or_overlap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_search, "PAGE", 7)
    client = client_of(world, "auditor")
    expected = list(
        AuditEvent.objects.filter(organisation=world.organisation.pk).order_by("-seq").values_list("seq", flat=True)
    )

    seen, address = [], LEDGER
    while address:
        context = client.get(address).context
        seen += [line.seq for line in context["lines"]]
        address = LEDGER + context["older"] if context["older"] else ""

    assert seen == expected
    assert len(seen) > 14


def test_another_organisation_is_not_in_it(world: World) -> None:
    found_world("Elsewhere", "MD")

    lines = client_of(world, "auditor").get(LEDGER).context["lines"]

    assert lines
    assert not any(line.actor.endswith("-md") for line in lines)


@pytest.mark.parametrize("before", ["-1", "x", "1.5", "9" * 40, "\x00", "1 OR 1"])
def test_a_page_that_cannot_be_does_not_exist(world: World, before: str) -> None:
    assert client_of(world, "auditor").get(LEDGER, {"before": before}).status_code == 404


def test_before_the_first_event_the_page_is_empty(world: World) -> None:
    page = client_of(world, "auditor").get(LEDGER, {"before": "0"})

    assert b"No older events" in page.content


def test_erased_details_are_said_to_be_erased(world: World) -> None:
    AuditEvent.objects.filter(organisation=world.organisation.pk).update(sealed=None)

    page = client_of(world, "auditor").get(LEDGER)

    assert b"These details were erased." in page.content


def test_a_changed_event_is_refused_and_not_shown(world: World) -> None:
    first, second = AuditEvent.objects.order_by("seq")[:2]
    AuditEvent.objects.filter(pk=second.pk).update(sealed=first.sealed)

    page = client_of(world, "auditor").get(LEDGER, {"before": str(second.seq + 1)})

    assert page.status_code == 500
    assert b"failed its integrity check" in page.content


def test_what_stands_in_the_ledger_cannot_become_markup(world: World) -> None:
    with transaction.atomic():
        ledger.record("account.unlock", actor=world.actor("auditor"), how="<script>alert(1)</script>")

    page = client_of(world, "auditor").get(LEDGER)

    assert b"<script>alert" not in page.content
    assert b"&lt;script&gt;alert" in page.content


def test_a_case_is_called_by_its_reference_and_everything_else_by_the_end_of_its_id(world: World) -> None:
    lawyer = world.actor("lawyer")
    case = new_case(world).case
    key = world.people["expert"].keys.get()
    with transaction.atomic():
        ledger.record("case.open", actor=lawyer, target=case)
        ledger.record("account.confirm_keys", actor=lawyer, target=key)

    keys_line, case_line = client_of(world, "auditor").get(LEDGER).context["lines"][1:3]

    assert ("about", f"case {case.reference}") in [(str(label), str(said)) for label, said in case_line.details]
    assert ("about", f"user key {str(key.pk)[-12:]}") in [(str(label), str(said)) for label, said in keys_line.details]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (False, "no"),
        (None, "–"),
        (["auditor", "K7Q2"], "Auditor, K7Q2"),
        ([], "–"),
        ({"a": "b"}, "a: b"),
        (3, "3"),
    ],
)
def test_every_kind_of_detail_has_words(value: Any, words: str) -> None:
    row = LedgerRow(1, datetime(2026, 1, 1, tzinfo=UTC), "account.lock", "somebody", {"roles": value})

    (line,) = in_words([row])

    assert [(str(label), str(said)) for label, said in line.details or []] == [("roles", words)]


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["", "nonsense", "no.Model:1", "accounts.User:nobody", "cases.Case:nothing"])
def test_a_target_that_is_no_row_is_shown_as_it_stands(target: str) -> None:
    row = LedgerRow(1, datetime(2026, 1, 1, tzinfo=UTC), "something.new", "somebody", {"target": target})

    (line,) = in_words([row])

    assert line.what == "something.new"
    assert line.details is not None
    assert target.rpartition(":")[2] in str(line.details[0][1])


def test_every_action_that_the_program_records_has_words() -> None:
    apps = ("accounts", "casebook", "cases", "legal_analysis", "publication")
    files = [file for app in apps for file in (Path(settings.BASE_DIR) / app).rglob("*.py")]
    recorded = {code for file in files for code in _CODE.findall(file.read_text(encoding="utf-8"))}

    assert "account.sign_in" in recorded
    assert recorded - ACTIONS.keys() == set()
