"""What a browser keeps of people between their sessions: device secrets, and a random number of its own. Not the keys.

The device secrets of up to four people lie in one cookie, for browsers that colleagues share. The server stores
nothing of it: who has which browser stands nowhere. The random number only tells the ledger whether a sign-in came
from a browser that was used before, through a digest that differs from person to person.
"""

import hmac
import os
import re
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from accounts.models import User
from casebook.core.encoding import ctx

_TAG, _SECRET, _NUMBER = 8, 64, 32  # hexadecimal digits
_PEOPLE = 4
_SECRETS = re.compile(rf"[0-9a-f]{{{_TAG + _SECRET}}}(\.[0-9a-f]{{{_TAG + _SECRET}}}){{0,{_PEOPLE - 1}}}")
_RANDOM = re.compile(rf"[0-9a-f]{{{_NUMBER}}}")
_ANSWER_ATTRIBUTE = "casebook_browser_cookies"
_DIGEST_BYTES = 8


def device_secret_of(request: HttpRequest, user: User) -> bytes:
    """The person's device secret as this browser has it, 32 bytes; empty when it has none."""
    return _carried(request).get(_tag(user), b"")


def keep_device_secret(request: HttpRequest, user: User, secret: bytes) -> None:
    """Have this browser keep the person's device secret for CASEBOOK_BROWSER_SECONDS, beside those of others."""
    others = {tag: kept for tag, kept in _carried(request).items() if tag != _tag(user)}
    newest_first = {_tag(user): secret} | others
    entries = [tag + kept.hex() for tag, kept in newest_first.items()][:_PEOPLE]
    _answers(request)[settings.CASEBOOK_DEVICE_COOKIE_NAME] = ".".join(entries)


def browser_digest(request: HttpRequest, user: User) -> str:
    """16 hexadecimal digits that are the same for each sign-in of this person in this browser; gives it its number."""
    number = request.COOKIES.get(settings.CASEBOOK_BROWSER_COOKIE_NAME, "")
    if not _RANDOM.fullmatch(number):
        number = os.urandom(_NUMBER // 2).hex()
    _answers(request)[settings.CASEBOOK_BROWSER_COOKIE_NAME] = number
    statement = ctx("browser", user.pk, number)
    return hmac.digest(settings.CASEBOOK_LEDGER_KEY, statement, "sha256")[:_DIGEST_BYTES].hex()


def write_cookies(request: HttpRequest, response: HttpResponseBase) -> None:
    """Send what this request had the browser keep."""
    for name, value in _answers(request).items():
        response.set_cookie(
            name,
            value,
            max_age=settings.CASEBOOK_BROWSER_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )


def _carried(request: HttpRequest) -> dict[str, bytes]:
    """Device secrets by the tag of their person; nothing at all when the cookie is not as we write it."""
    name = settings.CASEBOOK_DEVICE_COOKIE_NAME
    value = _answers(request).get(name) or request.COOKIES.get(name, "")
    if not _SECRETS.fullmatch(value):
        return {}
    return {entry[:_TAG]: bytes.fromhex(entry[_TAG:]) for entry in value.split(".")}


def _tag(user: User) -> str:
    """Which entry is whose, without a name; a wrong one only opens nothing."""
    return sha256(ctx("device-tag", user.pk)).hexdigest()[:_TAG]


def _answers(request: HttpRequest) -> dict[str, str]:
    if not hasattr(request, _ANSWER_ATTRIBUTE):
        setattr(request, _ANSWER_ATTRIBUTE, {})
    answers: dict[str, str] = getattr(request, _ANSWER_ATTRIBUTE)
    return answers
