"""Second factors. A code of the app is spent once it was taken: neither it nor an older one is taken again (RFC 6238,
section 5.2). Security keys and passkeys are allauth's; they guard signing in and never open keys."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from accounts.actor import Actor
from accounts.models import User
from casebook.core import ledger

View = Callable[..., HttpResponseBase]

_LAST_STEP = "last_step"


def keys_of(user: User) -> QuerySet[Authenticator]:
    """The person's security keys and passkeys, in the order in which they were added."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return found.order_by("pk")


def recorded(view: View) -> View:
    """allauth's view that changes second factors, with a ledger entry in the same transaction for each change."""

    @wraps(view)
    @transaction.atomic
    def deed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or not isinstance(request.user, User):
            return view(request, *args, **kwargs)
        before = _factors_of(request.user)
        response = view(request, *args, **kwargs)
        after = _factors_of(request.user)
        for key in before.keys() - after.keys():
            ledger.record("account.remove_second_factor", actor=Actor(request.user), factor=before[key])
        for key in after.keys() - before.keys():
            ledger.record("account.add_second_factor", actor=Actor(request.user), factor=after[key])
        return response

    return deed


def _factors_of(user: User) -> dict[int, str]:
    return dict(Authenticator.objects.filter(user=user).values_list("pk", "type"))


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
