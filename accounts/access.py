"""Who may do what to accounts. Missing and forbidden are the same 404."""

from uuid import UUID

from django.http import Http404

from accounts.actor import Actor
from accounts.models import Invitation, Role, User
from casebook.core.models import AuditEvent


def require_role(actor: Actor, *roles: Role) -> None:
    """Raise 404 unless the actor holds one of the roles."""
    if not actor.has_role(*roles):
        raise Http404


def require_person(actor: Actor, person: User) -> None:
    """Raise 404 unless the actor administers the organisation that the person belongs to."""
    require_role(actor, Role.ADMINISTRATOR)
    if person.organisation_id != actor.user.organisation_id:
        raise Http404


def open_person(actor: Actor, person_id: UUID) -> User:
    """A person of the organisation that the actor administers."""
    require_role(actor, Role.ADMINISTRATOR)
    person = User.objects.filter(pk=person_id, organisation=actor.user.organisation).first()
    if person is None:
        raise Http404
    return person


def open_invitation(actor: Actor, invitation_id: UUID) -> Invitation:
    """An invitation of the organisation that the actor administers, accepted or not."""
    require_role(actor, Role.ADMINISTRATOR)
    invitation = Invitation.objects.filter(pk=invitation_id, organisation=actor.user.organisation).first()
    if invitation is None:
        raise Http404
    return invitation


def open_event(actor: Actor, seq: int) -> AuditEvent:
    """An event of the ledger that the actor audits."""
    require_role(actor, Role.AUDITOR)
    event = AuditEvent.objects.filter(pk=seq, organisation=actor.ledger_organisation).first()
    if event is None:
        raise Http404
    return event
