"""The ledger: what was done, by whom, to what. Written in the transaction of the deed; read by auditors only.

Leaf (RFC 6962): SHA-256(0x00 ‖ ctx("event", organisation, seq, time, commitment)), where the commitment is
SHA-256(nonce of 32 bytes ‖ details) and the details are sealed to the auditors of the organisation. Details can be
erased later and the leaves still verify; nobody can confirm a guess from a leaf. The chain is an HMAC over
all events under a key from the environment: somebody who can write to the database, but does not have that key,
cannot change, drop or reorder an event unseen.
"""

import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from django.conf import settings
from django.db import models, transaction

from casebook.core.encoding import ctx, pad, unpad
from casebook.core.errors import IntegrityError
from casebook.core.models import AuditEvent, LedgerHead
from casebook.core.wrapping import hpke_open, hpke_seal

_LEAF_PREFIX = b"\x00"
_NONCE = 32

Detail = str | int | bool | None | list[str] | dict[str, str]


class Witnessed(Protocol):
    """Whoever an event is written for: the ledger needs their name and the key of their auditors."""

    @property
    def ledger_name(self) -> str: ...
    @property
    def ledger_organisation(self) -> UUID: ...
    @property
    def ledger_auditor_key(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """The first event that does not fit, and what is wrong with it."""

    seq: int
    what: str


def record(action: str, *, actor: Witnessed, target: models.Model | None = None, **details: Detail) -> None:
    """Append one event; must run in the transaction of the deed, so that neither exists without the other.

    `action` is a dotted code such as `case.open`; `details` are small facts, never content of a case. The revision of a
    sealed row goes in by itself, so that an auditor sees when a whole row was set back.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("the ledger is written in the transaction of the deed")
    head = LedgerHead.objects.select_for_update().get_or_create(pk=1)[0]
    seq = head.size
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    organisation = actor.ledger_organisation
    payload = _payload(action, actor, target, details)
    commitment = sha256(payload).digest()
    info = event_info(organisation, seq, at, commitment)
    sealed = hpke_seal(actor.ledger_auditor_key, pad(payload), info=info)
    leaf = event_leaf(info)
    digest = sha256(sealed).digest()
    head.chain = chain_link(bytes(head.chain), leaf, digest)
    head.size = seq + 1
    head.save(update_fields=["size", "chain"])
    AuditEvent.objects.create(
        seq=seq,
        at=at,
        organisation=organisation,
        sealed=sealed,
        sealed_digest=digest,
        commitment=commitment,
        leaf=leaf,
        chain=head.chain,
    )


def _payload(action: str, actor: Witnessed, target: models.Model | None, details: dict[str, Detail]) -> bytes:
    content: dict[str, Detail] = {"action": action, "actor": actor.ledger_name, **details}
    if target is not None:
        content["target"] = f"{target._meta.label}:{target.pk}"
    revision = getattr(target, "revision", None)
    if revision is not None:
        content["revision"] = revision
    encoded = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return os.urandom(_NONCE) + encoded


def event_info(organisation: UUID, seq: int, at: str, commitment: bytes) -> bytes:
    """The clear part of an event, as the leaf hashes it and as the sealed details are bound to it."""
    return ctx("event", organisation, seq, at, commitment)


def event_leaf(info: bytes) -> bytes:
    """RFC 6962 section 2.1 leaf hash."""
    return sha256(_LEAF_PREFIX + info).digest()


def chain_link(previous: bytes, leaf: bytes, sealed_digest: bytes) -> bytes:
    return hmac.digest(settings.CASEBOOK_LEDGER_KEY, previous + leaf + sealed_digest, "sha256")


def open_details(event: AuditEvent, auditor: MLKEM768X25519PrivateKey) -> dict[str, Detail] | None:
    """The details of an event, or None when they were erased; raises IntegrityError when they do not fit."""
    if event.sealed is None:
        return None
    commitment = bytes(event.commitment)
    info = event_info(event.organisation, event.seq, event.at, commitment)
    try:
        payload = unpad(hpke_open(auditor, bytes(event.sealed), info=info))
    except ValueError:
        raise IntegrityError from None
    if sha256(payload).digest() != commitment:
        raise IntegrityError
    details: dict[str, Detail] = json.loads(payload[_NONCE:])
    return details


def faults() -> Iterator[Fault]:
    """What does not fit in the whole ledger, first things first; empty when it verifies.

    Without keys this checks sequence, leaves, digests of the sealed details and the chain. Whether the details say what
    the commitment says only an auditor can check (`open_details`).
    """
    previous, expected = bytes(32), 0
    for event in AuditEvent.objects.order_by("seq").iterator(chunk_size=2000):
        if event.seq != expected:
            yield Fault(expected, "missing")
            return
        fault = _fault_of(event, previous)
        if fault:
            yield Fault(event.seq, fault)
            return
        previous, expected = bytes(event.chain), expected + 1
    head = LedgerHead.objects.filter(pk=1).first() or LedgerHead()
    if (head.size, bytes(head.chain)) != (expected, previous):
        yield Fault(expected, "missing")


def _fault_of(event: AuditEvent, previous: bytes) -> str | None:
    info = event_info(event.organisation, event.seq, event.at, bytes(event.commitment))
    leaf, digest = bytes(event.leaf), bytes(event.sealed_digest)
    if event_leaf(info) != leaf:
        return "changed"
    if event.sealed is not None and sha256(bytes(event.sealed)).digest() != digest:
        return "details changed"
    if not hmac.compare_digest(chain_link(previous, leaf, digest), bytes(event.chain)):
        return "changed or out of order"
    return None
