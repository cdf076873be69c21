"""A small world made through the product's own actions: organisations, people with confirmed keys, cases."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.actions import accept_invitation, confirm_keys, invite
from accounts.actor import Actor
from accounts.enrolment import open_with_passphrase
from accounts.models import Organisation, Role, User
from accounts.organisation_keys import FoundingHere, found_organisation

PASSPHRASE = "correct horse battery staple orbit"


def unlocked(user: User, passphrase: str = PASSPHRASE) -> Actor:
    """The person at work: signed in and unlocked, read anew from the database."""
    fresh = User.objects.select_related("organisation").get(pk=user.pk)
    return Actor(fresh, open_with_passphrase(fresh, passphrase).keys())


@dataclass
class World:
    """One organisation with people in every role; `actor(name)` is one of them at work."""

    founding: FoundingHere
    people: dict[str, User] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    @property
    def organisation(self) -> Organisation:
        return self.founding.organisation

    def actor(self, name: str) -> Actor:
        return unlocked(self.people[name])

    def add(self, name: str, *roles: Role, confirmed: bool = True) -> User:
        admin = unlocked(self.founding.administrator)
        token = invite(admin, display_name=name.title(), roles=roles)
        username = f"{name}-{self.organisation.country.lower()}"
        welcome = accept_invitation(token, username=username, display_name=name.title(), passphrase=PASSPHRASE)
        if confirmed:
            confirm_keys(admin, welcome.user)
        self.people[name] = welcome.user
        self.codes[name] = welcome.recovery_code
        return welcome.user


def found_world(name: str = "Harbour", country: str = "GE", *, with_people: bool = True) -> World:
    founding = found_organisation(
        name=name,
        country=country,
        username=f"admin-{country.lower()}",
        display_name="Admin",
        passphrase=PASSPHRASE,
    )
    world = World(founding, {"admin": founding.administrator}, {"admin": founding.administrator_recovery_code})
    if with_people:
        for person, roles in _EVERYBODY:
            world.add(person, *roles)
    return world


_EVERYBODY: Iterable[tuple[str, tuple[Role, ...]]] = (
    ("lawyer", (Role.STREET_LAWYER,)),
    ("colleague", (Role.STREET_LAWYER,)),
    ("coordinator", (Role.COORDINATOR,)),
    ("expert", (Role.LEGAL_EXPERT,)),
    ("second", (Role.LEGAL_EXPERT,)),
    ("advocate", (Role.ADVOCATE,)),
    ("auditor", (Role.AUDITOR,)),
)
