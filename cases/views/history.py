"""Who changed what and when, and earlier versions of the story."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actor import ActorRequest
from cases.access import open_case
from cases.forms import HistoryForm
from cases.history import changes_in, old_narrative
from cases.models import CompartmentName
from cases.presentation import change_lines
from cases.testimony_view import testimony_pieces

_IDENTITY, _TESTIMONY = CompartmentName.IDENTITY, CompartmentName.TESTIMONY


@require_safe
def history(request: ActorRequest, reference: str) -> HttpResponse:
    opened = open_case(
        request.actor, reference, need="read_testimony", compartments=(_TESTIMONY,), optional=(_IDENTITY,)
    )
    form = HistoryForm(request.GET)
    if not form.is_valid():
        raise BadRequest
    page = changes_in(opened, before=form.cleaned_data["before"])
    context = {"case": opened.case, "lines": change_lines(page.changes), "next_before": page.next_before}
    return render(request, "cases/history.html", context)


@require_safe
def history_version(request: ActorRequest, reference: str, version: int) -> HttpResponse:
    """The story as it stood then, for holders of both keys."""
    opened = open_case(request.actor, reference, need="read_testimony", compartments=(_IDENTITY, _TESTIMONY))
    old = old_narrative(opened, version)
    context = {"case": opened.case, "old": old, "pieces": testimony_pieces(old.content, old.words)}
    return render(request, "cases/history_version.html", context)
