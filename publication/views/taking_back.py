"""Taking back: a person's consent, and a record that should not have been published."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import require_role
from accounts.actor import ActorRequest
from accounts.models import Role
from cases.access import open_case
from cases.compartments import ALL_COMPARTMENTS
from cases.models import Consent
from cases.stages import stage_bar
from cases.views.incoming import posted
from publication import actions
from publication.actions import RetractionReason
from publication.forms import RetractForm, WithdrawForm
from publication.queries import find_in_register, page_of


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: ActorRequest, reference: str) -> HttpResponse:
    """Take a consent back on the word of the person: says what follows, then does it."""
    opened = open_case(request.actor, reference, need="change_case", optional=ALL_COMPARTMENTS)
    standing = Consent.objects.filter(case=opened.case, given=True, withdrawn=False)
    form = WithdrawForm(standing, posted(request) if request.method == "POST" else None)
    if form.is_valid():
        actions.withdraw(opened, form.chosen)
        messages.success(request, _("The consent is taken back."))
        return redirect("cases:detail", reference)
    context = {"case": opened.case, "stages": stage_bar(opened.case.current_stage), "form": form}
    return render(request, "publication/withdraw.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def retract(request: ActorRequest, number: str) -> HttpResponse:
    """Take a published record of the own organisation back, for a reason of the house."""
    require_role(request.actor, Role.ADVOCATE)
    record = find_in_register(number)
    if record.case.organisation_id != request.actor.user.organisation_id or record.is_retracted:
        raise Http404
    form = RetractForm(posted(request) if request.method == "POST" else None)
    if form.is_valid():
        actions.retract(request.actor, record, RetractionReason(form.cleaned_data["reason"]))
        messages.success(request, _("The record is no longer public."))
        return redirect("publication:record", number)
    context = {"record": record, "page": page_of(record), "form": form}
    return render(request, "publication/retract.html", context, status=422 if form.is_bound else 200)
