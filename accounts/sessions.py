"""The signed-in sessions of one person: what is noted about them, which there are, ending them. Never an address.

Beside the person and the way of signing in, Django's session row holds three things: the kind of browser and system
(two words of a fixed list), when it began, and the hour in which it was last seen.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from accounts import unlocking
from accounts.actor import Actor
from accounts.models import UnlockedSession
from casebook.core import ledger
from casebook.core.hashed_sessions import BEGAN_FIELD, SessionStore, StoredSession, digest_of, end_sessions, sessions_of

_KIND_FIELD, _SEEN_FIELD = "kind", "seen"
_HOUR = 3600
_BROWSERS = (
    ("Edge", r"Edgi?A?O?S?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Yandex Browser", r"YaBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad|iPod"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux"),
)


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of a person's sessions. `key` names it in a form: the digest under which its row lies."""

    key: str
    label: str
    began: datetime | None
    seen: datetime | None
    is_unlocked: bool
    is_this: bool


def begin(request: HttpRequest) -> None:
    """Note what kind of browser signs in and when; call it once, when sign-in is done."""
    SessionStore.clear_expired()
    now = int(time.time())
    request.session[_KIND_FIELD] = kind_of_browser(request.headers.get("User-Agent", ""))
    request.session[BEGAN_FIELD] = now
    request.session[_SEEN_FIELD] = now - now % _HOUR
    request.session.save()


def note_visit(request: HttpRequest) -> None:
    """Note the hour of this request, once an hour."""
    hour = int(time.time()) // _HOUR * _HOUR
    if request.session.get(_SEEN_FIELD) not in (None, hour):
        request.session[_SEEN_FIELD] = hour


def kind_of_browser(user_agent: str) -> list[str]:
    """Browser and system by their common names, each empty where it is none that we know."""
    return [_first_match(_BROWSERS, user_agent), _first_match(_SYSTEMS, user_agent)]


def _first_match(names: Iterable[tuple[str, str]], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")


def own_sessions(actor: Actor, request: HttpRequest) -> list[OwnSession]:
    """Every session in which the person is signed in: this one first, then the latest."""
    unlocked = _unlocked_bindings(actor)
    this = digest_of(request.session.session_key or "")
    found = [_own_session(row, unlocked, this) for row in sessions_of(actor.user.pk)]
    return sorted(found, key=lambda each: (each.is_this, each.began or datetime.min.replace(tzinfo=UTC)), reverse=True)


def _unlocked_bindings(actor: Actor) -> set[bytes]:
    unlocking.sweep()
    rows = UnlockedSession.objects.filter(user=actor.user, state=UnlockedSession.State.ACTIVE)
    return {bytes(binding) for binding in rows.values_list("bound_session", flat=True)}


def _own_session(row: StoredSession, unlocked: set[bytes], this: str) -> OwnSession:
    return OwnSession(
        key=row.digest,
        label=_label(row.data.get(_KIND_FIELD)),
        began=_moment(row.data.get(BEGAN_FIELD)),
        seen=_moment(row.data.get(_SEEN_FIELD)),
        is_unlocked=bytes.fromhex(row.digest) in unlocked,
        is_this=row.digest == this,
    )


def _label(kind: object) -> str:
    browser, system = kind if isinstance(kind, list) and len(kind) == 2 else ("", "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return str(browser or system or _("Unknown browser"))


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def is_this(request: HttpRequest, key: str) -> bool:
    """Whether `key` names the session of this request."""
    return key == digest_of(request.session.session_key or "")


@transaction.atomic
def end_session(actor: Actor, key: str) -> None:
    """Sign the person out in one browser and close the keys there; 404 for what is none of their sessions."""
    if key not in {row.digest for row in sessions_of(actor.user.pk)}:
        raise Http404
    _end(actor, [key])
    ledger.record("account.end_session", actor=actor)


@transaction.atomic
def end_other_sessions(actor: Actor, request: HttpRequest) -> int:
    """Sign the person out everywhere but here; returns how many sessions that ended."""
    this = digest_of(request.session.session_key or "")
    others = [row.digest for row in sessions_of(actor.user.pk) if row.digest != this]
    _end(actor, others)
    UnlockedSession.objects.filter(user=actor.user).exclude(bound_session=bytes.fromhex(this)).delete()
    ledger.record("account.end_other_sessions", actor=actor, sessions=len(others))
    return len(others)


def _end(actor: Actor, keys: list[str]) -> None:
    end_sessions(keys)
    unlocking.end_bound_to(actor.user, [bytes.fromhex(key) for key in keys])
