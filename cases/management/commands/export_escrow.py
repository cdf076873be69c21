"""`manage.py export_escrow REFERENCE... --for USERNAME --out FILE`: what the custodians need to recover cases."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.ceremony import files
from accounts.management.offline_files import refusal, write_new_file
from accounts.models import User
from casebook.core.errors import CasebookError
from cases.recovery import export_escrow


class Command(BaseCommand):
    help = "Ask two custodians and the root key to give cases that nobody can open to a new holder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("references", nargs="+", help="references of the cases, such as K7Q2VXP")
        parser.add_argument("--for", required=True, dest="holder", help="user name of the new holder")
        parser.add_argument("--out", required=True, type=Path, help="new file")

    def handle(self, *args: Any, **options: Any) -> None:
        holder = User.objects.filter(username=options["holder"]).first()
        if holder is None:
            raise CommandError("There is nobody of that name.")
        try:
            with transaction.atomic():
                escrow = export_escrow(options["references"], holder)
                write_new_file(options["out"], files.dump(escrow))
        except CasebookError as error:
            raise refusal(error) from None
        self.stdout.write(
            f"{len(escrow.cases)} exported. Take {options['out']} to the offline machine. There: "
            "python -m accounts.ceremony recover\n"
            f"{holder.username} reads the four words from their own page of the account when they are called."
        )
