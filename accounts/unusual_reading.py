"""Reading that an auditor should ask about: rules over entries of the ledger. Pure; a finding is a question, no proof.

`device` in the details of `account.sign_in` is the same text for each sign-in of one person in one browser
(`accounts.browser.browser_digest`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.ledger_kinds import Kind, kind_of
from accounts.ledger_search import LedgerRow

MANY_IDENTITIES = 10
WITHIN = timedelta(hours=1)
NIGHT_BEGINS, NIGHT_ENDS = 23, 6


class Rule(models.TextChoices):
    """What makes reading unusual, in words."""

    MANY_IDENTITIES = "many-identities", _("Opened the identities of ten cases or more within an hour")
    NIGHT = "night", _("Read or exported between 23:00 and 6:00 local time")
    NEW_DEVICE = "new-device", _("Signed in from a browser that does not appear in the person's earlier sign-ins")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one person did that a rule speaks of: when it began and ended, how often, and the first entry of it."""

    rule: Rule
    actor: str
    begins: datetime
    ends: datetime
    count: int
    seq: int


def findings(rows: Iterable[LedgerRow], zone: tzinfo, *, earlier: Iterable[LedgerRow] = ()) -> list[Finding]:
    """What is unusual in these entries, newest first; `zone` is where the organisation works.

    `earlier` entries only say which browsers people used before.
    """
    known = _devices_of(earlier)
    by_person: defaultdict[str, list[LedgerRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.seq):
        by_person[row.actor].append(row)
    found = [
        finding
        for own in by_person.values()
        for finding in (*_many_identities(own), *_nights(own, zone), *_new_devices(own, known[own[0].actor]))
    ]
    return sorted(found, key=lambda finding: finding.seq, reverse=True)


def _many_identities(rows: Sequence[LedgerRow]) -> Iterator[Finding]:
    """One finding for each hour in which ten identities were opened; hours do not overlap."""
    opened = [row for row in rows if _opens_identity(row)]
    start = 0
    while start < len(opened):
        hour = [row for row in opened[start:] if row.at < opened[start].at + WITHIN]
        cases = {str(row.details["target"]) for row in hour if row.details}
        if len(cases) >= MANY_IDENTITIES:
            yield _finding(Rule.MANY_IDENTITIES, hour, len(cases))
            start += len(hour)
        else:
            start += 1


def _opens_identity(row: LedgerRow) -> bool:
    compartments = (row.details or {}).get("compartments")
    return row.action == "case.open" and isinstance(compartments, list) and "identity" in compartments


def _nights(rows: Sequence[LedgerRow], zone: tzinfo) -> Iterator[Finding]:
    """One finding for each night in which something was read or exported."""
    nights: defaultdict[date, list[LedgerRow]] = defaultdict(list)
    for row in rows:
        local = row.at.astimezone(zone)
        if row.details is None or kind_of(row.action) not in {Kind.READ, Kind.EXPORTED}:
            continue
        if local.hour >= NIGHT_BEGINS or local.hour < NIGHT_ENDS:
            nights[(local - timedelta(hours=NIGHT_ENDS)).date()].append(row)
    for night in nights.values():
        yield _finding(Rule.NIGHT, night, len(night))


def _devices_of(rows: Iterable[LedgerRow]) -> defaultdict[str, set[str]]:
    """The browsers that each person signed in from."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if device := _device_of(row):
            known[row.actor].add(device)
    return known


def _device_of(row: LedgerRow) -> str:
    """The browser of a sign-in, where the entry names one."""
    device = (row.details or {}).get("device")
    return device if row.action == "account.sign_in" and isinstance(device, str) else ""


def _new_devices(rows: Sequence[LedgerRow], known: set[str]) -> Iterator[Finding]:
    """Sign-ins from a browser that is not among those before; the first browser of all is not new."""
    seen = set(known)
    for row in rows:
        device = _device_of(row)
        if device and seen and device not in seen:
            yield _finding(Rule.NEW_DEVICE, [row], 1)
        seen |= {device} if device else set()


def _finding(rule: Rule, rows: Sequence[LedgerRow], count: int) -> Finding:
    return Finding(rule, rows[0].actor, rows[0].at, rows[-1].at, count, rows[0].seq)
