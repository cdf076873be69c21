"""Until when parts are kept. Key parts end first: what was erased is gone for good when the last one has ended."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from casebook.core.backup.errors import BackupRefusedError
from casebook.core.backup.records import BackupPart
from casebook.core.backup.sealed_file import Head, Kind, read_head

SUFFIX = ".casebook"


def expiry(head: Head) -> datetime:
    """When the last copy of a part must be gone."""
    days = settings.CASEBOOK_KEY_BACKUP_DAYS if head.kind is Kind.KEYS else settings.CASEBOOK_DATA_BACKUP_DAYS
    return head.made_at + timedelta(days=days)


def remember(head: Head) -> None:
    """Write down that a part exists somewhere, once; belongs into the transaction of whoever made or met it."""
    BackupPart.objects.get_or_create(
        backup=head.backup,
        kind=BackupPart.Kind(head.kind.word),
        defaults={"made_at": head.made_at, "expires_at": expiry(head)},
    )


def last_key_backup_expiry() -> datetime | None:
    """When the last key part made so far expires; None when no key part that is still kept was ever made.

    Until then a key part from before an erasure can still bring the erased keys back.
    """
    parts = BackupPart.objects.filter(kind=BackupPart.Kind.KEYS, expires_at__gt=timezone.now())
    return parts.order_by("-expires_at").values_list("expires_at", flat=True).first()


def expired_parts(folder: Path, installation: UUID) -> Iterator[Path]:
    """Parts of this installation in a folder that are past their time, oldest first. Other files are not ours."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            head = read_head(path)
        except BackupRefusedError:
            continue
        if head.installation == installation and expiry(head) <= timezone.now():
            found.append((head.made_at, path))
    for _made_at, path in sorted(found):
        yield path
