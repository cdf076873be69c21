"""Key wraps and signatures: HPKE for keys handed to people, Ed25519 for who handed them. Pure.

HPKE base mode (RFC 9180) with the hybrid KEM MLKEM768-X25519, HKDF-SHA-256 and AES-256-GCM, single shot, everything
that a wrap is bound to in `info`. A wrap is anonymous by nature, so each is signed by who made it.
"""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
WRAP_HEADER = b"W\x01\x01\x00"
WRAP_LENGTH = 1172
_MLKEM_SEED, _MLKEM_PUBLIC = 64, 1184


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKeys:
    """One holder's secrets: HPKE seed (64 B ML-KEM-768 + 32 B X25519) and Ed25519 seed (32 B)."""

    hpke: bytes
    signing: bytes

    @classmethod
    def generate(cls) -> "PrivateKeys":
        mlkem = MLKEM768PrivateKey.generate().private_bytes_raw()
        x25519 = X25519PrivateKey.generate().private_bytes_raw()
        return cls(mlkem + x25519, Ed25519PrivateKey.generate().private_bytes_raw())

    def public(self) -> "PublicKeys":
        return PublicKeys(
            hpke_public_of(self.hpke),
            signing_public_of(self.signing),
        )


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """HPKE public key (1184 B ML-KEM-768 + 32 B X25519) and Ed25519 public key (32 B)."""

    hpke: bytes
    signing: bytes


@dataclass(frozen=True, slots=True)
class WrapPlace:
    """What a wrapped data-encryption key belongs to and for whom it is; all of it is bound into the wrap."""

    organisation: UUID
    case: UUID
    compartment: UUID
    compartment_name: str
    epoch: int
    recipient_kind: str
    recipient: UUID
    recipient_epoch: int

    def info(self, recipient_hpke: bytes) -> bytes:
        return ctx(
            "wrap",
            WRAP_HEADER,
            ctx(
                "dek",
                self.organisation,
                self.case,
                self.compartment,
                self.compartment_name,
                self.epoch,
                self.recipient_kind,
                self.recipient,
                self.recipient_epoch,
                sha256(recipient_hpke).digest(),
            ),
        )


def _hpke_halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    return (
        MLKEM768PrivateKey.from_seed_bytes(seed[:_MLKEM_SEED]),
        X25519PrivateKey.from_private_bytes(seed[_MLKEM_SEED:]),
    )


def hpke_public_of(seed: bytes) -> bytes:
    """The 1216-byte public key of a 96-byte seed."""
    mlkem, x25519 = _hpke_halves(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def signing_public_of(seed: bytes) -> bytes:
    """The 32-byte Ed25519 public key of a 32-byte seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def hpke_private_key(seed: bytes) -> MLKEM768X25519PrivateKey:
    """The library's key object for a 96-byte seed; building it costs more than one use, so holders keep it."""
    return MLKEM768X25519PrivateKey(*_hpke_halves(seed))


def hpke_seal(recipient_hpke: bytes, plaintext: bytes, *, info: bytes) -> bytes:
    """Encrypt to a 1216-byte public key: 1120 bytes of encapsulation, then ciphertext and tag.

    Raises IntegrityError for bytes that are no public key.
    """
    try:
        public = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(recipient_hpke[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(recipient_hpke[_MLKEM_PUBLIC:]),
        )
    except ValueError:
        raise IntegrityError from None
    return _SUITE.encrypt(plaintext, public, info=info)


def hpke_open(private: MLKEM768X25519PrivateKey, sealed: bytes, *, info: bytes) -> bytes:
    """Inverse of `hpke_seal`; raises IntegrityError."""
    try:
        return _SUITE.decrypt(sealed, private, info=info)
    except (InvalidTag, ValueError):
        raise IntegrityError from None


def wrap(recipient_hpke: bytes, key: bytes, *, info: bytes) -> bytes:
    """Wrap a 32-byte key: 4-byte header, 1120 bytes of encapsulation, 32 bytes and a 16-byte tag."""
    return WRAP_HEADER + hpke_seal(recipient_hpke, key, info=info)


def unwrap(private: MLKEM768X25519PrivateKey, blob: bytes, *, info: bytes) -> bytes:
    """Open a key wrap; raises IntegrityError when it is not one for this key and place."""
    if len(blob) != WRAP_LENGTH or not blob.startswith(WRAP_HEADER):
        raise IntegrityError
    return hpke_open(private, blob[len(WRAP_HEADER) :], info=info)


def wrap_statement(info: bytes, blob: bytes) -> bytes:
    """What the maker of a wrap signs."""
    return ctx("wrap-sig", info, sha256(blob).digest())


def sign(signing_seed: bytes, statement: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(signing_seed).sign(statement)


def verify(signing_public: bytes, signature: bytes, statement: bytes) -> None:
    """Raise IntegrityError unless `signature` over `statement` is by the holder of `signing_public`."""
    try:
        Ed25519PublicKey.from_public_bytes(signing_public).verify(signature, statement)
    except (InvalidSignature, ValueError):
        raise IntegrityError from None
