"""Primary keys and references."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

_REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRTVWXYZ"
REFERENCE_LENGTH = 7


def new_id() -> UUID:
    """A time-ordered UUID (version 7, RFC 9562), so that rows lie in the order of their making."""
    return uuid7()


def new_reference() -> str:
    """A short name for a case that says nothing and cannot be guessed from another: 27^7, about 33 bits.

    No vowels and no look-alikes, so that it spells no word and survives being read over the phone.
    """
    return "".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))
