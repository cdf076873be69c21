"""Who may open a case: letting colleagues in, and taking access back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import ActorRequest
from cases.access import OpenCase, open_case
from cases.compartments import ALL_COMPARTMENTS
from cases.forms import ShareChoice, ShareForm
from cases.guards import has_consent
from cases.models import CompartmentName, ConsentScope
from cases.queries import candidates, statement_of
from cases.sharing import AccessLevel, finish_rekeys, grant, who_may_open
from cases.sharing import revoke as take_back
from cases.views.incoming import posted


def _open(request: ActorRequest, reference: str) -> OpenCase:
    return open_case(request.actor, reference, need="share_case", optional=ALL_COMPARTMENTS)


def _form(opened: OpenCase, data: QueryDict | None) -> ShareForm:
    """Everybody with confirmed keys who isn't in already; who lacks a key can be given it here."""
    complete = {(each.user.id, each.level) for each in who_may_open(opened.case) if not each.without_key}
    choices = [
        ShareChoice(person, level)
        for level in AccessLevel
        for person in candidates(opened.actor, level)
        if (person.id, level) not in complete
    ]
    return ShareForm(data, choices=choices, experts_agreed=has_consent(opened.case, ConsentScope.EXPERTS))


def _page(request: ActorRequest, opened: OpenCase, form: ShareForm, *, status: int = 200) -> HttpResponse:
    checked = opened.holds(CompartmentName.TESTIMONY) and statement_of(opened)[1].confirmed
    context = {
        "case": opened.case,
        "form": form,
        "accesses": who_may_open(opened.case),
        "experts_agreed": has_consent(opened.case, ConsentScope.EXPERTS),
        "names_checked": checked,
    }
    return render(request, "cases/sharing.html", context, status=status)


@require_safe
def sharing(request: ActorRequest, reference: str) -> HttpResponse:
    opened = _open(request, reference)
    return _page(request, opened, _form(opened, None))


@require_POST
def share(request: ActorRequest, reference: str) -> HttpResponse:
    opened = _open(request, reference)
    form = _form(opened, posted(request))
    if not form.is_valid():
        return _page(request, opened, form, status=422)
    choice: ShareChoice = form.cleaned_data["who"]
    grant(opened, choice.person, choice.level)
    messages.success(request, _("Shared. Your colleague can open the case now."))
    return redirect("cases:sharing", reference)


@require_POST
def revoke(request: ActorRequest, reference: str, person_id: UUID) -> HttpResponse:
    """Take everything back from one person; the case then has new keys."""
    opened = _open(request, reference)
    person = next((each.user for each in who_may_open(opened.case) if each.user.id == person_id), None)
    if person is None:
        raise Http404
    finish_rekeys(opened)
    take_back(opened, person)
    messages.success(request, _("Access is taken back, and the case has new keys."))
    return redirect("cases:list") if person == request.user else redirect("cases:sharing", reference)
