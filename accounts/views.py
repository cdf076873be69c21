"""Pages of accounts: unlocking, one's own account, the people of an organisation, invitations, the ledger."""

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError as UniqueViolation
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, queries
from accounts.access import open_person, require_role
from accounts.actor import Actor, ActorRequest
from accounts.enrolment import suggest_passphrase
from accounts.forms import (
    ChangePassphraseForm,
    ConfirmKeysForm,
    InvitationForm,
    InviteForm,
    LedgerPageForm,
    NewPassphraseForm,
    RecoveryForm,
    RolesForm,
    UnlockForm,
)
from accounts.ledger_words import in_words
from accounts.middleware import has_second_factor
from accounts.models import Invitation, Organisation, Role, User, UserKey
from casebook.core.errors import CasebookError, NoKeyError, WrongSecretError
from casebook.core.rate_limits import TooManyAttemptsError, count_attempt
from casebook.core.resend import Kept, Reason, send_again_page

_AFTER_RESET = _(
    "Your password was changed, but your case keys still need your old passphrase or your recovery code. A colleague "
    "who shares your cases can also share them again."
)
_WRONG_CODE = _("That recovery code did not open your keys. Perhaps a newer one replaced it.")
_WRONG_OLD = _(
    "That passphrase didn't open your keys. Check the keyboard layout and try again. After a reset of your sign-in this "
    "is the passphrase from before."
)
_INVALID = HTTPStatus.UNPROCESSABLE_ENTITY


# --- opening and closing the keys -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def unlock(request: ActorRequest) -> HttpResponse:
    """Open the keys, then go on: to the page that was closed, or to the form that waits to be sent again."""
    if request.actor.is_unlocked:
        return _after_unlocking(request)
    form = UnlockForm(request.POST or None)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = _try_to_unlock(request, form)
        if request.actor.is_unlocked or status == HTTPStatus.NO_CONTENT:
            return _after_unlocking(request)
    context = {"form": form, "next": _next(request), "kept": Kept.carried_by(request)}
    return render(request, "accounts/unlock.html", context, status=status)
