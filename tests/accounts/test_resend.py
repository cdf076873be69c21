"""A session's end costs nothing that was typed: refused forms come back and can be sent again."""

import re
from html import unescape
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client, RequestFactory

from accounts import forms as account_forms
from accounts.models import Invitation, UnlockedSession, UserKey
from casebook.core.models import Session
from casebook.core.resend import Kept, LeftOut, is_same_origin, is_secret
from tests.accounts.test_people import newcomer, person_url
from tests.builders import PASSPHRASE, World
from tests.clients import client_of, secure

INVITE = "/account/people/invite/"
TYPED = {"display_name": "Ж & <b>\r\nline two", "roles": ["auditor", "advocate"]}
OURS = {"Sec-Fetch-Site": "same-origin"}
THEIRS = {"Sec-Fetch-Site": "cross-site"}
_FORM = re.compile(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def form_to(answer: Any, url: str) -> dict[str, list[str]]:
    """The hidden fields of the form on the page that goes to `url`; fails where there is none."""
    for action, body in _FORM.findall(answer.content.decode()):
        if unescape(action) == url:
            fields: dict[str, list[str]] = {}
            for name, value in _INPUT.findall(body):
                fields.setdefault(unescape(name), []).append(unescape(value))
            return fields
    raise AssertionError(f"no form to {url}")


def without_token(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: values for name, values in fields.items() if name != "csrfmiddlewaretoken"}


def checking(client: Client) -> Client:
    """The same browser, with Django's check of form tokens on."""
    client.handler.enforce_csrf_checks = True
    return client


# --- signed out


def test_a_form_sent_after_the_session_ended_comes_back_and_is_sent_after_signing_in(world: World) -> None:
    client = client_of(world, "admin")
    Session.objects.all().delete()

    refused = client.post(INVITE, TYPED, headers=OURS)
    assert refused.status_code == 401
    assert b"You are signed out" in refused.content
    kept = form_to(refused, INVITE)
    assert without_token(kept) == {"display_name": [TYPED["display_name"]], "roles": TYPED["roles"]}

    again = client_of(world, "admin").post(INVITE, kept, headers=OURS)
    assert again.status_code == 200
    assert Invitation.objects.filter(display_name=TYPED["display_name"]).exists()


def test_the_address_is_kept_with_its_query(world: World) -> None:
    refused = secure(Client()).post(INVITE + "?a=1&b=2", TYPED, headers=OURS)

    assert form_to(refused, INVITE + "?a=1&b=2")


def test_without_a_word_typed_signing_in_is_all_there_is_to_do(world: World) -> None:
    answer = secure(Client()).post("/account/lock/", {"csrfmiddlewaretoken": "x"}, headers=OURS)

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")


@pytest.mark.parametrize("headers", [THEIRS, {}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}])
def test_a_form_of_another_site_is_only_led_to_sign_in(world: World, headers: dict[str, str]) -> None:
    answer = secure(Client()).post(INVITE, TYPED, headers=headers)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_a_page_that_is_only_looked_at_leads_to_sign_in(world: World) -> None:
    answer = secure(Client()).get(INVITE, headers=OURS)

    assert answer["Location"] == f"/sign-in/?next={INVITE}"


# --- locked


def test_a_form_sent_while_locked_comes_back_with_the_unlock_form_and_is_sent_afterwards(world: World) -> None:
    newcomer(world)
    client = client_of(world, "admin")
    UnlockedSession.objects.all().delete()
    url = person_url(world, "newcomer", "confirm/")

    refused = client.post(url, {"compared": "on"}, headers=OURS)
    assert refused.status_code == 423
    carried = form_to(refused, "/account/unlock/")
    assert without_token(form_to(refused, url)) == {"compared": ["on"]}

    wrong = client.post("/account/unlock/", {**carried, "passphrase": "wrong"})
    assert wrong.status_code == 403
    carried = form_to(wrong, "/account/unlock/")

    unlocked = client.post("/account/unlock/", {**carried, "passphrase": PASSPHRASE})
    assert unlocked.status_code == 200
    assert b"Your cases are open again" in unlocked.content
    sent = client.post(url, form_to(unlocked, url), headers=OURS)
    assert sent.status_code == 302
    assert UserKey.objects.get(user=world.people["newcomer"]).is_certified


