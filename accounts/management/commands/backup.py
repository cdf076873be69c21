"""`manage.py backup [--to FOLDER] [--keep]`: writes data-DATE and keys-DATE, and ends parts whose time is over."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.backups import make_backup
from casebook.core.backup.errors import BackupRefusedError
from casebook.core.backup.key_file import public_from_setting
from casebook.core.backup.making import Backup, Written
from casebook.core.backup.retention import expired_parts, expiry


class Command(BaseCommand):
    help = "Write a data part and a key part, each sealed to the backup key. Deletes expired parts in the same folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=settings.CASEBOOK_BACKUP_DIR, help="folder for the parts")
        parser.add_argument("--keep", action="store_true", help="leave expired parts where they are")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["to"]
        try:
            backup = make_backup(folder, public_from_setting(settings.CASEBOOK_BACKUP_KEY))
            self._say(backup.data)
            self._say(backup.keys)
            self._end_expired(folder, backup, keep=options["keep"])
        except BackupRefusedError as refusal:
            raise CommandError(refusal.reason) from None
        except OSError as problem:
            raise CommandError(f"The backup is made, but {problem.filename}: {problem.strerror}.") from None

    def _say(self, part: Written) -> None:
        self.stdout.write(f"{part.path}: {sum(part.counts.values())} rows, {part.end.files} files.")
        self.stdout.write(f"  Delete every copy by {expiry(part.head):%Y-%m-%d}.")
        if part.end.removed_meanwhile:
            self.stdout.write(f"  {part.end.removed_meanwhile} files were removed by people while the backup ran.")

    def _end_expired(self, folder: Path, backup: Backup, *, keep: bool) -> None:
        expired = list(expired_parts(folder, backup.data.head.installation))
        if keep and expired:
            self.stdout.write(f"{len(expired)} expired parts were kept: with them, what was erased can come back.")
            return
        for path in expired:
            path.unlink(missing_ok=True)
            self.stdout.write(f"{path}: expired, deleted.")
