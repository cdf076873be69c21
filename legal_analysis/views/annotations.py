"""Annotations: words of the testimony tied to a provision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import ActorRequest
from casebook.core.errors import StaleRevisionError
from cases.access import OpenCase
from cases.presentation import differences
from cases.views.incoming import at_revision, posted
from legal_analysis.actions import add_annotation, anchor_again, change_annotation, remove_annotation
from legal_analysis.forms import AnchorAgainForm, AnnotationEditForm, AnnotationForm
from legal_analysis.models import Annotation
from legal_analysis.queries import (
    annotations_of,
    find_annotation,
    note_of,
    provision_options,
    readable_statement,
    words_then,
)
from legal_analysis.views.case import case_page, open_to_analyse, testimony_context


@require_POST
def annotation_add(request: ActorRequest, reference: str) -> HttpResponse:
    opened = open_to_analyse(request, reference)
    content = readable_statement(opened)
    form = AnnotationForm(posted(request), content=content, options=provision_options(opened))
    if not form.is_valid():
        return case_page(request, opened, form=form, status=422)
    data = form.cleaned_data
    add_annotation(opened, place=data["place"], provision=data["provision"], reasoning=data["reasoning"])
    messages.success(request, _("Your note is saved."))
    return redirect("legal_analysis:case", reference)


@require_http_methods(["GET", "HEAD", "POST"])
def annotation_edit(request: ActorRequest, reference: str, annotation_id: UUID) -> HttpResponse:
    opened = open_to_analyse(request, reference)
    if request.method != "POST":
        row = find_annotation(opened, annotation_id)
        return _edit_page(request, opened, row, _edit_form(opened, row))
    data = posted(request)
    try:
        row = find_annotation(opened, annotation_id)
    except Http404:
        return _removed_meanwhile(request, reference, data)
    form = _edit_form(opened, row, data)
    if not form.is_valid():
        return _edit_page(request, opened, row, form, status=422)
    typed = form.cleaned_data
    try:
        change_annotation(
            opened, row, provision=typed["provision"], reasoning=typed["reasoning"], revision=typed["revision"]
        )
    except StaleRevisionError:
        return _edit_conflict(request, opened, annotation_id, data, form)
    messages.success(request, _("Your note is saved."))
    return redirect("legal_analysis:case", reference)


def _removed_meanwhile(request: ActorRequest, reference: str, data: QueryDict) -> HttpResponse:
    """Somebody removed the note while it was being changed: what was typed is shown, to be copied."""
    context = {
        "mine": data.get("reasoning", ""),
        "theirs": _("This note was removed."),
        "back_url": reverse("legal_analysis:case", args=(reference,)),
    }
    return render(request, "errors/conflict.html", context, status=409)


def _edit_form(opened: OpenCase, row: Annotation, data: QueryDict | None = None) -> AnnotationEditForm:
    note = note_of(opened, row)
    options = provision_options(opened, note.provision_id)
    initial = {"provision": note.provision, "reasoning": note.reasoning, "revision": row.revision}
    return AnnotationEditForm(data, initial=initial, options=options)


def _edit_conflict(
    request: ActorRequest, opened: OpenCase, annotation_id: UUID, data: QueryDict, typed: AnnotationEditForm
) -> HttpResponse:
    """Both versions, and the form with what was typed, ready to be saved over the stored one."""
    row = find_annotation(opened, annotation_id)
    note = note_of(opened, row)
    stored = {"provision": typed.options.find(note.provision), "reasoning": note.reasoning}
    form = _edit_form(opened, row, at_revision(data, row.revision))
    return _edit_page(request, opened, row, form, conflict=differences(typed, stored), status=409)


def _edit_page(
    request: ActorRequest,
    opened: OpenCase,
    row: Annotation,
    form: AnnotationEditForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    words = words_then(note_of(opened, row))
    context = {"case": opened.case, "annotation": row, "words": words, "form": form, **more}
    return render(request, "legal_analysis/annotation_edit.html", context, status=status)


@require_POST
def annotation_remove(request: ActorRequest, reference: str, annotation_id: UUID) -> HttpResponse:
    opened = open_to_analyse(request, reference)
    remove_annotation(opened, find_annotation(opened, annotation_id))
    messages.success(request, _("The note is removed."))
    return redirect("legal_analysis:case", reference)


@require_http_methods(["GET", "HEAD", "POST"])
def reanchor(request: ActorRequest, reference: str, annotation_id: UUID) -> HttpResponse:
    """Tie a note to other words, such as when its own were lost."""
    opened = open_to_analyse(request, reference)
    row = find_annotation(opened, annotation_id)
    content = readable_statement(opened)
    if request.method != "POST":
        form = AnchorAgainForm(initial={"revision": row.revision}, content=content)
        return _reanchor_page(request, opened, row, form)
    data = posted(request)
    form = AnchorAgainForm(data, content=content)
    if not form.is_valid():
        return _reanchor_page(request, opened, row, form, status=422)
    try:
        anchor_again(opened, row, form.cleaned_data["place"], revision=form.cleaned_data["revision"])
    except StaleRevisionError:
        row = find_annotation(opened, annotation_id)
        form = AnchorAgainForm(at_revision(data, row.revision), content=content)
        return _reanchor_page(request, opened, row, form, status=409)
    messages.success(request, _("The note has its place again."))
    return redirect("legal_analysis:case", reference)


def _reanchor_page(
    request: ActorRequest, opened: OpenCase, row: Annotation, form: AnchorAgainForm, *, status: int = 200
) -> HttpResponse:
    content = readable_statement(opened)
    annotations = annotations_of(opened, content)
    context = {
        "case": opened.case,
        "line": next(line for line in annotations if line.row == row),
        "form": form,
        "changed_meanwhile": status == 409,
        **testimony_context(content, [line for line in annotations if line.row == row]),
    }
    return render(request, "legal_analysis/reanchor.html", context, status=status)
