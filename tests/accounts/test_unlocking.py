"""Opening the keys: passphrase, recovery code, changed passphrase, and a reset that opens nothing."""

import pickle
import time
from typing import Any

import pytest
from django.test import Client

from accounts.actions import reset_sign_in
from accounts.forms import ChangePassphraseForm, NewPassphraseForm, UnlockForm
from accounts.models import KeySlot, SignInReset, UnlockedSession, User
from tests.accounts.entries import entries
from tests.accounts.test_sign_in import UNLOCKED_ONLY
from tests.builders import PASSPHRASE, World
from tests.clients import client_of, secure, sign_in

NEW = "seven other words nobody would ever guess"


def locked_client(world: World, name: str = "auditor") -> Client:
    client = client_of(world, name)
    client.post("/account/lock/")
    return client


def new_passphrase(**more: str) -> dict[str, str]:
    return {"passphrase": NEW, "passphrase_again": NEW, **more}


def shown_code(answer: Any) -> str:
    code: str = answer.context["kit"].recovery_code
    assert code in answer.content.decode()
    return code


def reset(world: World, name: str) -> None:
    """The administrator makes a link, and the person chooses NEW with it."""
    token = reset_sign_in(world.actor("admin"), world.people[name])
    answer = secure(Client()).post(f"/account/new-sign-in/{token}/", new_passphrase())
    assert answer.status_code == 200


def latest_words(world: World) -> list[str]:
    """What the newest page of the ledger says was done."""
    return [str(line.what) for line in client_of(world, "auditor").get(UNLOCKED_ONLY).context["lines"]]


# --- unlocking


def test_a_page_that_needs_keys_asks_for_the_passphrase_and_comes_back(world: World) -> None:
    client = locked_client(world)

    page = client.get(UNLOCKED_ONLY + "?before=5")
    assert page.status_code == 423
    assert b'name="next" value="/account/ledger/?before=5"' in page.content

    answer = client.post("/account/unlock/", {"passphrase": PASSPHRASE, "next": UNLOCKED_ONLY + "?before=5"})
    assert answer["Location"] == UNLOCKED_ONLY + "?before=5"
    assert client.get(UNLOCKED_ONLY).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil", ""])
def test_unlocking_leads_nowhere_outside(world: World, target: str) -> None:
    answer = locked_client(world).post("/account/unlock/", {"passphrase": PASSPHRASE, "next": target})

    assert answer["Location"] == "/"


def test_a_wrong_passphrase_keeps_the_keys_closed_and_says_what_to_check(world: World) -> None:
    client = locked_client(world)

    answer = client.post("/account/unlock/", {"passphrase": "not the passphrase at all"})

    assert answer.status_code == 403
    assert b"didn&#x27;t open your keys. Check the keyboard layout" in answer.content
    assert b"not the passphrase at all" not in answer.content
    assert not UnlockedSession.objects.exists()


@pytest.mark.parametrize("passphrase", ["", "\x00", "x" * 1025])
def test_no_passphrase_at_all_is_a_form_error(world: World, passphrase: str) -> None:
    answer = locked_client(world).post("/account/unlock/", {"passphrase": passphrase})

    assert answer.status_code == 422
    assert b"error-summary" in answer.content


def test_a_broken_character_is_a_form_error(world: World) -> None:
    assert UnlockForm({"passphrase": "ab\ud800cd"}).errors.keys() == {"passphrase"}


def test_tries_at_the_passphrase_are_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = locked_client(world)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)

    wrong = [client.post("/account/unlock/", {"passphrase": "wrong"}).status_code for _ in range(10)]
    right = client.post("/account/unlock/", {"passphrase": PASSPHRASE})

    assert wrong == [403] * 10
    assert right.status_code == 429
    assert b"Too many attempts" in right.content


def test_an_unlocked_person_has_nothing_to_unlock(world: World) -> None:
    assert client_of(world, "auditor").get("/account/unlock/?next=/account/")["Location"] == "/account/"


def test_open_keys_cannot_be_pickled(world: World) -> None:
    keys = world.actor("lawyer").require_keys()

    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(keys)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(keys._keyring)
    assert repr(keys) == "<Keys>"


