"""Typing the passphrase once more: what asks for it, what does not, and that nothing typed is lost on the way."""

import time
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from accounts.keyring import PassphraseProof
from accounts.models import UnlockedSession
from accounts.step_up import require_fresh
from accounts.unlocking import Token, keep_proof, resume, session_binding
from casebook.core.errors import IntegrityError, LockedError, StepUpNeededError
from cases.models import Case
from tests.accounts.entries import entries
from tests.builders import PASSPHRASE, World
from tests.cases.builders import new_case, told_case
from tests.clients import client_of
from tests.publication.builders import digest_of, published_case

STEP_UP = "/account/step-up/"
KEY_COOKIE = settings.CASEBOOK_KEY_COOKIE_NAME


def signed_in_before(monkeypatch: pytest.MonkeyPatch, world: World, name: str, *, seconds: int) -> Client:
    """A browser in which this person signed in so long ago, and has been at work ever since."""
    with monkeypatch.context() as clock:
        clock.setattr("accounts.unlocking.time", SimpleNamespace(time=lambda: time.time() - seconds))
        client = client_of(world, name)
    UnlockedSession.objects.filter(user=world.people[name]).update(last_seen=int(time.time()))
    return client


def step_up(client: Client, **more: str) -> None:
    answer = client.post(STEP_UP, {"passphrase": PASSPHRASE, **more})
    assert answer.status_code in {200, 302}, answer.content.decode()


@pytest.fixture
def hour(monkeypatch: pytest.MonkeyPatch, world: World) -> Client:
    """The lawyer's browser, an hour after she typed her passphrase."""
    return signed_in_before(monkeypatch, world, "lawyer", seconds=3600)


def address_of(case: Case) -> str:
    return f"/cases/{case.reference}/"


# --- names


def test_names_of_a_case_not_opened_in_this_session_ask_for_the_passphrase_and_lead_back(
    world: World, hour: Client
) -> None:
    address = address_of(new_case(world).case) + "people/"

    asked = hour.get(address)
    assert asked.status_code == 403
    assert f'name="next" value="{address}"'.encode() in asked.content

    answer = hour.post(STEP_UP, {"passphrase": PASSPHRASE, "next": address})
    assert answer["Location"] == address
    assert hour.get(address).status_code == 200
    assert entries(world, "account.step_up") == [{"actor": "lawyer-ge"}]


def test_a_refused_reading_leaves_no_trace_of_a_reading(world: World, hour: Client) -> None:
    opened = new_case(world)
    before = entries(world, "case.open")

    assert hour.get(address_of(opened.case)).status_code == 403
    assert entries(world, "case.open") == before


