"""What an authenticator app does, for tests: reads the key of the set-up page, shows the code of the moment."""

import re
import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from tests.builders import PASSPHRASE

_PERIOD = 30
_KEY = re.compile(r'id="totp-key"[^>]*>([A-Z2-7 ]+)<')


def code_at(seed: str, moment: float) -> str:
    """The code that the app shows at this moment, in seconds since 1970."""
    return str(format_hotp_value(hotp_value(seed, int(moment) // _PERIOD)))


def code_now(seed: str) -> str:
    return code_at(seed, time.time())


def wrong_code(seed: str) -> str:
    """Six digits that no neighbouring period shows either."""
    counter = int(time.time()) // _PERIOD
    shown = {format_hotp_value(hotp_value(seed, counter + step)) for step in (-1, 0, 1, 2)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444") if code not in shown)


def shown_seed(page: Any) -> str:
    """The key that the set-up page shows for typing into the app."""
    match = _KEY.search(page.content.decode())
    assert match, "the page shows no key"
    return match[1].replace(" ", "")


def add_app(client: Client) -> str:
    """Set up the second factor of a signed-in person through the pages; returns the seed that the app keeps."""
    client.post("/sign-in/again/", {"password": PASSPHRASE, "next": "/second-factor/app/add/"})
    page = client.get("/second-factor/app/add/")
    seed = shown_seed(page)
    answer = client.post("/second-factor/app/add/", {"code": code_now(seed)})
    assert answer.status_code == 302, answer.content.decode()
    return seed