@pytest.mark.parametrize(
    ("url", "typed", "how"),
    [
        ("/account/unlock/", {"passphrase": "wrong"}, "passphrase"),
        ("/account/passphrase/", new_passphrase(old_passphrase="wrong"), "changed passphrase"),
        ("/account/recovery-code/", {"passphrase": "wrong"}, "new recovery code"),
    ],
)
def test_every_wrong_passphrase_stands_in_the_ledger(world: World, url: str, typed: dict[str, str], how: str) -> None:
    client = locked_client(world)

    answers = [client.post(url, typed).status_code for _ in range(2)]

    assert answers == [403, 403]
    assert entries(world, "account.unlock_failed") == [{"actor": "auditor-ge", "how": how}] * 2
    assert "failed to open the keys" in latest_words(world)


def test_a_right_passphrase_leaves_no_failure_in_the_ledger(world: World) -> None:
    locked_client(world).post("/account/unlock/", {"passphrase": PASSPHRASE})

    assert entries(world, "account.unlock_failed") == []


def test_a_try_that_was_not_made_is_no_failure_in_the_ledger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = locked_client(world)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)

    answers = [client.post("/account/unlock/", {"passphrase": "wrong"}).status_code for _ in range(12)]

    assert answers == [403] * 10 + [429] * 2
    assert len(entries(world, "account.unlock_failed")) == 10


# --- the recovery code


def test_a_wrong_recovery_code_stands_in_the_ledger_and_changes_nothing(world: World) -> None:
    client = locked_client(world)
    slots = list(KeySlot.objects.order_by("id").values_list("id", "blob"))

    answer = client.post("/account/recover/", new_passphrase(recovery_code=world.codes["lawyer"]))

    assert answer.status_code == 403
    assert entries(world, "account.recovery_failed") == [{"actor": "auditor-ge"}]
    assert "failed to open the keys with a recovery code" in latest_words(world)
    assert list(KeySlot.objects.order_by("id").values_list("id", "blob")) == slots
    assert User.objects.get(pk=world.people["auditor"].pk).check_password(PASSPHRASE)


def test_the_recovery_code_opens_the_keys_once_and_a_new_one_is_shown(world: World) -> None:
    client = locked_client(world)
    old = world.codes["auditor"]

    answer = client.post("/account/recover/", new_passphrase(recovery_code=old))
    code = shown_code(answer)
    assert code != old
    assert client.get(UNLOCKED_ONLY).status_code == 200

    again = client.post("/account/recover/", new_passphrase(recovery_code=old))
    assert again.status_code == 403
    assert b"Perhaps a newer one replaced it" in again.content
    assert client.post("/account/recover/", new_passphrase(recovery_code=code)).status_code == 200


def test_after_recovery_the_new_passphrase_signs_in_and_unlocks(world: World) -> None:
    locked_client(world).post("/account/recover/", new_passphrase(recovery_code=world.codes["auditor"]))

    assert sign_in(Client(), world, "auditor", passphrase=NEW).get(UNLOCKED_ONLY).status_code == 200
    refused = secure(Client()).post("/sign-in/", {"login": "auditor-ge", "password": PASSPHRASE})
    assert refused.context["form"].errors


@pytest.mark.parametrize(
    "slip",
    [
        str.lower,
        lambda code: code.replace("-", " "),
        lambda code: code.replace("-", ""),
        lambda code: f"  {code}\t",
        lambda code: code[:-2].replace("0", "O").replace("1", "I") + code[-2:],
        lambda code: code[:-2].replace("0", "o").replace("1", "l") + code[-2:],
    ],
)
def test_slips_that_leave_no_doubt_are_forgiven(world: World, slip: Any) -> None:
    typed = slip(world.codes["auditor"])

    answer = locked_client(world).post("/account/recover/", new_passphrase(recovery_code=typed))

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "slip",
    [
        lambda code: code[:-1] + ("A" if code[-1] != "A" else "B"),
        lambda code: code[:-1],
        lambda code: code[2:4] + code[:2] + code[4:] if code[2:4] != code[:2] else "",
        lambda code: ("3" if code[0] != "3" else "4") + code[1:],
        lambda code: "\x00" + code,
        lambda code: code * 9,
        lambda code: "Ж" + code[1:],
        lambda code: "",
    ],
)
def test_a_code_that_does_not_check_is_a_form_error(world: World, slip: Any) -> None:
    client = locked_client(world)

    answer = client.post("/account/recover/", new_passphrase(recovery_code=slip(world.codes["auditor"])))

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"recovery_code"}
    assert client.get(UNLOCKED_ONLY).status_code == 423


