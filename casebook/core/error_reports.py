"""Error reports and log lines without content: where the program failed, never with what."""

import logging
import traceback
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter


class QuietExceptionFilter(SafeExceptionReporterFilter):
    """Drops local variables, POST, cookies, request headers and settings from every report, in debug mode too."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_safe_settings(self) -> dict[str, Any]:
        return {}

    def get_safe_request_meta(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> Any:
        return []


class QuietExceptionReporter(ExceptionReporter):
    """Drops the text of exceptions, which may quote what was typed, and the request's query."""

    def get_traceback_data(self) -> dict[str, Any]:
        data: dict[str, Any] = super().get_traceback_data()
        data.update(exception_value="", unicode_hint="", request_GET_items=[], request_FILES_items=[])
        data.update(request_meta={}, request_COOKIES_items=[], request_insecure_uri="", user_str="")
        for frame in data.get("frames", []):
            frame["exc_cause"] = type(frame["exc_cause"]).__name__ if frame.get("exc_cause") else None
        return data


class QuietFormatter(logging.Formatter):
    """Formats a traceback as files, lines and the exception's type; never its text."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the name is logging's)
        kind: type[BaseException] | None
        trace: TracebackType | None
        kind, _, trace = ei
        lines = traceback.format_tb(trace)
        return "".join([*lines, kind.__name__ if kind else ""]).rstrip()


class QuietFilter(logging.Filter):
    """Names the route of a request instead of its address, which may carry the token of an invitation."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            match = request.resolver_match
            status = getattr(record, "status_code", "")
            record.msg, record.args = f"{status} {request.method} {match.route if match else '(no route)'}".strip(), ()
        return True
