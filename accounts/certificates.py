"""Whose key is whose: officers certify people, the organisation's root certifies officers, everybody pins the root."""

from hashlib import sha256
from uuid import UUID

from accounts.keyring import Keys
from accounts.models import Organisation, UserKey
from accounts.wordlist import WORDS
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError, OrganisationKeyChangedError, UnconfirmedKeyError
from casebook.core.wrapping import verify


def certificate_statement(key: UserKey, *, officer: bool) -> bytes:
    """What a certifier signs: the person, by id and user name, and both public keys: no row can be re-pointed."""
    return ctx(
        "user-cert",
        key.user.organisation_id,
        key.id,
        key.user_id,
        key.user.username,
        key.epoch,
        bytes(key.hpke_public),
        bytes(key.signing_public),
        int(officer),
    )


def organisation_statement(organisation: Organisation) -> bytes:
    """What the root key signs about the organisation's other keys."""
    return ctx(
        "organisation",
        organisation.id,
        organisation.name,
        bytes(organisation.recovery_public),
        bytes(organisation.auditor_public),
    )


def check_organisation(keys: Keys, organisation: Organisation) -> None:
    """Raise OrganisationKeyChangedError unless the organisation's keys are those signed by the pinned root."""
    if bytes(organisation.root_public) != keys.root_public:
        raise OrganisationKeyChangedError
    try:
        verify(keys.root_public, bytes(organisation.signature), organisation_statement(organisation))
    except IntegrityError:
        raise OrganisationKeyChangedError from None


def certified_signing_key(keys: Keys, key: UserKey) -> bytes:
    """The signing key of `key` after verifying its certificate up to the root pinned in the reader's keyring.

    Raises UnconfirmedKeyError when nobody certified it, IntegrityError when a certificate does not fit.
    """
    if key.id not in keys.verified:
        _verify_certificate(keys, key)
        keys.verified[key.id] = bytes(key.signing_public)
    if keys.verified[key.id] != bytes(key.signing_public):
        raise IntegrityError
    return keys.verified[key.id]


def _verify_certificate(keys: Keys, key: UserKey) -> None:
    if key.certificate is None:
        raise UnconfirmedKeyError
    statement = certificate_statement(key, officer=key.officer)
    if key.signer is None:
        verify(keys.root_public, bytes(key.certificate), statement)
        return
    if key.officer or not key.signer.officer or key.signer.signer_id is not None:
        raise IntegrityError
    verify(certified_signing_key(keys, key.signer), bytes(key.certificate), statement)


def four_words(key: UserKey) -> tuple[str, str, str, str]:
    """Four words to compare by voice: 44 bits of a hash over person, public keys and the organisation's root."""
    digest = sha256(
        ctx("four-words", certificate_statement(key, officer=False), bytes(key.user.organisation.root_public))
    ).digest()
    number = int.from_bytes(digest[:8], "big")
    first, second, third, fourth = (WORDS[number >> shift & 2047] for shift in (0, 11, 22, 33))
    return first, second, third, fourth


def organisation_key_info(organisation_id: UUID, name: str, member: UserKey) -> bytes:
    """The place of an organisation key handed to a member."""
    return ctx("org-key", organisation_id, name, member.id, member.epoch, sha256(bytes(member.hpke_public)).digest())
