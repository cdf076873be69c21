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
from accounts.enrolment import suggest_passphrase
from accounts.forms import ChangePassphraseForm, RenameForm, UnlockForm
from accounts.middleware import has_second_factor
from accounts.views.answers import INVALID, code_page, refuse, role_labels
from accounts.views.incoming import count_secret, posted
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
        "words": " ".join(queries.own_words(user)),
        "confirmed": queries.has_confirmed_keys(user),
        "second_factor": has_second_factor(user),
        "has_recovery_code": queries.has_recovery_code(user),
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
    form = ChangePassphraseForm(posted(request), person=request.user, suggestion=suggest_passphrase())
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
                status = HTTPStatus.FORBIDDEN
    return render(request, "accounts/change_passphrase.html", {"form": form}, status=status)


def _passphrase_changed(request: ActorRequest, form: ChangePassphraseForm) -> HttpResponse:
    count_secret(request)
    old, new = form.cleaned_data["old_passphrase"], form.cleaned_data["passphrase"]
    actions.change_passphrase(request, request.actor, old=old, new=new)
    messages.success(request, _("Your passphrase is changed. Everywhere else you are signed out."))
    return redirect("accounts:account")


@require_http_methods(["GET", "POST"])
def new_recovery_code(request: ActorRequest) -> HttpResponse:
    """Ask for the passphrase afresh, replace the recovery code, show the new one once."""
    form = UnlockForm(posted(request))
    status: HTTPStatus = HTTPStatus.OK
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                return _code_replaced(request, form)
            except TooManyAttemptsError as error:
                status = refuse(form, error)
            except WrongSecretError as error:
                status = refuse(form, error, field="passphrase")
    return render(request, "accounts/new_recovery_code.html", {"form": form}, status=status)


def _code_replaced(request: ActorRequest, form: UnlockForm) -> HttpResponse:
    count_secret(request)
    code = actions.new_recovery_code(request.actor, passphrase=form.cleaned_data["passphrase"])
    return code_page(request, code, onward=reverse("accounts:account"))
