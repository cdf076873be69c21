"""Replacing one's keys, and somebody else's sessions ended (group D 49 and 55 of the security specification)."""

import time

import pytest
from django.test import Client

from accounts.actions import confirm_keys, reset_sign_in
from accounts.enrolment import open_with_passphrase
from accounts.models import KeySlot, Role, Team, TeamMemberKey, UnlockedSession, UserKey
from accounts.teams import coordinators_of, give_key
from accounts.unlocking import resume, start_active
from casebook.core.errors import IntegrityError, NoKeyError, UnconfirmedKeyError, WrongSecretError
from casebook.core.sealing import unseal
from casebook.core.wrapping import hpke_private_key, unwrap
from cases.access import open_case
from cases.levels import AccessLevel
from cases.models import KeyWrap, RecipientKind, Statement
from cases.queries import card_of, list_cases
from cases.resharing import people_without_keys, share_again
from cases.roster import drift
from cases.sharing import grant
from tests.accounts.entries import entries
from tests.builders import PASSPHRASE, World, unlocked
from tests.cases.builders import TITLE, reopen, told_case
from tests.clients import client_of, secure

NEW, RESET = "seven other words nobody would ever guess", "words that were chosen after the reset here"
PAGE = "/account/new-keys/"


def sent(**changed: str) -> dict[str, str]:
    return {"current": PASSPHRASE, "passphrase": NEW, "passphrase_again": NEW, "understood": "on"} | changed


def reset(world: World, name: str) -> Client:
    """The administrator makes a link, the person chooses RESET with it, and signs in with locked keys."""
    token = reset_sign_in(world.actor("admin"), world.people[name])
    client = secure(Client())
    client.post(f"/account/new-sign-in/{token}/", {"passphrase": RESET, "passphrase_again": RESET})
    client.post("/sign-in/", {"login": world.people[name].username, "password": RESET})
    return client


# --- the page


def test_the_page_is_reached_from_account_unlock_and_recovery(world: World) -> None:
    client = client_of(world, "lawyer")
    assert PAGE in client.get("/account/").content.decode()
    client.post("/account/lock/")

    assert [PAGE in client.get(f"/account/{page}/").content.decode() for page in ("unlock", "recover")] == [True] * 2
    assert client.get(PAGE).status_code == 200
    assert b"You are an officer" not in client.get(PAGE).content
    assert b"You are an officer" in client_of(world, "admin").get(PAGE).content


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"current": "not the one"}, 403),
        ({"current": ""}, 422),
        ({"passphrase": "short", "passphrase_again": "short"}, 422),
        ({"passphrase_again": "another one altogether"}, 422),
        ({"understood": ""}, 422),
        ({"passphrase": "x" * 2000}, 422),
    ],
)
def test_a_form_that_is_refused_changes_nothing(world: World, changed: dict[str, str], status: int) -> None:
    client = client_of(world, "lawyer")

    assert client.post(PAGE, sent(**changed)).status_code == status

    assert UserKey.objects.get(user=world.people["lawyer"]).epoch == 1
    assert open_with_passphrase(world.people["lawyer"], PASSPHRASE)
    assert len(entries(world, "account.unlock_failed")) == (status == 403)


def test_trying_passphrases_here_comes_to_an_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr("casebook.core.rate_limits.time.time", lambda: now)
    client = client_of(world, "lawyer")

    answers = [client.post(PAGE, sent(current=f"guess {number}")).status_code for number in range(11)]

    assert answers[-1] == 429
    assert client.post(PAGE, sent()).status_code == 429


# --- the story


