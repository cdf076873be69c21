"""Merkle trees: the published reference roots, every proof of small trees, and what no proof may prove (test 84)."""

from hashlib import sha256
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.core import merkle

# The reference tree of the certificate-transparency project: eight entries and the root after each of them.
ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
# Proofs of the same tree as published with it: (entry, size, path) and (old size, size, path).
INCLUSION = (
    (0, 1, ()),
    (
        0,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        5,
        8,
        (
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (2, 3, ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",)),
)
CONSISTENCY = (
    (1, 1, ()),
    (
        1,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        6,
        8,
        (
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (
        2,
        5,
        (
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
)
LARGEST = 33
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(LARGEST)]


def _reference() -> list[bytes]:
    return [merkle.leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]


def _recursive_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it down."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    split = max(1 << bit for bit in range(len(leaves).bit_length()) if 1 << bit < len(leaves))
    return sha256(b"\1" + _recursive_root(leaves[:split]) + _recursive_root(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots_come_out(size: int) -> None:
    assert merkle.root(merkle.tree_of(_reference()), size).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("entry", "size", "path"), INCLUSION)
def test_the_published_inclusion_proofs_come_out(entry: int, size: int, path: tuple[str, ...]) -> None:
    assert [each.hex() for each in merkle.inclusion_proof(merkle.tree_of(_reference()), entry, size)] == list(path)


@pytest.mark.parametrize(("old", "size", "path"), CONSISTENCY)
def test_the_published_consistency_proofs_come_out(old: int, size: int, path: tuple[str, ...]) -> None:
    assert [each.hex() for each in merkle.consistency_proof(merkle.tree_of(_reference()), old, size)] == list(path)


def test_every_root_up_to_33_entries_is_the_recursive_one() -> None:
    tree = merkle.tree_of(LEAVES)

    assert [merkle.root(tree, size) for size in range(LARGEST + 1)] == [
        _recursive_root(LEAVES[:size]) for size in range(LARGEST + 1)
    ]


def test_every_inclusion_proof_up_to_33_entries_verifies_for_its_own_entry_only() -> None:
    tree = merkle.tree_of(LEAVES)
    for size in range(1, LARGEST + 1):
        head = merkle.root(tree, size)
        for position in range(size):
            proof = merkle.inclusion_proof(tree, position, size)
            fitting = [at for at in range(size) if merkle.verify_inclusion(LEAVES[at], position, size, proof, head)]
            assert fitting == [position]


def test_every_consistency_proof_up_to_33_entries_verifies_for_its_own_trees_only() -> None:
    tree = merkle.tree_of(LEAVES)
    heads = [merkle.root(tree, size) for size in range(LARGEST + 1)]
    for old, size in product(range(LARGEST + 1), repeat=2):
        if old > size:
            continue
        proof = merkle.consistency_proof(tree, old, size)
        assert merkle.verify_consistency(old, size, proof, heads[old], heads[size])
        assert not merkle.verify_consistency(old, size, proof, heads[old], sha256(b"another").digest()) or old == 0
        if old:
            assert not merkle.verify_consistency(old, size, proof, sha256(b"another").digest(), heads[size])
            assert not merkle.verify_consistency(old, size, [*proof, heads[old]], heads[old], heads[size])
            assert not proof or not merkle.verify_consistency(old, size, proof[:-1], heads[old], heads[size])


def test_a_proof_of_what_cannot_be_is_refused() -> None:
    tree = merkle.tree_of(LEAVES)
    for position, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="no such leaf"):
            merkle.inclusion_proof(tree, position, size)
        assert not merkle.verify_inclusion(LEAVES[0], position, size, [], merkle.EMPTY_ROOT)
    with pytest.raises(ValueError, match="larger"):
        merkle.consistency_proof(tree, 4, 3)
    assert not merkle.verify_consistency(4, 3, [], LEAVES[0], LEAVES[0])
    with pytest.raises(ValueError, match="perfect"):
        merkle.perfect_hash(LEAVES[:3])


_entries = st.lists(st.binary(max_size=8), min_size=1, max_size=300)


@given(_entries, st.data())
def test_any_tree_proves_each_entry_and_each_of_its_beginnings(entries: list[bytes], data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    tree, size = merkle.tree_of(leaves), len(leaves)
    position, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    head, old_head = merkle.root(tree, size), merkle.root(tree, old)

    assert merkle.verify_inclusion(leaves[position], position, size, merkle.inclusion_proof(tree, position, size), head)
    assert merkle.verify_consistency(old, size, merkle.consistency_proof(tree, old, size), old_head, head)


@given(_entries, st.data())
def test_a_changed_entry_is_proved_by_nothing(entries: list[bytes], data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    size = len(leaves)
    position = data.draw(st.integers(0, size - 1))
    changed = [*leaves]
    changed[position] = merkle.leaf_hash(b"changed entry")
    before, after = merkle.tree_of(leaves), merkle.tree_of(changed)

    assert not merkle.verify_inclusion(
        changed[position], position, size, merkle.inclusion_proof(before, position, size), merkle.root(before, size)
    )
    for old in {position + 1, size}:
        assert not merkle.verify_consistency(
            old, size, merkle.consistency_proof(after, old, size), merkle.root(before, old), merkle.root(after, size)
        )
