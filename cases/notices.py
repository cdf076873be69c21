"""What waits for somebody and is told above their list of cases: a cheap query each, and only where it can matter."""

from dataclasses import dataclass
from uuid import UUID

from accounts.actor import Actor
from accounts.models import Role, Team
from accounts.teams import memberships
from cases.emergency import count_requests
from cases.rekeying import team_with_earlier_keys
from cases.resharing import is_anybody_without_keys


@dataclass(frozen=True, slots=True)
class Notices:
    """Requests for emergency access to decide about; whether colleagues wait for keys; a team whose cases do."""

    requests: int = 0
    keys_again: bool = False
    team: UUID | None = None

    @property
    def any(self) -> bool:
        return bool(self.requests or self.keys_again or self.team)


def notices_for(actor: Actor) -> Notices:
    """Nothing for people whose roles give them no case to share."""
    if not actor.has_role(Role.STREET_LAWYER, Role.COORDINATOR):
        return Notices()
    coordinators = [
        membership.team for membership in memberships(actor.user) if membership.kind == Team.Kind.COORDINATORS
    ]
    team = team_with_earlier_keys(coordinators) if coordinators else None
    return Notices(count_requests(actor), is_anybody_without_keys(actor), team)
