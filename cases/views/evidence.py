"""Files that prove something: kept sealed, opened only whole and unchanged."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import ActorRequest
from casebook.core.uploads import SealedFile, read_stored, verify_stored
from cases.access import OpenCase, open_case
from cases.actions import OPEN_STAGES, attach_evidence, read_evidence, remove_evidence
from cases.contents import EvidenceMeta
from cases.forms import EvidenceForm
from cases.models import CompartmentName, EvidenceFile
from cases.presentation import evidence_lines
from cases.queries import evidence_in, find_evidence, violation_codes
from cases.views.incoming import open_to_change, posted
from cases.violation_choices import evidence_hints

_TESTIMONY = (CompartmentName.TESTIMONY,)


@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: ActorRequest, reference: str) -> HttpResponse:
    """The files of a case for whoever reads the testimony; attaching for whoever may change the case."""
    if request.method != "POST":
        return _page(request, open_case(request.actor, reference, need="read_testimony", compartments=_TESTIMONY))
    opened = open_to_change(request, reference, *_TESTIMONY)
    form = EvidenceForm(posted(request), request.FILES)
    if not form.is_valid():
        return _page(request, opened, form, status=422)
    attach_evidence(opened, form.cleaned_data["file"], kind=form.cleaned_data["kind"])
    messages.success(request, _("The file is sealed and kept."))
    return redirect("cases:evidence", reference)


def _page(
    request: ActorRequest, opened: OpenCase, form: EvidenceForm | None = None, *, status: int = 200
) -> HttpResponse:
    files = evidence_in(opened)
    may_edit = opened.can("change_case") and opened.case.current_stage in OPEN_STAGES
    context = {
        "case": opened.case,
        "form": form or EvidenceForm(),
        "files": evidence_lines(files),
        "hints": evidence_hints(violation_codes(opened.case), {meta.kind for _row, meta in files}),
        "may_edit": may_edit,
    }
    return render(request, "cases/evidence.html", context, status=status)


@require_safe
def evidence_download(request: ActorRequest, reference: str, evidence_id: UUID) -> StreamingHttpResponse:
    """The file as it was attached, after the whole of it was checked; never shown inside a page."""
    opened = open_case(request.actor, reference, need="read_testimony", compartments=_TESTIMONY)
    row = find_evidence(opened, evidence_id)
    meta = read_evidence(opened, row)
    sealed = _sealed_file(row, meta)
    verify_stored(sealed)
    response = StreamingHttpResponse(read_stored(sealed), content_type="application/octet-stream")
    response["Content-Length"] = str(meta.size)
    response["Content-Disposition"] = content_disposition_header(True, safe_name(meta.name)) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _sealed_file(row: EvidenceFile, meta: EvidenceMeta) -> SealedFile:
    return SealedFile(row.file_id, bytes.fromhex(meta.key), meta.sealed_length, bytes.fromhex(meta.sha256))


def safe_name(name: str) -> str:
    """A file name without folders and without characters that change how it reads; `file` when nothing is left."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip(". ") or "file"


@require_POST
def evidence_remove(request: ActorRequest, reference: str, evidence_id: UUID) -> HttpResponse:
    opened = open_to_change(request, reference, *_TESTIMONY)
    remove_evidence(opened, find_evidence(opened, evidence_id))
    messages.success(request, _("The file is deleted."))
    return redirect("cases:evidence", reference)
