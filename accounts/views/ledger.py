"""The ledger, as auditors read it: entries and filters, unusual reading, checkpoints, proofs, a file to take away."""

import json
from datetime import timedelta
from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import open_event, require_role
from accounts.actor import ActorRequest
from accounts.ledger_audit import look_for_unusual, prove_entry, read_ledger
from accounts.ledger_export import MOST, TooManyEntriesError, export_ledger
from accounts.ledger_forms import DaysForm, LedgerFilterForm, LedgerPageForm
from accounts.ledger_search import LedgerFilter
from accounts.ledger_words import in_words
from accounts.models import Role
from accounts.step_up import require_fresh
from accounts.unusual_reading import Rule
from accounts.views.answers import INVALID
from casebook.core import checkpoints

_UNUSUAL_DAYS = 7


@require_safe
def ledger(request: ActorRequest) -> HttpResponse:
    """What was done in the organisation, newest first, opened with the auditors' key."""
    require_role(request.actor, Role.AUDITOR)
    before = _before(request)
    form = LedgerFilterForm(request.GET, actor=request.actor)
    return _ledger_page(request, form, before=before)


def _ledger_page(
    request: ActorRequest, form: LedgerFilterForm, *, before: int | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"form": form, "is_first_page": before is None, "chosen": bool(form.changed_data)}
    if form.is_valid():
        page = read_ledger(request.actor, form.wanted(), before=before)
        context |= {"lines": in_words(page.rows), "is_full": page.is_full, "older": _further(request, page.further)}
    else:
        status = INVALID
    return render(request, "accounts/ledger.html", context, status=status)


def _before(request: HttpRequest) -> int | None:
    """Where the page starts; a number that cannot be does not exist."""
    form = LedgerPageForm(request.GET)
    if not form.is_valid():
        raise Http404
    before: int | None = form.cleaned_data["before"]
    return before


def _further(request: HttpRequest, before: int | None) -> str:
    """The address of the next page with the same filter, or nothing."""
    if before is None:
        return ""
    query = request.GET.copy()
    query["before"] = str(before)
    return f"?{query.urlencode()}"


@require_POST
def ledger_export(request: ActorRequest) -> HttpResponse:
    """The entries of the filter as a CSV file; asks for the passphrase afresh."""
    require_role(request.actor, Role.AUDITOR)
    require_fresh(request)
    form = LedgerFilterForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _ledger_page(request, form, status=INVALID)
    try:
        content = export_ledger(request.actor, form.wanted())
    except TooManyEntriesError as error:
        words = _("These days hold %(count)s entries, and one file takes %(most)s. Choose fewer days.")
        form.add_error(None, ValidationError(words % {"count": error.count, "most": MOST}))
        return _ledger_page(request, form, status=INVALID)
    return _attachment(content, "text/csv; charset=utf-8", f"ledger-{timezone.now():%Y-%m-%d}.csv")


@require_safe
def ledger_unusual(request: ActorRequest) -> HttpResponse:
    """Reading that should be asked about, on chosen days; the last seven where none are chosen."""
    require_role(request.actor, Role.AUDITOR)
    before = _before(request)
    form = DaysForm(request.GET)
    context = {"form": form, "rules": Rule.labels, "is_first_page": before is None}
    if not form.is_valid():
        return render(request, "accounts/ledger_unusual.html", context, status=INVALID)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    if first is None and last is None:
        first = timezone.now().date() - timedelta(days=_UNUSUAL_DAYS - 1)
    page = look_for_unusual(request.actor, LedgerFilter(first=first, last=last), before=before)
    context |= {"page": page, "since": first, "older": _further(request, page.further)}
    return render(request, "accounts/ledger_unusual.html", context)


@require_safe
def ledger_checkpoints(request: ActorRequest) -> HttpResponse:
    """What outsiders can check: the key of the log, the checkpoints given out, who has co-signed them."""
    require_role(request.actor, Role.AUDITOR)
    rows = [(row, checkpoints.witnesses_of(row)) for row in checkpoints.newest()]
    context = {"rows": rows, "log_key": checkpoints.log_key(), "has_witnesses": bool(checkpoints.witness_keys())}
    return render(request, "accounts/ledger_checkpoints.html", context)


@require_safe
def ledger_checkpoint(request: ActorRequest, size: int | None = None) -> HttpResponse:
    """A checkpoint as a signed note: one that was given out, or, without a size, one of this moment."""
    require_role(request.actor, Role.AUDITOR)
    row = checkpoints.issue() if size is None else checkpoints.find(size)
    if row is None:
        raise Http404
    return _attachment(row.note.encode(), "text/plain; charset=utf-8", f"checkpoint-{row.size}.txt")


@require_safe
def ledger_entry(request: ActorRequest, seq: int) -> HttpResponse:
    """One entry with the proof that it stands in the ledger."""
    proved = prove_entry(request.actor, open_event(request.actor, seq))
    (line,) = in_words([proved.row])
    return render(request, "accounts/ledger_entry.html", {"line": line, "proved": proved})


@require_safe
def ledger_proof(request: ActorRequest, seq: int) -> HttpResponse:
    """The proof of one entry as a file that outsiders can check."""
    event = open_event(request.actor, seq)
    content = checkpoints.inclusion_file(event, checkpoints.latest_with(event))
    return _attachment(json.dumps(content, indent=1).encode(), "application/json", f"ledger-entry-{seq}.json")


def _attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
