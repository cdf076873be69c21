"""A Chromium for tests that need one: the system's, found or required, without a connection to anywhere else."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in the thread of the test

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for path in map(shutil.which, names) if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        if os.environ.get("CASEBOOK_REQUIRE_BROWSER") == "1":
            pytest.fail("a Chromium is required here and none was found")
        pytest.skip("no Chromium found (sudo apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def plain_http_on_this_machine(settings: Any, tmp_path: Path) -> None:
    """The live server speaks http on 127.0.0.1, like the demonstration; its files go to a folder of the test."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = False
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sessionid", "csrftoken"
    settings.CASEBOOK_KEY_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME = "casekey", "language"
    settings.CASEBOOK_DEVICE_COOKIE_NAME, settings.CASEBOOK_BROWSER_COOKIE_NAME = "devicekey", "browser"
    settings.SECURE_HSTS_SECONDS = 0
    settings.CASEBOOK_UPLOAD_DIR, settings.CASEBOOK_EVIDENCE_DIR = tmp_path / "uploads", tmp_path / "evidence"
