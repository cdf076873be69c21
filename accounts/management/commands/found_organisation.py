"""`manage.py found_organisation --from organisation.json --country GE --admin USERNAME --display-name NAME`.

Founds an organisation from the public file of the offline ceremony (`python -m accounts.ceremony found`) and makes its
first administrator. No private key of the organisation comes to the server.

`manage.py found_organisation NAME --paper FILE ...` makes the keys here, in one step, for demonstrations and trials:
their paper codes go into FILE, nowhere else.
"""

import os
import unicodedata
from getpass import getpass
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.ceremony import paper
from accounts.ceremony.files import OrganisationFile
from accounts.enrolment import suggest_passphrase
from accounts.forms import MAX_PASSPHRASE, no_lone_surrogates
from accounts.management.offline_files import read_file
from accounts.models import Organisation, User
from accounts.organisation_keys import Founding, FoundingHere, found_from_file, found_organisation
from casebook.core.countries import COUNTRIES
from casebook.core.errors import IntegrityError

_PAPER = """\
CASEBOOK - CODES OF {name}

These codes open every case of the organisation. They must not stay on any computer.
  1. Print this file. Cut it into its four sheets.
  2. Put them into four safes, each with somebody who does not run the server.
  3. Destroy this file and the memory of the printer.
"""


class Command(BaseCommand):
    help = "Found an organisation: its keys, and its first administrator. Asks for the administrator's passphrase."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="name of the organisation, when its keys are made here")
        parser.add_argument("--from", dest="file", type=Path, help="organisation.json from the offline ceremony")
        parser.add_argument("--country", required=True, help="two letters, such as GE")
        parser.add_argument("--admin", required=True, help="user name of the first administrator")
        parser.add_argument("--display-name", required=True, help="the administrator's name as colleagues see it")
        parser.add_argument("--paper", type=Path, help="new file for the codes, when the keys are made here")
        parser.add_argument("--suggest", action="store_true", help="offer seven random words as a passphrase")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path | None = options["file"]
        given = [options[each] is not None for each in ("name", "paper")]
        if given != ([False, False] if file else [True, True]):
            raise CommandError("Give either --from organisation.json, or a name and --paper FILE.")
        ceremony = read_file(OrganisationFile, file) if file else None
        name = ceremony.keys.name if ceremony else options["name"]
        organisation = Organisation(name=name, country=options["country"].upper())
        administrator = User(username=options["admin"], display_name=options["display_name"])
        _check_names(organisation, administrator)
        if options["suggest"]:
            self.stdout.write(f"A passphrase for you, if you like it:\n\n    {suggest_passphrase()}\n")
        passphrase = _ask_for_passphrase(administrator)
        founding: Founding
        if ceremony:
            founding = _found_from(ceremony, organisation, administrator, passphrase)
            next_step = (
                f"Root key: {paper.fingerprint(ceremony)} (compare with the sheet). Next: manage.py officer_request "
                f"{administrator.username}"
            )
        else:
            founding = _found_here(organisation, administrator, passphrase, options["paper"])
            next_step = f"Its codes are in {options['paper']}: print and destroy that file now."
        self.stdout.write(f"\n{founding.organisation.name} is founded. {next_step}\n")
        self.stdout.write("Recovery code of the administrator, shown only now. Write it on paper:\n\n")
        self.stdout.write(f"    {founding.administrator_recovery_code}\n")


def _check_names(organisation: Organisation, administrator: User) -> None:
    if organisation.country not in COUNTRIES:
        raise CommandError(f"Unknown country. Take one of: {', '.join(COUNTRIES)}.")
    try:
        for text in (organisation.name, administrator.username, administrator.display_name):
            no_lone_surrogates(text)
        organisation.clean_fields(
            exclude=("root_public", "recovery_public", "auditor_public", "signature", "sealed_copies")
        )
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


def _found_from(
    ceremony: OrganisationFile, organisation: Organisation, administrator: User, passphrase: str
) -> Founding:
    try:
        return found_from_file(
            ceremony,
            country=organisation.country,
            username=administrator.username,
            display_name=administrator.display_name,
            passphrase=passphrase,
        )
    except IntegrityError:
        raise CommandError(
            "The root key named in this file did not sign it. It was changed. Nothing was made."
        ) from None


def _found_here(organisation: Organisation, administrator: User, passphrase: str, sheets: Path) -> FoundingHere:
    """Found the organisation and write its codes: either both are there afterwards, or neither."""
    try:
        descriptor = os.open(sheets, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{sheets} exists already. Name a new file.") from None
    except OSError as problem:
        raise CommandError(f"{sheets} cannot be written: {problem.strerror}.") from None
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
            texts = paper.sheets(founding.file, founding.codes).values()
            out.write("\f".join([_PAPER.format(name=founding.organisation.name), *texts]))
            out.flush()
            os.fsync(out.fileno())
        finished = True
    finally:
        if not finished:
            sheets.unlink()
    return founding
