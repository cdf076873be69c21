"""Answers that several pages give: a refusal in a form, a code that is shown once, roles by name, a link."""

from collections.abc import Iterable
from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enrolment import RecoveryKit
from accounts.models import Role, User
from casebook.core.errors import CasebookError

INVALID = HTTPStatus.UNPROCESSABLE_ENTITY


def refuse(form: Form, error: CasebookError, *, field: str | None = None) -> HTTPStatus:
    """Say in the form what was refused; returns the status of the error."""
    form.add_error(field, ValidationError(str(error.message)))
    return HTTPStatus(error.status)


def kit_page(request: HttpRequest, kit: RecoveryKit, person: User, *, onward: str) -> HttpResponse:
    """The only page that ever shows this recovery kit, made to be printed or written down."""
    return render(request, "accounts/recovery_kit.html", {"kit": kit, "person": person, "onward": onward})


def not_an_officer(request: HttpRequest, back_url: str, back_label: str | Promise) -> HttpResponse:
    """To somebody whose keys the organisation's root did not make an officer's."""
    context = {
        "title": _("Your keys cannot do this"),
        "text": _(
            "Nothing was changed. Only an officer can confirm keys, hand on the auditors' key and make keys of teams: "
            "the administrator who founded the organisation, or whoever the custodians made one. Ask them to do it."
        ),
        "action_url": back_url,
        "action_label": back_label,
    }
    return render(request, "errors/message.html", context, status=HTTPStatus.FORBIDDEN)


def link_to(request: HttpRequest, name: str, token: str) -> str:
    """The whole address of a link that works once."""
    return request.build_absolute_uri(reverse(name, args=[token]))


def role_labels(roles: Iterable[str]) -> list[str | Promise]:
    """The roles by name, in the order in which they are always listed."""
    held = set(roles)
    return [role.label for role in Role if role in held]
