"""Signing in and out: passphrase, second factor, and what each of them opens."""

import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.conf import settings as project_settings
from django.test import Client

from accounts.forms import SignInForm
from accounts.models import UnlockedSession, User, UserKey
from casebook.core.models import Session
from tests import raw_bytes
from tests.accounts.second_factor import add_app, code_at, code_now, shown_seed, wrong_code
from tests.builders import PASSPHRASE, World
from tests.clients import client_of, secure, sign_in

UNLOCKED_ONLY = "/account/ledger/"
"""A page that needs open keys; for auditors."""


def credentials(world: World, name: str, passphrase: str = PASSPHRASE) -> dict[str, str]:
    return {"login": world.people[name].username, "password": passphrase}


# --- the passphrase alone


def test_the_passphrase_signs_in_and_unlocks(world: World) -> None:
    client = secure(Client())

    answer = client.post("/sign-in/", credentials(world, "auditor"))

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get(UNLOCKED_ONLY).status_code == 200


def test_a_wrong_passphrase_signs_nobody_in_and_says_what_to_check(world: World) -> None:
    client = secure(Client())

    answer = client.post("/sign-in/", credentials(world, "auditor", "not the passphrase at all"))

    assert b"Check the keyboard layout" in answer.content
    assert "sessionid" not in "".join(client.cookies)
    assert not UnlockedSession.objects.exists()


def test_an_unknown_name_and_a_wrong_passphrase_get_the_same_answer(world: World) -> None:
    client = secure(Client())

    known = client.post("/sign-in/", {"login": "lawyer-ge", "password": "not the passphrase at all"})
    unknown = client.post("/sign-in/", {"login": "nobody-ge", "password": "not the passphrase at all"})

    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors != {}


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("lawyer-ge\x00", PASSPHRASE),
        ("lawyer-ge", "a\x00b"),
        ("lawyer-ge", "x" * 1025),
        ("x" * 5000, PASSPHRASE),
        ("", ""),
        ("\ud800", "\ud800"),
    ],
)
def test_what_no_account_can_have_is_a_form_error(world: World, login: str, password: str) -> None:
    form = SignInForm({"login": login, "password": password}, request=None)

    assert not form.is_valid()
    assert form.errors


def test_the_eleventh_sign_in_within_a_minute_is_refused_with_its_own_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_900_000_000.0)
    client = secure(Client())

    answers = [client.post("/sign-in/", credentials(world, "lawyer", "wrong")).status_code for _ in range(11)]
    last = client.post("/sign-in/", credentials(world, "lawyer"))

    assert answers == [200] * 10 + [429]
    assert last.status_code == 429
    assert b"Too many attempts" in last.content


def test_a_closed_account_is_told_so(world: World) -> None:
    User.objects.filter(pk=world.people["lawyer"].pk).update(is_active=False)
    client = secure(Client())

    answer = client.post("/sign-in/", credentials(world, "lawyer"), follow=True)

    assert b"This account is closed" in answer.content
    assert client.get("/account/")["Location"].startswith("/sign-in/")


def test_a_passphrase_typed_on_a_keyboard_that_decomposes_letters_signs_in_and_unlocks(world: World) -> None:
    composed = "ёжик идёт домой"
    decomposed = "е\u0308жик иде\u0308т домои\u0306"
    client = client_of(world, "auditor")
    change = {"old_passphrase": PASSPHRASE, "passphrase": composed, "passphrase_again": decomposed}
    assert client.post("/account/passphrase/", change).status_code == 302

    for passphrase in (composed, decomposed):
        assert sign_in(Client(), world, "auditor", passphrase=passphrase).get(UNLOCKED_ONLY).status_code == 200


# --- the second factor


def test_with_a_second_factor_the_passphrase_alone_opens_nothing(world: World) -> None:
    add_app(client_of(world, "auditor"))
    client = secure(Client())

    answer = client.post("/sign-in/", credentials(world, "auditor"))

    assert (answer.status_code, answer["Location"]) == (302, "/second-factor/enter/")
    assert client.get(UNLOCKED_ONLY)["Location"].startswith("/sign-in/")


def test_passphrase_and_code_sign_in_and_unlock(world: World) -> None:
    seed = add_app(client_of(world, "auditor"))
    client = sign_in(Client(), world, "auditor")

    answer = client.post("/second-factor/enter/", {"code": code_now(seed)})

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get(UNLOCKED_ONLY).status_code == 200


