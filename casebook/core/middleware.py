"""Answers to refusals, and headers that keep sealed pages out of every cache."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from casebook.core.errors import CasebookError

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RefusalMiddleware:
    """Turns a CasebookError that no view caught into its page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, CasebookError):
            return None
        template = f"errors/{exception.code}.html"
        return render(
            request,
            [template, "errors/refused.html"],
            {"message": exception.message, "code": exception.code, "missing": getattr(exception, "missing", ())},
            status=exception.status,
        )


class NoStoreMiddleware:
    """`Cache-Control: no-store` on every page; static files are served before it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        add_never_cache_headers(response)
        return response
