"""The public casebook: the register and its records. No sign-in, nothing but what was published."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Role, User
from publication.forms import RegisterForm
from publication.models import PublishedRecord
from publication.queries import (
    RegisterPage,
    content_of,
    find_in_register,
    page_of,
    register_page,
    violations_in_register,
    years_in_register,
)
from publication.record_content import public_json

_GONE = 410


@login_not_required
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Every published record, and the numbers of those that were withdrawn."""
    form = RegisterForm(years_in_register(), violations_in_register(), request.GET)
    before = _cursor(request.GET.get("before"))
    found = register_page(**form.cleaned_data, before=before) if form.is_valid() else RegisterPage((), None)
    context = {"form": form, "found": found, "next_url": _next_url(request, found)}
    return render(request, "publication/register.html", context, status=200 if form.is_valid() else 422)


def _cursor(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Http404 from None


def _next_url(request: HttpRequest, found: RegisterPage) -> str:
    if found.next_before is None:
        return ""
    query = request.GET.copy()
    query["before"] = str(found.next_before)
    return f"?{query.urlencode()}"


@login_not_required
@require_safe
def record(request: HttpRequest, number: str) -> HttpResponse:
    """One published record. Of a withdrawn one, nothing but that it was."""
    row = find_in_register(number)
    if row.is_retracted:
        return render(request, "publication/withdrawn.html", {"record": row}, status=_GONE)
    context = {"record": row, "page": page_of(row), "may_retract": _may_retract(request, row)}
    return render(request, "publication/record.html", context)


def _may_retract(request: HttpRequest, row: PublishedRecord) -> bool:
    user = request.user
    return isinstance(user, User) and user.has_role(Role.ADVOCATE) and user.organisation_id == row.case.organisation_id


@login_not_required
@require_safe
def record_json(request: HttpRequest, number: str) -> HttpResponse:
    """One published record for machines."""
    row = find_in_register(number)
    if row.retracted_on is not None:
        withdrawn = {"number": row.number, "withdrawn_on": row.retracted_on.isoformat()}
        return JsonResponse(withdrawn, status=_GONE)
    return JsonResponse(
        public_json(content_of(row), row.number, row.published_on),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
