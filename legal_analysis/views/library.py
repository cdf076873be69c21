"""The law library: instruments, their provisions, and whether a lawyer has checked them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require_role
from accounts.actor import ActorRequest
from accounts.models import Role
from legal_analysis.actions import confirm_instrument
from legal_analysis.forms import SearchForm
from legal_analysis.queries import find_instrument, provisions_of
from legal_analysis.queries import library as library_groups

READERS = (Role.STREET_LAWYER, Role.COORDINATOR, Role.LEGAL_EXPERT, Role.ADVOCATE)


@require_safe
def library(request: ActorRequest) -> HttpResponse:
    require_role(request.actor, *READERS)
    form = SearchForm(request.GET)
    valid = form.is_valid()
    words = form.cleaned_data["words"] if valid else ""
    context = {"form": form, "words": words, "groups": library_groups(words) if valid else []}
    return render(request, "legal_analysis/library.html", context, status=200 if valid else 422)


@require_safe
def instrument(request: ActorRequest, code: str) -> HttpResponse:
    require_role(request.actor, *READERS)
    found = find_instrument(code)
    context = {
        "instrument": found,
        "provisions": provisions_of(found),
        "can_confirm": found.is_unverified and request.actor.has_role(Role.LEGAL_EXPERT),
    }
    return render(request, "legal_analysis/instrument.html", context)


@require_POST
def instrument_confirm(request: ActorRequest, code: str) -> HttpResponse:
    require_role(request.actor, Role.LEGAL_EXPERT)
    confirm_instrument(request.actor, find_instrument(code))
    messages.success(request, _("Confirmed. Thank you: everybody can cite it now."))
    return redirect("legal_analysis:instrument", code)
