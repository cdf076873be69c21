"""Nothing typed is lost when a session ends: a refused form comes back with its fields and a "Send again" button.

The fields travel only in the page and in the next request of the same browser; they are never stored here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from casebook.core.errors import LockedError, StepUpNeededError
from casebook.core.middleware import GetResponse

View = Callable[..., HttpResponseBase]
URL_FIELD, FIELDS_FIELD, LEFT_OUT_FIELD = "resend_url", "resend_fields", "resend_left_out"
_OWN_FIELDS = frozenset({"csrfmiddlewaretoken", URL_FIELD, FIELDS_FIELD, LEFT_OUT_FIELD})
_SECRET_NAMES = frozenset({"code", "current", "recovery_code", "device_code", "receipt_code", "suggested"})
_SECRET_WORDS = ("passphrase", "password")


class LeftOut(StrEnum):
    """What a page must not carry: secrets would lie in its source, files cannot be put back into a form."""

    SECRETS = "secrets"
    FILES = "files"


class Reason(StrEnum):
    """Why a form was not accepted; `UNLOCKED` and `CONFIRMED` when it only waits to be sent again."""

    SIGNED_OUT = "signed-out"
    LOCKED = "locked"
    STALE = "stale"
    STEP_UP = "step-up"
    UNLOCKED = "unlocked"
    CONFIRMED = "confirmed"

    @property
    def status(self) -> HTTPStatus:
        return _STATUS[self]

    @property
    def message(self) -> str | Promise:
        return _MESSAGE[self]


_STATUS = {
    Reason.SIGNED_OUT: HTTPStatus.UNAUTHORIZED,
    Reason.LOCKED: HTTPStatus.LOCKED,
    Reason.STALE: HTTPStatus.FORBIDDEN,
    Reason.STEP_UP: HTTPStatus.FORBIDDEN,
    Reason.UNLOCKED: HTTPStatus.OK,
    Reason.CONFIRMED: HTTPStatus.OK,
}
_MESSAGE = {
    Reason.SIGNED_OUT: _("You are signed out. Sign in, then send again."),
    Reason.LOCKED: _("Your cases are locked. Enter your passphrase to open them."),
    Reason.STALE: _("This page was open for too long. Send again."),
    Reason.STEP_UP: StepUpNeededError.message,
    Reason.UNLOCKED: _("Your cases are open again."),
    Reason.CONFIRMED: _("Now send it again."),
}


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """What was typed into a form that could not be accepted, in the order of its fields, and where it was going."""

    url: str
    fields: tuple[tuple[str, str], ...]
    left_out: frozenset[LeftOut] = frozenset()

    @classmethod
    def of(cls, request: HttpRequest) -> "Kept":
        """The fields of this POST, without passphrases, codes and files."""
        typed = [(name, value) for name, values in request.POST.lists() for value in values if name not in _OWN_FIELDS]
        fields = tuple((name, value) for name, value in typed if not is_secret(name))
        left_out = {LeftOut.SECRETS} if len(fields) < len(typed) else set()
        if request.FILES:
            left_out.add(LeftOut.FILES)
        return cls(request.get_full_path(), fields, frozenset(left_out))

    @classmethod
    def carried_by(cls, request: HttpRequest) -> "Kept | None":
        """What an unlock form carries along; None when it carries nothing, or leads out of this site."""
        url = request.POST.get(URL_FIELD, "")
        if not url.startswith("/") or not url_has_allowed_host_and_scheme(url, allowed_hosts=None):
            return None
        packed = QueryDict(request.POST.get(FIELDS_FIELD, ""))
        fields = tuple((name, value) for name, values in packed.lists() for value in values)
        left_out = frozenset(part for part in LeftOut if part in request.POST.getlist(LEFT_OUT_FIELD))
        return cls(url, fields, left_out)

    @property
    def packed(self) -> str:
        """All fields as one URL-encoded text, for a form that has fields of its own."""
        packed = QueryDict(mutable=True)
        for name, value in self.fields:
            packed.appendlist(name, value)
        return packed.urlencode()

    @property
    def is_empty(self) -> bool:
        return not self.fields and not self.left_out

    @property
    def without_secrets(self) -> bool:
        return LeftOut.SECRETS in self.left_out

    @property
    def without_files(self) -> bool:
        return LeftOut.FILES in self.left_out


def is_secret(name: str) -> bool:
    """Whether a field is a passphrase or a code; `name` may carry a form's prefix."""
    own_name = name.rsplit("-", 1)[-1]
    return own_name in _SECRET_NAMES or any(word in own_name for word in _SECRET_WORDS)


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a page of this site sent the request, by what the browser says and pages cannot forge."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    ours = f"{request.scheme}://{request.get_host()}"
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == ours
    return request.headers.get("Referer", "").startswith(f"{ours}/")


def is_script(request: HttpRequest) -> bool:
    """Whether autosave or htmx sent the request: their page keeps what is typed, they only need to know."""
    return (
        request.headers.get("X-Requested-With") == "casebook-autosave"
        or "X-Autosave" in request.headers
        or request.headers.get("HX-Request") == "true"
    )


def refuse(request: HttpRequest, reason: Reason) -> HttpResponse | None:
    """The answer to a request that a session's end stopped; None when a plain refusal is all there is to say."""
    if is_script(request):
        return HttpResponse(reason.message, content_type="text/plain; charset=utf-8", status=reason.status)
    if request.method != "POST" or not is_same_origin(request):
        return None
    return send_again_page(request, Kept.of(request), reason)


def send_again_page(request: HttpRequest, kept: Kept, reason: Reason) -> HttpResponse:
    """A page that holds what was typed and sends it again; see `Reason` for the status."""
    return render(request, "errors/resend.html", {"kept": kept, "reason": reason}, status=reason.status)


class SignInMiddleware(LoginRequiredMiddleware):
    """Leads people who are signed out to sign-in, and gives a form that they sent back to them."""

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        to_sign_in = super().process_view(request, view_func, view_args, view_kwargs)
        if to_sign_in is None:
            return None
        if request.method == "POST" and not is_script(request) and Kept.of(request).is_empty:
            return redirect(settings.LOGIN_URL)
        return refuse(request, Reason.SIGNED_OUT) or to_sign_in


class LockedMiddleware:
    """Gives a form that was sent while the cases are locked, or that asks for the passphrase once more, back together
    with a form for the passphrase. After RefusalMiddleware."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, LockedError):
            return refuse(request, Reason.LOCKED)
        return refuse(request, Reason.STEP_UP) if isinstance(exception, StepUpNeededError) else None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For CSRF_FAILURE_VIEW. A page of ours that is too old can be sent again; another site's form cannot."""
    answer = refuse(request, Reason.STALE)
    return answer or render(request, "403_csrf.html", status=HTTPStatus.FORBIDDEN)
