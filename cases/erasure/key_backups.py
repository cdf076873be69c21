"""Until when a backup may still hold keys that are deleted now."""

from datetime import date

from django.utils import timezone

from casebook.core.backup.retention import last_key_backup_expiry


def keys_until() -> date | None:
    """The day on which the last key part made so far expires; None when none is kept that could hold the keys."""
    last = last_key_backup_expiry()
    return timezone.localdate(last) if last is not None else None
