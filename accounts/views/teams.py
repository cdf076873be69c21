"""The teams of an organisation, for its administrators: members, panels, new keys."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts import teams as actions
from accounts.access import open_person, require_role
from accounts.actor import ActorRequest
from accounts.models import Role, Team, User
from accounts.officers import officers_of
from accounts.step_up import require_fresh
from accounts.team_forms import JoinForm, PanelForm, RenewKeyForm
from accounts.team_queries import team_row, teams_of, who_can_join
from accounts.teams import TeamInUseError, TeamNameTakenError, find_team
from accounts.views.answers import INVALID, not_an_officer, refuse
from accounts.views.incoming import next_page
from casebook.core.errors import NoKeyError


@require_safe
def teams(request: ActorRequest) -> HttpResponse:
    require_role(request.actor, Role.ADMINISTRATOR)
    return _teams_page(request, PanelForm())


def _teams_page(request: ActorRequest, form: PanelForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return render(request, "accounts/teams.html", {"rows": teams_of(request.actor), "form": form}, status=status)


@require_POST
def create_panel(request: ActorRequest) -> HttpResponse:
    require_role(request.actor, Role.ADMINISTRATOR)
    form = PanelForm(request.POST)
    if not form.is_valid():
        return _teams_page(request, form, status=INVALID)
    try:
        team = actions.create_panel(request.actor, name=form.cleaned_data["name"])
    except TeamNameTakenError as error:
        return _teams_page(request, form, status=refuse(form, error, field="name"))
    messages.success(request, _("The panel is there. Add its members now."))
    return redirect("accounts:team", team.pk)


def _open_team(request: ActorRequest, team_id: UUID) -> Team:
    require_role(request.actor, Role.ADMINISTRATOR)
    return find_team(request.actor, team_id)


@require_safe
def team(request: ActorRequest, team_id: UUID) -> HttpResponse:
    return _team_page(request, _open_team(request, team_id))


def _team_page(
    request: ActorRequest,
    team: Team,
    *,
    join_form: JoinForm | None = None,
    renew_form: RenewKeyForm | None = None,
    name_form: PanelForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    row = team_row(team)
    people = who_can_join(team)
    officers = officers_of(request.user.organisation)
    context = {
        "row": row,
        "team": team,
        "join_form": join_form or (JoinForm(people=people) if people.exists() else None),
        "renew_form": renew_form or (RenewKeyForm(row=row) if row.recipients else None),
        "name_form": name_form or PanelForm(initial={"name": team.name}),
        "form": join_form or renew_form or name_form,
        "officers": officers,
        "is_officer": request.user in officers,
    }
    return render(request, "accounts/team.html", context, status=status)


@require_POST
def rename_panel(request: ActorRequest, team_id: UUID) -> HttpResponse:
    team = _open_team(request, team_id)
    if team.kind != Team.Kind.PANEL:
        raise Http404
    form = PanelForm(request.POST)
    if not form.is_valid():
        return _team_page(request, team, name_form=form, status=INVALID)
    try:
        actions.rename_panel(request.actor, team, name=form.cleaned_data["name"])
    except TeamNameTakenError as error:
        team.refresh_from_db(fields=["name"])
        return _team_page(request, team, name_form=form, status=refuse(form, error, field="name"))
    messages.success(request, _("The panel has its new name."))
    return redirect("accounts:team", team.pk)


@require_POST
def delete_panel(request: ActorRequest, team_id: UUID) -> HttpResponse:
    """Delete a panel that was never used."""
    team = _open_team(request, team_id)
    try:
        actions.delete_panel(request.actor, team)
    except TeamInUseError as error:
        messages.error(request, str(error.message))
        return redirect("accounts:team", team.pk)
    messages.success(request, _("The panel is deleted."))
    return redirect("accounts:teams")


@require_POST
def join_team(request: ActorRequest, team_id: UUID) -> HttpResponse:
    """Make somebody with the team's role a member."""
    team = _open_team(request, team_id)
    form = JoinForm(request.POST, people=who_can_join(team))
    if not form.is_valid():
        return _team_page(request, team, join_form=form, status=INVALID)
    return added(request, team, form.cleaned_data["person"], back=reverse("accounts:team", args=[team.pk]))


def added(request: ActorRequest, team: Team, person: User, *, back: str) -> HttpResponse:
    """Add a member, and say whether they hold the key."""
    actions.join(request.actor, team, person)
    member = team_row(find_team(request.actor, team.pk)).member(person)
    if member is not None and member.holds:
        messages.success(request, _("Added, with the key of the team."))
    else:
        messages.success(request, _("Added. The new member waits for the key: a member who holds it gives it."))
    return redirect(back)


@require_POST
def leave_team(request: ActorRequest, team_id: UUID, person_id: UUID) -> HttpResponse:
    """Remove a member of a panel. Coordinators belong to their team by their role."""
    team = _open_team(request, team_id)
    if team.kind != Team.Kind.PANEL:
        raise Http404
    actions.leave(request.actor, team, open_person(request.actor, person_id))
    team.refresh_from_db(fields=["renewal_due"])
    if team.renewal_due:
        messages.warning(request, _("Removed at once. The team needs a new key now: an officer makes it on this page."))
    else:
        messages.success(request, _("Removed. Cases of the team get new keys when a member works on them."))
    return redirect(next_page(request) or reverse("accounts:team", args=[team.pk]))


@require_POST
def renew_team_key(request: ActorRequest, team_id: UUID) -> HttpResponse:
    """Make a team a new key for the members that the officer chose by name."""
    team = _open_team(request, team_id)
    form = RenewKeyForm(request.POST, row=team_row(team))
    if not form.is_valid():
        return _team_page(request, team, renew_form=form, status=INVALID)
    require_fresh(request)
    try:
        actions.renew_key(request.actor, team, form.cleaned_data["people"])
    except NoKeyError:
        return not_an_officer(request, reverse("accounts:team", args=[team.pk]), _("Back to the team"))
    messages.success(request, _("The team has a new key. Its cases follow when a member works on them."))
    return redirect("accounts:team", team.pk)
