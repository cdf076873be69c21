"""The ledger: what was done, by whom, to what. Written in the transaction of the deed; read by auditors only.

Leaf (RFC 6962): SHA-256(0x00 ‖ ctx("event", organisation, seq, time, commitment)), where the commitment is
SHA-256(nonce of 32 bytes ‖ details) and the details are sealed to the auditors of the organisation. Details can be
erased later and the leaves still verify; nobody can confirm a guess from a leaf. `ledger_tree` makes a Merkle tree of
the leaves. The chain is an HMAC over
all events under a key from the environment: somebody who can write to the database, but does not have that key,
cannot change, drop or reorder an event unseen.
"""

import hmac
import json
import os
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from django.conf import settings
from django.db import IntegrityError as UniqueViolation
from django.db import models, transaction
from django.db.models import QuerySet

from casebook.core.encoding import pad, unpad
from casebook.core.errors import IntegrityError, LogMismatchError
from casebook.core.ledger_tree import event_info, event_leaf, keep_full_subtrees
from casebook.core.models import AuditEvent, LedgerHead
from casebook.core.wrapping import hpke_open, hpke_seal

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


def record(action: str, *, actor: Witnessed, target: models.Model | None = None, **details: Detail) -> None:
    """Append one event; must run in the transaction of the deed, so that neither exists without the other.

    `action` is a dotted code such as `case.open`; `details` are small facts, never content of a case. The revision of a
    sealed row goes in by itself, so that an auditor sees when a whole row was set back, and so does the case it is of.
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
    try:
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
    except UniqueViolation:  # only somebody who set the head back leaves an event where the next one belongs
        raise LogMismatchError from None
    keep_full_subtrees(head.size)


def _payload(action: str, actor: Witnessed, target: models.Model | None, details: dict[str, Detail]) -> bytes:
    content: dict[str, Detail] = {"action": action, "actor": actor.ledger_name, **details}
    if target is not None:
        content["target"] = f"{target._meta.label}:{target.pk}"
    revision = getattr(target, "revision", None)
    if revision is not None:
        content["revision"] = revision
    case = getattr(target, "case_id", None)
    if case is not None:
        content["case"] = str(case)
    encoded = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return os.urandom(_NONCE) + encoded


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


@transaction.atomic
def erase_details(events: QuerySet[AuditEvent], *, actor: Witnessed) -> int:
    """Destroy the sealed details of these events, and say so in a new one; returns how many had details.

    Leaves and chain stay as they are: the ledger still verifies, but nobody will read what these events said.
    """
    erased = events.filter(sealed__isnull=False).update(sealed=None)
    record("ledger.erase_details", actor=actor, events=erased)
    return erased
