"""Recovery codes people write on paper: 160 random bits in Crockford base32 with a check character. Pure."""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_ALPHABET = _ALPHABET + "*~$=U"
_SLIPS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_BYTES, _DIGITS = 20, 32


class InvalidRecoveryCodeError(ValueError):
    """The text is not a recovery code: a character is missing, foreign, or the check character does not fit."""


def generate() -> bytes:
    return secrets.token_bytes(_BYTES)


def format_code(secret: bytes) -> str:
    """Eight groups of four and the check character, for example `VTDQ-Y6FQ-…-V`."""
    number = int.from_bytes(secret, "big")
    digits = "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_DIGITS - 1), -1, -5))
    groups = [digits[i : i + 4] for i in range(0, _DIGITS, 4)]
    return "-".join([*groups, _CHECK_ALPHABET[number % 37]])


def parse_code(text: str) -> bytes:
    """The 20 secret bytes of a typed code; forgives case, spaces, hyphens and O/0, I/L/1.

    Raises InvalidRecoveryCodeError. Check character: Crockford's modulo 37.
    """
    cleaned = text.strip().upper().translate(_SLIPS)
    if len(cleaned) != _DIGITS + 1 or any(c not in _ALPHABET for c in cleaned[:-1]):
        raise InvalidRecoveryCodeError
    number = 0
    for character in cleaned[:-1]:
        number = number << 5 | _ALPHABET.index(character)
    if cleaned[-1] != _CHECK_ALPHABET[number % 37]:
        raise InvalidRecoveryCodeError
    return number.to_bytes(_BYTES, "big")
