"""What happened, when and where, to whom; and what to gather for it."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from accounts.actor import ActorRequest
from casebook.core.errors import StaleRevisionError
from cases.access import OpenCase
from cases.actions import change_facts
from cases.forms import FactsForm, initial_facts
from cases.models import CompartmentName
from cases.presentation import differences
from cases.queries import card_of, evidence_in, incident_of, violation_codes
from cases.views.incoming import at_revision, is_autosave, not_saved, open_to_change, posted, saved
from cases.violation_choices import evidence_hints, urgent_hints, violation_groups


@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: ActorRequest, reference: str) -> HttpResponse:
    opened = open_to_change(request, reference, CompartmentName.TESTIMONY)
    if request.method != "POST":
        return _page(request, opened, FactsForm(initial=_stored(opened)))
    data = posted(request)
    form = FactsForm(data)
    if not form.is_valid():
        return not_saved(422, errors=form.errors) if is_autosave(request) else _page(request, opened, form, status=422)
    try:
        change_facts(opened, form.facts(), revision=form.cleaned_data["revision"])
    except StaleRevisionError:
        return not_saved(409) if is_autosave(request) else _conflict(request, reference, data, form)
    return saved(opened.case.revision) if is_autosave(request) else redirect("cases:detail", reference)


def _stored(opened: OpenCase) -> dict[str, Any]:
    _row, incident = incident_of(opened)
    return initial_facts(opened.case, card_of(opened), incident, violation_codes(opened.case))


def _conflict(request: ActorRequest, reference: str, data: QueryDict, typed: FactsForm) -> HttpResponse:
    """Both versions, field by field, and the form with what was typed, ready to be saved over the stored one."""
    opened = open_to_change(request, reference, CompartmentName.TESTIMONY)
    form = FactsForm(at_revision(data, opened.case.revision))
    return _page(request, opened, form, conflict=differences(typed, _stored(opened)), status=409)


def _page(request: ActorRequest, opened: OpenCase, form: FactsForm, *, status: int = 200, **more: Any) -> HttpResponse:
    chosen = {str(code) for code in form["violations"].value() or ()}
    context = {
        "case": opened.case,
        "form": form,
        "groups": violation_groups(chosen, with_definitions=get_language() == "en"),
        "urgent": urgent_hints(chosen),
        "hints": evidence_hints(chosen, {meta.kind for _row, meta in evidence_in(opened)}),
        **more,
    }
    return render(request, "cases/facts.html", context, status=status)
