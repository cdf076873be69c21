"""Entries of the ledger as a file for somebody outside; the export is itself an entry."""

from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require_role
from accounts.actor import Actor
from accounts.ledger_search import LedgerFilter, events_of, opened_rows
from accounts.ledger_words import LedgerLine, in_words
from accounts.models import Role
from casebook.core import ledger
from casebook.core.csv_cells import csv_file

MOST = 20_000
"""How many entries one export opens: some seconds of work."""


class TooManyEntriesError(Exception):
    """The chosen days hold more entries than one file may; carries how many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@transaction.atomic
def export_ledger(actor: Actor, wanted: LedgerFilter) -> bytes:
    """The entries that are meant as CSV, newest first; raises TooManyEntriesError, NoKeyError, IntegrityError."""
    require_role(actor, Role.AUDITOR)
    events = events_of(actor, wanted)
    count = events.count()
    if count > MOST:
        raise TooManyEntriesError(count)
    rows = [row for row in opened_rows(actor, events) if wanted.fits(row)]
    heading = [_("No."), _("When (UTC)"), _("Who"), _("Did what"), _("Details")]
    content = csv_file([heading, *map(_cells, in_words(rows))])
    digest = sha256(content).hexdigest()
    ledger.record("account.export_ledger", actor=actor, filter=wanted.as_details(), events=len(rows), sha256=digest)
    return content


def _cells(line: LedgerLine) -> list[str]:
    details = "; ".join(f"{label}: {said}" for label, said in line.details or ())
    return [str(line.seq), line.at.isoformat(timespec="seconds"), line.actor, str(line.what), details]