def test_a_wrong_code_signs_nobody_in_and_promotes_nothing(world: World) -> None:
    seed = add_app(client_of(world, "auditor"))
    UnlockedSession.objects.all().delete()
    client = sign_in(Client(), world, "auditor")

    answer = client.post("/second-factor/enter/", {"code": wrong_code(seed)})

    assert b"not valid now" in answer.content
    assert client.get(UNLOCKED_ONLY)["Location"].startswith("/sign-in/")
    assert list(UnlockedSession.objects.values_list("state", flat=True)) == ["pending"]


@pytest.mark.parametrize("code", ["", "\x00", "١٢٣٤٥٦", "ж" * 5000, "12345"])
def test_a_code_that_is_none_is_a_form_error(world: World, code: str) -> None:
    add_app(client_of(world, "auditor"))
    client = sign_in(Client(), world, "auditor")

    answer = client.post("/second-factor/enter/", {"code": code})

    assert answer.status_code == 200
    assert b"error-summary" in answer.content


def test_an_empty_form_instead_of_a_code_is_no_server_error(world: World) -> None:
    add_app(client_of(world, "auditor"))
    client = sign_in(Client(), world, "auditor")

    answer = client.post("/second-factor/enter/")

    assert answer.status_code == 200
    assert b"error-summary" in answer.content
    assert b'name="code"' in answer.content


def test_codes_cannot_be_guessed_in_bulk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = add_app(client_of(world, "auditor"))
    client = sign_in(Client(), world, "auditor")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)

    answers = [client.post("/second-factor/enter/", {"code": wrong_code(seed)}).status_code for _ in range(11)]

    assert answers == [200] * 10 + [429]


def test_a_code_seen_over_a_shoulder_is_spent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = add_app(client_of(world, "auditor"))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    sign_in(Client(), world, "auditor").post("/second-factor/enter/", {"code": code_now(seed)})
    thief = sign_in(Client(), world, "auditor")

    answer = thief.post("/second-factor/enter/", {"code": code_now(seed)})

    assert b"used already" in answer.content
    assert thief.get(UNLOCKED_ONLY)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(("off", "status"), [(-2, 200), (-1, 302), (0, 302), (1, 302), (2, 200)])
def test_a_clock_that_is_one_period_off_still_shows_a_code_that_signs_in(
    world: World, monkeypatch: pytest.MonkeyPatch, off: int, status: int
) -> None:
    seed = add_app(client_of(world, "auditor"))
    client = sign_in(Client(), world, "auditor")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 30 * off)
    code = code_now(seed)
    monkeypatch.setattr(time, "time", lambda: now)

    answer = client.post("/second-factor/enter/", {"code": code})

    assert answer.status_code == status


