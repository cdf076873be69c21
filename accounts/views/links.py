"""Links that work once, for people who are not signed in: an invitation, a new sign-in."""

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import IntegrityError as UniqueViolation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.browser import keep_device_secret
from accounts.enrolment import suggest_passphrase
from accounts.forms import InvitationForm, NewPassphraseForm
from accounts.models import Invitation, User
from accounts.views.answers import INVALID, kit_page, role_labels
from accounts.views.incoming import posted

_USERNAME_TAKEN = _("This user name is taken. Choose another one.")


@login_not_required
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Make the account that was offered; the answer shows its recovery kit once."""
    offer = actions.find_invitation(token)
    form = InvitationForm(
        posted(request),
        person=User(display_name=offer.display_name),
        suggestion=suggest_passphrase(),
        initial={"display_name": offer.display_name},
    )
    if request.method == "GET":
        return _invitation_page(request, offer, form)
    if not form.is_valid():
        return _invitation_page(request, offer, form, status=INVALID)
    try:
        welcome = actions.accept_invitation(
            token,
            username=form.cleaned_data["username"],
            display_name=form.cleaned_data["display_name"],
            passphrase=form.cleaned_data["passphrase"],
            language=get_language() or settings.LANGUAGE_CODE,
        )
    except UniqueViolation:  # somebody took the name since the form looked
        form.add_error("username", ValidationError(_USERNAME_TAKEN))
        return _invitation_page(request, offer, form, status=INVALID)
    if welcome.kit.device_secret:
        keep_device_secret(request, welcome.user, welcome.kit.device_secret)
    return kit_page(request, welcome.kit, welcome.user, onward=reverse("account_login"))


def _invitation_page(
    request: HttpRequest, offer: Invitation, form: InvitationForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"form": form, "organisation": offer.organisation, "roles": role_labels(offer.roles)}
    return render(request, "accounts/invitation.html", context, status=status)


@login_not_required
@require_http_methods(["GET", "POST"])
def redeem_reset(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a new sign-in passphrase; the case keys stay as they are."""
    reset = actions.find_reset(token)
    form = NewPassphraseForm(posted(request), person=reset.user, suggestion=suggest_passphrase())
    if request.method == "GET":
        return render(request, "accounts/redeem_reset.html", {"form": form})
    if not form.is_valid():
        return render(request, "accounts/redeem_reset.html", {"form": form}, status=INVALID)
    actions.redeem_reset(token, passphrase=form.cleaned_data["passphrase"])
    return render(request, "accounts/sign_in_changed.html")
