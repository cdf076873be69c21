"""Whose key is whose: officers certify people, the organisation's root certifies officers, everybody pins the root."""

from uuid import UUID

from accounts.certified_keys import CertifiedKey, OrganisationKeys
from accounts.certified_keys import organisation_key_info as _organisation_key_info
from accounts.keyring import Keys
from accounts.models import Organisation, UserKey
from casebook.core.errors import IntegrityError, OrganisationKeyChangedError


def certificate_statement(key: UserKey, *, officer: bool) -> bytes:
    """What a certifier signs (`CertifiedKey.statement`)."""
    return _described(key, None).statement(officer=officer)


def described(key: UserKey) -> CertifiedKey:
    """A key with its certificate, its certifier's and, where there should be none, that one's: enough to refuse it."""
    if key.signer is None:
        return _described(key, None)
    above = key.signer.signer
    return _described(key, _described(key.signer, None if above is None else _described(above, None)))


def _described(key: UserKey, signer: CertifiedKey | None) -> CertifiedKey:
    return CertifiedKey(
        organisation=key.user.organisation_id,
        key=key.id,
        user=key.user_id,
        username=key.user.username,
        epoch=key.epoch,
        hpke_public=bytes(key.hpke_public),
        signing_public=bytes(key.signing_public),
        officer=key.officer,
        certificate=None if key.certificate is None else bytes(key.certificate),
        signer=signer,
    )


def organisation_keys(organisation: Organisation) -> OrganisationKeys:
    """The public halves of the organisation's keys as they are stored."""
    return OrganisationKeys(
        id=organisation.id,
        name=organisation.name,
        root_public=bytes(organisation.root_public),
        recovery_public=bytes(organisation.recovery_public),
        auditor_public=bytes(organisation.auditor_public),
        signature=bytes(organisation.signature),
    )


def check_organisation(keys: Keys, organisation: Organisation) -> None:
    """Raise OrganisationKeyChangedError unless the organisation's keys are those signed by the pinned root.

    Signatures are checked once for the same stored values in the life of `keys`.
    """
    stored = organisation_keys(organisation)
    if stored == keys.organisation:
        return
    if stored.root_public != keys.root_public:
        raise OrganisationKeyChangedError
    try:
        stored.check()
    except IntegrityError:
        raise OrganisationKeyChangedError from None
    keys.organisation = stored


def certified_signing_key(keys: Keys, key: UserKey) -> bytes:
    """The signing key of `key` after verifying its certificate up to the root pinned in the reader's keyring.

    Raises UnconfirmedKeyError when nobody certified it, IntegrityError when a certificate does not fit.
    """
    if key.id not in keys.verified:
        described(key).check(keys.root_public)
        keys.verified[key.id] = bytes(key.signing_public)
    if keys.verified[key.id] != bytes(key.signing_public):
        raise IntegrityError
    return keys.verified[key.id]


def four_words(key: UserKey) -> tuple[str, str, str, str]:
    """Four words to compare by voice (`CertifiedKey.four_words`)."""
    return _described(key, None).four_words(bytes(key.user.organisation.root_public))


def organisation_key_info(organisation_id: UUID, name: str, member: UserKey) -> bytes:
    """The place of an organisation key handed to a member."""
    return _organisation_key_info(
        organisation_id, name, member=member.id, epoch=member.epoch, hpke_public=bytes(member.hpke_public)
    )