def test_somebody_elses_code_opens_nothing(world: World) -> None:
    answer = locked_client(world).post("/account/recover/", new_passphrase(recovery_code=world.codes["lawyer"]))

    assert answer.status_code == 403


def test_a_slip_in_the_passphrase_does_not_spend_the_code(world: World) -> None:
    client = locked_client(world)
    typed = {"recovery_code": world.codes["auditor"], "passphrase": NEW, "passphrase_again": NEW + "x"}

    refused = client.post("/account/recover/", typed)

    assert refused.status_code == 422
    assert world.codes["auditor"] in refused.content.decode()
    assert client.post("/account/recover/", typed | {"passphrase_again": NEW}).status_code == 200


def test_a_new_recovery_code_asks_for_the_passphrase_and_replaces_the_old_one(world: World) -> None:
    client = client_of(world, "auditor")

    assert client.post("/account/recovery-code/", {"passphrase": "wrong"}).status_code == 403
    assert client.post("/account/recovery-code/", {"passphrase": ""}).status_code == 422
    code = shown_code(client.post("/account/recovery-code/", {"passphrase": PASSPHRASE}))

    old = client.post("/account/recover/", new_passphrase(recovery_code=world.codes["auditor"]))
    new = client.post("/account/recover/", new_passphrase(recovery_code=code))
    assert (old.status_code, new.status_code) == (403, 200)


# --- changing the passphrase


def test_a_changed_passphrase_keeps_the_keys_and_ends_every_other_session(world: World) -> None:
    here, there = client_of(world, "auditor"), client_of(world, "auditor")
    key = world.actor("auditor").require_keys().public

    answer = here.post("/account/passphrase/", new_passphrase(old_passphrase=PASSPHRASE))

    assert answer["Location"] == "/account/"
    assert here.get(UNLOCKED_ONLY).status_code == 200
    assert there.get(UNLOCKED_ONLY)["Location"].startswith("/sign-in/")
    assert UnlockedSession.objects.count() == 1
    fresh = sign_in(Client(), world, "auditor", passphrase=NEW)
    assert fresh.get(UNLOCKED_ONLY).status_code == 200
    assert bytes(User.objects.get(pk=world.people["auditor"].pk).keys.get().hpke_public) == key.hpke


def test_the_old_passphrase_must_be_right(world: World) -> None:
    answer = client_of(world, "auditor").post("/account/passphrase/", new_passphrase(old_passphrase="wrong"))

    assert answer.status_code == 403
    assert answer.context["form"].errors.keys() == {"old_passphrase"}


@pytest.mark.parametrize(
    ("passphrase", "again", "field"),
    [
        ("short", "short", "passphrase"),
        ("12345678901234567890", "12345678901234567890", "passphrase"),
        ("auditor-ge auditor", "auditor-ge auditor", "passphrase"),
        (NEW, NEW + " ", "passphrase_again"),
        (NEW, "", "passphrase_again"),
        ("x" * 1025, "x" * 1025, "passphrase"),
        ("a\x00bcdefghijklmnop", "a\x00bcdefghijklmnop", "passphrase"),
        ("a\ud800bcdefghijklmnop", "a\ud800bcdefghijklmnop", "passphrase"),
    ],
)
def test_a_weak_or_mistyped_new_passphrase_is_a_form_error(
    world: World, passphrase: str, again: str, field: str
) -> None:
    typed = {"old_passphrase": PASSPHRASE, "passphrase": passphrase, "passphrase_again": again}
    form = ChangePassphraseForm(typed, person=world.people["auditor"], suggestion="")

    assert not form.is_valid()
    assert field in form.errors


def test_what_is_weak_is_said_in_the_words_of_the_page(world: World) -> None:
    typed = {"old_passphrase": PASSPHRASE, "passphrase": "12345", "passphrase_again": "12345"}

    page = client_of(world, "auditor").post("/account/passphrase/", typed)

    assert page.status_code == 422
    assert b"Too short. Take at least 14 characters" in page.content
    assert b"Only digits are too easy to guess" in page.content


