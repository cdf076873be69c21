"""Outsiders and people's own keys notice what was done to the ledger (group G of the security specification)."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from struct import pack
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import formats

from accounts.enrolment import open_with_passphrase, store_keyring
from accounts.keyring import Keyring
from accounts.models import UnlockedSession, User
from accounts.organisation_keys import auditors_private_key
from accounts.unlocking import start_active
from casebook.core import ledger
from casebook.core.errors import IntegrityError, LogMismatchError
from casebook.core.ledger_tree import StoredTree, size_now
from casebook.core.models import AuditEvent, LedgerHead
from casebook.core.wrapping import hpke_private_key
from cases.actions import attach_evidence
from cases.models import Case
from tests import ledger_forgery, raw_bytes
from tests.accounts.entries import entries
from tests.builders import PASSPHRASE, World
from tests.cases.builders import TITLE, new_case, told_case
from tests.clients import client_of, secure
from tests.core.test_uploads import receive

MEANT = "activity log no longer contains what you saw"


def keyring_of(user: User) -> Keyring:
    return open_with_passphrase(user, PASSPHRASE).keyring


def try_to_sign_in(world: World, name: str = "lawyer") -> Any:
    credentials = {"login": world.people[name].username, "password": PASSPHRASE}
    return secure(Client()).post("/sign-in/", credentials)


def newest_entry(world: World) -> dict[str, Any]:
    """The last event, which must be about a ledger that does not fit; older ones may not even open."""
    private = hpke_private_key(auditors_private_key(world.actor("admin")))
    details = ledger.open_details(AuditEvent.objects.latest("seq"), private)
    assert details is not None
    assert details["action"] == "account.log_mismatch"
    return details


def seen(world: World, name: str = "lawyer") -> int:
    """Let somebody see the ledger as it is now; returns the number of the last event they saw."""
    client_of(world, name)
    return keyring_of(world.people[name]).ledger_size - 1


# --- 80: at the next unlock -------------------------------------------------------------------------------------------


def test_at_every_unlock_the_keyring_takes_the_present_head(world: World) -> None:
    last = seen(world)
    keyring = keyring_of(world.people["lawyer"])

    assert StoredTree().head(last + 1).root == keyring.ledger_head
    assert abs(keyring.ledger_seen - datetime.now(UTC).timestamp()) < 60
    assert seen(world) > last
    assert raw_bytes.found([keyring.ledger_head.hex()], raw_bytes.of_database().hex().encode()) == []


@pytest.mark.parametrize("forgery", ["changed", "recomputed", "cut"])
def test_a_rewritten_ledger_is_noticed_at_the_next_sign_in_and_nothing_opens(world: World, forgery: str) -> None:
    last = seen(world)
    UnlockedSession.objects.all().delete()
    before = keyring_of(world.people["lawyer"])
    if forgery == "cut":
        ledger_forgery.cut(size_now() - last + 2)
    else:
        ledger_forgery.change(last - 3)
    if forgery == "recomputed":
        ledger_forgery.recompute(last - 3)
    if forgery != "changed":
        call_command("verify_ledger", verbosity=0)

    page = try_to_sign_in(world)

    assert page.status_code == 500
    assert MEANT in page.content.decode()
    assert formats.date_format(datetime.now(UTC).date(), "DATE_FORMAT") in page.content.decode()
    assert not UnlockedSession.objects.exists()
    assert keyring_of(world.people["lawyer"]) == before
    assert newest_entry(world)["actor"] == world.people["lawyer"].username


def test_a_ledger_whose_head_was_set_back_is_noticed_although_it_takes_no_entry(world: World) -> None:
    seen(world)
    LedgerHead.objects.update(size=5)

    page = try_to_sign_in(world)

    assert page.status_code == 500
    assert MEANT in page.content.decode()


def test_it_is_noticed_when_the_keys_are_opened_again(world: World) -> None:
    client = client_of(world, "lawyer")
    client.post(reverse("accounts:lock"))
    ledger_forgery.change(3)
    ledger_forgery.recompute(3)

    page = client.post(reverse("accounts:unlock"), {"passphrase": PASSPHRASE})

    assert page.status_code == 500
    assert MEANT in page.content.decode()
    assert client.get(reverse("cases:new")).status_code == 423
    assert newest_entry(world)["how"] == "passphrase"


def test_it_is_noticed_with_the_recovery_code_and_the_code_is_not_spent(world: World) -> None:
    client = client_of(world, "lawyer")
    client.post(reverse("accounts:lock"))
    ledger_forgery.change(3)
    ledger_forgery.recompute(3)
    typed = {
        "recovery_code": world.codes["lawyer"],
        "passphrase": "seven other words that nobody else has",
        "passphrase_again": "seven other words that nobody else has",
    }

    page = client.post(reverse("accounts:recover"), typed)

    assert page.status_code == 500
    assert MEANT in page.content.decode()
    assert newest_entry(world)["how"] == "recovery code"
    assert keyring_of(world.people["lawyer"]).ledger_size > 0


def test_it_is_noticed_when_the_passphrase_is_changed_which_then_stays(world: World) -> None:
    client = client_of(world, "lawyer")
    ledger_forgery.change(3)
    ledger_forgery.recompute(3)
    new = "seven other words that nobody else has"

    page = client.post(
        reverse("accounts:change_passphrase"),
        {"old_passphrase": PASSPHRASE, "passphrase": new, "passphrase_again": new},
    )

    assert page.status_code == 500
    assert keyring_of(world.people["lawyer"]).ledger_size > 0


def test_a_forgery_that_is_taken_back_is_no_mismatch(world: World) -> None:
    last = seen(world)
    with transaction.atomic():
        ledger_forgery.change(last - 3)
        assert try_to_sign_in(world).status_code == 500
        transaction.set_rollback(True)

    assert try_to_sign_in(world).status_code == 302


def test_somebody_who_has_seen_nothing_yet_learns_of_a_changed_last_block_too(world: World) -> None:
    opened = open_with_passphrase(world.people["expert"], PASSPHRASE)
    assert opened.keyring.ledger_size == 0
    ledger_forgery.change(size_now() - 2)

    with pytest.raises(LogMismatchError) as refusal:
        start_active(opened, bytes(32))
    assert refusal.value.seen_at is None


def test_a_keyring_of_the_first_format_opens_and_is_written_anew(world: World) -> None:
    opened = open_with_passphrase(world.people["lawyer"], PASSPHRASE)
    private = opened.keyring.private
    first = pack(">B96s32s32sQ32s", 1, private.hpke, private.signing, opened.keyring.root_public, 0, bytes(32))

    old = Keyring.unpack(first)
    assert (old.private, old.ledger_size, old.ledger_seen) == (private, 0, 0)
    store_keyring(replace(opened, keyring=old))
    start_active(open_with_passphrase(world.people["lawyer"], PASSPHRASE), bytes(32))

    renewed = keyring_of(world.people["lawyer"])
    assert renewed.pack()[0] == 2
    assert renewed.ledger_size == size_now()
    for broken in (b"", first[:-1], b"\x03" + first[1:], renewed.pack()[:-1], b"\x01" + renewed.pack()[1:]):
        with pytest.raises(IntegrityError):
            Keyring.unpack(broken)


# --- 81, 83: details --------------------------------------------------------------------------------------------------


def test_erased_details_are_gone_and_the_ledger_still_verifies(world: World) -> None:
    last = seen(world)
    head = StoredTree().head(size_now())
    sealed = bytes(AuditEvent.objects.get(seq=4).sealed or b"")

    with transaction.atomic():
        count = ledger.erase_details(AuditEvent.objects.filter(seq__in=(4, 5)), actor=world.actor("admin"))
        again = ledger.erase_details(AuditEvent.objects.filter(seq__in=(4, 5)), actor=world.actor("admin"))

    assert (count, again) == (2, 0)
    assert AuditEvent.objects.get(seq=4).sealed is None
    assert sealed[:64] not in raw_bytes.of_database()
    assert [entry["events"] for entry in entries(world, "ledger.erase_details")] == [2, 0]
    assert StoredTree(from_rows=True).head(head.size) == head
    call_command("verify_ledger", verbosity=0)
    assert seen(world) > last


def test_neither_leaf_nor_proof_confirms_a_guess_of_the_details(world: World) -> None:
    """Two events that say the same have nothing in common that an outsider sees."""
    actor = world.actor("admin")
    with transaction.atomic():
        ledger.record("account.lock", actor=actor)
        ledger.record("account.lock", actor=actor)
    second, first = AuditEvent.objects.order_by("-seq")[:2]
    private = hpke_private_key(auditors_private_key(actor))
    details = ledger.open_details(first, private)

    assert details == ledger.open_details(second, private)
    assert bytes(first.commitment) != bytes(second.commitment)
    guesses = {sha256(str(details).encode()).digest(), sha256(b'{"action":"account.lock","actor":"admin-ge"}').digest()}
    assert not guesses & {bytes(first.commitment), bytes(first.leaf)}


# --- 85: nothing is read or refused without an entry ------------------------------------------------------------------


def test_reading_an_identity_downloading_and_exporting_are_entries(world: World, settings: Any, tmp_path: Path) -> None:
    settings.CASEBOOK_UPLOAD_DIR, settings.CASEBOOK_EVIDENCE_DIR = tmp_path / "uploads", tmp_path / "evidence"
    opened = told_case(world)
    client = client_of(world, "lawyer")
    before = len(entries(world, "case.open"))

    client.get(reverse("cases:detail", args=[opened.case.reference]))

    entry = entries(world, "case.open")[before]
    assert "identity" in str(entry["compartments"])
    evidence = attach_evidence(opened, receive(b"photo"))
    client.get(reverse("cases:evidence_download", args=[opened.case.reference, evidence.pk]))
    assert entries(world, "case.download_evidence")[-1]["actor"] == "lawyer-ge"
    auditor = client_of(world, "auditor")
    auditor.post(reverse("accounts:ledger_export"))
    assert len(entries(world, "account.export_ledger")) == 1


def test_a_write_that_was_refused_is_an_entry_and_nothing_else(world: World) -> None:
    case = new_case(world).case
    client = client_of(world, "colleague")

    page = client.post(reverse("cases:facts", args=[case.reference]), {"country": "GE"})

    assert page.status_code == 404
    entry = entries(world, "request.refused")[-1]
    assert (entry["actor"], entry["how"], entry["code"]) == ("colleague-ge", "cases:facts", "404")
    assert case.reference not in str(entry)


def test_a_changed_row_that_did_not_open_is_an_entry(world: World) -> None:
    first, second = new_case(world).case, new_case(world).case
    Case.objects.filter(pk=first.pk).update(sealed_card=second.sealed_card)
    client = client_of(world, "lawyer")

    page = client.get(reverse("cases:detail", args=[first.reference]))

    assert page.status_code == 500
    assert TITLE not in page.content.decode()
    assert entries(world, "request.refused")[-1]["code"] == "integrity"
