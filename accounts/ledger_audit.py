"""What an auditor does with the ledger: reading, looking for unusual reading, proving an entry. Reads are entries."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.access import require_role
from accounts.actor import Actor
from accounts.ledger_search import (
    LedgerFilter,
    LedgerPage,
    LedgerRow,
    events_of,
    opened_row,
    opened_rows,
    search_ledger,
)
from accounts.models import Role
from accounts.organisation_keys import auditors_private_key
from accounts.unusual_reading import WITHIN, Finding, findings
from casebook.core import checkpoints, ledger
from casebook.core.countries import TIME_ZONES
from casebook.core.models import AuditEvent, Checkpoint
from casebook.core.proofs import InclusionProof
from casebook.core.wrapping import hpke_private_key

LOOKED_THROUGH = 4000
"""How many entries one look for unusual reading opens: half a second of work."""
LOOKED_BACK = 2000
"""How many entries before them are opened to know which browsers people used."""


@dataclass(frozen=True, slots=True)
class UnusualPage:
    """What is unusual in the entries that were looked through; `further` is the number to go on before, or None."""

    found: list[Finding]
    looked_through: int
    further: int | None


@dataclass(frozen=True, slots=True)
class ProvedEntry:
    """One entry, a checkpoint that it stands in, and the proof."""

    row: LedgerRow
    proof: InclusionProof
    checkpoint: Checkpoint
    stands: bool


@transaction.atomic
def read_ledger(actor: Actor, wanted: LedgerFilter, *, before: int | None) -> LedgerPage:
    """A page of entries; raises NoKeyError, IntegrityError."""
    require_role(actor, Role.AUDITOR)
    page = search_ledger(actor, wanted, before=before)
    ledger.record("account.read_ledger", actor=actor, filter=wanted.as_details())
    return page


@transaction.atomic
def look_for_unusual(actor: Actor, days: LedgerFilter, *, before: int | None) -> UnusualPage:
    """What is unusual on these days, newest first; raises NoKeyError, IntegrityError.

    Where there is more than one look takes, the next one begins an hour later than this one ended: so no hour is cut.
    """
    require_role(actor, Role.AUDITOR)
    rows = list(opened_rows(actor, events_of(actor, days, before=before)[:LOOKED_THROUGH]))
    before_them = events_of(actor, LedgerFilter(), before=rows[-1].seq if rows else 0)
    earlier = opened_rows(actor, before_them[:LOOKED_BACK])
    zone = ZoneInfo(TIME_ZONES[actor.user.organisation.country])
    found = findings(rows, zone, earlier=earlier)
    ledger.record("account.read_ledger", actor=actor, filter=days.as_details())
    return UnusualPage(found, len(rows), _go_on_before(rows))


def _go_on_before(rows: list[LedgerRow]) -> int | None:
    if len(rows) < LOOKED_THROUGH:
        return None
    oldest = rows[-1]
    return min((row.seq for row in rows if row.at >= oldest.at + WITHIN), default=oldest.seq)


@transaction.atomic
def prove_entry(actor: Actor, event: AuditEvent) -> ProvedEntry:
    """Open an entry and prove that it stands in the ledger; raises NoKeyError, IntegrityError, LogMismatchError."""
    require_role(actor, Role.AUDITOR)
    row = opened_row(event, hpke_private_key(auditors_private_key(actor)))
    checkpoint = checkpoints.latest_with(event)
    ledger.record("account.read_ledger", actor=actor, entry=event.seq)
    proof = checkpoints.prove_inclusion(event, checkpoint.size)
    return ProvedEntry(row, proof, checkpoint, checkpoints.stands_in(proof, checkpoint))
