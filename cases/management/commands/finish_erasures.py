"""`manage.py finish_erasures`: what erasures left to do. Run it every night, and after every restore."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.erasure.finishing import finish_all


class Command(BaseCommand):
    help = "Erase again what came back with older data, delete files of erased cases, free their pages."

    def handle(self, *args: Any, **options: Any) -> None:
        unfinished = finish_all()
        if unfinished:
            references = ", ".join(row.case.reference for row in unfinished)
            raise CommandError(f"Not finished, somebody is reading the database; run this again: {references}")
        self.stdout.write("Every erasure is finished.")
