"""Whose key is whose, without a database: what certificates and the organisation's root say, and checking them. Pure.

`accounts.certificates` applies it to stored rows, `accounts.ceremony` to files on the offline machine.
"""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from accounts.wordlist import WORDS
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError, UnconfirmedKeyError
from casebook.core.wrapping import verify

AUDITORS = "auditors"
"""Name of the organisation key that auditors hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedKey:
    """A person's public keys with their certificate; without a signer it is the root that signed."""

    organisation: UUID
    key: UUID
    user: UUID
    username: str
    epoch: int
    hpke_public: bytes
    signing_public: bytes
    officer: bool
    certificate: bytes | None
    signer: "CertifiedKey | None"

    def statement(self, *, officer: bool) -> bytes:
        """What a certifier signs: the person, by id and user name, and both public keys: no row can be re-pointed."""
        return ctx(
            "user-cert",
            self.organisation,
            self.key,
            self.user,
            self.username,
            self.epoch,
            self.hpke_public,
            self.signing_public,
            int(officer),
        )

    def four_words(self, root_public: bytes) -> tuple[str, str, str, str]:
        """Four words to compare by voice: 44 bits of a hash over person, public keys and the organisation's root."""
        digest = sha256(ctx("four-words", self.statement(officer=False), root_public)).digest()
        number = int.from_bytes(digest[:8], "big")
        first, second, third, fourth = (WORDS[number >> shift & 2047] for shift in (0, 11, 22, 33))
        return first, second, third, fourth

    def check(self, root_public: bytes) -> None:
        """Verify the certificate up to the root.

        Raises UnconfirmedKeyError when nobody certified the key, IntegrityError when a certificate does not fit. An
        officer is certified by the root alone, everybody else by the root or by an officer.
        """
        if self.certificate is None:
            raise UnconfirmedKeyError
        statement = self.statement(officer=self.officer)
        if self.signer is None:
            verify(root_public, self.certificate, statement)
            return
        if self.officer or not self.signer.officer or self.signer.signer is not None:
            raise IntegrityError
        self.signer.check(root_public)
        verify(self.signer.signing_public, self.certificate, statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationKeys:
    """The public halves of an organisation's keys, and the root's signature over the others."""

    id: UUID
    name: str
    root_public: bytes
    recovery_public: bytes
    auditor_public: bytes
    signature: bytes

    def statement(self) -> bytes:
        """What the root key signs: the organisation by id and name, its recovery key and its auditors' key."""
        return organisation_statement(self.id, self.name, self.recovery_public, self.auditor_public)

    def check(self) -> None:
        """Raise IntegrityError unless the root named here signed the rest; it may be anybody's root."""
        verify(self.root_public, self.signature, self.statement())


def organisation_statement(organisation: UUID, name: str, recovery_public: bytes, auditor_public: bytes) -> bytes:
    return ctx("organisation", organisation, name, recovery_public, auditor_public)


def organisation_key_info(organisation: UUID, name: str, *, member: UUID, epoch: int, hpke_public: bytes) -> bytes:
    """The place of an organisation key handed to the key `member` of a person, at its epoch."""
    return ctx("org-key", organisation, name, member, epoch, sha256(hpke_public).digest())
