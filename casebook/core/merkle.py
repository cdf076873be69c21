"""Merkle trees of RFC 6962: roots, inclusion and consistency proofs, made and verified. Pure; SHA-256 throughout.

A tree is given as a function that returns the hash of a perfect subtree: `perfect(level, position)` is the hash over
the leaves `position << level` to `(position + 1) << level`, the last one excluded. So the same code serves a list of
leaves in memory and a table that keeps only large subtrees. Positions count leaves from 0.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
_LEAF_PREFIX, _NODE_PREFIX = b"\x00", b"\x01"

Perfect = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry (RFC 6962 section 2.1)."""
    return sha256(_LEAF_PREFIX + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side (RFC 6962 section 2.1)."""
    return sha256(_NODE_PREFIX + left + right).digest()


def perfect_hash(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes whose number is a power of two; raises ValueError for any other number."""
    if not leaves or len(leaves) & (len(leaves) - 1):
        raise ValueError("not a perfect subtree")
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(_NODE_PREFIX + left + right).digest() for left, right in pairs]
    return level[0]


def tree_of(leaves: Sequence[bytes]) -> Perfect:
    """The tree over leaf hashes in memory."""
    return lambda level, position: perfect_hash(leaves[position << level : (position + 1) << level])


def root(perfect: Perfect, size: int) -> bytes:
    """The tree head over the first `size` leaves; the hash of nothing for an empty tree."""
    return _range_hash(perfect, 0, size) if size else EMPTY_ROOT


def inclusion_proof(perfect: Perfect, position: int, size: int) -> list[bytes]:
    """PATH(m, D[n]) of RFC 9162 section 2.1.3.1, nearest sibling first; raises ValueError for a leaf outside."""
    if not 0 <= position < size:
        raise ValueError("no such leaf in a tree of this size")
    start, end, siblings = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            siblings.append(_range_hash(perfect, middle, end))
            end = middle
        else:
            siblings.append(_range_hash(perfect, start, middle))
            start = middle
    return siblings[::-1]


def consistency_proof(perfect: Perfect, old: int, size: int) -> list[bytes]:
    """PROOF(m, D[n]) of RFC 9162 section 2.1.4.1; raises ValueError where the older tree is the larger one.

    Empty where there is nothing to prove: from an empty tree, or from the same one.
    """
    if not 0 <= old <= size:
        raise ValueError("the older tree is larger")
    if old in (0, size):
        return []
    start, end, found = 0, size, list[bytes]()
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append(_range_hash(perfect, middle, end))
            end = middle
        else:
            found.append(_range_hash(perfect, start, middle))
            start = middle
    if start:
        found.append(_range_hash(perfect, start, end))
    return found[::-1]


def verify_inclusion(leaf: bytes, position: int, size: int, proof: Sequence[bytes], head: bytes) -> bool:
    """RFC 9162 section 2.1.3.2: whether the leaf hash stands at this position of the tree with this head."""
    if not 0 <= position < size:
        return False
    node, last, found = position, size - 1, leaf
    for sibling in proof:
        if not last:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return not last and found == head


def verify_consistency(old: int, size: int, proof: Sequence[bytes], old_head: bytes, head: bytes) -> bool:
    """RFC 9162 section 2.1.4.2: whether the tree of `size` leaves begins with the tree of `old` leaves."""
    if not 0 <= old <= size:
        return False
    if old in (0, size):
        return not proof and old_head == (head if old else EMPTY_ROOT)
    path = [old_head, *proof] if not old & (old - 1) else list(proof)
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    if not path:
        return False
    before = after = path[0]
    for sibling in path[1:]:
        if not last:
            return False
        if node & 1 or node == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        node, last = node >> 1, last >> 1
    return not last and before == old_head and after == head


def _split(size: int) -> int:
    """The largest power of two smaller than a size above 1."""
    return 1 << (size - 1).bit_length() - 1


def _range_hash(perfect: Perfect, start: int, end: int) -> bytes:
    """The hash over leaves `start` to `end`; `start` is a multiple of the largest power of two that fits in between."""
    subtrees = [perfect(level, position) for level, position in _peaks(start, end)]
    return reduce(lambda right, left: node_hash(left, right), reversed(subtrees))


def _peaks(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The perfect subtrees that a range falls into, from the left: level and position of each."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level
