"""Security keys and passkeys: a second factor like the app, and never a way to the keys of cases."""

import json
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import UnlockedSession
from tests import raw_bytes
from tests.accounts.entries import entries
from tests.accounts.security_key import SecurityKey
from tests.accounts.test_sign_in import UNLOCKED_ONLY
from tests.builders import PASSPHRASE, World
from tests.clients import client_of, secure

ADD, ENTER = "/second-factor/keys/add/", "/second-factor/enter/"


def add_key(client: Client, name: str = "blue") -> SecurityKey:
    """Set a key up through the pages."""
    client.post("/sign-in/again/", {"password": PASSPHRASE, "next": ADD})
    key = SecurityKey()
    options = client.get(ADD).context["js_data"]["creation_options"]
    answer = client.post(ADD, {"name": name, "credential": key.create(_plain(options))})
    assert answer.status_code == 302, answer.content.decode()
    return key


def _plain(options: Any) -> dict[str, Any]:
    """Options as the page carries them: JSON."""
    plain: dict[str, Any] = json.loads(json.dumps(options, default=dict))
    return plain


def half_signed_in(world: World, name: str = "auditor") -> tuple[Client, dict[str, Any]]:
    """A new browser after the passphrase, and what the page asks the key for."""
    client = secure(Client())
    answer = client.post("/sign-in/", {"login": world.people[name].username, "password": PASSPHRASE})
    assert answer["Location"] == ENTER
    return client, _plain(client.get(ENTER).context["js_data"]["request_options"])


def test_passphrase_and_key_sign_in_and_unlock(world: World) -> None:
    key = add_key(client_of(world, "auditor"))

    client, options = half_signed_in(world)
    assert client.get(UNLOCKED_ONLY).status_code == 302
    assert client.post(ENTER, {"credential": key.get(options)}).status_code == 302

    assert client.get(UNLOCKED_ONLY).status_code == 200
    assert entries(world, "account.add_second_factor")[0] == {"actor": "auditor-ge", "factor": "webauthn"}


def test_a_key_without_the_passphrase_is_asked_for_nowhere(world: World) -> None:
    add_key(client_of(world, "auditor"))

    assert b"webauthn" not in secure(Client()).get("/sign-in/").content
    for name in ("mfa_login_webauthn", "mfa_signup_webauthn"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_a_key_opens_no_keys_of_cases(world: World) -> None:
    """Whoever is asked again for a key, and answers, is as locked as before."""
    client = client_of(world, "auditor")
    key = add_key(client)
    client.post("/account/lock/")
    page = client.get("/second-factor/keys/enter-again/")

    client.post(
        "/second-factor/keys/enter-again/", {"credential": key.get(_plain(page.context["js_data"]["request_options"]))}
    )

    assert client.get(UNLOCKED_ONLY).status_code == 423
    assert not UnlockedSession.objects.filter(user=world.people["auditor"], state="active").exists()


def test_another_key_another_site_and_an_old_answer_sign_nobody_in(world: World) -> None:
    key = add_key(client_of(world, "auditor"))
    client, options = half_signed_in(world)
    old = key.get(options)
    fresh = _plain(client.get(ENTER).context["js_data"]["request_options"])
    forged = SecurityKey(credential=key.credential)

    for answer in (
        old,
        SecurityKey().get(fresh),
        forged.get(fresh),
        key.get(fresh, origin="https://elsewhere.example"),
    ):
        refused = client.post(ENTER, {"credential": answer})
        assert (refused.status_code, bool(refused.context["webauthn_form"].errors)) == (200, True)
        fresh = _plain(refused.context["js_data"]["request_options"])

    assert client.get(UNLOCKED_ONLY).status_code == 302


def test_somebody_elses_key_signs_nobody_in(world: World) -> None:
    add_key(client_of(world, "auditor"))
    hers = add_key(client_of(world, "lawyer"))
    client, options = half_signed_in(world)

    refused = client.post(ENTER, {"credential": hers.get(options)})

    assert refused.context["webauthn_form"].errors


def test_tries_at_a_key_are_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add_key(client_of(world, "auditor"))
    client, options = half_signed_in(world)
    wrong = SecurityKey().get(options)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)

    assert [client.post(ENTER, {"credential": wrong}).status_code for _ in range(11)] == [200] * 10 + [429]


