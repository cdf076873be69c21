"""Answers that several pages give: a refusal in a form, a code that is shown once, roles by name, a link."""

from collections.abc import Iterable
from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise

from accounts.models import Role
from casebook.core.errors import CasebookError

INVALID = HTTPStatus.UNPROCESSABLE_ENTITY


def refuse(form: Form, error: CasebookError, *, field: str | None = None) -> HTTPStatus:
    """Say in the form what was refused; returns the status of the error."""
    form.add_error(field, ValidationError(str(error.message)))
    return HTTPStatus(error.status)


def code_page(request: HttpRequest, code: str, *, onward: str) -> HttpResponse:
    """The only page that ever shows this recovery code."""
    return render(request, "accounts/recovery_code.html", {"code": code, "onward": onward})


def link_to(request: HttpRequest, name: str, token: str) -> str:
    """The whole address of a link that works once."""
    return request.build_absolute_uri(reverse(name, args=[token]))


def role_labels(roles: Iterable[str]) -> list[str | Promise]:
    """The roles by name, in the order in which they are always listed."""
    held = set(roles)
    return [role.label for role in Role if role in held]
