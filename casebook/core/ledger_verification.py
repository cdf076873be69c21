"""Reading the whole ledger and recomputing all that it says of itself: sequence, leaves, chain, tree, checkpoints."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from casebook.core import checkpoints, merkle
from casebook.core.ledger import chain_link
from casebook.core.ledger_tree import BLOCK, BLOCK_LEVEL, event_info, event_leaf
from casebook.core.models import AuditEvent, Checkpoint, LedgerHead, LedgerNode

_COLUMNS = ("seq", "at", "organisation", "sealed", "sealed_digest", "commitment", "leaf", "chain")


@dataclass(frozen=True, slots=True)
class Fault:
    """The first event that does not fit, and what is wrong with it."""

    seq: int
    what: str


def first_fault() -> Fault | None:
    """What does not fit in the whole ledger, or None when it verifies.

    Without keys of auditors this checks sequence, leaves, digests of the sealed details, the chain, every kept hash of
    the tree and every checkpoint given out. Whether the details say what the commitment says only an auditor can check.
    Events that are written meanwhile are verified too.
    """
    return _Reading().to_the_end()


class _Reading:
    """A reading of the ledger from its first event on: what was recomputed so far."""

    def __init__(self) -> None:
        self.size = 0
        self.chain = bytes(32)
        self.leaves: list[bytes] = []
        self.computed: dict[tuple[int, int], bytes] = {}
        self.checkpoints = {row.size: row for row in Checkpoint.objects.all()}

    def to_the_end(self) -> Fault | None:
        """Read block after block until nothing new has come."""
        while True:
            head = _stored_head()
            while self.size < head.size:
                fault = self._read_on(head.size)
                if fault:
                    return fault
            beyond = AuditEvent.objects.filter(seq__gte=self.size).exists()
            head = _stored_head()
            if head.size <= self.size:
                return self._end(head, beyond=beyond)

    def _end(self, head: LedgerHead, *, beyond: bool) -> Fault | None:
        if head.size < self.size or bytes(head.chain) != self.chain:
            return Fault(head.size, "changed or missing: the head does not fit")
        if beyond:
            return Fault(self.size, "stands after the end of the ledger")
        if any(size > self.size for size in self.checkpoints):
            return Fault(self.size, "missing: a checkpoint of more events was given out")
        return self._nodes_fault()

    def _read_on(self, end: int) -> Fault | None:
        """Verify up to the end of the present block or of the ledger."""
        if self.size % BLOCK == 0:
            self.leaves = []
        end = min(end, (self.size // BLOCK + 1) * BLOCK)
        events = AuditEvent.objects.filter(seq__gte=self.size, seq__lt=end).order_by("seq")
        for row in events.values_list(*_COLUMNS):
            fault = self._event_fault(*row)
            if fault:
                return Fault(self.size, fault)
            self.size += 1
            if self.size in self.checkpoints and self._head_differs():
                return Fault(self.size - 1, "changed: a checkpoint with other events was given out")
        if self.size != end:
            return Fault(self.size, "missing")
        if self.size % BLOCK == 0:
            self._fill_subtrees()
        return None

    def _event_fault(self, seq: int, at: str, organisation: Any, sealed: Any, *rest: Any) -> str | None:
        digest, commitment, leaf, chain = map(bytes, rest)
        if seq != self.size:
            return "missing"
        if event_leaf(event_info(organisation, seq, at, commitment)) != leaf:
            return "changed"
        if sealed is not None and sha256(sealed).digest() != digest:
            return "details changed"
        self.chain = chain_link(self.chain, leaf, digest)
        if not hmac.compare_digest(self.chain, chain):
            return "changed or out of order"
        self.leaves.append(leaf)
        return None

    def _fill_subtrees(self) -> None:
        level, position = BLOCK_LEVEL, self.size // BLOCK - 1
        self.computed[level, position] = merkle.perfect_hash(self.leaves)
        while position & 1:
            right, left = self.computed[level, position], self.computed[level, position - 1]
            level, position = level + 1, position >> 1
            self.computed[level, position] = merkle.node_hash(left, right)

    def _head_differs(self) -> bool:
        head = checkpoints.signed_head(self.checkpoints[self.size])
        return head is None or head.root != merkle.root(self._perfect, self.size)

    def _perfect(self, level: int, position: int) -> bytes:
        if (level, position) in self.computed:
            return self.computed[level, position]
        start = (position << level) % BLOCK
        return merkle.perfect_hash(self.leaves[start : start + (1 << level)])

    def _nodes_fault(self) -> Fault | None:
        kept = {
            (level, position): bytes(digest)
            for level, position, digest in LedgerNode.objects.values_list("level", "position", "digest")
            if (position + 1) << level <= self.size
        }
        differing = [place for place in kept.keys() | self.computed if kept.get(place) != self.computed.get(place)]
        if not differing:
            return None
        level, position = min(differing, key=lambda place: (place[1] << place[0], place[0]))
        return Fault(position << level, f"the kept hash of {1 << level} events from here does not fit")


def _stored_head() -> LedgerHead:
    return LedgerHead.objects.filter(pk=1).first() or LedgerHead()
