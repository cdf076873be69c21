"""Opening and closing the keys: unlocking, locking, the recovery code."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.actor import ActorRequest
from accounts.enrolment import suggest_passphrase
from accounts.forms import RecoveryForm, UnlockForm
from accounts.views.answers import INVALID, code_page, refuse
from accounts.views.incoming import count_secret, next_page, posted
from casebook.core.errors import WrongSecretError
from casebook.core.rate_limits import TooManyAttemptsError
from casebook.core.resend import Kept, Reason, send_again_page

_AFTER_RESET = _(
    "Your password was changed, but your case keys still need your old passphrase or your recovery code. A colleague "
    "who shares your cases can also share them again."
)
_WRONG_CODE = _("That recovery code did not open your keys. Perhaps a newer one replaced it.")
_OLD_PASSPHRASE = _(
    "You opened your keys with your old passphrase. Change your passphrase now, and one passphrase will do for both "
    "again."
)


@require_http_methods(["GET", "POST"])
def unlock(request: ActorRequest) -> HttpResponse:
    """Open the keys, then go on: to the page that was closed, or to the form that waits to be sent again."""
    if request.actor.is_unlocked:
        return _after_unlocking(request)
    form = UnlockForm(posted(request))
    refused = _unlock(request, form) if request.method == "POST" else HTTPStatus.OK
    if refused is None:
        return _after_unlocking(request)
    context = {"form": form, "next": next_page(request), "kept": Kept.carried_by(request)}
    return render(request, "accounts/unlock.html", context, status=refused)


def _unlock(request: ActorRequest, form: UnlockForm) -> HTTPStatus | None:
    """Open the keys; or put into the form why they stay closed, and return the status that says so."""
    if not form.is_valid():
        return INVALID
    passphrase = form.cleaned_data["passphrase"]
    try:
        count_secret(request)
        actions.unlock(request, request.actor, passphrase=passphrase)
    except TooManyAttemptsError as error:
        return refuse(form, error)
    except WrongSecretError as error:
        if request.user.check_password(passphrase):
            form.add_error("passphrase", ValidationError(_AFTER_RESET))
            return HTTPStatus.OK
        return refuse(form, error, field="passphrase")
    if not request.user.check_password(passphrase):
        messages.info(request, _OLD_PASSPHRASE)
    return None


def _after_unlocking(request: ActorRequest) -> HttpResponse:
    kept = Kept.carried_by(request)
    if kept is not None:
        return send_again_page(request, kept, Reason.UNLOCKED)
    return redirect(next_page(request) or "home")


@require_POST
def lock(request: ActorRequest) -> HttpResponse:
    actions.lock(request, request.actor)
    return redirect("accounts:unlock")


@require_http_methods(["GET", "POST"])
def recover(request: ActorRequest) -> HttpResponse:
    """Open the keys with the recovery code and close them under a new passphrase; shows the next code once."""
    form = RecoveryForm(posted(request), person=request.user, suggestion=suggest_passphrase())
    status: HTTPStatus = HTTPStatus.OK
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                return _recovered(request, form)
            except TooManyAttemptsError as error:
                status = refuse(form, error)
            except WrongSecretError:
                form.add_error("recovery_code", ValidationError(_WRONG_CODE))
                status = HTTPStatus.FORBIDDEN
    return render(request, "accounts/recover.html", {"form": form}, status=status)


def _recovered(request: ActorRequest, form: RecoveryForm) -> HttpResponse:
    count_secret(request)
    code = actions.unlock_with_recovery_code(
        request,
        request.actor,
        code=form.cleaned_data["recovery_code"],
        passphrase=form.cleaned_data["passphrase"],
    )
    return code_page(request, code, onward=reverse("home"))
