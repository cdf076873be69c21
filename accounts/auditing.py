"""What only an auditor can check of the ledger: details against commitments, and rows that were set back."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps

from accounts.actor import Actor
from accounts.organisation_keys import auditors_private_key
from casebook.core import ledger
from casebook.core.errors import IntegrityError
from casebook.core.models import AuditEvent
from casebook.core.wrapping import hpke_private_key


@dataclass(frozen=True, slots=True)
class SetBack:
    """A row whose stored revision is lower than one the ledger has seen written."""

    target: str
    stored: int
    recorded: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What a full reading of the ledger found: events whose details do not fit, and rows that were set back."""

    unreadable: tuple[int, ...]
    set_back: tuple[SetBack, ...]

    @property
    def is_clean(self) -> bool:
        return not self.unreadable and not self.set_back


def audit(actor: Actor) -> Audit:
    """Open every event of the actor's organisation and hold the rows against it; raises NoKeyError."""
    private = hpke_private_key(auditors_private_key(actor))
    unreadable, recorded = [], dict[str, int]()
    events = AuditEvent.objects.filter(organisation=actor.ledger_organisation).order_by("seq")
    for event in events.iterator(chunk_size=2000):
        try:
            details = ledger.open_details(event, private) or {}
        except IntegrityError:
            unreadable.append(event.seq)
            continue
        revision, target = details.get("revision"), details.get("target")
        if isinstance(revision, int) and isinstance(target, str):
            recorded[target] = max(revision, recorded.get(target, 0))
    return Audit(tuple(unreadable), tuple(_set_back(recorded)))


def _set_back(recorded: dict[str, int]) -> Iterator[SetBack]:
    by_model: dict[str, dict[UUID, int]] = {}
    for target, revision in recorded.items():
        label, _, key = target.rpartition(":")
        by_model.setdefault(label, {})[UUID(key)] = revision
    for label, revisions in by_model.items():
        rows = apps.get_model(label)._base_manager.filter(pk__in=list(revisions)).values_list("pk", "revision")
        for key, stored in rows:
            if stored < revisions[key]:
                yield SetBack(f"{label}:{key}", stored, revisions[key])