@pytest.mark.parametrize("url", ["/second-factor/enter/", "/second-factor/enter-again/"])
def test_a_code_stays_spent_in_the_next_period_which_would_still_take_it(
    world: World, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    signed_in = client_of(world, "auditor")
    seed = add_app(signed_in)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    seen, older = code_now(seed), code_at(seed, now - 30)
    sign_in(Client(), world, "auditor").post("/second-factor/enter/", {"code": seen})
    thief = signed_in if url.endswith("again/") else sign_in(Client(), world, "auditor")

    same_period = thief.post(url, {"code": older})
    monkeypatch.setattr(time, "time", lambda: now + 30)
    next_period = thief.post(url, {"code": seen})
    fresh = thief.post(url, {"code": code_now(seed)})

    assert b"used already" in same_period.content
    assert b"used already" in next_period.content
    assert fresh.status_code == 302


def test_a_sign_in_that_waits_for_its_code_can_be_started_over(world: World) -> None:
    add_app(client_of(world, "auditor"))
    client = sign_in(Client(), world, "auditor")

    answer = client.post("/sign-out/", {"next": "/sign-in/"})

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert client.get("/sign-in/").status_code == 200


def test_a_pending_session_opens_nothing_before_the_code_and_is_promoted_once(world: World) -> None:
    seed = add_app(client_of(world, "auditor"))
    client = sign_in(Client(), world, "auditor")
    pending_cookie = client.cookies[project_settings.CASEBOOK_KEY_COOKIE_NAME].value

    client.post("/second-factor/enter/", {"code": code_now(seed)})
    client.cookies[project_settings.CASEBOOK_KEY_COOKIE_NAME] = pending_cookie

    assert client.get(UNLOCKED_ONLY).status_code == 423


def test_the_seed_of_the_second_factor_lies_sealed_in_the_database_while_set_up_and_afterwards(world: World) -> None:
    client = client_of(world, "auditor")
    page = client.get("/second-factor/app/add/", follow=True)
    client.post("/sign-in/again/", {"password": PASSPHRASE})
    page = client.get("/second-factor/app/add/")
    seed = shown_seed(page)
    stored_while_set_up = client.session[SECRET_SESSION_KEY]
    rows = [client.session.decode(data) for data in Session.objects.values_list("session_data", flat=True)]
    assert seed not in str(rows)
    assert seed not in stored_while_set_up

    client.post("/second-factor/app/add/", {"code": code_now(seed)})

    assert raw_bytes.found([seed], raw_bytes.of_database()) == []


def test_a_typing_slip_while_setting_up_keeps_the_same_key(world: World) -> None:
    client = client_of(world, "auditor")
    client.post("/sign-in/again/", {"password": PASSPHRASE})
    seed = shown_seed(client.get("/second-factor/app/add/"))

    answer = client.post("/second-factor/app/add/", {"code": wrong_code(seed)})

    assert shown_seed(answer) == seed
    assert client.post("/second-factor/app/add/", {"code": code_now(seed)}).status_code == 302


def test_setting_up_asks_for_the_passphrase_again(world: World) -> None:
    client = client_of(world, "auditor")

    assert client.get("/second-factor/app/add/")["Location"].startswith("/sign-in/again/")
    refused = client.post("/sign-in/again/", {"password": "not the passphrase at all"})
    assert b"That is not your passphrase" in refused.content
    assert client.get("/second-factor/app/add/")["Location"].startswith("/sign-in/again/")


def test_a_spare_code_replaces_the_app_once(world: World) -> None:
    client = client_of(world, "auditor")
    add_app(client)
    page = client.get("/second-factor/codes/download/").content.decode()
    spare = page.split()[0]

    first = sign_in(Client(), world, "auditor").post("/second-factor/enter/", {"code": spare})
    second = sign_in(Client(), world, "auditor").post("/second-factor/enter/", {"code": spare})

    assert (first.status_code, second.status_code) == (302, 200)


def test_a_code_of_the_app_shows_again_that_it_is_her(world: World) -> None:
    client = client_of(world, "auditor")
    seed = add_app(client)

    wrong = client.post("/second-factor/enter-again/", {"code": wrong_code(seed)})
    right = client.post("/second-factor/enter-again/", {"code": code_now(seed), "next": "/second-factor/codes/"})

    assert b"not valid now" in wrong.content
    assert right["Location"] == "/second-factor/codes/"


def test_the_pages_of_the_second_factor_open(world: World) -> None:
    client = client_of(world, "auditor")
    add_app(client)

    pages = ("", "enter-again/", "app/remove/", "codes/", "codes/new/", "codes/download/")
    assert [client.get(f"/second-factor/{page}").status_code for page in pages] == [200] * 6
    assert client.post("/second-factor/app/remove/")["Location"] == "/second-factor/"


# --- the second factor is required


def test_without_a_second_factor_only_its_set_up_is_reached_where_it_is_required(world: World, settings: Any) -> None:
    client = client_of(world, "admin")
    settings.CASEBOOK_REQUIRE_SECOND_FACTOR = True

    inner = ("/", "/account/", "/account/people/", "/account/unlock/", "/publication/digests/")
    assert {client.get(url).headers.get("Location") for url in inner} == {"/second-factor/app/add/"}
    outer = ("/about/protection/", "/second-factor/", "/sign-in/again/", "/sign-out/", "/sign-in/forgotten/")
    assert [client.get(url).status_code for url in outer] == [200] * len(outer)
    assert (
        client.post("/language/", {"language": "ru", "next": "/about/protection/"})["Location"] == "/about/protection/"
    )
    assert client.post("/account/lock/")["Location"] == "/account/unlock/"


def test_once_it_is_set_up_the_required_second_factor_opens_everything(world: World, settings: Any) -> None:
    settings.CASEBOOK_REQUIRE_SECOND_FACTOR = True
    client = client_of(world, "admin")
    assert client.get("/account/people/")["Location"] == "/second-factor/app/add/"

    add_app(client)

    assert client.get("/account/people/").status_code == 200


def test_people_who_are_signed_out_are_led_to_sign_in_and_not_to_the_second_factor(world: World, settings: Any) -> None:
    settings.CASEBOOK_REQUIRE_SECOND_FACTOR = True

    assert secure(Client()).get("/account/")["Location"].startswith("/sign-in/")


_WITHOUT_SIGNING_IN = (
    "/sign-in/again/",
    "/sign-out/",
    "/second-factor/",
    "/second-factor/enter/",
    "/second-factor/enter-again/",
    "/second-factor/app/add/",
    "/second-factor/app/remove/",
    "/second-factor/codes/",
    "/second-factor/codes/new/",
    "/second-factor/codes/download/",
    "/account/",
    "/account/unlock/",
    "/account/recover/",
    "/account/passphrase/",
    "/account/recovery-code/",
    "/account/people/",
    "/account/ledger/",
)


@pytest.mark.parametrize("url", _WITHOUT_SIGNING_IN)
def test_who_is_signed_out_is_led_to_sign_in(db: None, url: str) -> None:
    client = secure(Client())

    looked_at, sent = client.get(url), client.post(url)

    assert looked_at.status_code == 302
    assert looked_at["Location"] == "/" or looked_at["Location"].startswith("/sign-in/")
    assert sent.status_code in {302, 405}


# --- sessions


def test_keys_that_stood_idle_are_closed(world: World) -> None:
    client = client_of(world, "auditor")
    assert client.get(UNLOCKED_ONLY).status_code == 200

    idle = int(time.time()) - project_settings.CASEBOOK_IDLE_SECONDS - 1
    UnlockedSession.objects.update(last_seen=idle)

    assert client.get(UNLOCKED_ONLY).status_code == 423
    assert not UnlockedSession.objects.exists()


def test_keys_at_work_stay_open(world: World) -> None:
    client = client_of(world, "auditor")
    nearly = int(time.time()) - project_settings.CASEBOOK_IDLE_SECONDS + 60
    UnlockedSession.objects.update(last_seen=nearly)

    assert client.get(UNLOCKED_ONLY).status_code == 200
    assert UnlockedSession.objects.get().last_seen > nearly


def test_replaced_keys_end_the_sessions_of_the_old_ones(world: World) -> None:
    client = client_of(world, "auditor")

    UserKey.objects.filter(user=world.people["auditor"]).update(active=False)

    assert client.get(UNLOCKED_ONLY).status_code == 423
    assert not UnlockedSession.objects.exists()


def test_signing_out_deletes_the_keys_and_has_the_browser_forget(world: World) -> None:
    client = client_of(world, "auditor")
    kept = {name: morsel.value for name, morsel in client.cookies.items()}

    answer = client.post("/sign-out/")

    assert not UnlockedSession.objects.exists()
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    for name, value in kept.items():
        client.cookies[name] = value
    assert client.get(UNLOCKED_ONLY)["Location"].startswith("/sign-in/")


def test_no_other_page_has_the_browser_forget(world: World) -> None:
    client = client_of(world, "auditor")

    pages = (client.get("/account/"), client.post("/account/lock/"), secure(Client()).get("/sign-in/"))
    assert [page.headers.get("Clear-Site-Data") for page in pages] == [None] * 3


def test_locking_closes_the_keys_and_keeps_the_person_signed_in(world: World) -> None:
    client = client_of(world, "auditor")

    answer = client.post("/account/lock/")

    assert answer["Location"] == "/account/unlock/"
    assert not UnlockedSession.objects.exists()
    assert (client.get("/account/").status_code, client.get(UNLOCKED_ONLY).status_code) == (200, 423)


def test_what_the_browser_holds_is_not_in_the_database(world: World) -> None:
    client = client_of(world, "auditor")
    client.get(UNLOCKED_ONLY)

    values = [morsel.value for morsel in client.cookies.values() if morsel.value]

    assert len(values) >= 2
    assert raw_bytes.found(values, raw_bytes.of_database()) == []
    tokens = [bytes.fromhex(value) for value in values if len(value) == 64]
    assert tokens
    assert not any(token in raw_bytes.of_database() for token in tokens)


def test_a_second_browser_needs_its_own_passphrase(world: World) -> None:
    first = client_of(world, "auditor")
    second = secure(Client())

    second.cookies[project_settings.CASEBOOK_KEY_COOKIE_NAME] = first.cookies[
        project_settings.CASEBOOK_KEY_COOKIE_NAME
    ].value
    second.force_login(world.people["auditor"], backend="accounts.backends.PersonBackend")

    assert second.get(UNLOCKED_ONLY).status_code == 423


def test_signed_in_by_other_means_is_signed_in_and_locked(world: World) -> None:
    client = secure(Client())

    client.force_login(world.people["auditor"], backend="accounts.backends.PersonBackend")

    assert client.get("/account/").status_code == 200
    assert client.get(UNLOCKED_ONLY).status_code == 423
