"""Errors that carry a code and a message for people, never data from a case."""

from datetime import date, datetime
from http import HTTPStatus
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class CasebookError(Exception):
    """A refusal with a stable `code`, an HTTP `status` and a `message` in the reader's language."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = HTTPStatus.BAD_REQUEST
    message: ClassVar[str | Promise] = _("This was refused.")

    def __init__(self) -> None:
        super().__init__(self.code)


class IntegrityError(CasebookError):
    """A sealed value, key, signature or row is not what its place says it is."""

    code = "integrity"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    message = _(
        "This entry failed its integrity check and wasn't opened. It may have been changed outside the "
        "application. Don't edit it. Tell your security lead."
    )


class LogMismatchError(CasebookError):
    """The ledger no longer begins with the head that a keyring remembers; `seen_at` is when that head was seen."""

    code = "log-mismatch"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    message = _("The activity log was changed. Keep your last checkpoint and tell your security lead.")

    def __init__(self, seen_at: datetime | None = None) -> None:
        super().__init__()
        self.seen_at = seen_at


class LockedError(CasebookError):
    code = "locked"
    status = HTTPStatus.LOCKED
    message = _("Your cases are locked. Enter your passphrase to open them.")


class StepUpNeededError(CasebookError):
    """The keys are open, but this asks for the passphrase to have been typed a moment ago."""

    code = "step-up"
    status = HTTPStatus.FORBIDDEN
    message = _("Type your passphrase once more to go on.")


class WrongSecretError(CasebookError):
    code = "wrong-secret"
    status = HTTPStatus.FORBIDDEN
    message = _("That passphrase didn't open your keys. Check the keyboard layout and try again.")


class NoKeyError(CasebookError):
    code = "no-key"
    status = HTTPStatus.FORBIDDEN
    message = _(
        "You have permission for this part of the case, but its key hasn't been shared with you yet. Ask "
        "someone who can open it to share it again."
    )


class UnconfirmedKeyError(CasebookError):
    code = "unconfirmed-key"
    status = HTTPStatus.FORBIDDEN
    message = _(
        "This person's keys haven't been confirmed since they were created. Confirm the four words with them by "
        "voice, then share."
    )


class OrganisationKeyChangedError(CasebookError):
    code = "org-key-changed"
    status = HTTPStatus.FORBIDDEN
    message = _(
        "The organisation key isn't the one you enrolled with. Nothing was opened or shared. Stop and call your "
        "security lead."
    )


class ErasedError(CasebookError):
    """What was asked for is erased; until `backup_until` a key backup may still hold its key."""

    code = "erased"
    status = HTTPStatus.GONE
    message = _("This part of the case was erased. It can't be recovered.")

    def __init__(self, backup_until: date | None = None) -> None:
        super().__init__()
        self.backup_until = backup_until


class StaleRevisionError(CasebookError):
    """Somebody saved this row since the form was opened; nothing was written."""

    code = "stale"
    status = HTTPStatus.CONFLICT
    message = _("Somebody changed this while you were writing. Your words are still here: compare both versions.")
