"""What the ledger says, for tests: opened with the auditors' key."""

from accounts.organisation_keys import auditors_private_key
from casebook.core import ledger
from casebook.core.models import AuditEvent
from casebook.core.wrapping import hpke_private_key
from tests.builders import World


def entries(world: World, action: str) -> list[dict[str, ledger.Detail]]:
    """The details of every event of this action in the world's organisation, oldest first, without the action."""
    private = hpke_private_key(auditors_private_key(world.actor("admin")))
    events = AuditEvent.objects.filter(organisation=world.organisation.pk).order_by("seq")
    opened = [ledger.open_details(event, private) or {} for event in events]
    return [
        {key: value for key, value in details.items() if key != "action"}
        for details in opened
        if details.get("action") == action
    ]
