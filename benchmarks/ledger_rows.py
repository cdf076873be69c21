"""The ledger's row: verifying 100,000 events as the database holds them, against hashing the same in memory."""

import hmac
import os
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction

from benchmarks.measure import Row, compare
from casebook.core import merkle
from casebook.core.encoding import ctx
from casebook.core.ledger import chain_link
from casebook.core.ledger_tree import BLOCK, event_info, event_leaf, keep_full_subtrees
from casebook.core.ledger_verification import first_fault
from casebook.core.models import AuditEvent, LedgerHead, LedgerNode

EVENTS = 100_000
_SEALED = 1_400
"""What a sealed event of the usual size measures, in bytes."""


def ledger_rows() -> list[Row]:
    """The rows of the ledger. What other rows wrote before is set aside and comes back afterwards."""
    with transaction.atomic():
        for model in (AuditEvent, LedgerHead, LedgerNode):
            model.objects.all().delete()
        events = _write(EVENTS)
        row = compare(
            "verify a ledger of 100,000 events",
            _verify,
            lambda: _hash(events),
            unit="s",
            floor_is="its hashes and its chain in memory",
            target="<= 3x",
            rounds=3,
        )
        transaction.set_rollback(True)
    return [row]


def _verify() -> None:
    fault = first_fault()
    if fault is not None:
        raise SystemExit(f"event {fault.seq}: {fault.what}")


def _write(count: int) -> list[AuditEvent]:
    """Events with details that nobody can open: verifying does not open them."""
    chain, organisation, at = bytes(32), UUID(int=1), "2026-01-01T00:00:00.000000+00:00"
    events: list[AuditEvent] = []
    for seq in range(count):
        sealed, commitment = os.urandom(_SEALED), os.urandom(32)
        leaf, digest = event_leaf(event_info(organisation, seq, at, commitment)), sha256(sealed).digest()
        chain = chain_link(chain, leaf, digest)
        events.append(
            AuditEvent(
                seq=seq,
                at=at,
                organisation=organisation,
                sealed=sealed,
                sealed_digest=digest,
                commitment=commitment,
                leaf=leaf,
                chain=chain,
            )
        )
    for start in range(0, count, BLOCK):
        AuditEvent.objects.bulk_create(events[start : start + BLOCK])
        keep_full_subtrees(min(start + BLOCK, count))
    LedgerHead.objects.update_or_create(pk=1, defaults={"size": count, "chain": chain})
    return events


def _hash(events: list[AuditEvent]) -> bytes:
    """Leaves, digests, chain and root of the same events, with nothing read and nothing compared."""
    leaves, chain, key = [], bytes(32), settings.CASEBOOK_LEDGER_KEY
    for event in events:
        context = ctx("event", event.organisation, event.seq, event.at, bytes(event.commitment))
        leaf = sha256(b"\0" + context).digest()
        chain = hmac.digest(key, chain + leaf + sha256(bytes(event.sealed or b"")).digest(), "sha256")
        leaves.append(leaf)
    return merkle.root(merkle.tree_of(leaves), len(leaves))
