"""What a person last saw of the ledger, held against the ledger: at every unlock, before anything is opened.

Each keyring keeps a tree head that only its owner can read or change. Whoever rewrites the ledger, even with the key of
its chain, cannot rewrite what people remember of it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.enrolment import OpenedKeyring, store_keyring
from accounts.keyring import Keyring
from casebook.core import ledger
from casebook.core.errors import LogMismatchError
from casebook.core.ledger_tree import BrokenTreeError, StoredTree, TreeHead, begins_with, size_now


def with_present_head(opened: OpenedKeyring) -> OpenedKeyring:
    """The keyring with the ledger's present head in it, and stored so; raises LogMismatchError and stores nothing.

    The ledger must begin with the head that the keyring remembers. The leaves of unfinished blocks are recomputed from
    their rows; older ones stand behind kept hashes, which `verify_ledger` recomputes.
    """
    size, tree, remembered = size_now(), StoredTree(from_rows=True), opened.keyring
    if remembered.ledger_size and not begins_with(TreeHead(remembered.ledger_size, remembered.ledger_head), tree):
        raise LogMismatchError(_seen_at(remembered))
    try:
        head = tree.head(size)
    except BrokenTreeError:
        raise LogMismatchError(_seen_at(remembered)) from None
    keyring = replace(remembered, ledger_size=head.size, ledger_head=head.root, ledger_seen=int(time.time()))
    renewed = replace(opened, keyring=keyring)
    store_keyring(renewed)
    return renewed


def _seen_at(keyring: Keyring) -> datetime | None:
    return datetime.fromtimestamp(keyring.ledger_seen, UTC) if keyring.ledger_seen else None


@contextmanager
def mismatch_recorded(actor: Actor, *, how: str) -> Iterator[None]:
    """Write to the ledger that it does not fit what this person saw, and let the refusal go on.

    Goes around the transaction of the unlock, which is rolled back. A ledger that is so damaged that it takes no
    further event still gives the refusal.
    """
    try:
        yield
    except LogMismatchError as mismatch:
        seen = mismatch.seen_at.isoformat(timespec="seconds") if mismatch.seen_at else None
        with suppress(LogMismatchError), transaction.atomic():
            ledger.record("account.log_mismatch", actor=actor, how=how, seen=seen)
        raise
