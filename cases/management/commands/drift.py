"""`manage.py drift`: permissions without keys and keys without permissions. Exit code 1 when there are any."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.roster import drift


class Command(BaseCommand):
    help = "Compare guardian permissions with key wraps, both ways."

    def handle(self, *args: Any, **options: Any) -> None:
        differences = drift()
        for line in differences:
            self.stderr.write(line)
        if differences:
            raise CommandError(f"{len(differences)} differences.")
        self.stdout.write("Permissions and keys agree.")
