"""Keys from what people remember or keep: passphrase (Argon2id), recovery code (HKDF), session token (HKDF). Pure."""

import os
import unicodedata
from dataclasses import asdict, dataclass
from threading import BoundedSemaphore

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError

SALT_LENGTH = 16
_PARALLEL_DERIVATIONS = BoundedSemaphore(2)
"""Argon2 holds 64 MiB for each derivation; more than two at once a worker would let sign-ins exhaust memory."""


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """Argon2id cost: passes, memory in KiB, lanes. RFC 9106 section 4, second recommended option, by default."""

    passes: int = 3
    memory: int = 64 * 1024
    lanes: int = 4

    def as_params(self) -> dict[str, int]:
        return asdict(self)


FLOOR = Argon2Cost(passes=2, memory=19 * 1024, lanes=1)
CEILING = Argon2Cost(passes=10, memory=512 * 1024, lanes=8)


def checked_cost(params: dict[str, int], *, floor: Argon2Cost) -> Argon2Cost:
    """Cost parameters read from a row, refused outside floor and ceiling: a row may ask for 2 GiB or for 8 KiB."""
    if set(params) != set(FLOOR.as_params()) or not all(isinstance(value, int) for value in params.values()):
        raise IntegrityError
    cost = Argon2Cost(**params)
    for name, least in floor.as_params().items():
        if not least <= getattr(cost, name) <= getattr(CEILING, name):
            raise IntegrityError
    return cost


def new_salt() -> bytes:
    return os.urandom(SALT_LENGTH)


def normalise_passphrase(passphrase: str) -> bytes:
    """NFKC, so that й typed as one code point and as two open the same slot."""
    return unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")


def key_from_passphrase(
    passphrase: str, *, salt: bytes, cost: Argon2Cost, context: bytes, device_secret: bytes = b""
) -> bytes:
    """The 32-byte key that seals a passphrase slot: Argon2id, then HKDF over it and any device secret."""
    with _PARALLEL_DERIVATIONS:
        stretched = Argon2id(
            salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory
        ).derive(normalise_passphrase(passphrase))
    return derive_key(stretched + device_secret, info=ctx("slot-kek", context))


def derive_key(secret: bytes, *, info: bytes) -> bytes:
    """A 32-byte key from a secret that is already uniformly random (HKDF-SHA-256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)
