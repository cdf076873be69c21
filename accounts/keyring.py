"""What a person's passphrase opens, and what it lets them do. Pure; never stored open."""

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn
from uuid import UUID

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError
from casebook.core.key_derivation import derive_key
from casebook.core.wrapping import PrivateKeys, PublicKeys, hpke_private_key, sign

_FORMAT = struct.Struct(">B96s32s32sQ32s")
_VERSION = 1


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """Private keys, the organisation's root key as it was at enrolment, and a place for the last ledger head
    this person saw, which is still empty: size 0."""

    private: PrivateKeys
    root_public: bytes
    ledger_size: int = 0
    ledger_head: bytes = bytes(32)

    def pack(self) -> bytes:
        """201 bytes: version, HPKE seed 96, signing seed 32, root public key 32, ledger size u64, ledger head 32."""
        return _FORMAT.pack(
            _VERSION,
            self.private.hpke,
            self.private.signing,
            self.root_public,
            self.ledger_size,
            self.ledger_head,
        )

    @classmethod
    def unpack(cls, packed: bytes) -> "Keyring":
        if len(packed) != _FORMAT.size or packed[0] != _VERSION:
            raise IntegrityError
        _version, hpke, signing, root, size, head = _FORMAT.unpack(packed)
        return cls(PrivateKeys(hpke, signing), root, size, head)

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


class KeyPair:
    """An open HPKE key pair of a person or a team, and the key that only its holder can make of it."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed

    @cached_property
    def private(self) -> MLKEM768X25519PrivateKey:
        return hpke_private_key(self._seed)

    @cached_property
    def own_key(self) -> bytes:
        """32 bytes under which the holder seals for itself what it has unwrapped and checked once."""
        return derive_key(self._seed, info=ctx("own-key"))

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


class Keys:
    """An open keyring for the length of one request: unwraps what was wrapped for this person, signs in their name."""

    def __init__(self, keyring: Keyring, *, key_id: UUID, epoch: int) -> None:
        self._keyring = keyring
        self.pair = KeyPair(keyring.private.hpke)
        self.key_id = key_id
        self.epoch = epoch
        self.verified: dict[UUID, bytes] = {}
        """Signing keys whose certificates were verified up to the pinned root in this request."""

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