def test_a_case_that_was_opened_in_this_session_stays_open_for_its_writer(
    world: World, hour: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = new_case(world).case, new_case(world).case
    step_up(hour)
    assert hour.get(address_of(mine)).status_code == 200

    later = time.time() + settings.CASEBOOK_NAMES_STEP_UP_SECONDS + 1
    monkeypatch.setattr("accounts.step_up.time", SimpleNamespace(time=lambda: later))

    assert hour.get(address_of(mine)).status_code == 200
    assert hour.get(address_of(other)).status_code == 403


def test_a_case_that_she_has_just_made_asks_for_nothing(world: World, hour: Client) -> None:
    page = hour.get("/cases/new/").context["form"]["page"].value()
    typed = {"page": page, "title": "Stopped at the market", "country": "GE", "year": 2025}
    answer = hour.post("/cases/new/", typed)

    assert answer.status_code == 302, answer.context["form"].errors
    assert hour.get(answer["Location"]).status_code == 200


def test_whoever_reads_no_names_is_not_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    expert = signed_in_before(monkeypatch, world, "expert", seconds=3600)

    assert expert.get("/cases/").status_code == 200


def test_locking_forgets_which_names_were_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, case = client_of(world, "lawyer"), new_case(world).case
    assert client.get(address_of(case)).status_code == 200
    client.post("/account/lock/")
    with monkeypatch.context() as clock:
        clock.setattr("accounts.unlocking.time", SimpleNamespace(time=lambda: time.time() - 3600))
        client.post("/account/unlock/", {"passphrase": PASSPHRASE})
    UnlockedSession.objects.update(last_seen=int(time.time()))

    assert client.get(address_of(case)).status_code == 403


# --- nothing is lost


def test_a_form_that_asks_for_the_passphrase_comes_back_whole_and_is_sent_afterwards(
    world: World, hour: Client
) -> None:
    case = told_case(world).case
    address = address_of(case) + "people/add/"
    typed = {"role": "client", "given": "Nadezhda", "family": "Zvonareva", "notes": "line one\r\nline two"}

    refused = hour.post(address, typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert refused.status_code == 403
    assert b"Nadezhda" in refused.content
    kept = refused.context["kept"]

    carried = {"resend_url": kept.url, "resend_fields": kept.packed}
    wrong = hour.post(STEP_UP, {"passphrase": "not this one at all", **carried})
    assert (wrong.status_code, b"Nadezhda" in wrong.content) == (403, True)

    back = hour.post(STEP_UP, {"passphrase": PASSPHRASE, **carried})
    assert back.status_code == 200
    again = back.context["kept"]
    assert dict(again.fields) == typed
    assert hour.post(again.url, dict(again.fields)).status_code == 302


def test_typed_too_late_the_passphrase_unlocks_and_the_form_is_still_there(world: World, hour: Client) -> None:
    carried = {"resend_url": "/cases/new/", "resend_fields": "title=Kept"}
    UnlockedSession.objects.all().delete()

    answer = hour.post(STEP_UP, {"passphrase": PASSPHRASE, **carried})

    assert answer.status_code == 200
    assert dict(answer.context["kept"].fields) == {"title": "Kept"}
    assert hour.get("/cases/").status_code == 200


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_it_leads_nowhere_outside(world: World, hour: Client, target: str) -> None:
    assert hour.post(STEP_UP, {"passphrase": PASSPHRASE, "next": target})["Location"] == "/"


def test_a_wrong_passphrase_renews_nothing_and_stands_in_the_ledger(world: World, hour: Client) -> None:
    case = new_case(world).case

    answer = hour.post(STEP_UP, {"passphrase": "not this one at all"})

    assert answer.status_code == 403
    assert hour.get(address_of(case)).status_code == 403
    assert entries(world, "account.unlock_failed")[-1] == {"actor": "lawyer-ge", "how": "step-up"}


def test_tries_are_counted(world: World, hour: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)

    statuses = [hour.post(STEP_UP, {"passphrase": "no"}).status_code for _ in range(11)]

    assert statuses[-1] == 429


# --- exports, and whatever else calls require_fresh


def test_an_export_needs_a_fresh_passphrase(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _opened, record = published_case(world)
    digest = digest_of(world, record)
    advocate = signed_in_before(monkeypatch, world, "advocate", seconds=settings.CASEBOOK_STEP_UP_SECONDS + 5)
    address = f"/publication/digests/{digest.pk}/digest.json"

    assert advocate.get(address).status_code == 403
    assert entries(world, "publication.export_digest") == []

    step_up(advocate)
    assert advocate.get(address).status_code == 200


def test_what_is_locked_is_locked_and_keys_outside_a_browser_are_never_asked(world: World, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.actor = world.actor("lawyer")  # type: ignore[attr-defined]
    require_fresh(request)  # type: ignore[arg-type]

    request.actor = type(world.actor("lawyer"))(world.people["lawyer"])  # type: ignore[attr-defined]
    with pytest.raises(LockedError):
        require_fresh(request)  # type: ignore[arg-type]


@pytest.mark.parametrize(("age", "asked"), [(0, False), (295, False), (301, True), (36_000, True)])
def test_fresh_is_five_minutes(world: World, rf: RequestFactory, age: int, asked: bool) -> None:
    request = rf.get("/")
    actor = world.actor("lawyer")
    actor.require_keys().proof = PassphraseProof(int(time.time()) - age)
    request.actor = actor  # type: ignore[attr-defined]

    refused = False
    try:
        require_fresh(request)  # type: ignore[arg-type]
    except StepUpNeededError:
        refused = True
    assert refused is asked


# --- the proof lies sealed


def proof_in(client: Client, world: World, name: str) -> PassphraseProof | None:
    keys = resume(*_carried(client), world.people[name], _binding(client))
    return keys.proof if keys else None


def _carried(client: Client) -> tuple[Token]:
    token = Token.from_cookie(client.cookies[KEY_COOKIE].value)
    assert token is not None
    return (token,)


def _binding(client: Client) -> bytes:
    request = RequestFactory().get("/")
    request.session = client.session
    return session_binding(request)


def test_whoever_writes_to_the_database_cannot_renew_it(
    world: World, hour: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither with an old row of the session, nor with another session's, nor by changing any column."""
    case = new_case(world).case
    stale = UnlockedSession.objects.get(user=world.people["lawyer"])
    fresh = client_of(world, "lawyer")
    other = UnlockedSession.objects.filter(user=world.people["lawyer"]).exclude(pk=stale.pk).get()

    UnlockedSession.objects.filter(pk=stale.pk).update(blob=bytes(other.blob))
    assert hour.get(address_of(case)).status_code == 423
    UnlockedSession.objects.filter(pk=stale.pk).update(blob=bytes(stale.blob))
    UnlockedSession.objects.filter(pk=stale.pk).update(last_seen=int(time.time()) + 9)
    assert hour.get(address_of(case)).status_code == 403
    assert fresh.get(address_of(case)).status_code == 200


def test_an_older_row_put_back_is_older(world: World, hour: Client) -> None:
    case = new_case(world).case
    before = bytes(UnlockedSession.objects.get().blob)
    step_up(hour)
    assert hour.get(address_of(case)).status_code == 200

    UnlockedSession.objects.update(blob=before)

    assert hour.get(address_of(case)).status_code == 403


def test_two_requests_at_once_lose_neither_proof(world: World, hour: Client) -> None:
    ours, theirs = new_case(world).case.id, new_case(world).case.id
    (token,) = _carried(hour)
    now = int(time.time())

    keep_proof(token, _binding(hour), PassphraseProof(now))
    keep_proof(token, _binding(hour), PassphraseProof(now - 3000, (ours,)))
    keep_proof(token, _binding(hour), PassphraseProof(now - 3000, (theirs,)))

    proof = proof_in(hour, world, "lawyer")
    assert proof is not None
    assert (proof.at, set(proof.revealed)) == (now, {ours, theirs})


@pytest.mark.parametrize("packed", [b"", bytes(9), bytes(8) + b"\0\1", bytes(8) + b"\xff\xff" + bytes(100)])
def test_a_proof_that_is_cut_short_is_no_proof(packed: bytes) -> None:
    with pytest.raises(IntegrityError):
        PassphraseProof.unpack_from(packed)