def test_the_words_offered_stay_the_same_while_a_form_is_corrected(world: World) -> None:
    client = client_of(world, "auditor")
    offered = client.get("/account/passphrase/").context["form"].suggestion

    corrected = client.post("/account/passphrase/", {"suggested": offered})

    assert len(offered.split()) == 7
    assert corrected.status_code == 422
    assert corrected.context["form"].suggestion == offered


@pytest.mark.parametrize("planted", ["<b>x</b>", "hunter2", "abandon " * 6 + "<script>", "abandon " * 8])
def test_words_that_are_not_ours_are_not_offered(world: World, planted: str) -> None:
    person = world.people["auditor"]

    form = NewPassphraseForm({"suggested": planted}, person=person, suggestion="fresh words")

    assert form.suggestion == "fresh words"


# --- a reset changes the sign-in only


def test_after_a_reset_the_person_is_signed_in_and_locked(world: World) -> None:
    there = client_of(world, "auditor")
    reset(world, "auditor")

    client = sign_in(Client(), world, "auditor", passphrase=NEW)

    assert there.get("/account/")["Location"].startswith("/sign-in/")
    assert client.get("/account/").status_code == 200
    assert client.get(UNLOCKED_ONLY).status_code == 423
    assert not UnlockedSession.objects.exists()


def test_the_new_passphrase_is_told_apart_from_a_wrong_one_on_the_unlock_page(world: World) -> None:
    reset(world, "auditor")
    client = sign_in(Client(), world, "auditor", passphrase=NEW)

    new = client.post("/account/unlock/", {"passphrase": NEW})
    wrong = client.post("/account/unlock/", {"passphrase": "neither the old nor the new"})

    assert new.status_code == 200
    assert b"your case keys still need your old passphrase or your recovery code" in new.content
    assert wrong.status_code == 403
    assert b"still need your old passphrase" not in wrong.content


def test_after_a_reset_the_old_passphrase_unlocks_and_a_change_brings_both_together(world: World) -> None:
    reset(world, "auditor")
    client = sign_in(Client(), world, "auditor", passphrase=NEW)

    unlocked = client.post("/account/unlock/", {"passphrase": PASSPHRASE, "next": "/account/"}, follow=True)
    assert b"Change your passphrase now" in unlocked.content
    client.post("/account/passphrase/", new_passphrase(old_passphrase=PASSPHRASE))

    assert sign_in(Client(), world, "auditor", passphrase=NEW).get(UNLOCKED_ONLY).status_code == 200


def test_after_a_reset_the_recovery_code_unlocks(world: World) -> None:
    reset(world, "auditor")
    client = sign_in(Client(), world, "auditor", passphrase=NEW)

    answer = client.post("/account/recover/", new_passphrase(recovery_code=world.codes["auditor"]))

    assert answer.status_code == 200
    assert client.get(UNLOCKED_ONLY).status_code == 200


def test_a_reset_link_works_once_and_not_for_ever(world: World) -> None:
    admin = world.actor("admin")
    used = reset_sign_in(admin, world.people["auditor"])
    secure(Client()).post(f"/account/new-sign-in/{used}/", new_passphrase())
    old = reset_sign_in(admin, world.people["lawyer"])
    SignInReset.objects.update(expires_at="2020-01-01T00:00Z")

    for token in (used, old, "made-up", "x" * 5000, "%ED%A0%80%00"):
        page = secure(Client()).get(f"/account/new-sign-in/{token}/")
        assert page.status_code == 410
        assert b"does not work any more" in page.content


def test_a_slip_does_not_spend_a_reset_link(world: World) -> None:
    token = reset_sign_in(world.actor("admin"), world.people["auditor"])
    client = secure(Client())

    refused = client.post(f"/account/new-sign-in/{token}/", new_passphrase(passphrase_again="other"))

    assert refused.status_code == 422
    assert client.get(f"/account/new-sign-in/{token}/").status_code == 200
    assert User.objects.get(pk=world.people["auditor"].pk).check_password(PASSPHRASE)


def test_a_reset_leaves_the_key_slots_as_they_are(world: World) -> None:
    before = list(KeySlot.objects.order_by("id").values_list("id", "blob"))

    reset(world, "auditor")

    assert list(KeySlot.objects.order_by("id").values_list("id", "blob")) == before
