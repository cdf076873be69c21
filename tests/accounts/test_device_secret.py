"""The device secret: a passphrase alone opens nothing of who may read names, in no browser and with no copy of ours."""

import re
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from accounts.actions import invite, reset_sign_in
from accounts.actor import Actor
from accounts.browser import device_secret_of, keep_device_secret
from accounts.enrolment import RecoveryKit, needs_device_secret, open_with_passphrase
from accounts.models import KeySlot, Role, User
from casebook.core import recovery_code
from casebook.core.errors import WrongSecretError
from tests import raw_bytes
from tests.accounts.entries import entries
from tests.builders import PASSPHRASE, World
from tests.clients import secure

COOKIE = "__Host-devicekey"
NEW = "seven other words nobody would ever guess"
CASES = "/cases/"


@pytest.fixture(autouse=True)
def with_device_secrets(settings: Any) -> None:
    settings.CASEBOOK_DEVICE_SECRET = True


def newcomer(world: World, *roles: Role, name: str = "newcomer") -> tuple[Client, RecoveryKit, User]:
    """Somebody accepts an invitation in her browser: the browser, her kit, her account."""
    token = invite(world.actor("admin"), display_name=name.title(), roles=roles or [Role.STREET_LAWYER])
    client = secure(Client())
    typed = {"username": name, "display_name": name, "passphrase": PASSPHRASE, "passphrase_again": PASSPHRASE}
    answer = client.post(f"/account/invitation/{token}/", typed)
    assert answer.status_code == 200, answer.context["form"].errors
    return client, answer.context["kit"], User.objects.get(username=name)


def sign_in(client: Client, user: User, passphrase: str = PASSPHRASE) -> Client:
    assert secure(client).post("/sign-in/", {"login": user.username, "password": passphrase}).status_code == 302
    return client


def test_who_may_open_names_gets_a_kit_with_a_device_code_and_a_browser_that_has_it(world: World) -> None:
    client, kit, user = newcomer(world)

    cookie = client.cookies[COOKIE]
    assert needs_device_secret(user)
    assert kit.device_secret.hex() in cookie.value
    assert recovery_code.parse_code(kit.device_code, 32) == kit.device_secret
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Strict")
    assert cookie["max-age"] == 180 * 24 * 60 * 60


