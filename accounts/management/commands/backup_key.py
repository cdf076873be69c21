"""`manage.py backup_key FILE`: makes the backup key pair. Run it on a machine that is not the server."""

import unicodedata
from base64 import b64encode
from getpass import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.enrolment import suggest_passphrase
from accounts.forms import MAX_PASSPHRASE, no_lone_surrogates
from casebook.core.backup.errors import BackupRefusedError
from casebook.core.backup.key_file import write_new


class Command(BaseCommand):
    help = "Make the backup key: FILE gets the private half under a passphrase; the public half is printed."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="new file for the private half")
        parser.add_argument("--suggest", action="store_true", help="offer seven random words as a passphrase")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"].exists():
            raise CommandError(f"{options['file']} exists already. Name a new file.")
        if options["suggest"]:
            self.stdout.write(f"A passphrase for the backup key, if you like it:\n\n    {suggest_passphrase()}\n")
        try:
            public = write_new(options["file"], _ask_for_passphrase(), settings.CASEBOOK_ARGON2)
        except BackupRefusedError as refusal:
            raise CommandError(refusal.reason) from None
        self.stdout.write("Put this line into the environment of the server:\n\n")
        self.stdout.write(f"CASEBOOK_BACKUP_KEY={b64encode(public).decode()}\n\n")
        self.stdout.write(f"{options['file']} and its passphrase open every backup. Keep them apart, off the server.\n")


def _ask_for_passphrase() -> str:
    passphrase = unicodedata.normalize("NFKC", getpass("Passphrase of the backup key: "))
    if len(passphrase) > MAX_PASSPHRASE:
        raise CommandError(f"A passphrase has at most {MAX_PASSPHRASE} characters.")
    try:
        no_lone_surrogates(passphrase)
        validate_password(passphrase)
    except ValidationError as weaknesses:
        raise CommandError(" ".join(weaknesses.messages)) from None
    if unicodedata.normalize("NFKC", getpass("The same passphrase again: ")) != passphrase:
        raise CommandError("The two passphrases differ. Nothing was made.")
    return passphrase
