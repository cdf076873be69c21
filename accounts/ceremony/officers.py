"""The root certifies an officer and hands them the auditors' key. Offline and pure."""

from accounts.ceremony.files import OfficerAnswer, OfficerRequest
from accounts.ceremony.keys import auditors_seed, root_signing_key
from accounts.certified_keys import AUDITORS, organisation_key_info
from casebook.core.errors import IntegrityError
from casebook.core.wrapping import hpke_seal, sign, wrap_statement


def certify(request: OfficerRequest, root_code: bytes) -> OfficerAnswer:
    """Sign the key of a request as an officer's, after its four words were compared by voice.

    Raises WrongCodeError for another organisation's root, IntegrityError when the request does not fit together. The
    auditors' key leaves the offline machine wrapped to that officer alone.
    """
    keys, key = request.organisation.keys, request.key
    root = root_signing_key(request.organisation, root_code)
    if key.organisation != keys.id:
        raise IntegrityError
    certificate = sign(root, key.statement(officer=True))
    info = organisation_key_info(keys.id, AUDITORS, member=key.key, epoch=key.epoch, hpke_public=key.hpke_public)
    wrapped = hpke_seal(key.hpke_public, auditors_seed(request.organisation, root_code), info=info)
    unsigned = OfficerAnswer(request.request, certificate, wrapped, sign(root, wrap_statement(info, wrapped)), b"")
    return OfficerAnswer(
        request.request,
        certificate,
        wrapped,
        unsigned.auditors_signature,
        sign(root, unsigned.statement(keys.id, key.key)),
    )
