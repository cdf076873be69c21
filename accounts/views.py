"""Pages of accounts: unlocking, one's own account, the people of an organisation, invitations, the ledger."""

from collections.abc import Iterable
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import IntegrityError as UniqueViolation
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
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
from accounts.models import Invitation, Role, User, UserKey
from casebook.core.errors import CasebookError, NoKeyError, WrongSecretError
from casebook.core.rate_limits import TooManyAttemptsError, count_attempt
from casebook.core.resend import Kept, Reason, send_again_page

_AFTER_RESET = _(
    "Your password was changed, but your case keys still need your old passphrase or your recovery code. A colleague "
    "who shares your cases can also share them again."
)
_WRONG_CODE = _("That recovery code did not open your keys. Perhaps a newer one replaced it.")
_WRONG_OLD = _(
    "That passphrase didn't open your keys. Check the keyboard layout and try again. After a reset of your sign-in, "
    "this is the passphrase from before it."
)
_OLD_PASSPHRASE = _(
    "You opened your keys with your old passphrase. Change your passphrase now, and one passphrase will do for both "
    "again."
)
_USERNAME_TAKEN = _("This user name is taken. Choose another one.")
_INVALID = HTTPStatus.UNPROCESSABLE_ENTITY


# --- opening and closing the keys -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def unlock(request: ActorRequest) -> HttpResponse:
    """Open the keys, then go on: to the page that was closed, or to the form that waits to be sent again."""
    if request.actor.is_unlocked:
        return _after_unlocking(request)
    form = UnlockForm(_posted(request))
    refused = _unlock(request, form) if request.method == "POST" else HTTPStatus.OK
    if refused is None:
        return _after_unlocking(request)
    context = {"form": form, "next": _next(request), "kept": Kept.carried_by(request)}
    return render(request, "accounts/unlock.html", context, status=refused)


def _unlock(request: ActorRequest, form: UnlockForm) -> HTTPStatus | None:
    """Open the keys; or put into the form why they stay closed, and return the status that says so."""
    if not form.is_valid():
        return _INVALID
    passphrase = form.cleaned_data["passphrase"]
    try:
        _count_secret(request)
        actions.unlock(request, request.actor, passphrase=passphrase)
    except TooManyAttemptsError as error:
        return _refuse(form, error)
    except WrongSecretError as error:
        if request.user.check_password(passphrase):
            form.add_error("passphrase", ValidationError(_AFTER_RESET))
            return HTTPStatus.OK
        return _refuse(form, error, field="passphrase")
    if not request.user.check_password(passphrase):
        messages.info(request, _OLD_PASSPHRASE)
    return None


def _after_unlocking(request: ActorRequest) -> HttpResponse:
    kept = Kept.carried_by(request)
    if kept is not None:
        return send_again_page(request, kept, Reason.UNLOCKED)
    return redirect(_next(request) or "home")


def _next(request: HttpRequest) -> str:
    """Where to go on: a page of this site, or nothing."""
    target = request.POST.get("next") or request.GET.get("next", "")
    safe = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if safe else ""


@require_POST
def lock(request: ActorRequest) -> HttpResponse:
    actions.lock(request, request.actor)
    return redirect("accounts:unlock")


@require_http_methods(["GET", "POST"])
def recover(request: ActorRequest) -> HttpResponse:
    """Open the keys with the recovery code and close them under a new passphrase; shows the next code once."""
    form = RecoveryForm(_posted(request), person=request.user, suggestion=suggest_passphrase())
    status: HTTPStatus = HTTPStatus.OK
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _recovered(request, form)
            except TooManyAttemptsError as error:
                status = _refuse(form, error)
            except WrongSecretError:
                form.add_error("recovery_code", ValidationError(_WRONG_CODE))
                status = HTTPStatus.FORBIDDEN
    return render(request, "accounts/recover.html", {"form": form}, status=status)


def _recovered(request: ActorRequest, form: RecoveryForm) -> HttpResponse:
    _count_secret(request)
    code = actions.unlock_with_recovery_code(
        request,
        request.actor,
        code=form.cleaned_data["recovery_code"],
        passphrase=form.cleaned_data["passphrase"],
    )
    return _code_page(request, code, onward=reverse("home"))


# --- one's own account ----------------------------------------------------------------------------------------------


@require_safe
def account(request: ActorRequest) -> HttpResponse:
    user = request.user
    context = {
        "roles": _labels(user.roles),
        "words": " ".join(queries.own_words(user)),
        "confirmed": UserKey.objects.filter(user=user, active=True, certificate__isnull=False).exists(),
        "second_factor": has_second_factor(user),
        "has_recovery_code": actions.has_recovery_code(user),
    }
    return render(request, "accounts/account.html", context)


