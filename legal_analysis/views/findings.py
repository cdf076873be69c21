"""Findings and their reviews by a second expert."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import ActorRequest
from casebook.core.errors import StaleRevisionError
from cases.access import OpenCase
from cases.presentation import differences
from cases.views.incoming import at_revision, posted
from legal_analysis.actions import add_finding, change_finding, mark_single_expert, review_finding
from legal_analysis.errors import BeingCheckedError, OwnFindingError
from legal_analysis.forms import FindingEditForm, FindingForm, ReviewForm, SingleExpertForm
from legal_analysis.queries import (
    AnnotationLine,
    FindingLine,
    annotations_of,
    find_finding,
    provision_options,
    readable_statement,
)
from legal_analysis.views.case import open_to_analyse


@require_http_methods(["GET", "HEAD", "POST"])
def finding_add(request: ActorRequest, reference: str) -> HttpResponse:
    """A new finding; `?provision=` is the one that a note is about."""
    opened = open_to_analyse(request, reference)
    options = provision_options(opened)
    if request.method != "POST":
        form = FindingForm(initial={"provision": request.GET.get("provision", "")}, options=options)
        return _form_page(request, opened, "finding_add", form)
    form = FindingForm(posted(request), options=options)
    if not form.is_valid():
        return _form_page(request, opened, "finding_add", form, status=422)
    provision = form.cleaned_data["provision"]
    add_finding(opened, provision=provision, conclusion=form.conclusion_reached, text=form.text)
    messages.success(request, _("The finding is saved. A second expert can review it now."))
    return redirect("legal_analysis:case", reference)


@require_http_methods(["GET", "HEAD", "POST"])
def finding_edit(request: ActorRequest, reference: str, finding_id: UUID) -> HttpResponse:
    opened = open_to_analyse(request, reference)
    line = find_finding(opened, finding_id)
    if request.method != "POST":
        return _form_page(request, opened, "finding_edit", _edit_form(opened, line), line=line)
    data = posted(request)
    form = _edit_form(opened, line, data)
    if not form.is_valid():
        return _form_page(request, opened, "finding_edit", form, line=line, status=422)
    try:
        change_finding(
            opened,
            line.row,
            provision=form.cleaned_data["provision"],
            conclusion=form.conclusion_reached,
            text=form.text,
            revision=form.cleaned_data["revision"],
        )
    except StaleRevisionError:
        return _edit_conflict(request, opened, finding_id, data, form)
    messages.success(request, _("The finding is saved. Reviews of the earlier wording count no longer."))
    return redirect("legal_analysis:case", reference)


def _edit_form(opened: OpenCase, line: FindingLine, data: QueryDict | None = None) -> FindingEditForm:
    options = provision_options(opened, line.provision.id)
    initial = {**FindingForm.values_of(line), "revision": line.row.revision}
    return FindingEditForm(data, initial=initial, options=options)


def _edit_conflict(
    request: ActorRequest, opened: OpenCase, finding_id: UUID, data: QueryDict, typed: FindingEditForm
) -> HttpResponse:
    """Both versions, field by field, and the form with what was typed, ready to be saved over the stored one."""
    line = find_finding(opened, finding_id)
    form = _edit_form(opened, line, at_revision(data, line.row.revision))
    conflict = differences(typed, FindingForm.values_of(line))
    return _form_page(request, opened, "finding_edit", form, line=line, conflict=conflict, status=409)


def _form_page(
    request: ActorRequest, opened: OpenCase, name: str, form: FindingForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"case": opened.case, "form": form, "annotations": _annotations(opened), **more}
    return render(request, f"legal_analysis/{name}.html", context, status=status)


def _annotations(opened: OpenCase) -> list[AnnotationLine]:
    """The notes to write from, and none while the expert has to wait for the names in the testimony."""
    try:
        return annotations_of(opened, readable_statement(opened))
    except BeingCheckedError:
        return []


@require_http_methods(["GET", "HEAD", "POST"])
def finding_review(request: ActorRequest, reference: str, finding_id: UUID) -> HttpResponse:
    opened = open_to_analyse(request, reference)
    line = find_finding(opened, finding_id)
    if line.row.author_id == request.actor.user.id:
        raise OwnFindingError
    if request.method != "POST":
        return _review_page(request, opened, line, ReviewForm(initial=_own_review(request, line)))
    data = posted(request)
    form = ReviewForm(data)
    if not form.is_valid():
        return _review_page(request, opened, line, form, status=422)
    typed = form.cleaned_data
    try:
        review_finding(opened, line.row, agrees=typed["agrees"], comment=typed["comment"], revision=typed["revision"])
    except StaleRevisionError:
        line = find_finding(opened, finding_id)
        return _review_page(request, opened, line, ReviewForm(at_revision(data, line.row.revision)), status=409)
    messages.success(request, _("Your review is saved."))
    return redirect("legal_analysis:case", reference)


def _own_review(request: ActorRequest, line: FindingLine) -> dict[str, Any]:
    """What the form starts with: the reader's own earlier answer where it still counts."""
    mine = next((each for each in line.reviews if each.row.reviewer_id == request.actor.user.id and each.counts), None)
    answer = {"agrees": "yes" if mine.row.agrees else "no", "comment": mine.comment} if mine else {}
    return {"revision": line.row.revision, **answer}


def _review_page(
    request: ActorRequest, opened: OpenCase, line: FindingLine, form: ReviewForm, *, status: int = 200
) -> HttpResponse:
    context = {"case": opened.case, "line": line, "form": form, "changed_meanwhile": status == 409}
    return render(request, "legal_analysis/finding_review.html", context, status=status)


@require_POST
def finding_single(request: ActorRequest, reference: str, finding_id: UUID) -> HttpResponse:
    opened = open_to_analyse(request, reference)
    line = find_finding(opened, finding_id)
    form = SingleExpertForm(posted(request))
    if not form.is_valid():
        raise BadRequest
    mark_single_expert(opened, line.row, single=form.cleaned_data["single"])
    messages.success(request, _("Saved."))
    return redirect("legal_analysis:case", reference)
