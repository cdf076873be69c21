"""`manage.py install_officer FILE`: takes in what the root key answered to `officer_request`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.ceremony.files import OfficerAnswer
from accounts.management.offline_files import read_file, refusal
from accounts.officers import install_officer
from casebook.core.errors import CasebookError


class Command(BaseCommand):
    help = "Take in the root key's certificate for an officer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the answer from the offline machine")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person = install_officer(read_file(OfficerAnswer, options["file"]))
        except CasebookError as error:
            raise refusal(error) from None
        self.stdout.write(f"{person.username} is an officer and confirms other people's keys now.")