@require_http_methods(["GET", "POST"])
def change_passphrase(request: ActorRequest) -> HttpResponse:
    form = ChangePassphraseForm(_posted(request), person=request.user, suggestion=suggest_passphrase())
    status: HTTPStatus = HTTPStatus.OK
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _passphrase_changed(request, form)
            except TooManyAttemptsError as error:
                status = _refuse(form, error)
            except WrongSecretError:
                form.add_error("old_passphrase", ValidationError(_WRONG_OLD))
                status = HTTPStatus.FORBIDDEN
    return render(request, "accounts/change_passphrase.html", {"form": form}, status=status)


def _passphrase_changed(request: ActorRequest, form: ChangePassphraseForm) -> HttpResponse:
    _count_secret(request)
    old, new = form.cleaned_data["old_passphrase"], form.cleaned_data["passphrase"]
    actions.change_passphrase(request, request.actor, old=old, new=new)
    messages.success(request, _("Your passphrase is changed. Everywhere else you are signed out."))
    return redirect("accounts:account")


@require_http_methods(["GET", "POST"])
def new_recovery_code(request: ActorRequest) -> HttpResponse:
    """Ask for the passphrase afresh, replace the recovery code, show the new one once."""
    form = UnlockForm(_posted(request))
    status: HTTPStatus = HTTPStatus.OK
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _code_replaced(request, form)
            except TooManyAttemptsError as error:
                status = _refuse(form, error)
            except WrongSecretError as error:
                status = _refuse(form, error, field="passphrase")
    return render(request, "accounts/new_recovery_code.html", {"form": form}, status=status)


def _code_replaced(request: ActorRequest, form: UnlockForm) -> HttpResponse:
    _count_secret(request)
    code = actions.new_recovery_code(request.actor, passphrase=form.cleaned_data["passphrase"])
    return _code_page(request, code, onward=reverse("accounts:account"))


def _code_page(request: HttpRequest, code: str, *, onward: str) -> HttpResponse:
    """The only page that ever shows this recovery code."""
    return render(request, "accounts/recovery_code.html", {"code": code, "onward": onward})


# --- the people of an organisation ----------------------------------------------------------------------------------


@require_safe
def people(request: ActorRequest) -> HttpResponse:
    require_role(request.actor, Role.ADMINISTRATOR)
    context = {
        "rows": [(row, _labels(row.roles)) for row in queries.people_of(request.actor)],
        "invitations": [(row, _labels(row.roles)) for row in _open_invitations(request.actor)],
    }
    return render(request, "accounts/people.html", context)


def _open_invitations(actor: Actor) -> QuerySet[Invitation]:
    return (
        Invitation.objects.filter(organisation=actor.user.organisation, accepted_by=None, expires_at__gt=timezone.now())
        .select_related("invited_by")
        .order_by("expires_at")
    )


@require_http_methods(["GET", "POST"])
def invite(request: ActorRequest) -> HttpResponse:
    """Offer an account; the link is shown once, on the answer."""
    require_role(request.actor, Role.ADMINISTRATOR)
    form = InviteForm(_posted(request))
    if request.method == "GET":
        return render(request, "accounts/invite.html", {"form": form})
    if not form.is_valid():
        return render(request, "accounts/invite.html", {"form": form}, status=_INVALID)
    token = actions.invite(request.actor, **form.cleaned_data)
    context = {"link": _link(request, "accounts:invitation", token), "days": settings.CASEBOOK_INVITATION_DAYS}
    return render(request, "accounts/invite_link.html", context)


@require_safe
def person(request: ActorRequest, person_id: UUID) -> HttpResponse:
    return _person_page(request, open_person(request.actor, person_id))


