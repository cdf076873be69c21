"""In a real browser: a security key that Chromium plays, the kit on paper, a second browser that asks for the code."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from accounts.actions import invite
from accounts.models import Role
from tests.browser.people import Desk, sit_down
from tests.builders import PASSPHRASE, found_world, unlocked

PICTURES = os.environ.get("CASEBOOK_PICTURES")
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
}


def picture(page: Page, name: str) -> None:
    """With CASEBOOK_PICTURES=FOLDER: keep what the page looks like, for people."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_a_security_key_is_added_and_signs_in(live_server: Any, browser: Browser, settings: Any, locale: str) -> None:
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    base = live_server.url.replace("127.0.0.1", "localhost")  # an address is no name that a key can belong to
    world = found_world("Far Harbour", "AM")
    desk = sit_down(browser, base, world, "expert", locale, width=360)
    page = desk.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    desk.go("/second-factor/keys/add/")
    if page.locator("main [name=password]").count():
        page.fill("main [name=password]", PASSPHRASE)
        desk.submit()
    page.fill("main [name=name]", "blue")
    picture(page, f"key-add-{locale}")
    with page.expect_navigation():
        page.click("#key-add")
    desk.go("/second-factor/keys/")
    assert "blue" in page.locator("main").inner_text()
    picture(page, f"keys-{locale}")
    for name, path in (("factors", "/second-factor/"), ("sessions", "/account/sessions/"), ("account", "/account/")):
        desk.go(path)
        picture(page, f"{name}-{locale}")

    desk.go("/sign-out/")
    desk.submit("main form button")
    desk.go("/sign-in/")
    page.fill("main [name=login]", world.people["expert"].username)
    page.fill("main [name=password]", PASSPHRASE)
    desk.submit()
    picture(page, f"second-factor-{locale}")
    with page.expect_navigation():
        page.click("#key-use")
    desk.go("/cases/")
    desk.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_the_kit_opens_a_second_browser(live_server: Any, browser: Browser, settings: Any, locale: str) -> None:
    settings.CASEBOOK_DEVICE_SECRET = True
    world = found_world("Far Harbour", "AM")
    token = invite(unlocked(world.people["admin"]), display_name="New", roles=[Role.STREET_LAWYER])
    page = browser.new_context(
        locale=locale, viewport={"width": 360, "height": 800}, color_scheme="dark" if locale == "ru-RU" else "light"
    ).new_page()
    home = Desk(page, live_server.url)
    home.go(f"/account/invitation/{token}/")
    page.fill("main [name=username]", "newcomer")
    page.fill("main [name=passphrase]", PASSPHRASE)
    page.fill("main [name=passphrase_again]", PASSPHRASE)
    home.submit()
    code = page.locator("#device-code").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{4}-){13}[0-9A-Z*~$=]", code)
    picture(page, f"kit-{locale}")
    page.emulate_media(media="print")
    assert page.locator("#device-code").is_visible()
    assert not page.locator("[data-print]").is_visible()
    picture(page, f"kit-printed-{locale}")
    page.emulate_media(media="screen")

    world.people["newcomer"] = type(world.people["admin"]).objects.get(username="newcomer")
    second = sit_down(browser, live_server.url, world, "newcomer", locale, width=360)
    second.page.goto(live_server.url + "/cases/")
    picture(second.page, f"device-code-{locale}")
    second.page.fill("main [name=passphrase]", PASSPHRASE)
    second.page.fill("main [name=device_code]", code.lower())
    second.submit()
    second.go("/cases/new/")
    second.page.goto(live_server.url + "/account/step-up/?next=/cases/")
    picture(second.page, f"step-up-{locale}")
    assert second.page.locator("main [name=device_code]").count() == 0
    second.page.fill("main [name=passphrase]", PASSPHRASE)
    second.submit()
    home.page.context.close()
