"""The list of cases, a new case, a case at a glance, and the steps that stage 1 takes."""

from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require_role
from accounts.actor import ActorRequest
from accounts.models import Role
from cases.access import OpenCase, open_case
from cases.actions import (
    CONSENT_STAGES,
    OPEN_STAGES,
    MadeBeforeError,
    close_case,
    create_case,
    reopen_case,
    send_to_analysis,
)
from cases.compartments import ALL_COMPARTMENTS
from cases.contents import PersonRole
from cases.emergency import access_until
from cases.erasure.holds import standing_hold
from cases.erasure.queries import open_proposals
from cases.forms import CaseFilterForm, NewCaseForm, StepForm
from cases.guards import still_missing
from cases.models import CompartmentName, ConsentScope
from cases.notices import notices_for
from cases.presentation import case_rows, chip_kind, evidence_lines, facts_lines, urgent_flags, violation_labels
from cases.queries import (
    card_of,
    consents_of,
    evidence_in,
    incident_of,
    known_people,
    list_cases,
    narrative_of,
    statement_of,
    violation_codes,
)
from cases.rekeying import tend
from cases.roster import Roster, roster_of
from cases.sharing import bring_to_coordinators
from cases.stages import Stage, StepRefusedError, stage_bar
from cases.testimony_view import testimony_pieces
from cases.views.incoming import posted
from cases.violation_choices import urgent_hints

_ANALYSED = (Stage.ANALYSIS, Stage.ANONYMISATION, Stage.REVIEW, Stage.PUBLISHED)
_STEPS = {Stage.ANALYSIS: send_to_analysis, Stage.CLOSED: close_case, Stage.INTAKE: reopen_case}


@require_safe
def case_list(request: ActorRequest) -> HttpResponse:
    """What needs doing, then every case of the person, newest first."""
    form = CaseFilterForm(request.GET)
    if not form.is_valid():
        raise BadRequest
    stage, before = form.cleaned_data["stage"], form.cleaned_data["before"]
    page = list_cases(request.actor, stage=Stage(stage) if stage else None, before=before)
    rows = case_rows(page.lines)
    context = {
        "filter_form": form,
        "rows": rows,
        "urgent": [row for row in rows if row.urgent] if not before else [],
        "stage": stage,
        "stage_label": Stage(stage).label if stage else "",
        "before": before,
        "next_url": f"?{urlencode({'stage': stage, 'before': page.next_before})}" if page.next_before else "",
        "may_create": request.actor.has_role(Role.STREET_LAWYER, Role.COORDINATOR),
        "notices": None if before else notices_for(request.actor),
    }
    return render(request, "cases/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """The first minute with a person."""
    require_role(request.actor, Role.STREET_LAWYER, Role.COORDINATOR)
    request.actor.require_keys()
    if request.method == "POST":
        form = NewCaseForm(posted(request))
        if form.is_valid():
            try:
                reference = create_case(request.actor, form.new_case()).case.reference
            except MadeBeforeError as again:
                reference = again.reference
            return redirect("cases:narrative", reference)
        return render(request, "cases/new.html", {"form": form}, status=422)
    initial = {"country": request.user.organisation.country, "year": timezone.localdate().year}
    return render(request, "cases/new.html", {"form": NewCaseForm(initial=initial)})


@require_safe
def detail(request: ActorRequest, reference: str) -> HttpResponse:
    """A case at a glance: as much of it as the person's permissions and keys open."""
    opened = open_case(request.actor, reference, need="view_case", optional=ALL_COMPARTMENTS)
    roster = roster_of(opened.case)
    tend(opened, roster)
    bring_to_coordinators(opened, roster)
    return render(request, "cases/detail.html", _overview(opened, roster))


def _overview(opened: OpenCase, roster: Roster) -> dict[str, Any]:
    case, may_change = opened.case, opened.can("change_case")
    stage, violations = case.current_stage, violation_codes(case)
    overview = {
        "case": case,
        "stages": stage_bar(stage),
        "violations": violation_labels(violations),
        "facts": facts_lines(case, None, None),
        "may_edit": may_change and stage in OPEN_STAGES,
        "may_ask_consent": may_change and stage in CONSENT_STAGES,
        "may_close": may_change and stage in CONSENT_STAGES,
        "may_reopen": may_change and stage == Stage.CLOSED,
        "close_form": StepForm(initial={"to": Stage.CLOSED}),
        "may_share": opened.can("share_case"),
        "may_hold": opened.can("share_case") and opened.actor.has_role(Role.COORDINATOR),
        "hold": standing_hold(case),
        "erasures": open_proposals(case),
        "may_analyse": opened.can("read_testimony") and stage in _ANALYSED,
        "may_anonymise": opened.can("anonymise_case") and stage == Stage.ANONYMISATION,
        "may_review": opened.can("review_case") and stage == Stage.REVIEW,
        "key_missing": opened.can("read_testimony") and not opened.holds(CompartmentName.TESTIMONY),
        "roster": roster if opened.can("share_case") else None,
        "emergency_until": _emergency_until(opened),
    }
    if opened.holds(CompartmentName.TESTIMONY):
        overview |= _told(opened, violations)
    if opened.holds(CompartmentName.IDENTITY):
        roles = dict(PersonRole.choices)
        overview["people"] = [
            (each.full_name or roles[each.role], roles[each.role], chip_kind("person", each.role))
            for _key, each in known_people(opened)
        ]
    return overview


def _emergency_until(opened: OpenCase) -> datetime | None:
    """When the person's access ends by itself; None for everybody who has the case for good."""
    if opened.can("share_case") or not opened.can("read_identity"):
        return None
    return access_until(opened.case).get(opened.actor.user.id)


def _told(opened: OpenCase, violations: list[str]) -> dict[str, Any]:
    """What the testimony key opens; names only where the identity key is there too."""
    case, card = opened.case, card_of(opened)
    _incident, details = incident_of(opened)
    row, content = statement_of(opened)
    words = narrative_of(opened)[1] if opened.holds(CompartmentName.IDENTITY) else None
    at_intake = opened.can("change_case") and case.current_stage == Stage.INTAKE
    consents = consents_of(opened)
    standing = any(each.row and each.row.given and not each.row.withdrawn for each in consents)
    agreed = any(each.scope == ConsentScope.EXPERTS and each.row and each.row.stands for each in consents)
    return {
        "card": card,
        "facts": facts_lines(case, card, details),
        "flags": urgent_flags(card),
        "told": row is not None and bool(content.text.strip()),
        "content": content,
        "pieces": testimony_pieces(content, words),
        "with_names": words is not None,
        "consents": consents,
        "may_withdraw": opened.can("change_case") and standing,
        "evidence": evidence_lines(evidence_in(opened)),
        "at_intake": at_intake,
        "missing": still_missing(content, agreed=agreed, violations=bool(violations)) if at_intake else (),
        "urgent": urgent_hints(violations),
    }


@require_POST
def step(request: ActorRequest, reference: str) -> HttpResponse:
    """Take the case a stage further, close it or take it up again; what is missing is said with links."""
    form = StepForm(posted(request))
    opened = open_case(request.actor, reference, need="change_case", optional=(CompartmentName.TESTIMONY,))
    if not form.is_valid():
        raise BadRequest
    try:
        _STEPS[Stage(form.cleaned_data["to"])](opened)
    except StepRefusedError as refusal:
        context = {"message": refusal.message, "missing": refusal.missing}
        return render(request, "errors/step-refused.html", context, status=refusal.status)
    return redirect("cases:detail", reference)