def test_after_unlocking_in_another_tab_the_form_is_sent_from_the_same_page(world: World) -> None:
    newcomer(world)
    client = client_of(world, "admin")
    UnlockedSession.objects.all().delete()
    url = person_url(world, "newcomer", "confirm/")
    refused = client.post(url, {"compared": "on"}, headers=OURS)

    client.post("/account/unlock/", {"passphrase": PASSPHRASE})

    by_unlock_form = client.post("/account/unlock/", {**form_to(refused, "/account/unlock/"), "passphrase": "any"})
    assert by_unlock_form.status_code == 200
    assert client.post(url, form_to(refused, url), headers=OURS).status_code == 302


def test_a_form_of_another_site_sent_while_locked_gets_the_plain_page(world: World) -> None:
    newcomer(world)
    client = client_of(world, "admin")
    client.post("/account/lock/")

    refused = client.post(person_url(world, "newcomer", "confirm/"), {"compared": "on"}, headers=THEIRS)

    assert refused.status_code == 423
    assert b"resend_fields" not in refused.content


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "/\\evil.example"]
)
def test_unlocking_sends_nothing_to_another_site(world: World, url: str) -> None:
    client = client_of(world, "admin")
    client.post("/account/lock/")

    carried = {"resend_url": url, "resend_fields": "a=b", "passphrase": PASSPHRASE}
    answer = client.post("/account/unlock/", carried)

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_too_many_fields_are_refused_and_no_server_error(world: World, settings: Any) -> None:
    client = client_of(world, "admin")
    client.post("/account/lock/")
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10

    carried = {"resend_url": INVITE, "resend_fields": "a=b&" * 20, "passphrase": PASSPHRASE}

    assert client.post("/account/unlock/", carried).status_code == 400


# --- a page that was open for too long


def test_a_form_with_an_old_token_comes_back_with_a_fresh_one(world: World) -> None:
    client = checking(client_of(world, "admin"))

    refused = client.post(INVITE, {**TYPED, "csrfmiddlewaretoken": "old"}, headers=OURS)
    assert refused.status_code == 403
    assert b"open for too long" in refused.content

    sent = client.post(INVITE, form_to(refused, INVITE), headers=OURS)
    assert sent.status_code == 200
    assert Invitation.objects.filter(display_name=TYPED["display_name"]).exists()


@pytest.mark.parametrize("headers", [THEIRS, {"Origin": "https://evil.example"}, {"Origin": "null"}, {}])
def test_a_forged_form_gets_the_plain_refusal(world: World, headers: dict[str, str]) -> None:
    client = checking(client_of(world, "admin"))

    refused = client.post(INVITE, TYPED, headers=headers)

    assert refused.status_code == 403
    assert "Ж" not in refused.content.decode()
    assert not Invitation.objects.filter(display_name=TYPED["display_name"]).exists()


def test_an_old_sign_in_page_keeps_the_name_and_never_the_passphrase(world: World) -> None:
    client = checking(secure(Client()))

    refused = client.post("/sign-in/", {"login": "admin-ge", "password": PASSPHRASE}, headers=OURS)

    assert refused.status_code == 403
    assert without_token(form_to(refused, "/sign-in/")) == {"login": ["admin-ge"]}
    assert PASSPHRASE not in refused.content.decode()
    assert b"Passphrases and codes are never kept" in refused.content


# --- scripts


