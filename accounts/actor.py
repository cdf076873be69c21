"""Who acts: a signed-in person and, while their keys are open, the keyring. Put on the request by middleware."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from accounts.certificates import check_organisation
from accounts.keyring import Keys
from accounts.models import Organisation, Role, User
from casebook.core.errors import LockedError


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person. Signed in but locked (`keys` is None) is a state of its own: no sealed value opens."""

    user: User
    keys: Keys | None = None

    @property
    def is_unlocked(self) -> bool:
        return self.keys is not None

    def require_keys(self) -> Keys:
        """The open keyring; raises LockedError.

        Whoever opens, shares, certifies or audits anything passes here, so here it is refused while the organisation's
        stored keys are not those of the root pinned in the keyring: OrganisationKeyChangedError.
        """
        if self.keys is None:
            raise LockedError
        check_organisation(self.keys, self.user.organisation)
        return self.keys

    def has_role(self, *roles: Role) -> bool:
        return self.user.has_role(*roles)

    @property
    def ledger_name(self) -> str:
        return self.user.username

    @property
    def ledger_organisation(self) -> UUID:
        return self.user.organisation_id

    @property
    def ledger_auditor_key(self) -> bytes:
        return bytes(self.user.organisation.auditor_public)


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs a command on the server, in the ledger of the organisation that it concerns."""

    organisation: Organisation

    @property
    def ledger_name(self) -> str:
        """No user name can be this: they have no brackets."""
        return "(manage.py)"

    @property
    def ledger_organisation(self) -> UUID:
        return self.organisation.id

    @property
    def ledger_auditor_key(self) -> bytes:
        return bytes(self.organisation.auditor_public)


class ActorRequest(HttpRequest):
    """A request behind sign-in: views that only signed-in people reach take this type."""

    actor: Actor
    user: User