def _person_page(
    request: ActorRequest,
    person: User,
    *,
    roles_form: RolesForm | None = None,
    confirm_form: ConfirmKeysForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    row = next(row for row in queries.people_of(request.actor) if row.person.pk == person.pk)
    context = {
        "row": row,
        "person": row.person,
        "roles": _labels(row.roles),
        "roles_form": roles_form or RolesForm(initial={"roles": list(row.roles)}),
        "confirm_form": confirm_form or ConfirmKeysForm(),
        "form": roles_form or confirm_form,
    }
    return render(request, "accounts/person.html", context, status=status)


@require_POST
def confirm_keys(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Certify a person's keys; only after the box that says the words were compared is ticked."""
    person = _open_active_person(request, person_id)
    form = ConfirmKeysForm(request.POST)
    if not form.is_valid():
        return _person_page(request, person, confirm_form=form, status=_INVALID)
    try:
        actions.confirm_keys(request.actor, person)
    except NoKeyError:
        return _not_an_officer(request, person)
    messages.success(request, _("The keys are confirmed. Cases can be shared with this person now."))
    return redirect("accounts:person", person_id)


@require_POST
def set_roles(request: ActorRequest, person_id: UUID) -> HttpResponse:
    person = _open_active_person(request, person_id)
    form = RolesForm(request.POST)
    if not form.is_valid():
        return _person_page(request, person, roles_form=form, status=_INVALID)
    roles = form.cleaned_data["roles"]
    try:
        actions.set_roles(request.actor, person, roles)
    except actions.LastAdministratorError as error:
        return _person_page(request, person, roles_form=form, status=_refuse(form, error, field="roles"))
    except NoKeyError:
        return _not_an_officer(request, person)
    messages.success(request, _("The roles are saved."))
    if person.pk == request.user.pk and Role.ADMINISTRATOR not in roles:
        return redirect("home")
    return redirect("accounts:person", person_id)


@require_POST
def reset_sign_in(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Make a one-time link for a new sign-in passphrase; it is shown once, on the answer."""
    person = _open_active_person(request, person_id)
    token = actions.reset_sign_in(request.actor, person)
    link = _link(request, "accounts:redeem_reset", token)
    context = {"link": link, "person": person, "hours": actions.RESET_HOURS}
    return render(request, "accounts/reset_sign_in.html", context)


@require_POST
def deactivate(request: ActorRequest, person_id: UUID) -> HttpResponse:
    actions.deactivate(request.actor, _open_active_person(request, person_id))
    messages.success(request, _("The account is closed. Hand over the cases of this person now."))
    return redirect("accounts:people")


def _open_active_person(request: ActorRequest, person_id: UUID) -> User:
    person = open_person(request.actor, person_id)
    if not person.is_active:
        raise Http404
    return person


def _not_an_officer(request: ActorRequest, person: User) -> HttpResponse:
    context = {
        "title": _("Your keys cannot do this"),
        "text": _(
            "Nothing was changed. Only the administrator who founded the organisation can confirm keys and hand on the "
            "auditors' key. Ask them to do it."
        ),
        "action_url": reverse("accounts:person", args=[person.pk]),
        "action_label": _("Back to the person"),
    }
    return render(request, "errors/message.html", context, status=HTTPStatus.FORBIDDEN)


# --- links that work once, for people who are not signed in ---------------------------------------------------------


@login_not_required
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Make the account that was offered; the answer shows its recovery code once."""
    offer = actions.find_invitation(token)
    form = InvitationForm(
        _posted(request),
        person=User(display_name=offer.display_name),
        suggestion=suggest_passphrase(),
        initial={"display_name": offer.display_name},
    )
    if request.method == "GET":
        return _invitation_page(request, offer, form)
    if not form.is_valid():
        return _invitation_page(request, offer, form, status=_INVALID)
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
        return _invitation_page(request, offer, form, status=_INVALID)
    return _code_page(request, welcome.recovery_code, onward=reverse("account_login"))


def _invitation_page(
    request: HttpRequest, offer: Invitation, form: InvitationForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"form": form, "organisation": offer.organisation, "roles": _labels(offer.roles)}
    return render(request, "accounts/invitation.html", context, status=status)


@login_not_required
@require_http_methods(["GET", "POST"])
def redeem_reset(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a new sign-in passphrase; the case keys stay as they are."""
    reset = actions.find_reset(token)
    form = NewPassphraseForm(_posted(request), person=reset.user, suggestion=suggest_passphrase())
    if request.method == "GET":
        return render(request, "accounts/redeem_reset.html", {"form": form})
    if not form.is_valid():
        return render(request, "accounts/redeem_reset.html", {"form": form}, status=_INVALID)
    actions.redeem_reset(token, passphrase=form.cleaned_data["passphrase"])
    return render(request, "accounts/sign_in_changed.html")


# --- the ledger -----------------------------------------------------------------------------------------------------


@require_safe
def ledger(request: ActorRequest) -> HttpResponse:
    """What was done in the organisation, newest first, opened with the auditors' key."""
    require_role(request.actor, Role.AUDITOR)
    form = LedgerPageForm(request.GET)
    if not form.is_valid():
        raise Http404
    before = form.cleaned_data["before"]
    rows = queries.ledger_page(request.actor, before=before)
    older = f"?before={rows[-1].seq}" if len(rows) == queries.LEDGER_PAGE else ""
    context = {"lines": in_words(rows), "older": older, "is_first_page": before is None}
    return render(request, "accounts/ledger.html", context)


# --- what several pages need ----------------------------------------------------------------------------------------


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _count_secret(request: ActorRequest) -> None:
    """One try at a passphrase or a code; raises TooManyAttemptsError."""
    count_attempt("secret", str(request.user.pk), limit=settings.CASEBOOK_SIGN_IN_LIMIT)


def _refuse(form: Form, error: CasebookError, *, field: str | None = None) -> HTTPStatus:
    """Say in the form what was refused; returns the status of the error."""
    form.add_error(field, ValidationError(str(error.message)))
    return HTTPStatus(error.status)


def _link(request: HttpRequest, name: str, token: str) -> str:
    return request.build_absolute_uri(reverse(name, args=[token]))


def _labels(roles: Iterable[str]) -> list[str | Promise]:
    """The roles by name, in the order in which they are always listed."""
    held = set(roles)
    return [role.label for role in Role if role in held]
