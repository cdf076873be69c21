"""The organisation's own keys: founding, and handing the auditors' key to those who audit."""

from dataclasses import dataclass

from django.db import transaction

from accounts.actor import Actor
from accounts.ceremony import files
from accounts.ceremony.files import OrganisationFile
from accounts.ceremony.keys import Codes, hold
from accounts.ceremony.officers import certify
from accounts.certificates import certified_signing_key, check_organisation, organisation_key_info
from accounts.certified_keys import AUDITORS
from accounts.enrolment import enrol
from accounts.keyring import Keys
from accounts.models import Organisation, OrganisationKeyWrap, Role, RoleGrant, User, UserKey
from accounts.officers import install_officer, request_officer
from casebook.core import ledger
from casebook.core.errors import NoKeyError
from casebook.core.wrapping import hpke_open, hpke_seal, verify, wrap_statement


@dataclass(frozen=True, slots=True, repr=False)
class Founding:
    """A new organisation and its first administrator, whose recovery code is shown once."""

    organisation: Organisation
    administrator: User
    administrator_recovery_code: str


@dataclass(frozen=True, slots=True, repr=False)
class FoundingHere(Founding):
    """A founding whose keys were made on this server: `codes` belong on paper in safes and nowhere else."""

    file: OrganisationFile
    codes: Codes


@transaction.atomic
def found_from_file(
    file: OrganisationFile, *, country: str, username: str, display_name: str, passphrase: str
) -> Founding:
    """Found an organisation whose keys were made on the offline machine, with its first administrator.

    No private key of the organisation comes to this server. The administrator confirms nobody before the root has made
    them an officer (`accounts.officers`). Raises IntegrityError for a file that its own root did not sign.
    """
    file.keys.check()
    organisation = Organisation.objects.create(
        id=file.keys.id,
        name=file.keys.name,
        country=country,
        root_public=file.keys.root_public,
        recovery_public=file.keys.recovery_public,
        auditor_public=file.keys.auditor_public,
        signature=file.keys.signature,
        sealed_copies=files.encode(file.copies),
    )
    administrator = User.objects.create_user(username, passphrase, organisation, display_name=display_name)
    RoleGrant.objects.create(user=administrator, role=Role.ADMINISTRATOR)
    code = enrol(administrator, passphrase).recovery_code
    ledger.record("organisation.found", actor=Actor(administrator), target=organisation)
    return Founding(organisation, administrator, code)


@transaction.atomic
def found_organisation(*, name: str, country: str, username: str, display_name: str, passphrase: str) -> FoundingHere:
    """Do all of it in one step on this server: keys, organisation, administrator, officer's certificate.

    For demonstrations and small trials: while this runs, the server's memory holds every secret of the organisation.
    """
    file, codes = hold(name)
    founding = found_from_file(
        file, country=country, username=username, display_name=display_name, passphrase=passphrase
    )
    install_officer(certify(request_officer(founding.administrator), codes.root))
    return FoundingHere(
        founding.organisation, founding.administrator, founding.administrator_recovery_code, file, codes
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