@pytest.mark.parametrize(
    "headers", [{"X-Requested-With": "casebook-autosave"}, {"X-Autosave": "1"}, {"HX-Request": "true"}]
)
def test_autosave_and_htmx_get_a_status_and_a_few_words(world: World, headers: dict[str, str]) -> None:
    newcomer(world)
    client = client_of(world, "admin")
    url = person_url(world, "newcomer", "confirm/")
    client.post("/account/lock/")

    locked = client.post(url, {"compared": "on"}, headers={**OURS, **headers})
    stale = checking(client).post(url, {"compared": "on"}, headers={**OURS, **headers})
    signed_out = secure(Client()).post(url, {"compared": "on"}, headers={**OURS, **headers})
    empty = secure(Client()).post(url, headers={**OURS, **headers})

    answers = (locked, stale, signed_out, empty)
    assert [answer.status_code for answer in answers] == [423, 403, 401, 401]
    assert all(answer["Content-Type"].startswith("text/plain") and len(answer.content) < 100 for answer in answers)


# --- what is kept, and who is believed


def test_every_field_is_kept_in_its_order_and_files_and_secrets_are_not(rf: RequestFactory) -> None:
    body = {
        "b": ["2", "1"],
        "a": "Ж\r\n<b>&amp;",
        "passport_number": "123",
        "old_passphrase": "secret",
        "form-0-password": "secret",
        "code": "123456",
        "csrfmiddlewaretoken": "x",
        "photo": SimpleUploadedFile("a.jpg", b"x"),
    }

    kept = Kept.of(rf.post("/somewhere/?x=1", body))

    assert kept.url == "/somewhere/?x=1"
    assert kept.fields == (("b", "2"), ("b", "1"), ("a", "Ж\r\n<b>&amp;"), ("passport_number", "123"))
    assert kept.left_out == {LeftOut.SECRETS, LeftOut.FILES}


def test_what_the_unlock_form_carries_is_what_was_typed(rf: RequestFactory) -> None:
    kept = Kept.of(rf.post("/somewhere/", {"b": ["2", "1"], "a": "Ж +&=%\r\n", "": "x", "password": "secret"}))
    carried = {"resend_url": kept.url, "resend_fields": kept.packed, "resend_left_out": ["secrets", "nonsense"]}

    assert Kept.carried_by(rf.post("/account/unlock/", carried)) == kept


def test_what_was_typed_is_not_in_a_repr(rf: RequestFactory) -> None:
    assert "testimony" not in repr(Kept.of(rf.post("/", {"a": "testimony"})))


def test_no_passphrase_field_of_a_form_would_be_kept() -> None:
    found = {
        name
        for form in vars(account_forms).values()
        if isinstance(form, type) and issubclass(form, forms.BaseForm) and hasattr(form, "base_fields")
        for name, field in form.base_fields.items()
        if isinstance(field.widget, forms.PasswordInput) or name.endswith("code")
    }

    assert found >= {"password", "passphrase", "passphrase_again", "old_passphrase", "recovery_code", "code"}
    assert {name for name in found if not is_secret(name)} == set()


@pytest.mark.parametrize(
    ("headers", "believed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://testserver"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "https://testserver"}, True),
        ({"Origin": "http://testserver"}, False),
        ({"Origin": "https://testserver.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Referer": "https://testserver/cases/"}, True),
        ({"Referer": "https://evil.example/https://testserver/"}, False),
        ({"Origin": "https://[evil"}, False),
        ({}, False),
    ],
)
def test_a_request_is_ours_when_the_browser_says_so(
    rf: RequestFactory, headers: dict[str, str], believed: bool
) -> None:
    assert is_same_origin(rf.post("/", headers=headers, secure=True)) is believed


def test_a_query_dict_packs_and_unpacks_every_character() -> None:
    text = "".join(chr(number) for number in range(1, 0x250)) + "\U0001f600"
    packed = QueryDict(mutable=True)
    packed["a"] = text

    assert QueryDict(packed.urlencode())["a"] == text
