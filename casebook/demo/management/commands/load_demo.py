"""`manage.py load_demo`: the demonstration data, once. Only in an installation made by `make demo`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Organisation
from casebook.demo.loader import load
from casebook.demo.people import Login, read_logins, write_logins


class Command(BaseCommand):
    help = "Load the demonstration data and print its logins; does nothing but print where it is loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demonstration data belongs only where CASEBOOK_DEMO=yes.")
        path = settings.CASEBOOK_VAR / "demo-accounts.json"
        if Organisation.objects.exists():
            logins = read_logins(path) if path.exists() else []
        else:
            with transaction.atomic():
                logins = list(load().logins)
                write_logins(path, logins)
        self._show(logins)

    def _show(self, logins: list[Login]) -> None:
        self.stdout.write("\nThe demonstration's people (also in var/demo-accounts.json):\n")
        width = max((len(login.username) for login in logins), default=0)
        for login in logins:
            roles = ", ".join(login.roles).replace("_", " ")
            self.stdout.write(f"  {login.username:<{width}}  {login.password:<28}  {roles} · {login.organisation}")
        self.stdout.write("")
