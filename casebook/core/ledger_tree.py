"""The ledger as a Merkle tree: its heads and proofs, at the cost of one unfinished block of leaves.

The leaves are the events in order of `seq`. The hash of every full subtree of 1,024 leaves and more is kept when the
last of its leaves is written; so the head of any beginning of the ledger needs at most 1,023 leaves and a few hashes.
The kept hashes are a cache: where one is missing it is computed, and `ledger_verification` recomputes them all.
"""

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from casebook.core import merkle
from casebook.core.encoding import ctx
from casebook.core.errors import LogMismatchError
from casebook.core.models import AuditEvent, LedgerHead, LedgerNode

BLOCK_LEVEL = 10
BLOCK = 1 << BLOCK_LEVEL
_LEAF_PREFIX = b"\x00"


class BrokenTreeError(LogMismatchError):
    """An event that the tree needs is missing, or its leaf is not what its row says."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """How many events there were, and the root over all of them (32 bytes)."""

    size: int
    root: bytes


def event_info(organisation: UUID, seq: int, at: str, commitment: bytes) -> bytes:
    """The clear part of an event, as the leaf hashes it and as the sealed details are bound to it."""
    return ctx("event", organisation, seq, at, commitment)


def event_leaf(info: bytes) -> bytes:
    """RFC 6962 section 2.1 leaf hash."""
    return sha256(_LEAF_PREFIX + info).digest()


class StoredTree:
    """The tree as the database holds it; reads each block of leaves at most once, so it serves for one request.

    With `from_rows` every leaf that is read is first recomputed from its row. Raises BrokenTreeError.
    """

    def __init__(self, *, from_rows: bool = False) -> None:
        self._from_rows = from_rows
        self._blocks: dict[int, list[bytes]] = {}

    def perfect(self, level: int, position: int) -> bytes:
        if level < BLOCK_LEVEL:
            return self._from_leaves(level, position)
        kept = LedgerNode.objects.filter(level=level, position=position).values_list("digest", flat=True).first()
        if kept is not None:
            return bytes(kept)
        if level == BLOCK_LEVEL:
            return self._from_leaves(level, position)
        return merkle.node_hash(self.perfect(level - 1, 2 * position), self.perfect(level - 1, 2 * position + 1))

    def head(self, size: int) -> TreeHead:
        """The head over the first `size` events."""
        return TreeHead(size, merkle.root(self.perfect, size))

    def _from_leaves(self, level: int, position: int) -> bytes:
        block, start = divmod(position << level, BLOCK)
        leaves = self._leaves(block)
        end = start + (1 << level)
        if len(leaves) < end:
            raise BrokenTreeError
        return merkle.perfect_hash(leaves[start:end])

    def _leaves(self, block: int) -> list[bytes]:
        if block not in self._blocks:
            self._blocks[block] = self._read(block * BLOCK)
        return self._blocks[block]

    def _read(self, start: int) -> list[bytes]:
        """The leaves of one block, up to the first that is missing."""
        events = AuditEvent.objects.filter(seq__gte=start, seq__lt=start + BLOCK).order_by("seq")
        leaves: list[bytes] = []
        for seq, at, organisation, commitment, leaf in events.values_list(
            "seq", "at", "organisation", "commitment", "leaf"
        ):
            if seq != start + len(leaves):
                break
            if self._from_rows and event_leaf(event_info(organisation, seq, at, bytes(commitment))) != bytes(leaf):
                raise BrokenTreeError
            leaves.append(bytes(leaf))
        return leaves


def size_now() -> int:
    """How many events the ledger has."""
    return LedgerHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0


def begins_with(head: TreeHead, tree: StoredTree) -> bool:
    """Whether the ledger as it is stored begins with the events of this head."""
    if head.size > size_now():
        return False
    try:
        return tree.head(head.size) == head
    except BrokenTreeError:
        return False


def keep_full_subtrees(size: int) -> None:
    """Keep the hashes of the subtrees that the event before `size` has filled; in the transaction that wrote it.

    Where events of the last block are missing nothing is kept and nobody's work is refused: the next unlock says so.
    """
    if size % BLOCK or not size:
        return
    with suppress(BrokenTreeError):
        _keep_from_block(StoredTree(), size // BLOCK - 1)


def _keep_from_block(tree: StoredTree, position: int) -> None:
    level = BLOCK_LEVEL
    nodes = [LedgerNode(level=level, position=position, digest=tree.perfect(level, position))]
    while position & 1:
        digest = merkle.node_hash(tree.perfect(level, position - 1), bytes(nodes[-1].digest))
        level, position = level + 1, position >> 1
        nodes.append(LedgerNode(level=level, position=position, digest=digest))
    LedgerNode.objects.bulk_create(
        nodes, update_conflicts=True, unique_fields=["level", "position"], update_fields=["digest"]
    )
