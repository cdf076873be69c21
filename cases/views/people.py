"""The people in a case: everything typed here is lifted from the testimony."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import ActorRequest
from casebook.core.errors import StaleRevisionError
from cases.access import OpenCase
from cases.actions import remove_person, save_person
from cases.contents import PersonRole
from cases.forms import PersonForm, initial_person
from cases.models import CompartmentName, Person
from cases.presentation import chip_kind, differences
from cases.queries import find_person, known_people, profile_of, statement_of
from cases.views.incoming import at_revision, open_to_change, posted

_BOTH = (CompartmentName.IDENTITY, CompartmentName.TESTIMONY)


@require_safe
def people(request: ActorRequest, reference: str) -> HttpResponse:
    opened = open_to_change(request, reference, *_BOTH)
    roles = dict(PersonRole.choices)
    lines = [
        {"id": key, "profile": profile, "role": roles[profile.role], "hue": chip_kind("person", profile.role)}
        for key, profile in known_people(opened)
    ]
    return render(request, "cases/people.html", {"case": opened.case, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
def person_add(request: ActorRequest, reference: str) -> HttpResponse:
    opened = open_to_change(request, reference, *_BOTH)
    if request.method != "POST":
        role = PersonRole.WITNESS if known_people(opened) else PersonRole.CLIENT
        return _page(request, opened, PersonForm(initial={"role": role}))
    form = PersonForm(posted(request))
    if not form.is_valid():
        return _page(request, opened, form, status=422)
    save_person(opened, form.profile())
    return _after(request, opened)


@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request: ActorRequest, reference: str, person_id: UUID) -> HttpResponse:
    opened = open_to_change(request, reference, *_BOTH)
    person = find_person(opened, person_id)
    if request.method != "POST":
        initial = initial_person(profile_of(opened, person), person.revision)
        return _page(request, opened, PersonForm(initial=initial), person=person)
    data = posted(request)
    form = PersonForm(data)
    if not form.is_valid():
        return _page(request, opened, form, person=person, status=422)
    try:
        save_person(opened, form.profile(), person=person, revision=form.cleaned_data["revision"] or 0)
    except StaleRevisionError:
        return _conflict(request, reference, person_id, data, form)
    return _after(request, opened)


@require_POST
def person_remove(request: ActorRequest, reference: str, person_id: UUID) -> HttpResponse:
    opened = open_to_change(request, reference, *_BOTH)
    remove_person(opened, find_person(opened, person_id))
    messages.success(request, _("Taken out of the case. Their names stay hidden in the story."))
    return redirect("cases:people", reference)


def _after(request: ActorRequest, opened: OpenCase) -> HttpResponse:
    """Back to the list; where names were newly lifted from the story, somebody has to look."""
    row, content = statement_of(opened)
    if row is not None and not content.confirmed:
        messages.info(request, _("Saved. The story was searched for this person: please check what we found."))
    else:
        messages.success(request, _("Saved."))
    return redirect("cases:people", opened.case.reference)


def _conflict(
    request: ActorRequest, reference: str, person_id: UUID, data: QueryDict, typed: PersonForm
) -> HttpResponse:
    opened = open_to_change(request, reference, *_BOTH)
    person = find_person(opened, person_id)
    stored = initial_person(profile_of(opened, person), person.revision)
    form = PersonForm(at_revision(data, person.revision))
    return _page(request, opened, form, person=person, conflict=differences(typed, stored), status=409)


def _page(
    request: ActorRequest,
    opened: OpenCase,
    form: PersonForm,
    *,
    person: Person | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    template = "cases/person_edit.html" if person else "cases/person_add.html"
    return render(request, template, {"case": opened.case, "form": form, "person": person, **more}, status=status)
