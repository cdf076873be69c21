"""How often somebody may try something, counted across workers in the database; no address is kept in clear."""

import hmac
import time

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from casebook.core.encoding import ctx
from casebook.core.errors import CasebookError
from casebook.core.models import RateWindow


class TooManyAttemptsError(CasebookError):
    code = "too-many-attempts"
    status = 429
    message = _("Too many attempts. Wait a minute, then try again.")


def count_attempt(what: str, subject: str, *, limit: int, seconds: int = 60) -> None:
    """Count one attempt of `subject` at `what`; raises TooManyAttemptsError above `limit` in a window of `seconds`."""
    key = hmac.digest(settings.SECRET_KEY.encode(), ctx("rate", what, subject), "sha256")
    window = int(time.time()) // seconds
    with transaction.atomic():
        row, _created = RateWindow.objects.select_for_update().get_or_create(
            subject=key, defaults={"started": window, "attempts": 0}
        )
        row.attempts = row.attempts + 1 if row.started == window else 1
        row.started = window
        row.save()
    if row.attempts > limit:
        raise TooManyAttemptsError
