"""Answers to refusals, and headers that keep sealed pages out of every cache."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from casebook.core import ledger
from casebook.core.errors import CasebookError, LogMismatchError

GetResponse = Callable[[HttpRequest], HttpResponseBase]


_RECORDED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE})
_RECORDED_CODES = frozenset({"integrity", "no-key", "unconfirmed-key", "org-key-changed", "erased"})
_CODE_ATTRIBUTE = "casebook_refused"


class RefusalMiddleware:
    """Turns a CasebookError that no view caught into its page, and keeps in the ledger what was refused to whom.

    Kept are deeds (POST) that were forbidden, came too late or met nothing, and values that did not open. The name of
    the route is kept, no address.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        code = getattr(request, _CODE_ATTRIBUTE, "")
        if code in _RECORDED_CODES or (request.method == "POST" and response.status_code in _RECORDED):
            _record(request, code or str(response.status_code))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, CasebookError):
            return None
        setattr(request, _CODE_ATTRIBUTE, exception.code)
        template = f"errors/{exception.code}.html"
        return render(
            request,
            [template, "errors/refused.html"],
            {
                "message": exception.message,
                "code": exception.code,
                "missing": getattr(exception, "missing", ()),
                "seen_at": getattr(exception, "seen_at", None),
                "backup_until": getattr(exception, "backup_until", None),
            },
            status=exception.status,
        )


def _record(request: HttpRequest, code: str) -> None:
    """One entry after whatever the refused request did was rolled back; a damaged ledger takes none."""
    actor, route = getattr(request, "actor", None), request.resolver_match
    if actor is None or route is None:
        return
    with suppress(LogMismatchError), transaction.atomic():
        ledger.record("request.refused", actor=actor, how=route.view_name, code=code)


class NoStoreMiddleware:
    """`Cache-Control: no-store` on every page; static files are served before it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        add_never_cache_headers(response)
        return response
