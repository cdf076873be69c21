"""What the person agreed to, scope by scope, on one page."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.actor import ActorRequest
from casebook.core.errors import StaleRevisionError
from cases.access import OpenCase, open_case
from cases.actions import CONSENT_STAGES, record_consents
from cases.forms import ConsentForm
from cases.models import CompartmentName
from cases.presentation import Difference, differences
from cases.queries import consents_of, statement_of
from cases.views.incoming import posted
from cases.views.narrative import likely_language


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: ActorRequest, reference: str) -> HttpResponse:
    opened = _open(request, reference)
    if request.method != "POST":
        return _page(request, opened, _forms(opened, None))
    data = posted(request)
    forms = _forms(opened, data)
    if not all(form.is_valid() for form in forms):
        return _page(request, opened, forms, status=422)
    try:
        changes = [form.change(request.user.username) for form in forms if form.is_new]
        record_consents(opened, changes)
    except StaleRevisionError:
        return _conflict(request, reference, data, forms)
    messages.success(request, _("The answers are saved."))
    return redirect("cases:detail", reference)


def _open(request: ActorRequest, reference: str) -> OpenCase:
    testimony = (CompartmentName.TESTIMONY,)
    opened = open_case(request.actor, reference, need="change_case", compartments=testimony)
    opened.require("change_case", *CONSENT_STAGES)
    return opened


def _forms(opened: OpenCase, data: QueryDict | None) -> list[ConsentForm]:
    row, content = statement_of(opened)
    language = likely_language(opened, row, content)
    return [ConsentForm(data, answer=answer, language=language) for answer in consents_of(opened)]


def _conflict(request: ActorRequest, reference: str, data: QueryDict, typed: list[ConsentForm]) -> HttpResponse:
    """What is stored and what was typed, where they differ; the forms hold what was typed."""
    opened = _open(request, reference)
    copy = data.copy()
    stored = _forms(opened, None)
    found: list[Difference] = []
    for mine, theirs in zip(typed, stored, strict=True):
        copy[theirs.add_prefix("revision")] = str(theirs.initial["revision"])
        if mine.cleaned_data["revision"] != theirs.initial["revision"]:
            found += differences(mine, theirs.initial, heading=str(theirs.answered.label))
    return _page(request, opened, _forms(opened, copy), conflict=found, status=409)


def _page(
    request: ActorRequest,
    opened: OpenCase,
    forms: list[ConsentForm],
    *,
    conflict: list[Difference] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "case": opened.case,
        "sections": forms,
        "has_errors": any(form.is_bound and form.errors for form in forms),
        "conflict": conflict,
    }
    return render(request, "cases/consent.html", context, status=status)
