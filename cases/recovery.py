"""Cases that nobody can open any more: what goes to the custodians' offline machine to recover them."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Operator
from accounts.ceremony.files import Escrow, EscrowedCase, EscrowedKey
from accounts.certificates import described
from accounts.models import OfflineRequest, User, UserKey
from accounts.officers import organisation_file
from casebook.core import ledger
from casebook.core.errors import CasebookError, ErasedError, UnconfirmedKeyError
from cases.models import Case, Compartment, KeyWrap, RecipientKind


class NoEscrowError(CasebookError):
    code = "no-escrow"
    status = 409
    message = _(
        "This case was made without the organisation's recovery key, or has lost its copy. Only somebody who holds its "
        "keys can open it; the custodians cannot."
    )


class UnknownCaseError(CasebookError):
    code = "unknown-case"
    status = 404
    message = _("There is no case of this reference in the organisation of this person.")


@transaction.atomic
def export_escrow(references: Sequence[str], holder: User) -> Escrow:
    """What the custodians need to give these cases to `holder` (`accounts.ceremony.orphans`).

    Raises UnknownCaseError, ErasedError, NoEscrowError for a case without a wrap to the recovery key, and
    UnconfirmedKeyError for a holder whose keys nobody confirmed.
    """
    keys = UserKey.objects.select_related("user__organisation", "signer__user")
    key = keys.filter(user=holder, active=True).first()
    if key is None or not key.is_certified or not holder.is_active:
        raise UnconfirmedKeyError
    organisation = key.user.organisation
    request = OfflineRequest.objects.create(key=key, kind=OfflineRequest.Kind.RECOVERY)
    cases = []
    for reference in dict.fromkeys(references):
        case = Case.objects.filter(reference=reference, organisation=organisation).first()
        if case is None:
            raise UnknownCaseError
        cases.append(_escrowed(case))
        ledger.record("case.export_escrow", actor=Operator(organisation), target=case, person=holder.username)
    return Escrow(request.id, organisation_file(organisation), described(key), tuple(cases))


def _escrowed(case: Case) -> EscrowedCase:
    compartments = list(Compartment.objects.filter(case=case).order_by("name"))
    if not compartments or any(row.shredded for row in compartments):
        raise ErasedError
    return EscrowedCase(case.id, case.reference, tuple(_escrowed_key(row) for row in compartments))


def _escrowed_key(compartment: Compartment) -> EscrowedKey:
    wraps = KeyWrap.objects.select_related("signer__user", "signer__signer__user")
    row = wraps.filter(compartment=compartment, kind=RecipientKind.ORGANISATION, epoch=compartment.epoch).first()
    if row is None:
        raise NoEscrowError
    return EscrowedKey(
        compartment=compartment.id,
        name=compartment.name,
        epoch=compartment.epoch,
        blob=bytes(row.blob),
        signature=bytes(row.signature),
        signer=described(row.signer) if row.signer else None,
    )