def test_reset_new_keys_confirmed_shared_again_and_the_old_keys_open_nothing(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    old = open_with_passphrase(world.people["colleague"], PASSPHRASE)
    old_dek = reopen(world, opened, "colleague").testimony.current_key()

    client = reset(world, "colleague")
    assert client.get("/cases/").status_code == 423
    answer = client.post(PAGE, sent(current=RESET))

    kit = answer.context["kit"]
    assert kit.recovery_code in answer.content.decode()
    colleague = world.people["colleague"]
    colleague.refresh_from_db()
    assert colleague.check_password(NEW)
    assert client.get("/cases/").status_code == 200
    assert client.get(f"/cases/{opened.case.reference}/").status_code == 403
    with pytest.raises(UnconfirmedKeyError):
        share_again(world.actor("lawyer"), colleague, limit=5)
    words = client.get("/account/").context["words"]
    assert words in client_of(world, "admin").get("/account/people/").content.decode()
    confirm_keys(world.actor("admin"), colleague)
    assert share_again(world.actor("lawyer"), colleague, limit=5) == 0

    assert client.get(f"/cases/{opened.case.reference}/").status_code == 200
    again = open_case(unlocked(colleague, NEW), opened.case.reference, need="view_case", compartments=("testimony",))
    assert card_of(again).title == TITLE
    row = Statement.objects.get()
    with pytest.raises(IntegrityError):
        unseal(old_dek, row.sealed_content, context=opened.testimony._place(row, "sealed_content"))
    for wrap in KeyWrap.objects.all():
        with pytest.raises(IntegrityError):
            unwrap(hpke_private_key(old.keyring.private.hpke), bytes(wrap.blob), info=b"")
    assert KeyWrap.objects.filter(kind=RecipientKind.USER, recipient=colleague.id, recipient_epoch=1).count() == 0
    assert people_without_keys(world.actor("lawyer")) == []
    assert drift() == []
    [entry] = entries(world, "account.replace_keys")
    assert (entry["actor"], entry["epoch"]) == ("colleague-ge", 2)


def test_old_passphrase_and_old_recovery_code_open_nothing_any_more(world: World) -> None:
    client = client_of(world, "lawyer")

    client.post(PAGE, sent())

    with pytest.raises(WrongSecretError):
        open_with_passphrase(world.people["lawyer"], PASSPHRASE)
    assert not KeySlot.objects.filter(key__user=world.people["lawyer"], key__epoch=1).exists()
    client.post("/account/lock/")
    recovery = {"recovery_code": world.codes["lawyer"], "passphrase": RESET, "passphrase_again": RESET}
    assert client.post("/account/recover/", recovery).status_code == 403


def test_replaced_keys_make_sessions_stale(world: World) -> None:
    """Also one whose row survives: it was opened with keys that are not the present ones."""
    elsewhere, here = client_of(world, "lawyer"), client_of(world, "lawyer")
    binding = bytes(32)
    token = start_active(open_with_passphrase(world.people["lawyer"], PASSPHRASE), binding)
    kept = UnlockedSession.objects.get(id=token.row_id)
    assert resume(token, world.people["lawyer"], binding) is not None

    assert here.post(PAGE, sent()).status_code == 200

    assert elsewhere.get("/account/").status_code == 302
    assert here.get("/cases/").status_code == 200
    kept.save(force_insert=True)
    assert resume(token, world.people["lawyer"], binding) is None


def test_a_coordinators_team_is_due_for_a_new_key_and_a_member_gives_it_again(world: World) -> None:
    opened = told_case(world)
    second = world.add("newcomer", Role.COORDINATOR)
    team = coordinators_of(world.organisation)
    assert team
    give_key(world.actor("coordinator"), team, second)

    client_of(world, "newcomer").post(PAGE, sent())

    assert Team.objects.get(pk=team.pk).renewal_due
    assert not TeamMemberKey.objects.filter(member=second).exists()
    confirm_keys(world.actor("admin"), second)
    with pytest.raises(NoKeyError):
        open_case(unlocked(second, NEW), opened.case.reference, need="view_case", compartments=("testimony",))
    give_key(world.actor("coordinator"), team, second)
    assert [line.card is not None for line in list_cases(unlocked(second, NEW)).lines] == [True]


def test_an_officer_who_replaces_her_keys_is_none_any_more(world: World) -> None:
    world.add("newcomer", Role.AUDITOR, confirmed=False)
    client = client_of(world, "admin")

    client.post(PAGE, sent())

    confirm = f"/account/people/{world.people['newcomer'].pk}/confirm/"
    assert client.post(confirm, {"compared": "on"}).status_code == 403
    assert UserKey.objects.get(user=world.people["newcomer"]).certificate is None


# --- somebody's sessions


def test_an_administrator_ends_every_session_of_a_person(world: World) -> None:
    phone, desk = client_of(world, "lawyer"), client_of(world, "lawyer")
    url = f"/account/people/{world.people['lawyer'].pk}/sign-out/"

    assert client_of(world, "admin").post(url).status_code == 302

    assert [browser.get("/cases/").status_code for browser in (phone, desk)] == [302, 302]
    assert not UnlockedSession.objects.filter(user=world.people["lawyer"]).exists()
    assert [entry["person"] for entry in entries(world, "account.end_sessions")] == ["lawyer-ge"]
    assert client_of(world, "lawyer").get("/cases/").status_code == 200


def test_who_ends_their_own_sessions_is_signed_out_with_them(world: World) -> None:
    client = client_of(world, "admin")

    assert client.post(f"/account/people/{world.people['admin'].pk}/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/account/").status_code == 302
