"""The ledger: what it keeps, what it hides, and what it notices."""

from hashlib import sha256
from io import StringIO

import pytest
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.organisation_keys import auditors_private_key
from casebook.core import ledger
from casebook.core.errors import IntegrityError
from casebook.core.ledger_tree import event_info, event_leaf
from casebook.core.models import AuditEvent, LedgerHead
from casebook.core.wrapping import hpke_private_key
from tests import raw_bytes
from tests.builders import World


def verify() -> str:
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    return out.getvalue()


def test_an_untouched_ledger_verifies(world: World) -> None:
    count = AuditEvent.objects.count()

    assert count > 10
    assert verify() == f"{count} events verified.\n"


@pytest.mark.parametrize("column", ["at", "organisation", "sealed", "sealed_digest", "commitment", "leaf", "chain"])
def test_a_changed_entry_is_noticed(world: World, column: str) -> None:
    event = AuditEvent.objects.get(seq=5)
    changed: object
    if column == "at":
        changed = "2020-01-01T00:00:00.000000+00:00"
    elif column == "organisation":
        changed = world.people["lawyer"].id
    else:
        value = bytes(getattr(event, column))
        changed = bytes((value[0] ^ 1,)) + value[1:]
    AuditEvent.objects.filter(seq=5).update(**{column: changed})

    with pytest.raises(CommandError, match="Event 5"):
        verify()


def test_a_removed_entry_is_noticed_in_the_middle_and_at_the_end(world: World) -> None:
    last = AuditEvent.objects.count() - 1
    for seq in (5, last):
        with transaction.atomic():
            AuditEvent.objects.filter(seq=seq).delete()
            with pytest.raises(CommandError, match=f"Event {seq}: missing"):
                verify()
            transaction.set_rollback(True)


def test_reordered_entries_are_noticed(world: World) -> None:
    first, second = AuditEvent.objects.get(seq=4), AuditEvent.objects.get(seq=5)
    first.seq, second.seq = 5, 4
    first.save()
    second.save()

    with pytest.raises(CommandError, match="Event 4"):
        verify()


def test_a_recomputed_entry_is_noticed_without_the_key_from_the_environment(world: World) -> None:
    event = AuditEvent.objects.get(seq=5)
    event.commitment = sha256(b"forged").digest()
    event.leaf = event_leaf(event_info(event.organisation, event.seq, event.at, bytes(event.commitment)))
    event.save()

    with pytest.raises(CommandError, match="Event 5: changed or out of order"):
        verify()


def test_a_head_set_back_is_noticed(world: World) -> None:
    LedgerHead.objects.update(size=3)

    with pytest.raises(CommandError):
        verify()


def test_details_are_sealed_and_open_for_auditors_only(world: World) -> None:
    details = [ledger.open_details(event, _auditor(world)) for event in AuditEvent.objects.all()]

    invited = [each for each in details if each and each["action"] == "account.invite"]
    assert invited[0]["actor"] == "admin-ge"
    assert raw_bytes.found(["account.invite", "hand_auditors_key"], raw_bytes.of_database()) == []


def test_details_that_do_not_fit_their_commitment_do_not_open(world: World) -> None:
    event, other = AuditEvent.objects.get(seq=5), AuditEvent.objects.get(seq=6)
    event.sealed = other.sealed

    with pytest.raises(IntegrityError):
        ledger.open_details(event, _auditor(world))


def test_erased_details_leave_a_ledger_that_verifies(world: World) -> None:
    AuditEvent.objects.filter(seq=5).update(sealed=None)

    assert ledger.open_details(AuditEvent.objects.get(seq=5), _auditor(world)) is None
    assert "verified" in verify()


def test_a_leaf_cannot_confirm_a_guess(world: World) -> None:
    event = AuditEvent.objects.get(seq=0)
    details = ledger.open_details(event, _auditor(world))
    guess = str(details).encode()

    assert details is not None
    assert bytes(event.commitment) != sha256(guess).digest()


def test_the_leaf_is_the_one_of_rfc_6962(world: World) -> None:
    event = AuditEvent.objects.get(seq=3)
    encoded = event_info(event.organisation, 3, event.at, bytes(event.commitment))

    assert bytes(event.leaf) == sha256(b"\0" + encoded).digest()


@pytest.mark.django_db(transaction=True)
def test_a_deed_outside_a_transaction_is_refused(world: World) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        ledger.record("test", actor=world.actor("admin"))


def _auditor(world: World) -> MLKEM768X25519PrivateKey:
    return hpke_private_key(auditors_private_key(world.actor("auditor")))
