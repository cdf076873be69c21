"""`manage.py verify_ledger`: is the ledger whole? If not: exit code 1 and the first event that does not fit."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casebook.core.ledger import faults
from casebook.core.models import AuditEvent


class Command(BaseCommand):
    help = "Verify that no event of the ledger was changed, removed or reordered."

    def handle(self, *args: Any, **options: Any) -> None:
        fault = next(faults(), None)
        if fault is not None:
            raise CommandError(f"Event {fault.seq}: {fault.what}.")
        self.stdout.write(f"{AuditEvent.objects.count()} events verified.")
