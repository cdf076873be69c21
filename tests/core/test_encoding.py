"""Contexts and padding."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.core.encoding import ctx, pad, padded_length, unpad

parts = st.lists(st.binary(max_size=12), max_size=5)


@given(parts, parts)
def test_contexts_of_different_parts_never_meet(first: list[bytes], second: list[bytes]) -> None:
    assert (ctx("label", *first) == ctx("label", *second)) == (first == second)


def test_a_context_is_length_prefixed_big_endian_and_starts_with_the_version() -> None:
    expected = (
        b"\0\0\0\x0bcasebook/v1"
        b"\0\0\0\x05label"
        b"\0\0\0\x02\xd1\x8f"
        b"\0\0\0\x08\0\0\0\0\0\0\x01\x02"
        b"\0\0\0\x10" + bytes(range(16))
    )
    assert ctx("label", "я", 258, UUID(bytes=bytes(range(16)))) == expected


@given(st.binary(max_size=5000))
def test_padding_round_trips(value: bytes) -> None:
    assert unpad(pad(value)) == value


def test_only_72_length_classes_show_for_values_up_to_5000_bytes() -> None:
    classes = {len(pad(bytes(length))) for length in range(5001)}

    assert len(classes) == 72
    assert sorted(classes)[:5] == [64, 128, 192, 256, 272]


@given(st.integers(min_value=257, max_value=1 << 40))
def test_padding_costs_at_most_twelve_percent_above_256_bytes(length: int) -> None:
    assert length <= padded_length(length) <= length * 1.12


@pytest.mark.parametrize("frame", [b"", b"\0\0\0\x01", b"\0\0\0\x01a" + b"\1" * 59, b"\xff\xff\xff\xff" + bytes(60)])
def test_what_pad_never_makes_is_refused(frame: bytes) -> None:
    with pytest.raises(ValueError, match="padded"):
        unpad(frame)
