"""What a person's passphrase opens, and what it lets them do. Pure; never stored open."""

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn
from uuid import UUID

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from accounts.certified_keys import OrganisationKeys
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError
from casebook.core.key_derivation import derive_key
from casebook.core.wrapping import PrivateKeys, PublicKeys, hpke_private_key, hpke_public_of, sign

_FORMAT = struct.Struct(">B96s32s32sQ32sQ")
_VERSION = 2
_PROOF = struct.Struct(">QH")
_CASE_BYTES = 16
_FORMAT_1 = struct.Struct(">B96s32s32sQ32s")
"""Without the time at the end; written until 2026, read until its owner's next unlock writes it anew."""


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """Private keys, the organisation's root key as it was at enrolment, and the last ledger head this person saw.

    `ledger_seen` is when, in seconds since 1970. Before the first unlock there is no head: size 0.
    """

    private: PrivateKeys
    root_public: bytes
    ledger_size: int = 0
    ledger_head: bytes = bytes(32)
    ledger_seen: int = 0

    def pack(self) -> bytes:
        """209 bytes: version, HPKE seed 96, signing seed 32, root public key 32, ledger size u64, head 32, time u64."""
        return _FORMAT.pack(
            _VERSION,
            self.private.hpke,
            self.private.signing,
            self.root_public,
            self.ledger_size,
            self.ledger_head,
            self.ledger_seen,
        )

    @classmethod
    def unpack(cls, packed: bytes) -> "Keyring":
        """Read version 2, or version 1, which had no time."""
        match packed[:1], len(packed):
            case b"\x02", _FORMAT.size:
                _version, hpke, signing, root, size, head, seen = _FORMAT.unpack(packed)
            case b"\x01", _FORMAT_1.size:
                (_version, hpke, signing, root, size, head), seen = _FORMAT_1.unpack(packed), 0
            case _:
                raise IntegrityError
        return cls(PrivateKeys(hpke, signing), root, size, head, seen)

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


@dataclass(slots=True, repr=False)
class PassphraseProof:
    """When the passphrase was last typed in an unlocked session, and whose names were opened in it since.

    `at` in seconds since 1970; `revealed` holds ids of cases, newest last (see `accounts.step_up`).
    """

    at: int
    revealed: tuple[UUID, ...] = ()
    changed: bool = False

    def pack(self) -> bytes:
        """Time u64, number of cases u16, 16 bytes a case."""
        return _PROOF.pack(self.at, len(self.revealed)) + b"".join(case.bytes for case in self.revealed)

    @classmethod
    def unpack_from(cls, packed: bytes) -> "tuple[PassphraseProof, bytes]":
        """The proof at the start of `packed`, and what comes after it; raises IntegrityError."""
        if len(packed) < _PROOF.size:
            raise IntegrityError
        at, count = _PROOF.unpack_from(packed)
        end = _PROOF.size + count * _CASE_BYTES
        if len(packed) < end:
            raise IntegrityError
        cases = (packed[start : start + _CASE_BYTES] for start in range(_PROOF.size, end, _CASE_BYTES))
        return cls(at, tuple(UUID(bytes=case) for case in cases)), packed[end:]


class KeyPair:
    """An open HPKE key pair of a person or a team, and the key that only its holder can make of it."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed

    @cached_property
    def private(self) -> MLKEM768X25519PrivateKey:
        return hpke_private_key(self.seed)

    @cached_property
    def public(self) -> bytes:
        """The public half, 1216 bytes."""
        return hpke_public_of(self.seed)

    @cached_property
    def own_key(self) -> bytes:
        """32 bytes under which the holder seals for itself what it has unwrapped and checked once."""
        return derive_key(self.seed, info=ctx("own-key"))

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


class Keys:
    """An open keyring for the length of one request: unwraps what was wrapped for this person, signs in their name."""

    def __init__(self, keyring: Keyring, *, key_id: UUID, epoch: int, proof: PassphraseProof | None = None) -> None:
        self._keyring = keyring
        self.proof = proof
        """Of the unlocked session that these keys come from; none outside a browser, where nobody walks away."""
        self.pair = KeyPair(keyring.private.hpke)
        self.key_id = key_id
        self.epoch = epoch
        self.verified: dict[UUID, bytes] = {}
        """Signing keys whose certificates were verified up to the pinned root in this request."""
        self.organisation: OrganisationKeys | None = None
        """The organisation's stored keys, once `accounts.certificates` has held them against the pinned root."""
        self.teams: dict[tuple[UUID, int], KeyPair] | None = None
        """Private keys of teams by team and epoch, once `accounts.teams` has opened them in this request."""

    @property
    def hpke(self) -> MLKEM768X25519PrivateKey:
        return self.pair.private

    @cached_property
    def public(self) -> PublicKeys:
        return self._keyring.private.public()

    @property
    def root_public(self) -> bytes:
        return self._keyring.root_public

    def sign(self, statement: bytes) -> bytes:
        return sign(self._keyring.private.signing, statement)

    def __repr__(self) -> str:
        return "<Keys>"

    def __reduce__(self) -> Any:
        raise TypeError("keys are never pickled")
