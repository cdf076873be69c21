"""Anonymising a case: the workbench, the preview of what would be published, and sending it to a reviewer."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import ActorRequest
from casebook.core.errors import StaleRevisionError
from cases.access import OpenCase, open_case
from cases.models import CompartmentName
from cases.stages import Stage, StepRefusedError, stage_bar
from cases.views.incoming import at_revision, is_autosave, not_saved, posted, saved
from publication import actions
from publication.contents import INTRUDER_QUESTIONS
from publication.forms import RedactionForm, SubmitForm
from publication.guards import missing_in
from publication.presentation import shown_pieces
from publication.queries import Workbench, latest_review, preview_of, reviewers_for, workbench_of
from publication.record_content import record_page


@dataclass(frozen=True, slots=True, repr=False)
class SentBack:
    """A reviewer's words, and the questions she answered with yes."""

    comment: str
    risks: Sequence[str | Promise]


def _open(request: ActorRequest, reference: str) -> OpenCase:
    opened = open_case(
        request.actor,
        reference,
        need="anonymise_case",
        compartments=(CompartmentName.TESTIMONY, CompartmentName.RECORD),
        optional=(CompartmentName.IDENTITY,),
    )
    opened.require("anonymise_case", Stage.ANONYMISATION)
    return opened


@require_http_methods(["GET", "HEAD", "POST"])
def redaction(request: ActorRequest, reference: str) -> HttpResponse:
    """Decide about everything that could lead to the person. Saves as it goes."""
    opened = _open(request, reference)
    bench = workbench_of(opened)
    if request.method != "POST":
        return _workbench_page(request, opened, RedactionForm(bench))
    data = posted(request)
    form = RedactionForm(bench, data)
    if not form.is_valid():
        return not_saved(422) if is_autosave(request) else _workbench_page(request, opened, form, status=422)
    try:
        draft = actions.save_draft(opened, form.state(), revision=form.cleaned_data["revision"])
    except StaleRevisionError:
        if is_autosave(request):
            return not_saved(409)
        return _workbench_page(request, opened, _refilled(data, workbench_of(opened)), status=409)
    if is_autosave(request):
        return saved(draft.revision)
    if "preview" in data:
        return redirect("publication:preview", reference)
    messages.success(request, _("Your decisions are saved."))
    return redirect("publication:redaction", reference)


def _refilled(data: QueryDict, bench: Workbench) -> RedactionForm:
    """What was typed, on top of what somebody else has saved since."""
    form = RedactionForm(bench, at_revision(data, bench.draft.revision if bench.draft else ""), compare=True)
    form.is_valid()
    return form


def _workbench_page(request: ActorRequest, opened: OpenCase, form: RedactionForm, *, status: int = 200) -> HttpResponse:
    bench = form.bench
    rows = form.rows()
    context = {
        "case": opened.case,
        "stages": stage_bar(opened.case.current_stage),
        "form": form,
        "rows": rows,
        "facet_fields": form.facets(),
        "hidden_rows": form.hidden_rows(),
        "bench": bench,
        "pieces": shown_pieces(bench.pieces(), bench.content, {row.proposal.key: row.number for row in rows}),
        "sent_back": _sent_back(opened),
        "conflict": status == 409,
    }
    return render(request, "publication/redaction.html", context, status=status)


def _sent_back(opened: OpenCase) -> SentBack | None:
    """What the last reviewer found, while the record is with the anonymiser again."""
    found = latest_review(opened)
    if found is None or found[0].passed:
        return None
    answers = found[1]
    return SentBack(answers.comment, [words for name, words in INTRUDER_QUESTIONS.items() if answers.risks.get(name)])


@require_safe
def preview(request: ActorRequest, reference: str) -> HttpResponse:
    """The record as it would appear, what is left to look at, and what is missing."""
    return _preview_page(request, _open(request, reference), None)


@require_POST
def submit(request: ActorRequest, reference: str) -> HttpResponse:
    """Send the record to a reviewer."""
    opened = _open(request, reference)
    form = SubmitForm(preview_of(opened, workbench_of(opened)), reviewers_for(opened), posted(request))
    if not form.is_valid():
        return _preview_page(request, opened, form, status=422)
    try:
        actions.submit(opened, form.reviewer_chosen, looked_at=form.looked)
    except StepRefusedError:
        return _preview_page(request, opened, form, status=409)
    messages.success(request, _("The record is with the reviewer now."))
    return redirect("cases:detail", reference)


def _preview_page(
    request: ActorRequest, opened: OpenCase, form: SubmitForm | None, *, status: int = 200
) -> HttpResponse:
    bench = workbench_of(opened)
    seen = preview_of(opened, bench)
    reviewers = reviewers_for(opened)
    context = {
        "case": opened.case,
        "stages": stage_bar(opened.case.current_stage),
        "preview": seen,
        "page": record_page(seen.record, ""),
        "missing": list(missing_in(opened, bench, seen)),
        "form": form or SubmitForm(seen, reviewers),
        "has_reviewers": bool(reviewers),
        "has_capitals": any(character.isupper() for character in bench.content.text),
    }
    return render(request, "publication/preview.html", context, status=status)
