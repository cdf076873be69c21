"""Replacing one's own keys: they may be known to somebody, or nothing opens them any more."""

from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.actor import ActorRequest
from accounts.enrolment import suggest_passphrase
from accounts.forms import ReplaceKeysForm
from accounts.officers import officers_of
from accounts.views.answers import INVALID, kit_page, refuse
from accounts.views.incoming import count_secret, posted
from casebook.core.errors import WrongSecretError
from casebook.core.rate_limits import TooManyAttemptsError

_WRONG_CURRENT = _(
    "That is not the passphrase you sign in with. Check the keyboard layout and try again. Do you not know it? Ask "
    "your administrator for a link for a new sign-in."
)


@require_http_methods(["GET", "POST"])
def replace_keys(request: ActorRequest) -> HttpResponse:
    """Make new keys under a new passphrase; the answer shows the new recovery kit once."""
    form = ReplaceKeysForm(posted(request), person=request.user, suggestion=suggest_passphrase())
    status: HTTPStatus = HTTPStatus.OK
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                return _replaced(request, form)
            except TooManyAttemptsError as error:
                status = refuse(form, error)
            except WrongSecretError:
                form.add_error("current", ValidationError(_WRONG_CURRENT))
                status = HTTPStatus.FORBIDDEN
    context = {"form": form, "is_officer": request.user in officers_of(request.user.organisation)}
    return render(request, "accounts/replace_keys.html", context, status=status)


def _replaced(request: ActorRequest, form: ReplaceKeysForm) -> HttpResponse:
    count_secret(request)
    kit = actions.replace_keys(
        request, request.actor, current=form.cleaned_data["current"], passphrase=form.cleaned_data["passphrase"]
    )
    return kit_page(request, kit, request.user, onward=reverse("accounts:account"))
