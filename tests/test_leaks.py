"""Nothing leaks on the way: error reports, headers, cookies, servers (group F of the security specification)."""

import ast
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.views.debug import ExceptionReporter

from casebook.core import errors
from casebook.core.error_reports import QuietExceptionReporter, QuietFilter, QuietFormatter
from casebook.urls import urlpatterns as product_urls
from tests import raw_bytes
from tests.builders import World
from tests.cases.builders import SECRETS, TITLE, told_case
from tests.clients import secure, sign_in

COOKIE = "".join(("c00", "k1e"))
ROOT = Path(__file__).resolve().parent.parent


def _failed(cookie: str) -> tuple[Any, Any]:
    """A request and the exception of a program that failed with words of a case all around."""
    request = RequestFactory().post("/cases/?q=" + TITLE, {"title": TITLE}, headers={"cookie": f"casekey={cookie}"})
    title = TITLE
    try:
        try:
            raise ValueError(title)
        except ValueError as cause:
            raise KeyError(title) from cause
    except KeyError:
        return request, sys.exc_info()


def test_an_error_report_shows_where_and_nothing_else() -> None:
    request, info = _failed(COOKIE)
    reporter = QuietExceptionReporter(request, *info)

    for report in (reporter.get_traceback_html(), reporter.get_traceback_text()):
        assert "test_leaks.py" in report
        assert "KeyError" in report
        assert raw_bytes.found([TITLE, COOKIE, "Ржавцах"], report.encode()) == []


def test_django_s_own_report_would_show_it() -> None:
    request, info = _failed(COOKIE)
    report = ExceptionReporter(request, *info).get_traceback_html()

    assert TITLE in report


def test_a_logged_traceback_has_no_text_of_its_exception() -> None:
    _request, info = _failed(COOKIE)
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "failed", (), info)

    line = QuietFormatter("%(message)s").format(record)
    assert "test_leaks.py" in line
    assert "KeyError" in line
    assert TITLE not in line


def test_a_log_line_names_the_route_and_never_the_token_in_an_address(client: Client, db: None) -> None:
    request = secure(client).get("/account/invitation/t0ken-of-an-invitation/").wsgi_request
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Gone: %s", (request.path,), None)
    record.request, record.status_code = request, 410

    assert QuietFilter().filter(record)
    assert record.getMessage() == "410 GET account/invitation/<str:token>/"


def _all_errors(kind: type[errors.CasebookError] = errors.CasebookError) -> set[type[errors.CasebookError]]:
    return {kind}.union(*(_all_errors(each) for each in kind.__subclasses__()))


def test_refusals_carry_a_code_and_no_data() -> None:
    kinds = _all_errors()

    assert len(kinds) >= 10
    assert all(kind().args == (kind.code,) for kind in kinds)


def test_only_two_refusals_are_server_errors() -> None:
    assert {kind.code for kind in _all_errors() if kind.status >= 500} <= {"integrity", "log-mismatch"}


def test_the_deploy_check_refuses_asgi(settings: Any) -> None:
    def found() -> set[str | None]:
        return {message.id for message in run_checks(include_deployment_checks=True)}

    assert "casebook.E005" not in found()
    settings.ASGI_APPLICATION = "casebook.asgi.application"
    assert "casebook.E005" in found()
    assert not (ROOT / "casebook" / "asgi.py").exists()


def test_a_second_upload_handler_stops_the_start(settings: Any) -> None:
    settings.FILE_UPLOAD_HANDLERS = [
        *settings.FILE_UPLOAD_HANDLERS,
        "django.core.files.uploadhandler.TemporaryFileUploadHandler",
    ]
    assert "casebook.E003" in {message.id for message in run_checks(tags=["security"])}


def test_a_weaker_sign_in_hash_stops_the_start(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.MD5PasswordHasher"]
    assert "casebook.E004" in {message.id for message in run_checks(tags=["security"])}


def test_cookies_are_host_only_secure_strict_and_out_of_reach_of_scripts(world: World, client: Client) -> None:
    sign_in(client, world, "lawyer")

    for name in ("__Host-sessionid", "__Host-casekey"):
        cookie = client.cookies[name]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Strict")
        assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", "")


def test_every_page_is_kept_out_of_caches_and_under_the_policy(world: World, client: Client) -> None:
    sign_in(client, world, "lawyer")
    opened = told_case(world)

    for address in ("/", "/cases/", f"/cases/{opened.case.reference}/", "/nowhere/", "/about/protection/"):
        headers = client.get(address).headers
        assert "no-store" in headers["Cache-Control"], address
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def fail(request: Any) -> HttpResponse:
    raise ValueError(TITLE)


urlpatterns = [path("fail/", fail), *product_urls]


@pytest.mark.urls("tests.test_leaks")
def test_an_unforeseen_failure_shows_a_plain_page(world: World, client: Client, settings: Any) -> None:
    client.raise_request_exception = False
    sign_in(client, world, "lawyer")
    for debug in (False, True):
        settings.DEBUG = debug
        response = client.get("/fail/")
        assert response.status_code == 500
        assert raw_bytes.found(SECRETS, response.content) == []


def _cached_functions(source: Path) -> Iterator[tuple[str, set[str]]]:
    """Functions of a file that keep their results, with the names of their parameters."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            decorators = {ast.unparse(each).split("(")[0].split(".")[-1] for each in node.decorator_list}
            if decorators & {"cache", "lru_cache", "cache_page"}:
                yield f"{source.relative_to(ROOT)}:{node.name}", {each.arg for each in node.args.args}


def test_only_tables_are_kept_between_requests_never_words_of_a_case() -> None:
    """A cache keyed by a name or a text would keep it in memory after the request; Django's cache would share it."""
    apps = ("accounts", "cases", "legal_analysis", "publication", "casebook")
    sources = [source for app in apps for source in (ROOT / app).rglob("*.py")]
    kept = [each for source in sources for each in _cached_functions(source)]
    harmless = {"language", "script", "name", "languages", "table", "topic", "key", "font"}

    assert len(kept) > 5
    assert [(function, names - harmless) for function, names in kept if names - harmless] == []
    uses = re.compile(r"from django\.core\.cache|\{% cache")
    templates = list((ROOT / "templates").rglob("*.html"))
    assert [each for each in [*sources, *templates] if uses.search(each.read_text(encoding="utf-8"))] == []


def test_templates_have_no_inline_script_or_style_and_name_no_other_host() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|(?:src|href|action)=[\"']?(?:https?:)?//")
    found = [
        str(template.relative_to(ROOT))
        for template in (ROOT / "templates").rglob("*.html")
        if inline.search(template.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_proxy_configuration_spools_nothing_and_logs_nobody() -> None:
    lines = [
        line.split("#")[0].strip().rstrip(";")
        for line in (ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8").splitlines()
    ]
    wanted = {"proxy_request_buffering off", "proxy_buffering off", "proxy_max_temp_file_size 0", "access_log off"}

    assert wanted <= set(lines)
    assert "ssl_protocols TLSv1.2 TLSv1.3" in lines


def test_a_signed_out_person_sees_the_sign_in_page_and_nothing_else(world: World) -> None:
    opened = told_case(world)
    browser = secure(Client())

    for reference in (opened.case.reference, "NOTHING"):
        response = browser.get(f"/cases/{reference}/")
        assert (response.status_code, response.headers["Location"].split("?")[0]) == (302, "/sign-in/")
