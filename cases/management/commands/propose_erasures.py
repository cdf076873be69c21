"""`manage.py propose_erasures`: proposes what the rules of retention say is due. Deletes nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from cases.erasure.retention import propose_due


class Command(BaseCommand):
    help = "Propose for erasure what the organisations' rules of retention say is due; people decide."

    def handle(self, *args: Any, **options: Any) -> None:
        proposed = propose_due()
        for row in proposed:
            self.stdout.write(row.case.reference)
        self.stdout.write(f"{len(proposed)} proposed.")
