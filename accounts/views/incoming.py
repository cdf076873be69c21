"""What comes in with a request: what it posts, where it wants to go on, one more try at a secret."""

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.actor import ActorRequest
from accounts.browser import device_secret_of
from accounts.enrolment import needs_device_secret
from casebook.core.rate_limits import count_attempt


def posted(request: HttpRequest) -> QueryDict | None:
    """The fields of a form that was sent; None where a page is only looked at."""
    return request.POST if request.method == "POST" else None


def next_page(request: HttpRequest) -> str:
    """Where to go on: a page of this site, or nothing."""
    target = request.POST.get("next") or request.GET.get("next", "")
    safe = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if safe else ""


def asks_device_code(request: ActorRequest) -> bool:
    """Whether this browser has to be told the device code before the passphrase opens the keys."""
    return needs_device_secret(request.user) and not device_secret_of(request, request.user)


def count_secret(request: ActorRequest) -> None:
    """One try at a passphrase or a code; raises TooManyAttemptsError."""
    count_attempt("secret", str(request.user.pk), limit=settings.CASEBOOK_SIGN_IN_LIMIT)
