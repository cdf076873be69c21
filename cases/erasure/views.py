"""The pages of erasure: proposing, deciding, certificates, legal hold, retention."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require_role
from accounts.actor import ActorRequest
from accounts.models import Role
from accounts.step_up import require_fresh
from cases.access import OpenCase, open_case
from cases.compartments import ALL_COMPARTMENTS
from cases.contents import PersonRole
from cases.erasure import proposals
from cases.erasure.destruction import inventory
from cases.erasure.errors import AlreadyDecidedError, ErasureRefusedError
from cases.erasure.forms import ByReferenceForm, HoldForm, ReasonForm, RulesForm
from cases.erasure.holds import lift_hold, set_hold, standing_hold
from cases.erasure.ledger_details import erase_ledger_details
from cases.erasure.presentation import counted
from cases.erasure.queries import DECIDERS, READERS, erasures_of, find_erasure, open_proposals
from cases.erasure.records import Erasure
from cases.erasure.retention import due_for, rules_of, set_rules
from cases.models import CompartmentName
from cases.queries import find_person, known_people, profile_of
from cases.stages import Stage
from cases.views.incoming import posted

_INVALID = HTTPStatus.UNPROCESSABLE_ENTITY


# --- what waits, and what was decided -----------------------------------------------------------------------------


@require_safe
def erasures(request: ActorRequest) -> HttpResponse:
    require_role(request.actor, *READERS)
    return _list_page(request, ByReferenceForm())


def _list_page(request: ActorRequest, form: ByReferenceForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {
        "found": erasures_of(request.actor),
        "is_administrator": request.actor.has_role(Role.ADMINISTRATOR),
        "form": form,
    }
    return render(request, "erasure/list.html", context, status=status)


@require_POST
def propose_by_reference(request: ActorRequest) -> HttpResponse:
    """An administrator proposes a case without opening it."""
    require_role(request.actor, Role.ADMINISTRATOR)
    form = ByReferenceForm(posted(request))
    if form.is_valid():
        try:
            row = proposals.propose_by_reference(request.actor, form.cleaned_data["reference"], form.chosen())
        except ErasureRefusedError as error:
            form.add_error(None, str(error.message))
        except Http404:
            form.add_error("reference", _("Your organisation has no such case. Compare it letter by letter."))
        else:
            return _proposed(request, row)
    return _list_page(request, form, status=_INVALID)


def _proposed(request: ActorRequest, row: Erasure) -> HttpResponse:
    messages.success(request, _("Proposed. Nothing is erased until a second person approves it."))
    return redirect("erasure:proposal", row.pk)


# --- proposing ----------------------------------------------------------------------------------------------------


def _open(request: ActorRequest, reference: str) -> OpenCase:
    return open_case(request.actor, reference, need="share_case", optional=ALL_COMPARTMENTS)


@require_http_methods(["GET", "HEAD", "POST"])
def case(request: ActorRequest, reference: str) -> HttpResponse:
    """Propose to erase a case that one works on, or choose one person in it."""
    opened = _open(request, reference)
    form = ReasonForm(posted(request) if request.method == "POST" else None)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _proposed(request, proposals.propose_case(opened, form.chosen()))
            except ErasureRefusedError as error:
                form.add_error(None, str(error.message))
                status = error.status
    roles = dict(PersonRole.choices)
    both = opened.holds(CompartmentName.IDENTITY) and opened.holds(CompartmentName.TESTIMONY)
    context = {
        "case": opened.case,
        "form": form,
        "hold": standing_hold(opened.case),
        "proposals": open_proposals(opened.case),
        "published": opened.case.current_stage == Stage.PUBLISHED,
        "counted": counted(inventory(opened.case)),
        "people": [(key, each.full_name, roles[each.role]) for key, each in known_people(opened)] if both else [],
    }
    return render(request, "erasure/case.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: ActorRequest, reference: str, person_id: UUID) -> HttpResponse:
    """Propose to erase one person in a case."""
    both = (CompartmentName.IDENTITY, CompartmentName.TESTIMONY)
    opened = open_case(request.actor, reference, need="share_case", compartments=both)
    row = find_person(opened, person_id)
    form = ReasonForm(posted(request) if request.method == "POST" else None)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _proposed(request, proposals.propose_person(opened, row.pk, form.chosen()))
            except ErasureRefusedError as error:
                form.add_error(None, str(error.message))
                status = error.status
    profile = profile_of(opened, row)
    context = {
        "case": opened.case,
        "form": form,
        "hold": standing_hold(opened.case),
        "name": profile.full_name or dict(PersonRole.choices)[profile.role],
    }
    return render(request, "erasure/person.html", context, status=status)


# --- deciding -----------------------------------------------------------------------------------------------------


@require_safe
def proposal(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    row = find_erasure(request.actor, erasure_id)
    return redirect("erasure:certificate", row.pk) if row.is_done else _proposal_page(request, row)


def _proposal_page(request: ActorRequest, row: Erasure, error: ErasureRefusedError | None = None) -> HttpResponse:
    own = row.proposed_by_id == request.user.pk
    context: dict[str, Any] = {
        "row": row,
        "own": own,
        "may_decide": not own and request.actor.has_role(*DECIDERS),
        "refusal": error.message if error else "",
        "hold": standing_hold(row.case),
        "stale": row.is_open and proposals.is_stale(row),
        "counted": counted(inventory(row.case)) if row.is_open and not row.is_of_person else [],
    }
    return render(request, "erasure/proposal.html", context, status=error.status if error else HTTPStatus.OK)


@require_POST
def approve(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    """The second person says yes: it is erased when this answers."""
    require_fresh(request)
    row = find_erasure(request.actor, erasure_id)
    try:
        proposals.approve(request.actor, row.pk)
    except ErasureRefusedError as error:
        return _refused(request, row, error)
    return redirect("erasure:certificate", row.pk)


@require_POST
def refuse(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    row = find_erasure(request.actor, erasure_id)
    try:
        proposals.refuse(request.actor, row.pk)
    except ErasureRefusedError as error:
        return _refused(request, row, error)
    messages.success(request, _("Refused. Nothing was erased."))
    return redirect("erasure:proposal", row.pk)


@require_POST
def withdraw(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    row = find_erasure(request.actor, erasure_id)
    try:
        proposals.withdraw(request.actor, row.pk)
    except AlreadyDecidedError as error:
        return _refused(request, row, error)
    messages.success(request, _("Your proposal is withdrawn. Nothing was erased."))
    return redirect("erasure:proposal", row.pk)


def _refused(request: ActorRequest, row: Erasure, error: ErasureRefusedError) -> HttpResponse:
    """The page as it stands now, with why nothing was done; a certificate where somebody else was faster."""
    return _proposal_page(request, find_erasure(request.actor, row.pk), error)


# --- certificates -------------------------------------------------------------------------------------------------


@require_safe
def certificate(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    row = find_erasure(request.actor, erasure_id)
    if not row.is_done:
        raise Http404
    context = {
        "row": row,
        "counted": counted(row.destroyed),
        "is_auditor": request.actor.has_role(Role.AUDITOR),
    }
    return render(request, "erasure/certificate.html", context)


@require_POST
def forget_events(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    """An auditor erases what the ledger says of an erased case."""
    require_role(request.actor, Role.AUDITOR)
    require_fresh(request)
    row = find_erasure(request.actor, erasure_id)
    if not row.is_done:
        raise Http404
    erase_ledger_details(request.actor, row)
    messages.success(request, _("The ledger no longer says what was done to it. That something was done, stays."))
    return redirect("erasure:certificate", row.pk)


# --- legal hold ---------------------------------------------------------------------------------------------------


def _open_to_hold(request: ActorRequest, reference: str) -> OpenCase:
    require_role(request.actor, Role.COORDINATOR)
    return open_case(request.actor, reference, need="share_case")


@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: ActorRequest, reference: str) -> HttpResponse:
    """A coordinator keeps a case from being erased."""
    opened = _open_to_hold(request, reference)
    form = HoldForm(posted(request) if request.method == "POST" else None)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = _INVALID
        if form.is_valid() and standing_hold(opened.case) is None:
            set_hold(opened, form.chosen())
            messages.success(request, _("The case is kept until a coordinator lifts the hold."))
            return redirect("cases:detail", reference)
    context = {"case": opened.case, "form": form, "hold": standing_hold(opened.case)}
    return render(request, "erasure/hold.html", context, status=status)


@require_POST
def lift(request: ActorRequest, reference: str) -> HttpResponse:
    lift_hold(_open_to_hold(request, reference))
    messages.success(request, _("The hold is lifted. The case can be erased again."))
    return redirect("cases:detail", reference)


# --- retention ----------------------------------------------------------------------------------------------------


@require_safe
def due(request: ActorRequest) -> HttpResponse:
    """What stood unchanged longer than the organisation's rules say."""
    context = {"due": due_for(request.actor), "rules": rules_of(request.user.organisation)}
    return render(request, "erasure/due.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: ActorRequest) -> HttpResponse:
    require_role(request.actor, Role.ADMINISTRATOR)
    stored = rules_of(request.user.organisation)
    form = RulesForm(posted(request) if request.method == "POST" else None, rules=stored)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            set_rules(request.actor, form.months())
            messages.success(request, _("Saved. What is due is proposed; nothing is erased by a rule."))
            return redirect("erasure:due")
    return render(request, "erasure/rules.html", {"form": form, "rules": stored}, status=status)
