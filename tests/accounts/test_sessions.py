"""One's own sessions: what the page says, what it never knows, ending them; limits that no activity prolongs."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import UnlockedSession
from accounts.sessions import kind_of_browser
from casebook.core.hashed_sessions import SessionStore
from casebook.core.models import Session
from tests import raw_bytes
from tests.accounts.entries import entries
from tests.builders import World
from tests.clients import client_of, secure, sign_in

FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 Version/18.5 Mobile/15E148 Safari/604.1"
)
PAGE, END, END_OTHERS = "/account/sessions/", "/account/sessions/end/", "/account/sessions/end-others/"


def browser(world: World, user_agent: str, name: str = "lawyer") -> Client:
    return sign_in(Client(headers={"user-agent": user_agent}), world, name)


def keys_of(client: Client) -> dict[str, str]:
    """What the page's forms call each other session, by its label."""
    return {each.label: each.key for each in client.get(PAGE).context["sessions"] if not each.is_this}


@pytest.mark.parametrize(
    ("user_agent", "kind"),
    [
        (FIREFOX, ["Firefox", "Android"]),
        (CHROME, ["Chrome", "Windows"]),
        (SAFARI, ["Safari", "iOS"]),
        (CHROME + " Edg/140.0", ["Edge", "Windows"]),
        (CHROME + " YaBrowser/25.8", ["Yandex Browser", "Windows"]),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/140.0 Safari/537.36", ["Chrome", "ChromeOS"]),
        ("curl/8.5.0", ["", ""]),
        ("<script>alert(1)</script>", ["", ""]),
        ("", ["", ""]),
    ],
)
def test_a_browser_is_known_by_two_words_of_a_list(user_agent: str, kind: list[str]) -> None:
    assert kind_of_browser(user_agent) == kind


def test_the_page_lists_every_own_session_and_nobody_elses(world: World) -> None:
    phone, desk = browser(world, FIREFOX), browser(world, CHROME)
    browser(world, SAFARI, "colleague")
    phone.post("/account/lock/")

    shown = desk.get(PAGE).context["sessions"]

    assert [(each.label, each.is_this, each.is_unlocked) for each in shown] == [
        ("Chrome on Windows", True, True),
        ("Firefox on Android", False, False),
    ]
    assert all(each.seen.minute == 0 and each.seen <= each.began <= timezone.now() for each in shown)


def test_no_address_and_no_whole_user_agent_is_kept(world: World) -> None:
    client = sign_in(Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="198.51.100.77"), world, "lawyer")
    client.get(PAGE)

    data = [session_data(row.session_data) for row in Session.objects.all()]

    assert raw_bytes.found(["198.51.100.77", "rv:140", "Gecko"], raw_bytes.of_database()) == []
    assert not any("198.51" in each or "rv:140" in each for each in data)


def session_data(packed: str) -> str:
    """What a row of the session table holds, opened."""
    return str(SessionStore().decode(packed))


def test_ending_one_session_signs_out_and_locks_there_only(world: World) -> None:
    here, there, third = browser(world, CHROME), browser(world, FIREFOX), browser(world, SAFARI)

    answer = here.post(END, {"session": keys_of(here)["Firefox on Android"]})

    assert answer["Location"] == PAGE
    assert there.get("/cases/")["Location"].startswith("/sign-in/")
    assert (here.get("/cases/").status_code, third.get("/cases/").status_code) == (200, 200)
    assert UnlockedSession.objects.filter(user=world.people["lawyer"]).count() == 2
    assert entries(world, "account.end_session") == [{"actor": "lawyer-ge"}]


def test_a_session_of_somebody_else_does_not_exist(world: World) -> None:
    here, hers = client_of(world, "lawyer"), client_of(world, "colleague")
    key = next(each.key for each in hers.get(PAGE).context["sessions"])

    assert here.post(END, {"session": key}).status_code == 404
    assert hers.get("/cases/").status_code == 200


@pytest.mark.parametrize("key", ["", "0" * 64, "x" * 64, "0" * 63, "é" * 64, "0" * 64 + "\n"])
def test_what_is_no_session_is_not_found(world: World, key: str) -> None:
    assert client_of(world, "lawyer").post(END, {"session": key}).status_code == 404


def test_this_session_is_not_ended_by_mistake(world: World) -> None:
    here = client_of(world, "lawyer")
    (this,) = here.get(PAGE).context["sessions"]

    assert here.post(END, {"session": this.key}).status_code == 404
    assert here.get("/cases/").status_code == 200


def test_ending_all_others_leaves_this_one(world: World) -> None:
    here, there, third = browser(world, CHROME), browser(world, FIREFOX), browser(world, SAFARI)
    colleague = client_of(world, "colleague")

    assert here.post(END_OTHERS).status_code == 302

    assert here.get("/cases/").status_code == 200
    assert [each.get("/cases/").status_code for each in (there, third)] == [302, 302]
    assert colleague.get("/cases/").status_code == 200
    assert entries(world, "account.end_other_sessions") == [{"actor": "lawyer-ge", "sessions": 2}]


def test_an_unlocked_row_without_its_session_goes_with_the_others(world: World) -> None:
    here = client_of(world, "lawyer")
    UnlockedSession.objects.filter(user=world.people["lawyer"]).get()
    there = client_of(world, "lawyer")
    there.get("/cases/")
    Session.objects.exclude(pk=next(each.key for each in here.get(PAGE).context["sessions"] if each.is_this)).delete()

    here.post(END_OTHERS)

    assert UnlockedSession.objects.filter(user=world.people["lawyer"]).count() == 1


# --- limits


def test_signing_in_ends_after_ten_hours_whatever_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(world, "lawyer")
    (ends,) = Session.objects.values_list("expire_date", flat=True)
    assert abs(ends - timezone.now() - timedelta(hours=10)) < timedelta(minutes=1)

    in_nine_hours = time.time() + 9 * 3600
    monkeypatch.setattr("accounts.sessions.time.time", lambda: in_nine_hours)
    client.get("/account/")
    monkeypatch.undo()

    (row,) = Session.objects.all()
    assert row.expire_date == ends
    assert "'seen': " + str(int(in_nine_hours) // 3600 * 3600) in session_data(row.session_data)


def test_keys_end_after_ten_hours_however_busy(world: World) -> None:
    client = client_of(world, "lawyer")
    row = UnlockedSession.objects.get()
    assert abs(row.expires - time.time() - 10 * 3600) < 60

    UnlockedSession.objects.update(expires=int(time.time()) + 11 * 3600)

    assert client.get("/cases/").status_code == 423


def test_the_limits_are_those_of_the_design() -> None:
    assert (settings.CASEBOOK_IDLE_SECONDS, settings.CASEBOOK_SESSION_SECONDS) == (15 * 60, 10 * 60 * 60)
    assert (settings.CASEBOOK_STEP_UP_SECONDS, settings.SESSION_COOKIE_AGE) == (5 * 60, 10 * 60 * 60)


def test_signing_in_sweeps_what_has_ended(world: World) -> None:
    client_of(world, "colleague")
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    UnlockedSession.objects.update(last_seen=int(time.time()) - settings.CASEBOOK_IDLE_SECONDS)

    client_of(world, "lawyer")

    assert (Session.objects.count(), UnlockedSession.objects.count()) == (1, 1)


def test_signed_out_there_is_no_page(db: Any) -> None:
    assert [secure(Client()).get(PAGE).status_code, secure(Client()).post(END_OTHERS).status_code] == [302, 302]
