"""`manage.py verify_ledger`: is the ledger whole? If not: exit code 1 and the first event that does not fit."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casebook.core.ledger_tree import size_now
from casebook.core.ledger_verification import first_fault


class Command(BaseCommand):
    help = "Verify that no event of the ledger was changed, removed or reordered, and that every checkpoint still fits."

    def handle(self, *args: Any, **options: Any) -> None:
        fault = first_fault()
        if fault is not None:
            raise CommandError(f"Event {fault.seq}: {fault.what}.")
        self.stdout.write(f"{size_now()} events verified.")
