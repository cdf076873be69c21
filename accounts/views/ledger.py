"""The ledger, as auditors read it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.access import require_role
from accounts.actor import ActorRequest
from accounts.forms import LedgerPageForm
from accounts.ledger_words import in_words
from accounts.models import Role


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
