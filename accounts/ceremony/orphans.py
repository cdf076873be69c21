"""Two custodians and the root give cases that nobody can open any more to a new holder. Offline and pure."""

from dataclasses import replace

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from accounts.ceremony.files import Escrow, EscrowedCase, EscrowedKey, Recovered, RecoveredKey
from accounts.ceremony.keys import recovery_seed, root_signing_key
from casebook.core.errors import IntegrityError
from casebook.core.wrapping import WrapPlace, hpke_private_key, sign, unwrap, verify, wrap, wrap_statement

FOR_ORGANISATION, FOR_USER = "org", "user"
RECOVERY_EPOCH = 1


def recover(escrow: Escrow, *, root_code: bytes, custodian_codes: tuple[bytes, bytes]) -> Recovered:
    """Open the cases' keys with the recovery key and wrap them to the holder, signed by the root.

    Raises WrongCodeError, and IntegrityError unless the holder's key and whoever signed each wrap are certified by this
    very root: a key that the server made up would be opened by it, too.
    """
    keys, holder = escrow.organisation.keys, escrow.holder
    root = root_signing_key(escrow.organisation, root_code)
    recovery = hpke_private_key(recovery_seed(escrow.organisation, custodian_codes))
    if holder.organisation != keys.id:
        raise IntegrityError
    holder.check(keys.root_public)
    recovered = tuple(
        _hand_over(escrow, case, each, recovery=recovery, root=root)
        for case in escrow.cases
        for each in case.compartments
    )
    answer = Recovered(escrow.request, recovered, b"")
    return replace(answer, signature=sign(root, answer.statement(keys.id, holder.key)))


def _hand_over(
    escrow: Escrow, case: EscrowedCase, escrowed: EscrowedKey, *, recovery: MLKEM768X25519PrivateKey, root: bytes
) -> RecoveredKey:
    keys, holder = escrow.organisation.keys, escrow.holder
    place = WrapPlace(
        organisation=keys.id,
        case=case.case,
        compartment=escrowed.compartment,
        compartment_name=escrowed.name,
        epoch=escrowed.epoch,
        recipient_kind=FOR_ORGANISATION,
        recipient=keys.id,
        recipient_epoch=RECOVERY_EPOCH,
    )
    info = place.info(keys.recovery_public)
    verify(_signer(escrow, escrowed), escrowed.signature, wrap_statement(info, escrowed.blob))
    data_key = unwrap(recovery, escrowed.blob, info=info)
    theirs = replace(place, recipient_kind=FOR_USER, recipient=holder.user, recipient_epoch=holder.epoch)
    info = theirs.info(holder.hpke_public)
    blob = wrap(holder.hpke_public, data_key, info=info)
    return RecoveredKey(escrowed.compartment, escrowed.epoch, blob, sign(root, wrap_statement(info, blob)))


def _signer(escrow: Escrow, escrowed: EscrowedKey) -> bytes:
    root_public, signer = escrow.organisation.keys.root_public, escrowed.signer
    if signer is None:
        return root_public
    if signer.organisation != escrow.organisation.keys.id:
        raise IntegrityError
    signer.check(root_public)
    return signer.signing_public
