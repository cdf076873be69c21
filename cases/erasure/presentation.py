"""Erasure in words: what was destroyed, by kind."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_KINDS: tuple[tuple[str, str | Promise], ...] = (
    ("keys", _("Keys of people and teams")),
    ("recovery_keys", _("Copies of the keys for the recovery key")),
    ("older_keys", _("Former keys")),
    ("records", _("Sealed records")),
    ("words", _("Words of the person in the story")),
    ("versions", _("Earlier versions of records")),
    ("files", _("Files of evidence")),
    ("access", _("Permissions and notes about access")),
)


def counted(destroyed: Mapping[str, int]) -> list[tuple[str | Promise, int]]:
    """Each kind that was counted and how many there were."""
    return [(label, destroyed[kind]) for kind, label in _KINDS if kind in destroyed]
