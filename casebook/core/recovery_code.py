"""Codes people keep on paper: random bits in Crockford base32 with a check character. Pure.

A recovery code has 160 bits, a device code (see `accounts.device_secret`) 256.
"""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_ALPHABET = _ALPHABET + "*~$=U"
_SLIPS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_BITS_A_DIGIT = 5
RECOVERY_BYTES = 20


class InvalidRecoveryCodeError(ValueError):
    """The text is not such a code: a character is missing, foreign, or the check character does not fit."""


def generate(size: int = RECOVERY_BYTES) -> bytes:
    """`size` random bytes."""
    return secrets.token_bytes(size)


def format_code(secret: bytes) -> str:
    """Groups of four and the check character: eight groups for 20 bytes, thirteen for 32; `VTDQ-Y6FQ-…-V`."""
    number, count = int.from_bytes(secret, "big"), _digits_of(len(secret))
    shifts = range(_BITS_A_DIGIT * (count - 1), -1, -_BITS_A_DIGIT)
    digits = "".join(_ALPHABET[number >> shift & 31] for shift in shifts)
    groups = [digits[i : i + 4] for i in range(0, count, 4)]
    return "-".join([*groups, _CHECK_ALPHABET[number % 37]])


def parse_code(text: str, size: int = RECOVERY_BYTES) -> bytes:
    """The `size` secret bytes of a typed code; forgives case, spaces, hyphens and O/0, I/L/1.

    Raises InvalidRecoveryCodeError. Check character: Crockford's modulo 37.
    """
    cleaned = text.strip().upper().translate(_SLIPS)
    if len(cleaned) != _digits_of(size) + 1 or any(c not in _ALPHABET for c in cleaned[:-1]):
        raise InvalidRecoveryCodeError
    number = 0
    for character in cleaned[:-1]:
        number = number << _BITS_A_DIGIT | _ALPHABET.index(character)
    if cleaned[-1] != _CHECK_ALPHABET[number % 37] or number >> 8 * size:
        raise InvalidRecoveryCodeError
    return number.to_bytes(size, "big")


def _digits_of(size: int) -> int:
    """How many digits `size` bytes take, without the check character."""
    return -(-8 * size // _BITS_A_DIGIT)
