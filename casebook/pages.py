"""The few pages that belong to no stage: where sign-in leads, and what is protected."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Role, User

_FIRST_PAGE = (
    (Role.STREET_LAWYER, "cases:list"),
    (Role.COORDINATOR, "cases:list"),
    (Role.LEGAL_EXPERT, "cases:list"),
    (Role.ADVOCATE, "publication:reviews"),
    (Role.ADMINISTRATOR, "accounts:people"),
    (Role.AUDITOR, "accounts:ledger"),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page of the person's first role."""
    user = request.user
    if isinstance(user, User):
        for role, name in _FIRST_PAGE:
            if user.has_role(role):
                return redirect(name)
    return redirect("publication:register")


@login_not_required
@require_safe
def threat_model(request: HttpRequest) -> HttpResponse:
    """What is protected and what is not, in plain words."""
    return render(request, "threat_model.html")


@login_not_required
@require_safe
def neutral(request: HttpRequest) -> HttpResponse:
    """Where the quick exit leads: a page that says nothing of what was open before."""
    return render(request, "neutral.html")


@login_not_required
@require_safe
def by_invitation(request: HttpRequest) -> HttpResponse:
    return render(request, "account/by_invitation.html")


@login_not_required
@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    return render(request, "account/forgotten.html")
