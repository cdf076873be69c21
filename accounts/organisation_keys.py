"""The organisation's own keys: founding, and handing the auditors' key to those who audit."""

from dataclasses import dataclass

from django.db import transaction

from accounts.actor import Actor
from accounts.certificates import (
    certificate_statement,
    certified_signing_key,
    check_organisation,
    organisation_key_info,
    organisation_statement,
)
from accounts.enrolment import enrol
from accounts.keyring import Keys
from accounts.models import Organisation, OrganisationKeyWrap, Role, RoleGrant, User, UserKey
from casebook.core import ledger
from casebook.core.errors import NoKeyError
from casebook.core.wrapping import PrivateKeys, hpke_open, hpke_seal, sign, verify, wrap_statement

AUDITORS = "auditors"


@dataclass(frozen=True, slots=True, repr=False)
class Founding:
    """What founding hands out once. `root` and `recovery` belong on paper in two safes and never on this server."""

    organisation: Organisation
    administrator: User
    administrator_recovery_code: str
    root: PrivateKeys
    recovery: PrivateKeys


@transaction.atomic
def found_organisation(*, name: str, country: str, username: str, display_name: str, passphrase: str) -> Founding:
    """Make an organisation's keys and its first administrator, who is its first officer and keeps the auditors' key."""
    root, recovery, auditors = (PrivateKeys.generate() for _ in range(3))
    organisation = Organisation(
        name=name,
        country=country,
        root_public=root.public().signing,
        recovery_public=recovery.public().hpke,
        auditor_public=auditors.public().hpke,
    )
    organisation.signature = sign(root.signing, organisation_statement(organisation))
    organisation.save(force_insert=True)
    administrator = User.objects.create_user(username, passphrase, organisation, display_name=display_name)
    RoleGrant.objects.create(user=administrator, role=Role.ADMINISTRATOR)
    code = enrol(administrator, passphrase)
    key = UserKey.objects.get(user=administrator)
    key.officer = True
    key.certificate = sign(root.signing, certificate_statement(key, officer=True))
    key.save(update_fields=["officer", "certificate"])
    _store_first_auditor_wrap(organisation, key, root, auditors)
    ledger.record("organisation.found", actor=Actor(administrator), target=organisation)
    return Founding(organisation, administrator, code, root, recovery)


def _store_first_auditor_wrap(
    organisation: Organisation, key: UserKey, root: PrivateKeys, auditors: PrivateKeys
) -> None:
    info = organisation_key_info(organisation.id, AUDITORS, key)
    blob = hpke_seal(bytes(key.hpke_public), auditors.hpke, info=info)
    OrganisationKeyWrap.objects.create(
        organisation=organisation,
        name=AUDITORS,
        member_key=key,
        blob=blob,
        signer=key,
        signature=sign(root.signing, wrap_statement(info, blob)),
    )


def auditors_private_key(actor: Actor) -> bytes:
    """The auditors' HPKE seed (96 bytes) for somebody it was handed to; raises NoKeyError, IntegrityError."""
    keys = actor.require_keys()
    organisation = actor.user.organisation
    check_organisation(keys, organisation)
    row = (
        OrganisationKeyWrap.objects.select_related("member_key__user", "signer__user", "signer__signer")
        .filter(organisation=organisation, name=AUDITORS, member_key=keys.key_id)
        .first()
    )
    if row is None:
        raise NoKeyError
    info = organisation_key_info(organisation.id, AUDITORS, row.member_key)
    verify(_signer_of(keys, row), bytes(row.signature), wrap_statement(info, bytes(row.blob)))
    return hpke_open(keys.hpke, bytes(row.blob), info=info)


def _signer_of(keys: Keys, row: OrganisationKeyWrap) -> bytes:
    """At founding the root itself signed; later whoever handed the key on."""
    if row.signer_id == row.member_key_id:
        return keys.root_public
    return certified_signing_key(keys, row.signer)


def hand_auditors_key(actor: Actor, recipient: UserKey) -> None:
    """Wrap the auditors' key to a certified member who has none yet; the caller writes the ledger entry."""
    if OrganisationKeyWrap.objects.filter(name=AUDITORS, member_key=recipient).exists():
        return
    keys = actor.require_keys()
    certified_signing_key(keys, recipient)
    private = auditors_private_key(actor)
    info = organisation_key_info(recipient.user.organisation_id, AUDITORS, recipient)
    blob = hpke_seal(bytes(recipient.hpke_public), private, info=info)
    OrganisationKeyWrap.objects.create(
        organisation=recipient.user.organisation,
        name=AUDITORS,
        member_key=recipient,
        blob=blob,
        signer_id=keys.key_id,
        signature=keys.sign(wrap_statement(info, blob)),
    )
