"""One's own account: the name shown to colleagues, the passphrase, the recovery code."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, queries
from accounts.actor import ActorRequest
from accounts.enrolment import needs_device_secret, suggest_passphrase, wants_device_secret
from accounts.forms import ChangePassphraseForm, RenameForm, UnlockForm
from accounts.middleware import has_second_factor
from accounts.team_queries import own_teams
from accounts.views.answers import INVALID, kit_page, refuse, role_labels
from accounts.views.incoming import asks_device_code, count_secret, posted
from casebook.core.errors import WrongSecretError
from casebook.core.rate_limits import TooManyAttemptsError

_WRONG_OLD = _(
    "That passphrase didn't open your keys. Check the keyboard layout and try again. After a reset of your sign-in, "
    "this is the passphrase from before it."
)


@require_safe
def account(request: ActorRequest) -> HttpResponse:
    return _account_page(request, RenameForm(initial={"display_name": request.user.display_name}))


def _account_page(request: ActorRequest, form: RenameForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    user = request.user
    context = {
        "form": form,
        "roles": role_labels(user.roles),
        "words": " ".join(queries.own_words(request.actor)),
        "confirmed": queries.has_confirmed_keys(user),
        "second_factor": has_second_factor(user),
        "has_recovery_code": queries.has_recovery_code(user),
        "has_device_secret": needs_device_secret(user),
        "lacks_device_secret": wants_device_secret(user) and not needs_device_secret(user),
        "teams": [row.team for row in own_teams(request.actor)],
    }
    return render(request, "accounts/account.html", context, status=status)


@require_POST
def rename(request: ActorRequest) -> HttpResponse:
    """Change one's own name as colleagues see it."""
    form = RenameForm(request.POST)
    if not form.is_valid():
        return _account_page(request, form, status=INVALID)
    actions.rename(request.actor, display_name=form.cleaned_data["display_name"])
    messages.success(request, _("Your name is changed. Colleagues see it at once."))
    return redirect("accounts:account")


@require_http_methods(["GET", "POST"])
def change_passphrase(request: ActorRequest) -> HttpResponse:
    form = ChangePassphraseForm(
        posted(request),
        asks_device_code=asks_device_code(request),
        person=request.user,
        suggestion=suggest_passphrase(),
    )
    status: HTTPStatus = HTTPStatus.OK
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                return _passphrase_changed(request, form)
            except TooManyAttemptsError as error:
                status = refuse(form, error)
            except WrongSecretError:
                form.add_error("old_passphrase", ValidationError(_WRONG_OLD))
                if needs_device_secret(request.user):
                    form.ask_for_device_code()
                status = HTTPStatus.FORBIDDEN
    return render(request, "accounts/change_passphrase.html", {"form": form}, status=status)


def _passphrase_changed(request: ActorRequest, form: ChangePassphraseForm) -> HttpResponse:
    count_secret(request)
    old, new = form.cleaned_data["old_passphrase"], form.cleaned_data["passphrase"]
    actions.change_passphrase(request, request.actor, old=old, new=new, device_secret=form.device_secret)
    messages.success(request, _("Your passphrase is changed. Everywhere else you are signed out."))
    return redirect("accounts:account")


@require_http_methods(["GET", "POST"])
def new_recovery_code(request: ActorRequest) -> HttpResponse:
    """Ask for the passphrase afresh, replace the recovery kit, show the new one once."""
    form = UnlockForm(posted(request), asks_device_code=asks_device_code(request))
    status: HTTPStatus = HTTPStatus.OK
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                return _kit_replaced(request, form)
            except TooManyAttemptsError as error:
                status = refuse(form, error)
            except WrongSecretError as error:
                status = refuse(form, error, field="passphrase")
                if needs_device_secret(request.user):
                    form.ask_for_device_code()
    return render(request, "accounts/new_recovery_code.html", {"form": form}, status=status)


def _kit_replaced(request: ActorRequest, form: UnlockForm) -> HttpResponse:
    count_secret(request)
    passphrase = form.cleaned_data["passphrase"]
    kit = actions.new_recovery_kit(request, request.actor, passphrase=passphrase, device_secret=form.device_secret)
    return kit_page(request, kit, request.user, onward=reverse("accounts:account"))
