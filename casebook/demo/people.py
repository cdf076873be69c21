"""The invented organisations and people of the demonstration, enrolled as everybody is."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import choice

from accounts.actions import accept_invitation, confirm_keys, invite, set_roles
from accounts.actor import Actor
from accounts.enrolment import open_with_passphrase
from accounts.models import Role, User
from accounts.organisation_keys import found_organisation
from accounts.wordlist import WORDS


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demonstration: user name, the name colleagues see, roles, language of the pages."""

    username: str
    display_name: str
    roles: tuple[Role, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    name: str
    country: str
    founder: Person
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Login:
    """One line of `var/demo-accounts.json`."""

    username: str
    password: str
    roles: list[str]
    organisation: str


OPEN_DOOR = DemoOrganisation(
    "Open Door Street Lawyers",
    "GE",
    Person("admin", "Keti, office", (Role.ADMINISTRATOR,)),
    (
        Person("lawyer", "Sopio", (Role.STREET_LAWYER,)),
        Person("lawyer2", "Fedor", (Role.STREET_LAWYER,), "ru"),
        Person("coordinator", "Lesya", (Role.COORDINATOR,)),
        Person("expert", "Hanna", (Role.LEGAL_EXPERT,)),
        Person("expert2", "Timur", (Role.LEGAL_EXPERT,), "ru"),
        Person("advocate", "Mirjana", (Role.ADVOCATE,)),
        Person("auditor", "Piotr", (Role.AUDITOR,)),
    ),
)
SECOND_SHORE = DemoOrganisation(
    "Second Shore",
    "LT",
    Person("admin-lt", "Ugnė, office", (Role.ADMINISTRATOR, Role.AUDITOR)),
    (
        Person("lawyer-lt", "Saulė", (Role.STREET_LAWYER, Role.COORDINATOR)),
        Person("expert-lt", "Kristjan", (Role.LEGAL_EXPERT, Role.ADVOCATE)),
    ),
)
PASSPHRASE_WORDS = 3
"""Easy to type. Real accounts are offered seven words."""


def found(organisation: DemoOrganisation) -> list[Login]:
    """Found an organisation with its people, all keys confirmed. Its root and recovery keys are made and forgotten."""
    logins = [_login(person, organisation.name) for person in (organisation.founder, *organisation.people)]
    passphrases = {login.username: login.password for login in logins}
    founder = organisation.founder
    founding = found_organisation(
        name=organisation.name,
        country=organisation.country,
        username=founder.username,
        display_name=founder.display_name,
        passphrase=passphrases[founder.username],
    )
    actor = at_work(founding.administrator, passphrases)
    set_roles(actor, founding.administrator, founder.roles)
    for person in organisation.people:
        token = invite(actor, display_name=person.display_name, roles=person.roles)
        welcome = accept_invitation(
            token,
            username=person.username,
            display_name=person.display_name,
            passphrase=passphrases[person.username],
            language=person.language,
        )
        confirm_keys(actor, welcome.user)
    return logins


def _login(person: Person, organisation: str) -> Login:
    words = " ".join(choice(WORDS) for _ in range(PASSPHRASE_WORDS))
    return Login(person.username, words, [role.value for role in person.roles], organisation)


def at_work(user: User, passphrases: Mapping[str, str]) -> Actor:
    """The person signed in and unlocked."""
    return Actor(user, open_with_passphrase(user, passphrases[user.username]).keys())


def write_logins(path: Path, logins: list[Login]) -> None:
    """The logins of the demonstration, for whoever tries it; mode 0600."""
    content = json.dumps([asdict(login) for login in logins], ensure_ascii=False, indent=1) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(content)


def read_logins(path: Path) -> list[Login]:
    return [Login(**login) for login in json.loads(path.read_text(encoding="utf-8"))]
