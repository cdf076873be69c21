"""Choosing accounts to show."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from accounts.actor import Actor
from accounts.certificates import four_words
from accounts.models import Invitation, KeySlot, Role, User, UserKey
from casebook.core.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person on the administrator's page; `words` are to be compared by voice while the keys are unconfirmed."""

    person: User
    roles: tuple[Role, ...]
    confirmed: bool
    words: tuple[str, ...]


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


def own_words(actor: Actor) -> tuple[str, ...]:
    """The four words a person reads out to the officer; none while locked.

    Raises IntegrityError when the stored public keys are not those of the open keyring: words over somebody else's keys
    would be the same on both sides, too.
    """
    key = UserKey.objects.select_related("user__organisation").filter(user=actor.user, active=True).first()
    if key is None or not actor.is_unlocked:
        return ()
    public = actor.require_keys().public
    if (bytes(key.hpke_public), bytes(key.signing_public)) != (public.hpke, public.signing):
        raise IntegrityError
    return four_words(key)


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
