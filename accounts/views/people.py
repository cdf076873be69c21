"""The people of an organisation: inviting, confirming keys, roles, a new sign-in, closing and reopening accounts."""

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, queries
from accounts.access import open_invitation, open_person, require_role
from accounts.actor import ActorRequest
from accounts.forms import ConfirmKeysForm, InviteForm, RolesForm
from accounts.models import Role, User
from accounts.team_forms import AddToTeamForm
from accounts.team_queries import teams_of_person, teams_to_join
from accounts.views.answers import INVALID, link_to, not_an_officer, refuse, role_labels
from accounts.views.incoming import posted
from accounts.views.teams import added
from casebook.core.errors import NoKeyError


@require_safe
def people(request: ActorRequest) -> HttpResponse:
    require_role(request.actor, Role.ADMINISTRATOR)
    context = {
        "rows": [(row, role_labels(row.roles)) for row in queries.people_of(request.actor)],
        "invitations": [(row, role_labels(row.roles)) for row in queries.open_invitations(request.actor)],
    }
    return render(request, "accounts/people.html", context)


@require_http_methods(["GET", "POST"])
def invite(request: ActorRequest) -> HttpResponse:
    """Offer an account; the link is shown once, on the answer."""
    require_role(request.actor, Role.ADMINISTRATOR)
    form = InviteForm(posted(request))
    if request.method == "GET":
        return render(request, "accounts/invite.html", {"form": form})
    if not form.is_valid():
        return render(request, "accounts/invite.html", {"form": form}, status=INVALID)
    token = actions.invite(request.actor, **form.cleaned_data)
    context = {"link": link_to(request, "accounts:invitation", token), "days": settings.CASEBOOK_INVITATION_DAYS}
    return render(request, "accounts/invite_link.html", context)


@require_POST
def withdraw_invitation(request: ActorRequest, invitation_id: UUID) -> HttpResponse:
    """Take back an offer that nobody has accepted: its link stops working at once."""
    actions.withdraw_invitation(request.actor, open_invitation(request.actor, invitation_id))
    messages.success(request, _("The invitation is withdrawn. Its link does not work any more."))
    return redirect("accounts:people")


@require_safe
def person(request: ActorRequest, person_id: UUID) -> HttpResponse:
    return _person_page(request, open_person(request.actor, person_id))


def _person_page(
    request: ActorRequest,
    person: User,
    *,
    roles_form: RolesForm | None = None,
    confirm_form: ConfirmKeysForm | None = None,
    team_form: AddToTeamForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    row = next(row for row in queries.people_of(request.actor) if row.person.pk == person.pk)
    joinable = teams_to_join(row.person)
    context = {
        "row": row,
        "person": row.person,
        "teams": [(each, each.member(row.person)) for each in teams_of_person(row.person)],
        "team_form": team_form or (AddToTeamForm(teams=joinable) if joinable.exists() else None),
        "roles": role_labels(row.roles),
        "roles_form": roles_form or RolesForm(initial={"roles": list(row.roles)}),
        "confirm_form": confirm_form or ConfirmKeysForm(),
        "form": roles_form or confirm_form or team_form,
    }
    return render(request, "accounts/person.html", context, status=status)


@require_POST
def confirm_keys(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Certify a person's keys; only after the box that says the words were compared is ticked."""
    person = _open_active_person(request, person_id)
    form = ConfirmKeysForm(request.POST)
    if not form.is_valid():
        return _person_page(request, person, confirm_form=form, status=INVALID)
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
        return _person_page(request, person, roles_form=form, status=INVALID)
    roles = form.cleaned_data["roles"]
    try:
        actions.set_roles(request.actor, person, roles)
    except actions.LastAdministratorError as error:
        return _person_page(request, person, roles_form=form, status=refuse(form, error, field="roles"))
    except NoKeyError:
        return _not_an_officer(request, person)
    messages.success(request, _("The roles are saved."))
    if person.pk == request.user.pk and Role.ADMINISTRATOR not in roles:
        return redirect("home")
    return redirect("accounts:person", person_id)


@require_POST
def add_to_team(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Make the person a member of a team whose role they hold."""
    person = _open_active_person(request, person_id)
    form = AddToTeamForm(request.POST, teams=teams_to_join(person))
    if not form.is_valid():
        return _person_page(request, person, team_form=form, status=INVALID)
    return added(request, form.cleaned_data["team"], person, back=reverse("accounts:person", args=[person.pk]))


@require_POST
def end_sessions(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Sign a person out everywhere: their phone was stolen. Who does it to themselves is signed out with it."""
    person = _open_active_person(request, person_id)
    actions.end_sessions(request.actor, person)
    if person.pk == request.user.pk:
        logout(request)
        return redirect("account_login")
    messages.success(request, _("The person is signed out everywhere, and every open key is closed."))
    return redirect("accounts:person", person_id)


@require_POST
def reset_sign_in(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Make a one-time link for a new sign-in passphrase; it is shown once, on the answer."""
    person = _open_active_person(request, person_id)
    token = actions.reset_sign_in(request.actor, person)
    link = link_to(request, "accounts:redeem_reset", token)
    context = {"link": link, "person": person, "hours": actions.RESET_HOURS}
    return render(request, "accounts/reset_sign_in.html", context)


@require_POST
def deactivate(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Close an account; who closes their own is signed out with it."""
    person = _open_active_person(request, person_id)
    actions.deactivate(request.actor, person)
    if person.pk == request.user.pk:
        logout(request)
        return redirect("account_inactive")
    messages.success(request, _("The account is closed. Hand over the cases of this person now."))
    return redirect("accounts:people")


@require_POST
def reactivate(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Open a closed account again; the person signs in as before."""
    person = open_person(request.actor, person_id)
    if person.is_active:
        raise Http404
    actions.reactivate(request.actor, person)
    messages.success(request, _("The account is open again. The person signs in with the passphrase from before."))
    return redirect("accounts:person", person_id)


def _open_active_person(request: ActorRequest, person_id: UUID) -> User:
    person = open_person(request.actor, person_id)
    if not person.is_active:
        raise Http404
    return person


def _not_an_officer(request: ActorRequest, person: User) -> HttpResponse:
    return not_an_officer(request, reverse("accounts:person", args=[person.pk]), _("Back to the person"))
