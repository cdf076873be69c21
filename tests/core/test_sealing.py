"""The sealed value: layout, binding to its place, refusal of every change."""

import os
from uuid import uuid4

import pytest

from casebook.core.errors import IntegrityError
from casebook.core.sealing import FieldPlace, is_sealed, read_header, seal, unseal

KEY = bytes(range(32))
PLACE = b"place"


def test_a_sealed_value_has_the_documented_layout_and_lengths() -> None:
    sealed = seal(KEY, b"", context=PLACE, epoch=3, revision=7)

    assert sealed[:16] == b"S\x01\x01\x01" + (3).to_bytes(4, "big") + (7).to_bytes(8, "big")
    lengths = {size: len(seal(KEY, bytes(size), context=PLACE)) for size in (0, 60, 61, 200, 4096)}
    assert lengths == {0: 152, 60: 152, 61: 216, 200: 344, 4096: 4440}


def test_what_was_sealed_opens_again() -> None:
    assert unseal(KEY, seal(KEY, "слово".encode(), context=PLACE), context=PLACE).decode() == "слово"


def test_another_place_another_key_or_another_header_does_not_open() -> None:
    sealed = seal(KEY, b"word", context=PLACE, epoch=1, revision=2)
    other_revision = sealed[:15] + b"\x03" + sealed[16:]

    for key, value, context in (
        (KEY, sealed, b"elsewhere"),
        (os.urandom(32), sealed, PLACE),
        (KEY, other_revision, PLACE),
    ):
        with pytest.raises(IntegrityError):
            unseal(key, value, context=context)


@pytest.mark.parametrize("size", [0, 200, 40_000])
def test_a_flipped_bit_is_noticed_wherever_it_is(size: int) -> None:
    sealed = seal(KEY, os.urandom(size), context=PLACE)
    for index in range(0, len(sealed), 7 if size < 1000 else 997):
        flipped = sealed[:index] + bytes((sealed[index] ^ 1,)) + sealed[index + 1 :]
        with pytest.raises(IntegrityError):
            unseal(KEY, flipped, context=PLACE)


@pytest.mark.parametrize("cut", [0, 3, 16, 71, 151, -1])
def test_a_truncated_value_is_noticed(cut: int) -> None:
    sealed = seal(KEY, bytes(40_000), context=PLACE)
    with pytest.raises(IntegrityError):
        unseal(KEY, sealed[:cut], context=PLACE)


def test_whole_chunks_cut_off_are_noticed() -> None:
    sealed = seal(KEY, bytes(60_000), context=PLACE)
    for chunks in (1, 2, 3):
        with pytest.raises(IntegrityError):
            unseal(KEY, sealed[: 72 + chunks * (16_384 + 16)], context=PLACE)


def test_a_key_cannot_open_a_value_made_under_another_key_by_a_chosen_commitment() -> None:
    sealed, foreign = (seal(key, b"word", context=PLACE) for key in (KEY, bytes(32)))
    spliced = foreign[:72] + sealed[72:]

    for key in (KEY, bytes(32)):
        with pytest.raises(IntegrityError):
            unseal(key, spliced, context=PLACE)


def test_five_thousand_salts_differ() -> None:
    salts = {seal(KEY, b"", context=PLACE)[16:40] for _ in range(5000)}

    assert len(salts) == 5000


def test_plain_text_does_not_pass_for_sealed() -> None:
    assert not is_sealed(b"S\x01\x01\x01 plain")
    assert not is_sealed(b"x" * 200)
    with pytest.raises(IntegrityError):
        read_header(b"x" * 200)


def test_every_part_of_a_field_place_matters() -> None:
    first, second = uuid4(), uuid4()
    base = {
        "organisation": first,
        "model": "cases.Person",
        "row": first,
        "field": "sealed_profile",
        "case": first,
        "compartment": first,
        "compartment_name": "identity",
    }
    contexts = {FieldPlace(**base).context()}  # type: ignore[arg-type]
    for name, value in base.items():
        other = second if value == first else f"{value}x"
        contexts.add(FieldPlace(**{**base, name: other}).context())  # type: ignore[arg-type]

    assert len(contexts) == len(base) + 1