@pytest.mark.parametrize("role", [Role.LEGAL_EXPERT, Role.ADVOCATE, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_never_opens_names_needs_no_device_code(world: World, role: Role) -> None:
    client, kit, user = newcomer(world, role)

    assert (kit.device_code, COOKIE in client.cookies, needs_device_secret(user)) == ("", False, False)


def test_it_can_be_turned_off(world: World, settings: Any) -> None:
    settings.CASEBOOK_DEVICE_SECRET = False

    client, kit, user = newcomer(world)

    assert (kit.device_code, COOKIE in client.cookies, needs_device_secret(user)) == ("", False, False)


def test_the_kit_names_its_owner_and_both_codes_and_prints(world: World) -> None:
    token = invite(world.actor("admin"), display_name="New", roles=[Role.COORDINATOR])
    typed = {"username": "new", "display_name": "New", "passphrase": PASSPHRASE, "passphrase_again": PASSPHRASE}

    answer = secure(Client()).post(f"/account/invitation/{token}/", typed)
    page = answer.content.decode()

    kit = answer.context["kit"]
    assert all(words in page for words in ("new", world.organisation.name, kit.device_code, kit.recovery_code))
    assert "data-print" in page
    assert kit.device_code not in repr(kit)


def test_the_passphrase_without_the_device_secret_opens_nothing(world: World) -> None:
    _client, kit, user = newcomer(world)

    for secret in (b"", bytes(32), kit.device_secret[:-1], kit.device_secret + b"\0"):
        with pytest.raises(WrongSecretError):
            open_with_passphrase(user, PASSPHRASE, device_secret=secret)
    assert open_with_passphrase(user, PASSPHRASE, device_secret=kit.device_secret)


def test_a_slot_that_is_said_to_take_no_device_secret_opens_nothing_either(world: World) -> None:
    _client, kit, user = newcomer(world)
    slot = KeySlot.objects.get(key__user=user, kind="passphrase")

    slot.params.pop("device_secret")
    slot.save(update_fields=["params"])

    for secret in (b"", kit.device_secret):
        with pytest.raises(WrongSecretError):
            open_with_passphrase(user, PASSPHRASE, device_secret=secret)


def test_the_server_keeps_nothing_of_it(world: World) -> None:
    client, kit, user = newcomer(world)
    sign_in(client, user).get(CASES)

    stored = raw_bytes.of_database()

    assert kit.device_secret not in stored
    assert raw_bytes.found([kit.device_secret.hex(), kit.device_code, client.cookies[COOKIE].value], stored) == []


def test_her_own_browser_signs_in_and_unlocks(world: World) -> None:
    client, _kit, user = newcomer(world)

    assert sign_in(client, user).get(CASES).status_code == 200


def test_a_new_browser_is_signed_in_and_locked_and_asks_for_the_device_code_once(world: World) -> None:
    _client, kit, user = newcomer(world)
    other = sign_in(Client(), user)

    locked = other.get(CASES)
    assert locked.status_code == 423
    assert b'name="device_code"' in locked.content
    without = other.post("/account/unlock/", {"passphrase": PASSPHRASE})
    assert (without.status_code, list(without.context["form"].errors)) == (422, ["device_code"])

    typed = kit.device_code.lower().replace("-", " ")
    assert other.post("/account/unlock/", {"passphrase": PASSPHRASE, "device_code": typed}).status_code == 302
    assert other.get(CASES).status_code == 200

    other.post("/sign-out/")
    assert sign_in(other, user).get(CASES).status_code == 200


@pytest.mark.parametrize("typed", ["nonsense", "0" * 53, "Z" * 53])
def test_a_code_that_is_none_is_a_form_error(world: World, typed: str) -> None:
    _client, _kit, user = newcomer(world)

    answer = sign_in(Client(), user).post("/account/unlock/", {"passphrase": PASSPHRASE, "device_code": typed})

    assert answer.status_code in {403, 422}
    assert "device_code" in answer.context["form"].fields


def test_somebody_elses_code_opens_nothing_and_the_page_says_what_to_compare(world: World) -> None:
    _client, _kit, user = newcomer(world)
    _other, foreign, _user = newcomer(world, name="another")

    client = sign_in(Client(), user)
    answer = client.post("/account/unlock/", {"passphrase": PASSPHRASE, "device_code": foreign.device_code})

    assert answer.status_code == 403
    assert b"together with the device code" in answer.content
    assert COOKIE not in client.cookies
    assert client.get(CASES).status_code == 423


def test_an_old_secret_in_the_browser_gives_way_to_the_code_that_is_typed(world: World) -> None:
    client, kit, user = newcomer(world)
    request = HttpRequest()
    keep_device_secret(request, user, bytes(32))
    client.cookies[COOKIE] = client.cookies[COOKIE].value.replace(kit.device_secret.hex(), "00" * 32)

    sign_in(client, user)
    asked = client.post("/account/unlock/", {"passphrase": PASSPHRASE})
    assert (asked.status_code, "device_code" in asked.context["form"].fields) == (403, True)

    answer = client.post("/account/unlock/", {"passphrase": PASSPHRASE, "device_code": kit.device_code})
    assert (answer.status_code, client.get(CASES).status_code) == (302, 200)
    assert kit.device_secret.hex() in client.cookies[COOKIE].value


def test_a_browser_keeps_the_secrets_of_four_people_and_forgets_the_fifth_last(world: World) -> None:
    users = [world.people[name] for name in ("lawyer", "colleague", "coordinator", "expert", "second")]
    request = HttpRequest()
    for number, user in enumerate(users):
        keep_device_secret(request, user, bytes([number]) * 32)

    kept = [device_secret_of(request, user) for user in users]

    assert kept == [b"", *(bytes([number]) * 32 for number in range(1, 5))]


@pytest.mark.parametrize("cookie", ["", "x", "0" * 71, "0" * 72 + ".", ".".join(["0" * 72] * 5), "é" * 72])
def test_a_cookie_that_we_did_not_write_is_as_good_as_none(world: World, cookie: str) -> None:
    request = HttpRequest()
    request.COOKIES[COOKIE] = cookie

    assert device_secret_of(request, world.people["lawyer"]) == b""


def test_signing_out_leaves_the_browser_its_device_secret(world: World) -> None:
    client, kit, user = newcomer(world)

    answer = sign_in(client, user).post("/sign-out/")

    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert kit.device_secret.hex() in client.cookies[COOKIE].value


# --- life of an account


def test_a_changed_passphrase_keeps_the_device_secret(world: World) -> None:
    client, kit, user = newcomer(world)
    sign_in(client, user)

    typed = {"old_passphrase": PASSPHRASE, "passphrase": NEW, "passphrase_again": NEW}
    assert client.post("/account/passphrase/", typed).status_code == 302

    user.refresh_from_db()
    assert open_with_passphrase(user, NEW, device_secret=kit.device_secret)
    with pytest.raises(WrongSecretError):
        open_with_passphrase(user, NEW)


def test_a_new_kit_makes_the_old_paper_worthless(world: World) -> None:
    client, old, user = newcomer(world)
    sign_in(client, user)

    answer = client.post("/account/recovery-code/", {"passphrase": PASSPHRASE})
    kit = answer.context["kit"]

    assert (kit.device_secret != old.device_secret, kit.recovery_code != old.recovery_code) == (True, True)
    with pytest.raises(WrongSecretError):
        open_with_passphrase(user, PASSPHRASE, device_secret=old.device_secret)
    assert sign_in(client, user).get(CASES).status_code == 200
    assert entries(world, "account.new_recovery_code")[-1]["device_secret"] is True


def test_a_new_kit_asks_for_the_passphrase_and_without_the_device_secret_for_that(world: World) -> None:
    client, _kit, user = newcomer(world)
    sign_in(client, user)
    del client.cookies[COOKIE]

    answer = client.post("/account/recovery-code/", {"passphrase": PASSPHRASE})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["device_code"])


def test_the_recovery_code_opens_in_a_new_browser_and_gives_a_whole_new_kit(world: World) -> None:
    _client, old, user = newcomer(world)
    browser = sign_in(Client(), user)

    typed = {"recovery_code": old.recovery_code, "passphrase": NEW, "passphrase_again": NEW}
    kit = browser.post("/account/recover/", typed).context["kit"]

    user.refresh_from_db()
    assert browser.get(CASES).status_code == 200
    assert sign_in(browser, user, NEW).get(CASES).status_code == 200
    with pytest.raises(WrongSecretError):
        open_with_passphrase(user, NEW, device_secret=old.device_secret)
    assert open_with_passphrase(user, NEW, device_secret=kit.device_secret)


def test_after_a_reset_the_old_passphrase_and_the_device_secret_open(world: World) -> None:
    client, _kit, user = newcomer(world)
    token = reset_sign_in(world.actor("admin"), user)
    secure(Client()).post(f"/account/new-sign-in/{token}/", {"passphrase": NEW, "passphrase_again": NEW})

    sign_in(client, user, NEW)
    assert client.get(CASES).status_code == 423
    assert client.post("/account/unlock/", {"passphrase": PASSPHRASE}).status_code == 302
    assert client.get(CASES).status_code == 200


def test_replaced_keys_have_a_device_secret_of_their_own(world: World) -> None:
    client, old, user = newcomer(world)
    sign_in(client, user)

    typed = {"current": PASSPHRASE, "passphrase": NEW, "passphrase_again": NEW, "understood": "on"}
    kit = client.post("/account/new-keys/", typed).context["kit"]

    user.refresh_from_db()
    assert kit.device_secret not in (b"", old.device_secret)
    assert open_with_passphrase(user, NEW, device_secret=kit.device_secret)


def test_who_may_open_names_since_lately_is_told_to_make_a_kit(world: World) -> None:
    client, _kit, user = newcomer(world, Role.LEGAL_EXPERT)
    sign_in(client, user)
    user.role_grants.create(role=Role.STREET_LAWYER)

    assert b"needs a device code beside it" in client.get("/account/").content
    assert client.post("/account/recovery-code/", {"passphrase": PASSPHRASE}).context["kit"].device_code
    assert b"needs a device code beside it" not in client.get("/account/").content


# --- browsers that were used before


def test_the_ledger_tells_a_browser_that_was_used_before_from_a_new_one(world: World) -> None:
    client, _kit, user = newcomer(world)
    for browser in (client, client, Client()):
        sign_in(browser, user)
        browser.cookies.pop("__Host-sessionid")

    devices = [str(entry["device"]) for entry in entries(world, "account.sign_in") if entry["actor"] == user.username]

    assert all(re.fullmatch(r"[0-9a-f]{16}", device) for device in devices)
    assert (devices[0] == devices[1], devices[1] == devices[2]) == (True, False)


def test_two_people_at_one_browser_are_not_linked_by_it(world: World) -> None:
    client = Client()
    for name in ("lawyer", "colleague"):
        sign_in(client, world.people[name])
        client.post("/sign-out/")

    devices = {entry["actor"]: entry["device"] for entry in entries(world, "account.sign_in")}

    assert devices["lawyer-ge"] != devices["colleague-ge"]
    number = client.cookies["__Host-browser"].value
    assert raw_bytes.found([number], raw_bytes.of_database()) == []


def test_actors_outside_a_browser_give_the_secret_themselves(world: World) -> None:
    _client, kit, user = newcomer(world)

    assert Actor(user, open_with_passphrase(user, PASSPHRASE, device_secret=kit.device_secret).keys()).is_unlocked
