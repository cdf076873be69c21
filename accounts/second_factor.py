"""A code of the app is spent once it was taken: neither it nor an older one is taken again (RFC 6238, section 5.2)."""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction

_LAST_STEP = "last_step"


@transaction.atomic
def spend_code(app: Authenticator, code: str) -> bool:
    """Whether this valid code is newer than the last one taken; if so, it is the last one from now on."""
    row = Authenticator.objects.select_for_update().get(pk=app.pk)
    step = _step_of(decrypt(row.data["secret"]), code)
    if step is None or step <= row.data.get(_LAST_STEP, -1):
        return False
    row.data[_LAST_STEP] = step
    row.save(update_fields=["data"])
    return True


def _step_of(seed: str, code: str) -> int | None:
    """Which period of the app's clock shows this code, among those that are accepted now."""
    steps = yield_hotp_counters_from_time()
    return next((step for step in steps if _shows(seed, step, code)), None)


def _shows(seed: str, step: int, code: str) -> bool:
    return bool(compare_user_code(actual=code, expected=format_hotp_value(hotp_value(seed, step))))
