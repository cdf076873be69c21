"""The organisation's own keys and the paper codes that open them. Pure.

Four codes of 160 bits lie on paper: the root's, and one for each of three custodians. The root key (Ed25519) is derived
from the root's code. The recovery key is sealed three times, once for each pair of custodians, under a key derived from
both codes: any two open it, one alone opens nothing. The auditors' key is sealed under the root's code, until the root
hands it to an officer.
"""

from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations, permutations
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.ceremony.files import OrganisationFile, RecoveryCopy, SealedCopies
from accounts.certified_keys import OrganisationKeys, organisation_statement
from casebook.core import recovery_code
from casebook.core.encoding import ctx
from casebook.core.errors import CasebookError, IntegrityError
from casebook.core.identifiers import new_id
from casebook.core.key_derivation import derive_key
from casebook.core.sealing import seal, unseal
from casebook.core.wrapping import PrivateKeys, hpke_public_of, sign, signing_public_of

CUSTODIANS = 3


class WrongCodeError(CasebookError):
    code = "wrong-code"
    status = 403
    message = _("These codes are complete, but they do not belong to this organisation. Nothing was opened.")


@dataclass(frozen=True, slots=True, repr=False)
class Codes:
    """The secrets that go onto paper, 20 bytes each: the root's, and one for each custodian."""

    root: bytes
    custodians: tuple[bytes, ...]


def hold(name: str) -> tuple[OrganisationFile, Codes]:
    """Make all keys of a new organisation: what may be known of them, and what belongs on paper."""
    codes = Codes(recovery_code.generate(), tuple(recovery_code.generate() for _custodian in range(CUSTODIANS)))
    organisation, recovery, auditors = new_id(), PrivateKeys.generate().hpke, PrivateKeys.generate().hpke
    root, recovery_public, auditor_public = _root(organisation, codes.root), *map(hpke_public_of, (recovery, auditors))
    keys = OrganisationKeys(
        id=organisation,
        name=name,
        root_public=signing_public_of(root),
        recovery_public=recovery_public,
        auditor_public=auditor_public,
        signature=sign(root, organisation_statement(organisation, name, recovery_public, auditor_public)),
    )
    copies = SealedCopies(
        recovery=tuple(
            RecoveryCopy(first, second, _seal_to_pair(keys, recovery, first, second, codes))
            for first, second in combinations(range(1, CUSTODIANS + 1), 2)
        ),
        auditors=seal(_auditors_kek(organisation, codes.root), auditors, context=_auditors_context(keys)),
    )
    return OrganisationFile(keys, copies), codes


def _root(organisation: UUID, code: bytes) -> bytes:
    return derive_key(code, info=ctx("paper-root", organisation))


def root_signing_key(file: OrganisationFile, code: bytes) -> bytes:
    """The root's Ed25519 seed; raises WrongCodeError unless it is the root that signed the file's keys.

    Whatever the file says is worth as much as this check: the code comes from the safe, not from the server.
    """
    root = _root(file.keys.id, code)
    if signing_public_of(root) != file.keys.root_public:
        raise WrongCodeError
    try:
        file.keys.check()
    except IntegrityError:
        raise WrongCodeError from None
    return root


def _auditors_kek(organisation: UUID, code: bytes) -> bytes:
    return derive_key(code, info=ctx("paper-auditors", organisation))


def _auditors_context(keys: OrganisationKeys) -> bytes:
    return ctx("auditors-copy", keys.id, sha256(keys.auditor_public).digest())


def auditors_seed(file: OrganisationFile, root_code: bytes) -> bytes:
    """The auditors' HPKE seed (96 bytes); raises IntegrityError when the copy is not one of the signed public key."""
    kek = _auditors_kek(file.keys.id, root_code)
    seed = unseal(kek, file.copies.auditors, context=_auditors_context(file.keys))
    if hpke_public_of(seed) != file.keys.auditor_public:
        raise IntegrityError
    return seed


def _pair_kek(keys: OrganisationKeys, copy: tuple[int, int], first_code: bytes, second_code: bytes) -> bytes:
    return derive_key(first_code + second_code, info=ctx("paper-pair", keys.id, *copy))


def _pair_context(keys: OrganisationKeys, copy: tuple[int, int]) -> bytes:
    return ctx("recovery-copy", keys.id, *copy, sha256(keys.recovery_public).digest())


def _seal_to_pair(keys: OrganisationKeys, seed: bytes, first: int, second: int, codes: Codes) -> bytes:
    kek = _pair_kek(keys, (first, second), codes.custodians[first - 1], codes.custodians[second - 1])
    return seal(kek, seed, context=_pair_context(keys, (first, second)))


def recovery_seed(file: OrganisationFile, codes: tuple[bytes, bytes]) -> bytes:
    """The recovery key's HPKE seed (96 bytes) from the codes of any two custodians, in any order.

    Raises WrongCodeError when no copy opens, IntegrityError when what opens is not the signed public key's.
    """
    for copy in file.copies.recovery:
        pair = (copy.first, copy.second)
        for ordered in permutations(codes):
            try:
                seed = unseal(_pair_kek(file.keys, pair, *ordered), copy.sealed, context=_pair_context(file.keys, pair))
            except IntegrityError:
                continue
            if hpke_public_of(seed) != file.keys.recovery_public:
                raise IntegrityError
            return seed
    raise WrongCodeError
