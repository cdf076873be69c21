"""Digests of the own organisation: composing, issuing and exporting editions. Advocates only."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import ActorRequest
from accounts.step_up import require_fresh
from casebook.core.errors import StaleRevisionError
from cases.presentation import Difference, differences
from cases.views.incoming import at_revision, posted
from publication import actions
from publication.forms import DigestForm, IssueForm
from publication.models import Digest
from publication.queries import digest_lines, digests_of, find_digest, records_for_digests, records_in


@require_safe
def digests(request: ActorRequest) -> HttpResponse:
    """Every edition of the organisation."""
    return render(request, "publication/digests.html", {"digests": digests_of(request.actor)})


@require_http_methods(["GET", "HEAD", "POST"])
def digest_new(request: ActorRequest) -> HttpResponse:
    """Begin a digest."""
    digests_of(request.actor)
    form = DigestForm(records_for_digests(request.actor), data=posted(request) if request.method == "POST" else None)
    if form.is_valid():
        digest = actions.create_digest(request.actor, form.facts())
        messages.success(request, _("The digest is saved. It is not issued yet."))
        return redirect("publication:digest", digest.pk)
    return render(request, "publication/digest_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
def digest(request: ActorRequest, digest_id: UUID) -> HttpResponse:
    """One edition: its records, its state, and what can be done with it."""
    return _detail(request, find_digest(request.actor, digest_id))


def _detail(request: ActorRequest, found: Digest, *, status: int = 200) -> HttpResponse:
    context = {
        "digest": found,
        "lines": digest_lines(found),
        "issue_form": IssueForm(initial={"revision": found.revision}),
        "earlier": Digest.objects.filter(superseded_by=found).first(),
        "conflict": status == 409,
    }
    return render(request, "publication/digest.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def digest_edit(request: ActorRequest, digest_id: UUID) -> HttpResponse:
    """Change an edition in preparation, or begin the next one of an issued edition."""
    found = find_digest(request.actor, digest_id)
    if found.superseded_by is not None:
        return redirect("publication:digest_edit", found.superseded_by.pk)
    records = records_for_digests(request.actor)
    if request.method != "POST":
        return _edit_page(request, found, DigestForm(records, digest=found, chosen=records_in(found)))
    data = posted(request)
    form = DigestForm(records, digest=found, chosen=records_in(found), data=data)
    if not form.is_valid():
        return _edit_page(request, found, form, status=422)
    try:
        written = actions.change_digest(request.actor, found, form.facts(), revision=form.cleaned_data["revision"])
    except StaleRevisionError:
        return _conflict(request, digest_id, data)
    messages.success(request, _("The digest is saved. It is not issued yet."))
    return redirect("publication:digest", written.pk)


def _conflict(request: ActorRequest, digest_id: UUID, data: QueryDict) -> HttpResponse:
    """Both versions: what was typed stays in the form, what is stored stands beside it."""
    stored = find_digest(request.actor, digest_id)
    records = records_for_digests(request.actor)
    again = DigestForm(records, digest=stored, chosen=records_in(stored), data=at_revision(data, stored.revision))
    again.is_valid()
    return _edit_page(request, stored, again, changes=differences(again, again.stored()), status=409)


def _edit_page(
    request: ActorRequest,
    found: Digest,
    form: DigestForm,
    *,
    changes: list[Difference] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"digest": found, "form": form, "changes": changes}
    return render(request, "publication/digest_edit.html", context, status=status)


@require_POST
def digest_issue(request: ActorRequest, digest_id: UUID) -> HttpResponse:
    """Put a date on an edition."""
    found = find_digest(request.actor, digest_id)
    form = IssueForm(posted(request))
    if not form.is_valid():
        return _detail(request, found, status=422)
    try:
        actions.issue_digest(request.actor, found, revision=form.cleaned_data["revision"])
    except StaleRevisionError:
        return _detail(request, find_digest(request.actor, digest_id), status=409)
    messages.success(request, _("The edition is issued."))
    return redirect("publication:digest", digest_id)


@require_safe
def digest_pdf(request: ActorRequest, digest_id: UUID) -> HttpResponse:
    """The edition as a PDF file."""
    found = find_digest(request.actor, digest_id)
    require_fresh(request)
    data = actions.export_digest(request.actor, found, as_pdf=True)
    return _attachment(data, "application/pdf", f"digest-edition-{found.edition}.pdf")


@require_safe
def digest_json(request: ActorRequest, digest_id: UUID) -> HttpResponse:
    """The edition as a JSON file."""
    found = find_digest(request.actor, digest_id)
    require_fresh(request)
    data = actions.export_digest(request.actor, found, as_pdf=False)
    return _attachment(data, "application/json", f"digest-edition-{found.edition}.json")


def _attachment(data: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        data, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
