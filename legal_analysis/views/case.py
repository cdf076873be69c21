"""The work page of an analysis: testimony, annotations, findings, and what is still missing."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import ActorRequest
from cases.access import OpenCase, open_case
from cases.contents import StatementContent
from cases.models import CompartmentName
from cases.presentation import facts_lines, violation_labels
from cases.queries import card_of, incident_of, violation_codes
from cases.stages import Stage, stage_bar
from legal_analysis.actions import send_to_anonymisation
from legal_analysis.errors import BeingCheckedError
from legal_analysis.forms import AnnotationForm
from legal_analysis.guards import missing_for_anonymisation
from legal_analysis.passages import pieces
from legal_analysis.queries import (
    READABLE_STAGES,
    AnnotationLine,
    annotations_of,
    findings_of,
    provision_options,
    readable_statement,
)


def open_to_read(request: ActorRequest, reference: str) -> OpenCase:
    """The case with its testimony, for everybody who may read it once intake has handed it on."""
    opened = open_case(request.actor, reference, need="view_case", compartments=(CompartmentName.TESTIMONY,))
    opened.require("read_testimony", *READABLE_STAGES)
    return opened


def open_to_analyse(request: ActorRequest, reference: str) -> OpenCase:
    """The case with its testimony, for an expert while it is being analysed."""
    opened = open_case(request.actor, reference, need="analyse_case", compartments=(CompartmentName.TESTIMONY,))
    opened.require("analyse_case", Stage.ANALYSIS)
    return opened


@require_safe
def case(request: ActorRequest, reference: str) -> HttpResponse:
    return case_page(request, open_to_read(request, reference))


def case_page(
    request: ActorRequest, opened: OpenCase, *, form: AnnotationForm | None = None, status: int = 200
) -> HttpResponse:
    """The work page, with the form for a new annotation where the reader may write one."""
    in_analysis = opened.case.current_stage == Stage.ANALYSIS
    can_analyse = in_analysis and opened.can("analyse_case")
    _row, incident = incident_of(opened)
    context = {
        "case": opened.case,
        "stages": stage_bar(opened.case.current_stage),
        "facts": facts_lines(opened.case, card_of(opened), incident),
        "violations": violation_labels(violation_codes(opened.case)),
        "findings": findings_of(opened),
        "missing": missing_for_anonymisation(opened) if in_analysis else (),
        "in_analysis": in_analysis,
        "can_analyse": can_analyse,
        **_testimony(opened, can_analyse=can_analyse, form=form),
    }
    return render(request, "legal_analysis/case.html", context, status=status)


def _testimony(opened: OpenCase, *, can_analyse: bool, form: AnnotationForm | None) -> dict[str, Any]:
    """The text with its annotations, or nothing of both while an expert has to wait for the names in it."""
    try:
        content = readable_statement(opened)
    except BeingCheckedError as waiting:
        return {"waiting": waiting.message}
    annotations = annotations_of(opened, content)
    context = {"annotations": annotations, **testimony_context(content, annotations)}
    if can_analyse and content.text:
        context["form"] = form or AnnotationForm(content=content, options=provision_options(opened))
    return context


def testimony_context(content: StatementContent, annotations: list[AnnotationLine]) -> dict[str, Any]:
    """What `parts/testimony.html` takes."""
    places = {line.number: (line.place.start, line.place.end) for line in annotations if line.place}
    return {"pieces": pieces(content, places), "testimony_language": content.language}


@require_POST
def send_on(request: ActorRequest, reference: str) -> HttpResponse:
    send_to_anonymisation(open_to_analyse(request, reference))
    messages.success(request, _("Sent on to anonymisation. You can still read the analysis here."))
    return redirect("legal_analysis:case", reference)
