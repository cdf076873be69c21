"""Choosing accounts and ledger entries to show."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.actor import Actor
from accounts.certificates import four_words
from accounts.models import Invitation, KeySlot, Role, User, UserKey
from accounts.organisation_keys import auditors_private_key
from casebook.core import ledger
from casebook.core.models import AuditEvent
from casebook.core.wrapping import hpke_private_key

LEDGER_PAGE = 50


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person on the administrator's page; `words` are to be compared by voice while the keys are unconfirmed."""

    person: User
    roles: tuple[Role, ...]
    confirmed: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One event as an auditor reads it. `details` is None where they were erased."""

    seq: int
    at: datetime
    action: str
    actor: str
    details: dict[str, ledger.Detail] | None


def people_of(actor: Actor) -> list[PersonRow]:
    """Everybody in the actor's organisation, active people first."""
    people = User.objects.filter(organisation=actor.user.organisation).prefetch_related("role_grants")
    keys = {key.user_id: key for key in _active_keys(actor)}
    ordered = sorted(people, key=lambda person: (not person.is_active, person.display_name.casefold()))
    return [_person_row(person, keys.get(person.id)) for person in ordered]


def _active_keys(actor: Actor) -> QuerySet[UserKey]:
    return UserKey.objects.filter(user__organisation=actor.user.organisation, active=True).select_related(
        "user__organisation"
    )


def _person_row(person: User, key: UserKey | None) -> PersonRow:
    confirmed = key is not None and key.is_certified
    words = four_words(key) if key is not None and not confirmed else ()
    return PersonRow(person, tuple(sorted(person.roles)), confirmed, words)


def open_invitations(actor: Actor) -> QuerySet[Invitation]:
    """The actor's organisation's invitations that still can be accepted, those that end first before the others."""
    return (
        Invitation.objects.filter(organisation=actor.user.organisation, accepted_by=None, expires_at__gt=timezone.now())
        .select_related("invited_by")
        .order_by("expires_at")
    )


def has_confirmed_keys(user: User) -> bool:
    return UserKey.objects.filter(user=user, active=True, certificate__isnull=False).exists()


def has_recovery_code(user: User) -> bool:
    return KeySlot.objects.filter(key__user=user, key__active=True, kind=KeySlot.Kind.RECOVERY).exists()


def own_words(user: User) -> tuple[str, ...]:
    """The four words a person reads out to the officer."""
    key = UserKey.objects.select_related("user__organisation").filter(user=user, active=True).first()
    return four_words(key) if key else ()


def people_with_role(actor: Actor, *roles: Role) -> QuerySet[User]:
    """Active colleagues of the actor's organisation who hold one of the roles and whose keys are confirmed."""
    return (
        User.objects.filter(
            organisation=actor.user.organisation,
            is_active=True,
            role_grants__role__in=roles,
            keys__active=True,
            keys__certificate__isnull=False,
        )
        .distinct()
        .order_by("display_name", "id")
    )


def ledger_page(actor: Actor, *, before: int | None) -> list[LedgerRow]:
    """Up to LEDGER_PAGE events of the actor's organisation, newest first, older than event `before`; details opened."""
    private = hpke_private_key(auditors_private_key(actor))
    events = AuditEvent.objects.filter(organisation=actor.user.organisation_id).order_by("-seq")
    if before is not None:
        events = events.filter(seq__lt=before)
    return [_ledger_row(event, ledger.open_details(event, private)) for event in events[:LEDGER_PAGE]]


def _ledger_row(event: AuditEvent, details: dict[str, ledger.Detail] | None) -> LedgerRow:
    rest = dict(details or {})
    action, actor = str(rest.pop("action", "")), str(rest.pop("actor", ""))
    at = datetime.fromisoformat(event.at)
    return LedgerRow(event.seq, at, action, actor, rest if details is not None else None)
