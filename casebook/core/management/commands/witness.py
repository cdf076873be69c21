"""`manage.py witness`: co-signs checkpoints of a partner's ledger; uses no database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casebook.core.signed_notes import NoteError
from casebook.core.witnessing import add_arguments, run


class Command(BaseCommand):
    help = "Verify that a partner's ledger only grew, and co-sign its checkpoint."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(run(options), ending="")
        except (NoteError, OSError) as refusal:
            raise CommandError(str(refusal)) from None
