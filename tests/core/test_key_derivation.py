"""From passphrase and recovery code to keys."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.core import recovery_code
from casebook.core.errors import IntegrityError
from casebook.core.key_derivation import CEILING, FLOOR, Argon2Cost, checked_cost, key_from_passphrase

CHEAP = Argon2Cost(passes=1, memory=64, lanes=1)


def derive(passphrase: str, *, salt: bytes = bytes(16), device_secret: bytes = b"") -> bytes:
    return key_from_passphrase(passphrase, salt=salt, cost=CHEAP, context=b"slot", device_secret=device_secret)


def test_a_cyrillic_passphrase_opens_however_the_keyboard_composes_it() -> None:
    word = "ёлка и йод"

    assert derive(unicodedata.normalize("NFC", word)) == derive(unicodedata.normalize("NFD", word))


def test_salt_passphrase_and_device_secret_each_change_the_key() -> None:
    keys = {derive("one"), derive("two"), derive("one", salt=b"x" * 16), derive("one", device_secret=b"d" * 32)}

    assert len(keys) == 4


@pytest.mark.parametrize(
    "params",
    [
        {"passes": 1, "memory": 64 * 1024, "lanes": 4},
        {"passes": 3, "memory": 8, "lanes": 4},
        {"passes": 3, "memory": 2 * 1024 * 1024, "lanes": 4},
        {"passes": 3, "memory": 64 * 1024, "lanes": 64},
        {"passes": 3},
        {"passes": 3, "memory": 64 * 1024, "lanes": 4, "more": 1},
        {"passes": "3", "memory": 64 * 1024, "lanes": 4},
    ],
)
def test_cost_parameters_out_of_bounds_are_refused_before_anything_is_derived(params: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        checked_cost(params, floor=FLOOR)


def test_the_default_cost_lies_between_floor_and_ceiling() -> None:
    default = Argon2Cost()

    assert checked_cost(default.as_params(), floor=FLOOR) == default
    assert (default.passes, default.memory, default.lanes) == (3, 65536, 4)
    assert CEILING.memory == 512 * 1024


@given(st.binary(min_size=20, max_size=20))
def test_a_recovery_code_reads_back_in_any_handwriting(secret: bytes) -> None:
    code = recovery_code.format_code(secret)
    sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert recovery_code.parse_code(sloppy) == secret


@given(st.binary(min_size=20, max_size=20), st.integers(0, 31), st.integers(1, 31))
def test_one_wrong_character_is_always_noticed(secret: bytes, place: int, shift: int) -> None:
    plain = recovery_code.format_code(secret).replace("-", "")
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    wrong = alphabet[(alphabet.index(plain[place]) + shift) % 32]

    with pytest.raises(recovery_code.InvalidRecoveryCodeError):
        recovery_code.parse_code(plain[:place] + wrong + plain[place + 1 :])


@pytest.mark.parametrize("text", ["", "ABCD", "U" * 33, "0" * 34, "ключ", "\0" * 33])
def test_other_text_is_no_recovery_code(text: str) -> None:
    with pytest.raises(recovery_code.InvalidRecoveryCodeError):
        recovery_code.parse_code(text)


@given(st.binary(min_size=32, max_size=32))
def test_a_device_code_is_thirteen_groups_and_a_check_character(secret: bytes) -> None:
    code = recovery_code.format_code(secret)

    assert [len(group) for group in code.split("-")] == [4] * 13 + [1]
    assert recovery_code.parse_code(code.lower().replace("-", " "), 32) == secret
    with pytest.raises(recovery_code.InvalidRecoveryCodeError):
        recovery_code.parse_code(code)


def test_digits_that_hold_more_than_256_bits_are_no_device_code() -> None:
    """52 digits are 260 bits: a number that is too large is refused although its check character fits."""
    too_large = 2**256 + 5
    digits = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[too_large >> shift & 31] for shift in range(255, -1, -5))
    check = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"[too_large % 37]

    with pytest.raises(recovery_code.InvalidRecoveryCodeError):
        recovery_code.parse_code(digits + check, 32)
