"""The teams that somebody belongs to: colleagues, who waits for the key, and giving it to them."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import ActorRequest
from accounts.models import User
from accounts.step_up import require_fresh
from accounts.team_queries import own_teams as teams_of_actor
from accounts.team_queries import with_earlier_keys
from accounts.teams import find_team, give_key, memberships
from casebook.core.errors import NoKeyError


@require_safe
def own_teams(request: ActorRequest) -> HttpResponse:
    rows = teams_of_actor(request.actor)
    context = {"rows": [(row, row.member(request.user)) for row in rows], "earlier": with_earlier_keys(rows)}
    return render(request, "accounts/own_teams.html", context)


@require_POST
def give_team_key(request: ActorRequest, team_id: UUID, person_id: UUID) -> HttpResponse:
    """Hand the keys of one's own team to a member who waits for them."""
    team = find_team(request.actor, team_id)
    if team.pk not in {membership.team for membership in memberships(request.user)}:
        raise Http404
    require_fresh(request)
    person = User.objects.filter(pk=person_id, organisation=request.user.organisation_id).first()
    if person is None:
        raise Http404
    try:
        give_key(request.actor, team, person)
    except NoKeyError:
        context = {
            "title": _("You do not hold this key yourself"),
            "text": _("Nothing was changed. Ask a member of the team who holds its key to give it to you first."),
            "action_url": reverse("accounts:own_teams"),
            "action_label": _("Back to your teams"),
        }
        return render(request, "errors/message.html", context, status=NoKeyError.status)
    messages.success(request, _("Given. Your colleague can open the cases of the team now."))
    return redirect("accounts:own_teams")