@pytest.mark.parametrize("sent", ["", "{", "[]", "null", "7", '"x"', "{}", '{"id": {}}', "[" * 5000, '{"rawId": "é"}'])
def test_what_is_no_answer_of_a_key_is_a_form_error(world: World, sent: str) -> None:
    client = client_of(world, "auditor")
    add_key(client)

    setting_up = client.post(ADD, {"name": "x", "credential": sent})
    waiting, _options = half_signed_in(world)
    signing_in = waiting.post(ENTER, {"credential": sent})

    assert (setting_up.status_code, signing_in.status_code) == (200, 200)
    assert signing_in.context["webauthn_form"].errors
    assert Authenticator.objects.filter(type="webauthn").count() == 1


JUNK: list[Any] = [None, True, 7, "", "é", "A", "AAAA", "e30", [], [[]], {}, {"a": []}]


@pytest.mark.parametrize("place", ["id", "rawId", "type", "response", "clientDataJSON", "attestationObject"])
def test_no_part_of_an_answer_can_be_turned_into_a_server_error(world: World, place: str) -> None:
    client = client_of(world, "auditor")
    client.post("/sign-in/again/", {"password": PASSPHRASE, "next": ADD})
    options = _plain(client.get(ADD).context["js_data"]["creation_options"])

    for junk in JUNK:
        answer = json.loads(SecurityKey().create(options))
        (answer if place in answer else answer["response"])[place] = junk
        assert client.post(ADD, {"name": "x", "credential": json.dumps(answer)}).status_code in {200, 302}, junk

    assert Authenticator.objects.filter(type="webauthn").count() <= 1


def test_the_page_lists_keys_and_removes_one_after_asking(world: World) -> None:
    client = client_of(world, "auditor")
    add_key(client)
    add_key(client, "spare")
    first = Authenticator.objects.filter(type="webauthn").earliest("pk")

    assert [name in client.get("/second-factor/keys/").content for name in (b"blue", b"spare")] == [True, True]
    assert b"blue" in client.get("/account/sessions/").content
    removal = f"/second-factor/keys/{first.pk}/remove/"
    assert (client.get(removal).status_code, client.post(removal).status_code) == (200, 302)

    assert [name in client.get("/second-factor/keys/").content for name in (b"blue", b"spare")] == [False, True]
    assert entries(world, "account.remove_second_factor") == [{"actor": "auditor-ge", "factor": "webauthn"}]


def test_a_key_of_somebody_else_does_not_exist(world: World) -> None:
    add_key(client_of(world, "auditor"))
    client = client_of(world, "lawyer")
    client.post("/sign-in/again/", {"password": PASSPHRASE, "next": "/"})

    assert client.get(f"/second-factor/keys/{Authenticator.objects.latest('pk').pk}/remove/").status_code == 404


def test_setting_a_key_up_asks_for_the_passphrase_again(world: World) -> None:
    client = client_of(world, "auditor")
    session = client.session
    session["account_authentication_methods"] = []
    session.save()

    assert client.get(ADD)["Location"].startswith("/sign-in/again/")


def test_a_key_is_second_factor_enough_where_one_is_required(world: World, settings: Any) -> None:
    client = client_of(world, "auditor")
    add_key(client)
    settings.CASEBOOK_REQUIRE_SECOND_FACTOR = True

    assert client.get(UNLOCKED_ONLY).status_code == 200


def test_what_lies_at_rest_is_the_public_half(world: World) -> None:
    key = add_key(client_of(world, "auditor"))
    secret = key.private.private_numbers().private_value.to_bytes(32, "big")

    assert secret not in raw_bytes.of_database()


def test_no_page_of_keys_carries_a_script_that_runs(world: World) -> None:
    client = client_of(world, "auditor")
    client.post("/sign-in/again/", {"password": PASSPHRASE, "next": ADD})

    page = client.get(ADD)
    inline = [part for part in page.content.decode().split("<script")[1:] if "src=" not in part.split(">")[0]]

    assert inline
    assert all('type="application/json"' in part.split(">")[0] for part in inline)
    directives = {directive.strip() for directive in page["Content-Security-Policy"].split(";")}
    assert "script-src 'self'" in directives
