"""`manage.py audit_ledger --auditor NAME`: verifies the ledger with an auditor's keys; asks for the passphrase."""

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actor import Actor
from accounts.auditing import audit
from accounts.enrolment import DEVICE_SECRET_BYTES, needs_device_secret, open_with_passphrase
from accounts.models import User
from casebook.core.errors import CasebookError
from casebook.core.ledger_verification import first_fault
from casebook.core.recovery_code import InvalidRecoveryCodeError, parse_code


def _device_secret() -> bytes:
    try:
        return parse_code(getpass("Device code: "), DEVICE_SECRET_BYTES)
    except InvalidRecoveryCodeError:
        raise CommandError("That is not a whole device code.") from None


class Command(BaseCommand):
    help = "Open every event of the ledger with an auditor's keys and compare the rows they speak of."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--auditor", required=True, help="user name of an auditor")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.select_related("organisation").filter(username=options["auditor"]).first()
        if user is None:
            raise CommandError("There is nobody of that name.")
        try:
            passphrase = getpass("Passphrase: ")
            secret = _device_secret() if needs_device_secret(user) else b""
            actor = Actor(user, open_with_passphrase(user, passphrase, device_secret=secret).keys())
            result = audit(actor)
        except CasebookError as refusal:
            raise CommandError(str(refusal.message)) from None
        fault = first_fault()
        if fault is not None:
            raise CommandError(f"Event {fault.seq}: {fault.what}.")
        for seq in result.unreadable:
            self.stderr.write(f"Event {seq}: the details do not fit the commitment.")
        for row in result.set_back:
            self.stderr.write(f"{row.target}: revision {row.stored} stored, {row.recorded} recorded.")
        if not result.is_clean:
            raise CommandError("The ledger and the stored rows differ.")
        self.stdout.write("The ledger and the stored rows agree.")
