"""The server's side of the paper codes: requests that go to the offline machine, and the answers that come back."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Operator
from accounts.ceremony import files
from accounts.ceremony.files import OfficerAnswer, OfficerRequest, OrganisationFile, SealedCopies, UnreadableFileError
from accounts.certificates import (
    certificate_statement,
    described,
    organisation_key_info,
    organisation_keys,
)
from accounts.certified_keys import AUDITORS
from accounts.models import OfflineRequest, Organisation, OrganisationKeyWrap, User, UserKey
from casebook.core import ledger
from casebook.core.errors import CasebookError, IntegrityError, NoKeyError
from casebook.core.wrapping import verify, wrap_statement


class AnswerRefusedError(CasebookError):
    code = "answer-refused"
    status = 409
    message = _(
        "This file was refused: it answers no open request, was taken in before, was changed, or was signed by another "
        "organisation's root key. Nothing was changed here. Make a new request."
    )


def organisation_file(organisation: Organisation) -> OrganisationFile:
    """The organisation's public keys and sealed copies as they are stored.

    Raises UnreadableFileError without copies, IntegrityError when the root did not sign the stored keys.
    """
    try:
        copies = files.decode(SealedCopies, organisation.sealed_copies)
    except ValueError:
        raise UnreadableFileError from None
    keys = organisation_keys(organisation)
    keys.check()
    return OrganisationFile(keys, copies)


def officers_of(organisation: Organisation) -> list[User]:
    """Active people whose present key is marked an officer's, by name; its certificate is checked where it counts."""
    return list(User.objects.filter(organisation=organisation, is_active=True, keys__active=True, keys__officer=True))


@transaction.atomic
def request_officer(person: User) -> OfficerRequest:
    """Ask the root to make a person an officer; raises NoKeyError for one without keys."""
    key = UserKey.objects.select_related("user__organisation", "signer__user").filter(user=person, active=True).first()
    if key is None or not person.is_active:
        raise NoKeyError
    organisation = key.user.organisation
    row = OfflineRequest.objects.create(key=key, kind=OfflineRequest.Kind.OFFICER)
    ledger.record("organisation.request_officer", actor=Operator(organisation), target=key, person=person.username)
    return OfficerRequest(row.id, organisation_file(organisation), described(key))


def claim(request_id: UUID, kind: OfflineRequest.Kind) -> UserKey:
    """Use up an open request and return the key it was about; raises AnswerRefusedError.

    Call it in the transaction that takes the answer in: when that fails, the request stays open.
    """
    row = OfflineRequest.objects.select_for_update().filter(pk=request_id, kind=kind).first()
    if row is None:
        raise AnswerRefusedError
    key = UserKey.objects.select_related("user__organisation", "signer__user").get(pk=row.key_id)
    if not key.active or not key.user.is_active:
        raise AnswerRefusedError
    row.delete()
    return key


@transaction.atomic
def install_officer(answer: OfficerAnswer) -> User:
    """Take in the root's certificate for an officer, and the auditors' key for them; raises AnswerRefusedError."""
    key = claim(answer.request, OfflineRequest.Kind.OFFICER)
    organisation = key.user.organisation
    try:
        _check_answer(answer, organisation, key)
    except IntegrityError:
        raise AnswerRefusedError from None
    key.officer, key.signer, key.certificate = True, None, answer.certificate
    key.save(update_fields=["officer", "signer", "certificate"])
    OrganisationKeyWrap.objects.update_or_create(
        name=AUDITORS,
        member_key=key,
        defaults={
            "organisation": organisation,
            "blob": answer.auditors_wrap,
            "signer": key,
            "signature": answer.auditors_signature,
        },
    )
    OfflineRequest.objects.filter(key=key, kind=OfflineRequest.Kind.OFFICER).delete()
    ledger.record("organisation.install_officer", actor=Operator(organisation), target=key, person=key.user.username)
    return key.user


def _check_answer(answer: OfficerAnswer, organisation: Organisation, key: UserKey) -> None:
    root = bytes(organisation.root_public)
    info = organisation_key_info(organisation.id, AUDITORS, key)
    verify(root, answer.signature, answer.statement(organisation.id, key.id))
    verify(root, answer.certificate, certificate_statement(key, officer=True))
    verify(root, answer.auditors_signature, wrap_statement(info, answer.auditors_wrap))
