"""The pages of erasure: what each person sees and can press, and what wrong input is answered with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Role
from casebook.core.errors import StepUpNeededError
from casebook.core.models import BackupPart
from cases.access import OpenCase
from cases.actions import save_person
from cases.contents import Profile
from cases.erasure.destruction import belongings
from cases.erasure.records import Erasure, ErasureState, LegalHold, RetentionRule
from cases.erasure.retention import set_rules
from cases.models import Case, KeyWrap, Person
from cases.stages import Stage
from tests import raw_bytes
from tests.builders import World
from tests.cases.builders import SECRETS, told_case
from tests.cases.pages import words
from tests.clients import client_of
from tests.erasure.builders import erased, held, proposed
from tests.publication.builders import published_case


def page(client: Client, name: str, **arguments: Any) -> Any:
    return client.get(reverse(f"erasure:{name}", kwargs=arguments))


def press(client: Client, name: str, data: dict[str, str] | None = None, **arguments: Any) -> Any:
    return client.post(reverse(f"erasure:{name}", kwargs=arguments), data or {})


@pytest.fixture
def opened(world: World) -> OpenCase:
    return told_case(world)


def test_from_the_case_to_the_certificate(world: World, opened: OpenCase) -> None:
    now = timezone.now()
    BackupPart.objects.create(backup=uuid4(), kind="keys", made_at=now, expires_at=now + timedelta(days=35))
    lawyer, coordinator = client_of(world, "lawyer"), client_of(world, "coordinator")
    reference = opened.case.reference
    detail = words(lawyer.get(reverse("cases:detail", args=[reference])))
    assert reverse("erasure:case", args=[reference]) in detail

    answer = press(lawyer, "case", {"reason": "asked"}, reference=reference)
    row = Erasure.objects.get()
    assert answer.url == reverse("erasure:proposal", args=[row.pk])
    assert "Withdraw the proposal" in words(page(lawyer, "proposal", erasure_id=row.pk))
    assert "proposed for erasure" in words(lawyer.get(reverse("cases:detail", args=[reference])))
    assert reference in words(page(coordinator, "list"))
    assert "Erase it now" in words(page(coordinator, "proposal", erasure_id=row.pk))

    answer = press(coordinator, "approve", erasure_id=row.pk)

    assert answer.url == reverse("erasure:certificate", args=[row.pk])
    certificate = words(coordinator.get(answer.url))
    for said in (reference, "Lawyer", "Coordinator", "The person asked for it", str(row.pk), "a backup of its key"):
        assert said in certificate
    assert raw_bytes.found(SECRETS, certificate.encode()) == []
    gone = lawyer.get(reverse("cases:detail", args=[reference]))
    row.refresh_from_db()
    assert row.keys_until is not None
    assert gone.status_code == 410
    assert date_format(row.keys_until, "DATE_FORMAT") in words(gone)
    assert client_of(world, "colleague").get(reverse("cases:detail", args=[reference])).status_code == 404


def test_a_person_from_the_case_to_the_certificate(world: World, opened: OpenCase) -> None:
    lawyer, coordinator = client_of(world, "lawyer"), client_of(world, "coordinator")
    person = Person.objects.get()
    address = {"reference": opened.case.reference, "person_id": person.pk}
    assert reverse("erasure:person", kwargs=address) in words(page(lawyer, "case", reference=opened.case.reference))
    assert page(lawyer, "person", **address).status_code == 200

    press(lawyer, "person", {"reason": "danger"}, **address)
    row = Erasure.objects.get()
    proposal = words(page(coordinator, "proposal", erasure_id=row.pk))
    assert raw_bytes.found(SECRETS, proposal.encode()) == []
    assert press(client_of(world, "admin"), "approve", erasure_id=row.pk).status_code == 403
    press(coordinator, "approve", erasure_id=row.pk)

    assert not Person.objects.exists()
    assert page(lawyer, "certificate", erasure_id=row.pk).status_code == 200
    edit = reverse("cases:person_edit", kwargs=address)
    assert lawyer.get(edit).status_code == 410


def test_own_proposals_have_no_button_to_approve_and_refuse_the_attempt(world: World, opened: OpenCase) -> None:
    world.people["lawyer"].role_grants.create(role=Role.COORDINATOR)
    row = proposed(opened)
    lawyer = client_of(world, "lawyer")

    assert "Erase it now" not in words(page(lawyer, "proposal", erasure_id=row.pk))
    answer = press(lawyer, "approve", erasure_id=row.pk)

    assert answer.status_code == 403
    assert "You proposed this yourself" in words(answer)
    assert KeyWrap.objects.exists()


def test_erasing_asks_for_the_passphrase_again(world: World, opened: OpenCase, settings: Any) -> None:
    row = proposed(opened)
    coordinator = client_of(world, "coordinator")
    settings.CASEBOOK_STEP_UP_SECONDS = -1

    answer = press(coordinator, "approve", erasure_id=row.pk)

    row.refresh_from_db()
    assert (answer.status_code, row.is_open) == (StepUpNeededError.status, True)
    assert KeyWrap.objects.exists()


def test_the_slower_of_two_sees_the_certificate_and_what_happened(world: World, opened: OpenCase) -> None:
    row = erased(world, opened)

    answer = press(client_of(world, "admin"), "approve", erasure_id=row.pk)

    last = words(client_of(world, "auditor").get("/account/ledger/"))
    assert "erasure:approve" in last
    assert answer.status_code == 409
    assert "Somebody else decided" in words(answer)
    assert reverse("erasure:certificate", args=[row.pk]) in words(answer)


def test_what_changed_meanwhile_is_said_and_can_only_be_refused(world: World, opened: OpenCase) -> None:
    row = proposed(opened)
    save_person(opened, Profile(given="Нина"))
    coordinator = client_of(world, "coordinator")

    shown = words(page(coordinator, "proposal", erasure_id=row.pk))
    assert "The case was changed since" in shown
    assert "Erase it now" not in shown
    answer = press(coordinator, "approve", erasure_id=row.pk)
    assert answer.status_code == 409
    assert "Nina" not in words(answer)
    assert press(coordinator, "refuse", erasure_id=row.pk).status_code == 302
    row.refresh_from_db()
    assert row.state == ErasureState.REFUSED
    assert page(coordinator, "proposal", erasure_id=row.pk).status_code == 200


@pytest.mark.parametrize("reason", ["", "because", "asked\x00", "retention; DROP"])
def test_a_reason_that_is_none_is_asked_for_again(world: World, opened: OpenCase, reason: str) -> None:
    answer = press(client_of(world, "lawyer"), "case", {"reason": reason}, reference=opened.case.reference)

    assert answer.status_code == 422
    assert not Erasure.objects.exists()


def test_an_administrator_names_a_case_she_cannot_open(world: World, opened: OpenCase) -> None:
    admin = client_of(world, "admin")
    reference = opened.case.reference

    answer = press(admin, "propose_by_reference", {"reference": reference.lower(), "reason": "law"})

    row = Erasure.objects.get()
    assert answer.url == reverse("erasure:proposal", args=[row.pk])
    again = press(admin, "propose_by_reference", {"reference": reference, "reason": "law"})
    assert again.status_code == 422
    assert "proposed for erasure already" in words(again)
    assert reference in words(again)


@pytest.mark.parametrize("reference", ["", "NOTHERE", "../..", "x" * 500, "\x00", "'; --"])
def test_a_reference_that_is_none_is_answered_in_the_form(world: World, reference: str) -> None:
    answer = press(client_of(world, "admin"), "propose_by_reference", {"reference": reference, "reason": "law"})

    assert answer.status_code == 422


def test_a_published_case_says_what_to_do_first(world: World) -> None:
    opened, _record = published_case(world)
    lawyer = client_of(world, "lawyer")

    assert "take it back" in words(page(lawyer, "case", reference=opened.case.reference))
    answer = press(lawyer, "case", {"reason": "asked"}, reference=opened.case.reference)
    assert answer.status_code == 409
    assert not Erasure.objects.exists()


def test_a_coordinator_sets_and_lifts_a_hold_that_the_case_shows(world: World, opened: OpenCase) -> None:
    coordinator, lawyer = client_of(world, "coordinator"), client_of(world, "lawyer")
    reference = opened.case.reference
    assert page(lawyer, "hold", reference=reference).status_code == 404
    assert press(coordinator, "hold", {"reason": "nothing"}, reference=reference).status_code == 422
    assert press(coordinator, "hold", {"reason": "inquiry"}, reference=reference).status_code == 302

    assert "Legal hold" in words(lawyer.get(reverse("cases:detail", args=[reference])))
    assert press(lawyer, "case", {"reason": "asked"}, reference=reference).status_code == 409
    assert press(coordinator, "hold", {"reason": "inquiry"}, reference=reference).status_code == 422
    assert press(coordinator, "lift", reference=reference).status_code == 302
    assert press(coordinator, "lift", reference=reference).status_code == 404
    assert LegalHold.objects.get().lifted_by == world.people["coordinator"]
    assert press(lawyer, "case", {"reason": "asked"}, reference=reference).status_code == 302


def test_rules_are_set_and_what_is_due_is_proposed_from_the_page(world: World, opened: OpenCase) -> None:
    admin = client_of(world, "admin")
    assert "no rule yet" in words(page(admin, "due"))
    assert press(admin, "rules", {"closed": "0"}).status_code == 422
    assert press(admin, "rules", {"closed": "many", "withdrawn": "99999999999"}).status_code == 422
    assert press(admin, "rules", {"intake": "6", "closed": ""}).status_code == 302
    assert RetentionRule.objects.get().stage == Stage.INTAKE
    assert "Nothing is due" in words(page(admin, "due"))
    _let_years_pass()

    due = page(admin, "due")
    assert opened.case.reference in words(due)
    press(admin, "propose_by_reference", {"reference": opened.case.reference, "reason": "retention"})
    assert opened.case.reference not in words(page(admin, "due"))


def _let_years_pass() -> None:
    models: list[Any] = [Case, *(model for model, _attname in belongings() if hasattr(model, "history"))]
    for model in models:
        model.history.update(history_date=datetime(2020, 1, 1, tzinfo=UTC))


def test_an_auditor_reads_certificates_and_erases_what_the_ledger_says(world: World, opened: OpenCase) -> None:
    waiting, row = proposed(told_case(world)), erased(world, opened)
    auditor = client_of(world, "auditor")

    assert page(auditor, "proposal", erasure_id=waiting.pk).status_code == 404
    assert "Erase what the ledger says" in words(page(auditor, "certificate", erasure_id=row.pk))
    assert press(auditor, "forget_events", erasure_id=row.pk).status_code == 302
    ledger = words(auditor.get("/account/ledger/"))
    assert "erased what the ledger said of an erased case" in ledger
    assert "These details were erased" in ledger


def test_a_certificate_of_something_that_waits_does_not_exist(world: World, opened: OpenCase) -> None:
    row = proposed(opened)

    assert page(client_of(world, "lawyer"), "certificate", erasure_id=row.pk).status_code == 404
    assert page(client_of(world, "colleague"), "proposal", erasure_id=row.pk).status_code == 404


def test_every_page_is_written_in_russian_too(world: World, opened: OpenCase) -> None:
    held(world, opened.case)
    set_rules(world.actor("admin"), {Stage.CLOSED: 3})
    admin, lawyer = client_of(world, "admin"), client_of(world, "lawyer")
    for client in (admin, lawyer):
        client.post(reverse("set_language"), {"language": "ru"})

    for shown in (page(admin, "list"), page(admin, "rules"), page(lawyer, "case", reference=opened.case.reference)):
        assert shown.status_code == 200
        assert "Erasure" not in words(shown).split("<main")[1]
