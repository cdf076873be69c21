"""`manage.py install_recovered FILE`: takes in what custodians and root answered to `export_escrow`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.ceremony.files import Recovered
from accounts.management.offline_files import read_file, refusal
from casebook.core.errors import CasebookError
from cases.sharing import install_recovered


class Command(BaseCommand):
    help = "Give recovered cases to their new holder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the answer from the offline machine")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            holder, cases = install_recovered(read_file(Recovered, options["file"]))
        except CasebookError as error:
            raise refusal(error) from None
        references = ", ".join(case.reference for case in cases)
        self.stdout.write(f"{holder.username} can open now: {references}")
