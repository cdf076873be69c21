"""Emergency access: asking for it, and deciding about what colleagues ask."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require_role
from accounts.actor import ActorRequest
from accounts.models import Role
from cases.emergency import MOST_HOURS, ask, can_be_asked, decide, requests_for
from cases.sharing_forms import DecisionForm, EmergencyForm
from cases.views.incoming import posted

_CASEWORKERS = (Role.STREET_LAWYER, Role.COORDINATOR)


@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: ActorRequest) -> HttpResponse:
    """Ask to be let into a case. The answer is the same whether or not there is such a case."""
    require_role(request.actor, *_CASEWORKERS)
    request.actor.require_keys()
    form = EmergencyForm(posted(request) if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "most_hours": MOST_HOURS, "can_be_asked": can_be_asked(request.actor)}
        return render(request, "cases/emergency.html", context, status=422 if form.is_bound else 200)
    data = form.cleaned_data
    ask(request.actor, data["reference"], reason=data["reason"], hours=data["hours"])
    messages.success(
        request,
        _("You asked. If there is such a case, those who can open it decide; once they allow it, it is in your list."),
    )
    return redirect("cases:list")


@require_safe
def emergencies(request: ActorRequest) -> HttpResponse:
    """What colleagues ask for and this person can decide."""
    require_role(request.actor, *_CASEWORKERS)
    context = {
        "requests": requests_for(request.actor),
        "allow_form": DecisionForm(initial={"answer": "allow"}, auto_id=False),
        "refuse_form": DecisionForm(initial={"answer": "refuse"}, auto_id=False),
    }
    return render(request, "cases/emergencies.html", context)


@require_POST
def decide_emergency(request: ActorRequest, request_id: UUID) -> HttpResponse:
    """Allow or refuse; 404 for one's own request and for one that somebody has decided already."""
    require_role(request.actor, *_CASEWORKERS)
    request.actor.require_keys()
    form = DecisionForm(posted(request))
    if not form.is_valid():
        raise BadRequest
    decide(request.actor, request_id, allow=form.allows)
    if form.allows:
        messages.success(request, _("Allowed. Your colleague can open the case now; it ends by itself."))
    else:
        messages.success(request, _("Refused. Your colleague gets nothing."))
    return redirect("cases:emergencies")
