"""`manage.py found_organisation NAME --country GE --admin USERNAME --display-name NAME --paper FILE`.

Makes an organisation, its keys and its first administrator. The root and recovery secrets go into FILE, nowhere else.
"""

import os
import unicodedata
from getpass import getpass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.enrolment import suggest_passphrase
from accounts.forms import MAX_PASSPHRASE, no_lone_surrogates
from accounts.models import Organisation, User
from accounts.organisation_keys import Founding, found_organisation
from casebook.core.countries import COUNTRIES

_DIGITS_A_GROUP, _GROUPS_A_LINE = 8, 8

_PAPER = """\
CASEBOOK - KEYS OF {name}

This paper opens every case of the organisation. It must not stay on any computer.
  1. Print it twice. Compare the numbers on both prints with the screen.
  2. Put the prints into two safes in two places, each with somebody who does not run the server.
  3. Destroy this file and the memory of the printer.

Each number is written in hexadecimal digits. The check is the beginning of its SHA-256.

ROOT KEY (Ed25519 seed, 32 bytes)
Certifies the organisation's first administrator and its other keys. Needed to certify another first administrator.
{root}

RECOVERY KEY (HPKE seed: ML-KEM-768 64 bytes, then X25519 32 bytes)
Opens every case that was made with the recovery key included, when nobody else can open it any more.
{recovery}
"""


class Command(BaseCommand):
    help = "Found an organisation: its keys, and its first administrator. Asks for the administrator's passphrase."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name of the organisation")
        parser.add_argument("--country", required=True, help="two letters, such as GE")
        parser.add_argument("--admin", required=True, help="user name of the first administrator")
        parser.add_argument("--display-name", required=True, help="the administrator's name as colleagues see it")
        parser.add_argument("--paper", required=True, type=Path, help="new file for the root and recovery secrets")
        parser.add_argument("--suggest", action="store_true", help="offer seven random words as a passphrase")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation(name=options["name"], country=options["country"].upper())
        administrator = User(username=options["admin"], display_name=options["display_name"])
        _check_names(organisation, administrator)
        if options["suggest"]:
            self.stdout.write(f"A passphrase for you, if you like it:\n\n    {suggest_passphrase()}\n")
        passphrase = _ask_for_passphrase(administrator)
        paper: Path = options["paper"]
        founding = _found(organisation, administrator, passphrase, paper)
        self.stdout.write(
            f"\n{founding.organisation.name} is founded. Its secrets are in {paper}: read that file now.\n"
        )
        self.stdout.write("Recovery code of the administrator, shown only now. Write it on paper:\n\n")
        self.stdout.write(f"    {founding.administrator_recovery_code}\n")


def _check_names(organisation: Organisation, administrator: User) -> None:
    if organisation.country not in COUNTRIES:
        raise CommandError(f"Unknown country. Take one of: {', '.join(COUNTRIES)}.")
    try:
        for text in (organisation.name, administrator.username, administrator.display_name):
            no_lone_surrogates(text)
        organisation.clean_fields(exclude=("root_public", "recovery_public", "auditor_public", "signature"))
        administrator.clean_fields(exclude=("password", "organisation"))
    except ValidationError as mistakes:
        raise CommandError(" ".join(mistakes.messages)) from None
    if Organisation.objects.filter(name=organisation.name).exists():
        raise CommandError("There is an organisation of this name already.")
    if User.objects.filter(username__iexact=administrator.username).exists():
        raise CommandError("This user name is taken. Choose another one.")


def _ask_for_passphrase(administrator: User) -> str:
    passphrase = unicodedata.normalize("NFKC", getpass("Passphrase of the administrator: "))
    if len(passphrase) > MAX_PASSPHRASE:
        raise CommandError(f"A passphrase has at most {MAX_PASSPHRASE} characters.")
    try:
        no_lone_surrogates(passphrase)
        validate_password(passphrase, administrator)
    except ValidationError as weaknesses:
        raise CommandError(" ".join(weaknesses.messages)) from None
    if unicodedata.normalize("NFKC", getpass("The same passphrase again: ")) != passphrase:
        raise CommandError("The two passphrases differ. Nothing was made.")
    return passphrase


def _found(organisation: Organisation, administrator: User, passphrase: str, paper: Path) -> Founding:
    """Found the organisation and write its paper: either both are there afterwards, or neither."""
    try:
        descriptor = os.open(paper, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{paper} exists already. Name a new file.") from None
    except OSError as problem:
        raise CommandError(f"{paper} cannot be written: {problem.strerror}.") from None
    finished = False
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out, transaction.atomic():
            founding = found_organisation(
                name=organisation.name,
                country=organisation.country,
                username=administrator.username,
                display_name=administrator.display_name,
                passphrase=passphrase,
            )
            out.write(_paper(founding))
            out.flush()
            os.fsync(out.fileno())
        finished = True
    finally:
        if not finished:
            paper.unlink()
    return founding


def _paper(founding: Founding) -> str:
    return _PAPER.format(
        name=founding.organisation.name,
        root=_hexadecimal(founding.root.signing),
        recovery=_hexadecimal(founding.recovery.hpke),
    )


def _hexadecimal(secret: bytes) -> str:
    """Groups of eight digits, 32 bytes a line, and a check of eight digits."""
    digits = secret.hex()
    groups = [digits[start : start + _DIGITS_A_GROUP] for start in range(0, len(digits), _DIGITS_A_GROUP)]
    lines = [" ".join(groups[start : start + _GROUPS_A_LINE]) for start in range(0, len(groups), _GROUPS_A_LINE)]
    return "\n".join([*(f"    {line}" for line in lines), f"    check: {sha256(secret).hexdigest()[:8]}"])
