"""`manage.py restore --data FILE --keys FILE --key PRIVATE [--check]`: an empty machine back from both parts."""

from getpass import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.backups import restore
from casebook.core.backup.errors import BackupRefusedError
from casebook.core.backup.key_file import open_file
from casebook.core.backup.restoring import Restored, checked_pair, try_out


class Command(BaseCommand):
    help = "Bring an empty, migrated machine back from a data part and a key part. Asks for a passphrase."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", required=True, type=Path, help="the file data-…")
        parser.add_argument("--keys", required=True, type=Path, help="the file keys-…")
        parser.add_argument("--key", required=True, type=Path, help="the private backup key that `backup_key` wrote")
        parser.add_argument("--check", action="store_true", help="try everything in memory and write nothing")
        parser.add_argument("--ledger-as-it-is", action="store_true", help="restore a ledger that does not verify")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            key = open_file(
                options["key"], getpass("Passphrase of the backup key: "), floor=settings.CASEBOOK_ARGON2_FLOOR
            )
            pair = checked_pair(options["data"], options["keys"], key)
            self.stdout.write("Both parts are whole and belong together.")
            restored = try_out(pair) if options["check"] else restore(pair, ledger_as_it_is=options["ledger_as_it_is"])
        except BackupRefusedError as refusal:
            raise CommandError(refusal.reason) from None
        self._say(restored)
        if options["check"]:
            self.stdout.write("Tried in memory. Nothing was written.")
        else:
            self.stdout.write("Nobody is signed in. Now run `manage.py verify_ledger` and `manage.py drift`.")

    def _say(self, restored: Restored) -> None:
        self.stdout.write(f"{'table':<45}{'in the backup':>14}{'restored':>10}")
        for line in restored.lines:
            dropped = f"  ({line.dropped} newer than the data, left out)" if line.dropped else ""
            self.stdout.write(f"{line.label:<45}{line.said:>14}{line.restored:>10}{dropped}")
        data = restored.pair.data
        self.stdout.write(f"{'evidence files':<45}{data.end.files:>14}{restored.files:>10}")
        self.stdout.write(f"Data of {data.head.made_at:%Y-%m-%d %H:%M} UTC, keys of ", ending="")
        self.stdout.write(f"{restored.pair.keys.head.made_at:%Y-%m-%d %H:%M} UTC.")
        if restored.dropped:
            self.stdout.write(f"{restored.dropped} key rows belong to cases that are newer than the data part.")
        self.stdout.write(f"{restored.rows} rows and {restored.files} files. Nothing lost.")
