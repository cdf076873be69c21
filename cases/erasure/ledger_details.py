"""What the ledger says of an erased case: auditors can erase it, because only their key finds it."""

from django.db import transaction

from accounts.access import require_role
from accounts.actor import Actor
from accounts.models import Role
from accounts.organisation_keys import auditors_private_key
from casebook.core import ledger
from casebook.core.ledger import Detail
from casebook.core.models import AuditEvent
from casebook.core.wrapping import hpke_private_key
from cases.erasure.records import Erasure


@transaction.atomic
def erase_ledger_details(actor: Actor, erasure: Erasure) -> int:
    """Erase the details of every event about an erased case or person but the erasure itself; how many there were.

    Events that name many cases at once (lists that were read) stay. Raises NoKeyError without the auditors' key.
    """
    require_role(actor, Role.AUDITOR)
    private = hpke_private_key(auditors_private_key(actor))
    events = AuditEvent.objects.filter(organisation=actor.ledger_organisation, sealed__isnull=False).order_by("seq")
    about = [
        event.seq
        for event in events.iterator(chunk_size=2000)
        if _is_about(ledger.open_details(event, private) or {}, erasure)
    ]
    erased = ledger.erase_details(AuditEvent.objects.filter(seq__in=about), actor=actor)
    ledger.record("erasure.forget_events", actor=actor, target=erasure, events=erased)
    return erased


def _is_about(details: dict[str, Detail], erasure: Erasure) -> bool:
    if str(details["action"]).startswith("erasure."):
        return False
    if erasure.subject is not None:
        return details.get("target") == f"cases.Person:{erasure.subject}"
    return details.get("case") == str(erasure.case_id) or details.get("target") == f"cases.Case:{erasure.case_id}"
