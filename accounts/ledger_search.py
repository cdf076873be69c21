"""Searching the ledger: its details are sealed, so entries are opened newest first until a page is full.

One request opens at most SCAN entries; where the page is not full by then, the search goes on from there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.ledger_kinds import Kind, kind_of
from accounts.organisation_keys import auditors_private_key
from casebook.core import ledger
from casebook.core.models import AuditEvent
from casebook.core.wrapping import hpke_private_key

PAGE = 50
SCAN = 1000


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One event as an auditor reads it. `details` is None where they were erased."""

    seq: int
    at: datetime
    action: str
    actor: str
    details: dict[str, ledger.Detail] | None


@dataclass(frozen=True)
class LedgerFilter:
    """What an auditor looks for; days are in UTC, both included. Empty fields leave nothing out."""

    person: str = ""
    kind: Kind | None = None
    reference: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def opens_details(self) -> bool:
        """Whether an entry must be opened to know if it is meant."""
        return bool(self.person or self.kind or self.reference)

    def as_details(self) -> dict[str, str]:
        """The filter as the ledger keeps it of somebody who searched."""
        chosen = {
            "person": self.person,
            "kind": self.kind.value if self.kind else "",
            "reference": self.reference,
            "first": self.first.isoformat() if self.first else "",
            "last": self.last.isoformat() if self.last else "",
        }
        return {name: value for name, value in chosen.items() if value}

    @cached_property
    def case_ids(self) -> frozenset[str]:
        """The keys of the rows that go by the reference."""
        found: set[str] = set()
        for model in apps.get_models() if self.reference else ():
            if has_reference(model) and not hasattr(model, "instance_type"):
                found |= {str(key) for key in _keys_of(model, self.reference)}
        return frozenset(found)

    def fits(self, row: LedgerRow) -> bool:
        """Whether an opened entry is meant; an entry whose details were erased is meant only by its day."""
        if not self.opens_details:
            return True
        if row.details is None:
            return False
        by_person = not self.person or self.person in {row.actor, row.details.get("person")}
        by_kind = self.kind is None or kind_of(row.action) == self.kind
        return by_person and by_kind and (not self.reference or self._is_about(row.details))

    def _is_about(self, details: dict[str, ledger.Detail]) -> bool:
        target, opened = str(details.get("target", "")), details.get("opened")
        ids = {target.rpartition(":")[2], str(details.get("case", ""))}
        return bool(ids & self.case_ids) or (isinstance(opened, list) and self.reference in opened)


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries, newest first. `further` is the number to search on before, or None at the end of the ledger."""

    rows: list[LedgerRow]
    further: int | None
    is_full: bool


def search_ledger(actor: Actor, wanted: LedgerFilter, *, before: int | None = None) -> LedgerPage:
    """Up to PAGE entries of the actor's organisation that are meant, older than entry `before`; details opened.

    Raises NoKeyError, IntegrityError.
    """
    private = hpke_private_key(auditors_private_key(actor))
    rows, seq, scanned = list[LedgerRow](), 0, 0
    for event in events_of(actor, wanted, before=before)[:SCAN]:
        row = opened_row(event, private)
        seq, scanned = row.seq, scanned + 1
        rows += [row] if wanted.fits(row) else []
        if len(rows) == PAGE:
            break
    is_full = len(rows) == PAGE
    return LedgerPage(rows, seq if is_full or scanned == SCAN else None, is_full)


def events_of(actor: Actor, wanted: LedgerFilter, *, before: int | None = None) -> QuerySet[AuditEvent]:
    """The actor's organisation's events on the filter's days, newest first, still sealed."""
    events = AuditEvent.objects.filter(organisation=actor.ledger_organisation).order_by("-seq")
    if before is not None:
        events = events.filter(seq__lt=before)
    if wanted.first is not None:
        events = events.filter(at__gte=wanted.first.isoformat())
    if wanted.last is not None:
        events = events.filter(at__lt=(wanted.last + timedelta(days=1)).isoformat())
    return events


def opened_rows(actor: Actor, events: QuerySet[AuditEvent]) -> Iterator[LedgerRow]:
    """The events, opened one after the other; raises NoKeyError, IntegrityError."""
    private = hpke_private_key(auditors_private_key(actor))
    for event in events.iterator(chunk_size=500):
        yield opened_row(event, private)


def opened_row(event: AuditEvent, private: MLKEM768X25519PrivateKey) -> LedgerRow:
    """One event with its details opened; raises IntegrityError."""
    details = ledger.open_details(event, private)
    rest = dict(details or {})
    action, actor = str(rest.pop("action", "")), str(rest.pop("actor", ""))
    at = datetime.fromisoformat(event.at)
    return LedgerRow(event.seq, at, action, actor, rest if details is not None else None)


def has_reference(model: type[models.Model]) -> bool:
    """Whether rows of this kind go by a reference."""
    try:
        model._meta.get_field("reference")
    except FieldDoesNotExist:
        return False
    return True


def _keys_of(model: type[models.Model], reference: str) -> QuerySet[Any, UUID]:
    return model._base_manager.filter(reference=reference).values_list("pk", flat=True)
