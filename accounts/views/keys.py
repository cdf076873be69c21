"""Opening and closing the keys: unlocking, typing the passphrase once more, locking, the recovery code."""

from collections.abc import Callable
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
from accounts.enrolment import needs_device_secret, suggest_passphrase
from accounts.forms import RecoveryForm, UnlockForm
from accounts.views.answers import INVALID, kit_page, refuse
from accounts.views.incoming import asks_device_code, count_secret, next_page, posted
from casebook.core.errors import WrongSecretError
from casebook.core.rate_limits import TooManyAttemptsError
from casebook.core.resend import Kept, Reason, send_again_page

_AFTER_RESET = _(
    "Your password was changed, but your case keys still need your old passphrase or your recovery code. A colleague "
    "who shares your cases can also share them again."
)
_WITH_DEVICE_CODE = _(
    "This passphrase signs you in, but it did not open your keys together with the device code. Compare the code with "
    "your newest kit. After a reset of your sign-in, your keys still need the passphrase from before it."
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
    form = UnlockForm(posted(request), asks_device_code=asks_device_code(request))
    refused = _unlock(request, form) if request.method == "POST" else HTTPStatus.OK
    if refused is None:
        return _after_unlocking(request)
    context = {"form": form, "next": next_page(request), "kept": Kept.carried_by(request)}
    return render(request, "accounts/unlock.html", context, status=refused)


def _unlock(request: ActorRequest, form: UnlockForm) -> HTTPStatus | None:
    """Open the keys; or put into the form why they stay closed, and return the status that says so."""
    refused = _with_passphrase(request, form, actions.unlock)
    if refused is None and not request.user.check_password(form.cleaned_data["passphrase"]):
        messages.info(request, _OLD_PASSPHRASE)
    return refused


def _with_passphrase(request: ActorRequest, form: UnlockForm, act: Callable[..., None]) -> HTTPStatus | None:
    """Do what the passphrase of the form is asked for; or put into the form why not, and return the status of that."""
    if not form.is_valid():
        return INVALID
    try:
        count_secret(request)
        act(request, request.actor, passphrase=form.cleaned_data["passphrase"], device_secret=form.device_secret)
    except TooManyAttemptsError as error:
        return refuse(form, error)
    except WrongSecretError as error:
        return _stay_closed(request, form, error)
    return None


def _stay_closed(request: ActorRequest, form: UnlockForm, error: WrongSecretError) -> HTTPStatus:
    """Say why a passphrase that may be the one for signing in did not open the keys."""
    signs_in = request.user.check_password(form.cleaned_data["passphrase"])
    if needs_device_secret(request.user):
        form.ask_for_device_code()
        if signs_in:
            form.add_error("passphrase", ValidationError(_WITH_DEVICE_CODE))
            return HTTPStatus.FORBIDDEN
    elif signs_in:
        form.add_error("passphrase", ValidationError(_AFTER_RESET))
        return HTTPStatus.OK
    return refuse(form, error, field="passphrase")


def _after_unlocking(request: ActorRequest, reason: Reason = Reason.UNLOCKED) -> HttpResponse:
    kept = Kept.carried_by(request)
    if kept is not None:
        return send_again_page(request, kept, reason)
    return redirect(next_page(request) or "home")


@require_http_methods(["GET", "POST"])
def step_up(request: ActorRequest) -> HttpResponse:
    """Ask an unlocked person for the passphrase once more, then go on as after unlocking."""
    if not request.actor.is_unlocked:
        return unlock(request)
    form = UnlockForm(posted(request), asks_device_code=asks_device_code(request))
    refused = _with_passphrase(request, form, actions.step_up) if request.method == "POST" else HTTPStatus.OK
    if refused is None:
        return _after_unlocking(request, Reason.CONFIRMED)
    context = {"form": form, "next": next_page(request), "kept": Kept.carried_by(request)}
    return render(request, "accounts/step_up.html", context, status=refused)


@require_POST
def lock(request: ActorRequest) -> HttpResponse:
    actions.lock(request, request.actor)
    return redirect("accounts:unlock")


@require_http_methods(["GET", "POST"])
def recover(request: ActorRequest) -> HttpResponse:
    """Open the keys with the recovery code and close them under a new passphrase; shows the next kit once."""
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
    kit = actions.unlock_with_recovery_code(
        request,
        request.actor,
        code=form.cleaned_data["recovery_code"],
        passphrase=form.cleaned_data["passphrase"],
    )
    return kit_page(request, kit, request.user, onward=reverse("home"))
