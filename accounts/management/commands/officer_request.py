"""`manage.py officer_request USERNAME --out FILE`: a file by which the root key makes this person an officer."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.ceremony import files
from accounts.management.offline_files import refusal, write_new_file
from accounts.models import User
from accounts.officers import request_officer
from casebook.core.errors import CasebookError


class Command(BaseCommand):
    help = "Ask the root key to make somebody an officer. Take the file to the offline machine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="user name of the officer to be")
        parser.add_argument("--out", required=True, type=Path, help="new file")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError("There is nobody of that name.")
        try:
            with transaction.atomic():
                write_new_file(options["out"], files.dump(request_officer(person)))
        except CasebookError as error:
            raise refusal(error) from None
        self.stdout.write(
            f"Take {options['out']} to the offline machine. There: python -m accounts.ceremony certify\n"
            f"{person.username} reads the four words from their own page of the account when they are called."
        )
