"""Emergency access: asking without learning anything, a second person's decision, and an end by the clock."""

import time
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import deactivate
from accounts.models import Role, TeamMemberKey
from cases.access import OpenCase
from cases.levels import AccessLevel
from cases.models import Case, EmergencyAccess, KeyWrap
from cases.roster import roster_of
from cases.sharing import grant, revoke, wall_off
from tests.builders import World, found_world
from tests.cases.builders import NAME, ready_case, told_case
from tests.cases.pages import forms_in, opened_form, words
from tests.clients import client_of
from tests.test_teams import add_coordinator

LIST, ASK, REQUESTS = "/cases/", "/cases/emergency/", "/cases/emergency/requests/"
REASON = "Her hearing is in two hours and her lawyer does not answer."


def url_of(case: Case, name: str = "detail", *more: object) -> str:
    return reverse(f"cases:{name}", args=[case.reference, *more])


def asked(reference: str) -> dict[str, str]:
    return {"reference": reference, "reason": REASON, "hours": "2"}


def requested(world: World, opened: OpenCase, by: str = "colleague") -> str:
    """Ask for a case on the page; the address where it is decided."""
    assert client_of(world, by).post(ASK, asked(opened.case.reference)).status_code == 302
    return reverse("cases:decide_emergency", args=[EmergencyAccess.objects.latest("asked_at").pk])


def allowed(world: World, opened: OpenCase) -> None:
    assert client_of(world, "lawyer").post(requested(world, opened), {"answer": "allow"}).status_code == 302


def later(monkeypatch: pytest.MonkeyPatch, **passed: int) -> None:
    """Move the clock on."""
    now, seconds = timezone.now() + timedelta(**passed), time.time() + timedelta(**passed).total_seconds()
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr(time, "time", lambda: seconds)


# --- asking -------------------------------------------------------------------------------------------------------


def test_a_colleague_asks_a_second_person_allows_and_the_case_opens_for_some_hours(world: World) -> None:
    opened = told_case(world)
    colleague, coordinator = client_of(world, "colleague"), client_of(world, "coordinator")
    assert ASK in words(colleague.get(LIST))
    form = opened_form(colleague, ASK, "reason")

    typed = form.with_values(**asked(f" {opened.case.reference.lower()[:3]} {opened.case.reference[3:]} "))
    answer = colleague.post(ASK, typed, follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert opened.case.reference not in words(answer)
    assert "1 request for emergency access" in words(coordinator.get(LIST))
    page = coordinator.get(REQUESTS)
    assert all(word in words(page) for word in (REASON, "colleague-ge", opened.case.reference, "2 hours"))
    decide = reverse("cases:decide_emergency", args=[EmergencyAccess.objects.get().pk])
    allow = next(each for each in forms_in(page) if each.action == decide and each.fields["answer"] == ["allow"])
    assert coordinator.post(decide, allow.fields).headers["Location"] == REQUESTS
    case_page = words(colleague.get(url_of(opened.case)))
    assert NAME in case_page
    assert "Emergency access until" in case_page
    assert "Emergency access until" not in words(coordinator.get(url_of(opened.case)))
    assert "request for emergency access" not in words(coordinator.get(LIST))
    assert "Ends by itself" in words(coordinator.get(url_of(opened.case, "sharing")))


def test_the_answer_is_the_same_whether_or_not_there_is_such_a_case(world: World) -> None:
    opened, own, walled = told_case(world), told_case(world, by="colleague"), told_case(world)
    wall_off(walled, world.people["colleague"])
    foreign = told_case(found_world("Lighthouse", "AM"))
    colleague = client_of(world, "colleague")

    answers = [
        words(colleague.post(ASK, asked(reference), follow=True)).split("<main", 1)[1]
        for reference in (*(each.case.reference for each in (opened, own, walled, foreign)), "2222222")
    ]

    assert len({_without_tokens(answer) for answer in answers}) == 1
    assert [row.case for row in EmergencyAccess.objects.all()] == [opened.case]


def _without_tokens(page: str) -> str:
    return "".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


def test_the_same_request_sent_twice_is_one(world: World) -> None:
    opened = told_case(world)

    requested(world, opened)
    requested(world, opened)

    assert EmergencyAccess.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        *({"hours": hours} for hours in ("0", "73", "-1", "x", "", "1.5", "9" * 40)),
        *({"reference": reference} for reference in ("", "K7Q2", "K7Q2BM'", "\0", "Д" * 7, "x" * 100_000)),
        *({"reason": reason} for reason in ("", "   ", "\0", "x" * 1001)),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(world: World, wrong: dict[str, str]) -> None:
    opened = told_case(world)

    response = client_of(world, "colleague").post(ASK, asked(opened.case.reference) | wrong)

    assert response.status_code == 422
    assert "reason" in wrong or REASON in words(response)
    assert not EmergencyAccess.objects.exists()


def test_only_street_lawyers_and_coordinators_ask(world: World) -> None:
    opened = told_case(world)

    for name in ("expert", "advocate", "admin", "auditor"):
        client = client_of(world, name)
        assert client.get(ASK).status_code == 404
        assert client.post(ASK, asked(opened.case.reference)).status_code == 404
    assert ASK not in words(client_of(world, "expert").get(LIST))
    assert not EmergencyAccess.objects.exists()


def test_where_no_coordinator_could_read_it_the_page_says_so(world: World) -> None:
    TeamMemberKey.objects.all().delete()
    world.organisation.teams.update(epoch=0, signer=None)

    assert "Nobody could read your request" in words(client_of(world, "colleague").get(ASK))


def test_no_word_of_the_reason_lies_in_the_row(world: World) -> None:
    requested(world, told_case(world))

    assert b"hearing" not in bytes(EmergencyAccess.objects.get().reason)


# --- deciding -----------------------------------------------------------------------------------------------------


def test_nobody_decides_about_their_own_request_on_the_page(world: World) -> None:
    opened = told_case(world, by="lawyer")
    add_coordinator(world)
    decide = requested(world, opened)
    EmergencyAccess.objects.update(asked_by=world.people["newcomer"])
    own = client_of(world, "newcomer")

    assert decide not in words(own.get(REQUESTS))
    assert "request for emergency access" not in words(own.get(LIST))
    assert own.post(decide, {"answer": "allow"}).status_code == 404
    assert EmergencyAccess.objects.get().decided_by is None


def test_who_cannot_share_the_case_sees_and_decides_nothing(world: World) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    decide = requested(world, opened)
    world.add("third", Role.STREET_LAWYER)
    elsewhere = found_world("Lighthouse", "AM")
    clients = [client_of(world, name) for name in ("colleague", "third")] + [client_of(elsewhere, "coordinator")]

    for client in clients:
        assert decide not in words(client.get(REQUESTS))
        assert client.post(decide, {"answer": "allow"}).status_code == 404
    for name in ("expert", "advocate", "admin", "auditor"):
        assert client_of(world, name).get(REQUESTS).status_code == 404
        assert client_of(world, name).post(decide, {"answer": "allow"}).status_code == 404
    assert EmergencyAccess.objects.get().decided_by is None


def test_a_walled_coordinator_neither_sees_nor_decides(world: World) -> None:
    opened = told_case(world)
    decide = requested(world, opened)
    wall_off(opened, world.people["coordinator"])
    coordinator = client_of(world, "coordinator")

    assert "request for emergency access" not in words(coordinator.get(LIST))
    assert REASON not in words(coordinator.get(REQUESTS))
    assert coordinator.post(decide, {"answer": "allow"}).status_code == 404


def test_who_works_on_the_case_decides_without_reading_the_reason(world: World) -> None:
    opened = told_case(world)
    decide = requested(world, opened)
    lawyer = client_of(world, "lawyer")

    page = words(lawyer.get(REQUESTS))

    assert REASON not in page
    assert "Only coordinators can read it" in page
    assert lawyer.post(decide, {"answer": "allow"}).status_code == 302


def test_a_refusal_gives_nothing_and_a_new_request_may_follow(world: World) -> None:
    opened = told_case(world)
    coordinator = client_of(world, "coordinator")

    assert coordinator.post(requested(world, opened), {"answer": "refuse"}).status_code == 302

    assert client_of(world, "colleague").get(url_of(opened.case)).status_code == 404
    assert not KeyWrap.objects.filter(recipient=world.people["colleague"].id).exists()
    assert coordinator.post(requested(world, opened), {"answer": "allow"}).status_code == 302


def test_a_decision_is_made_once_by_whoever_is_first(world: World) -> None:
    opened = told_case(world)
    decide = requested(world, opened)
    first, second = client_of(world, "coordinator"), client_of(world, "lawyer")
    assert first.get(REQUESTS).status_code == second.get(REQUESTS).status_code == 200

    assert first.post(decide, {"answer": "refuse"}).status_code == 302
    assert second.post(decide, {"answer": "allow"}).status_code == 404
    assert first.post(decide, {"answer": "allow"}).status_code == 404

    assert client_of(world, "colleague").get(url_of(opened.case)).status_code == 404


@pytest.mark.parametrize("answer", ["", "maybe", "\0", "x" * 100_000])
def test_an_answer_that_is_none_is_a_bad_request(world: World, answer: str) -> None:
    decide = requested(world, told_case(world))
    coordinator = client_of(world, "coordinator")

    assert coordinator.post(decide, {"answer": answer}).status_code == 400
    assert coordinator.get(decide).status_code == 405
    assert EmergencyAccess.objects.get().decided_by is None


def test_who_was_walled_off_after_asking_gets_nothing(world: World) -> None:
    opened = told_case(world)
    decide = requested(world, opened)
    wall_off(opened, world.people["colleague"])

    response = client_of(world, "lawyer").post(decide, {"answer": "allow"})

    assert response.status_code == 404
    assert client_of(world, "colleague").get(url_of(opened.case)).status_code == 404


def test_who_was_let_in_since_is_not_let_in_a_second_way(world: World) -> None:
    opened = told_case(world)
    decide = requested(world, opened)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)

    response = client_of(world, "coordinator").post(decide, {"answer": "allow"})

    assert response.status_code == 409
    assert EmergencyAccess.objects.get().decided_by is None
    assert client_of(world, "colleague").get(url_of(opened.case)).status_code == 200


def test_requests_of_closed_accounts_are_gone(world: World) -> None:
    requested(world, told_case(world))
    deactivate(world.actor("admin"), world.people["colleague"])
    coordinator = client_of(world, "coordinator")

    assert "request for emergency access" not in words(coordinator.get(LIST))
    assert "No request" in words(coordinator.get(REQUESTS))


# --- while it lasts, and its end ----------------------------------------------------------------------------------


def test_emergency_access_shares_hands_over_and_decides_nothing(world: World) -> None:
    opened = told_case(world)
    allowed(world, opened)
    world.add("third", Role.STREET_LAWYER)
    other = requested(world, opened, by="third")
    colleague = client_of(world, "colleague")
    assert colleague.get(url_of(opened.case)).status_code == 200

    for name in ("sharing", "hand_over", "walls"):
        assert colleague.get(url_of(opened.case, name)).status_code == 404
        assert url_of(opened.case, name) not in words(colleague.get(url_of(opened.case)))
    third = str(world.people["third"].pk)
    assert colleague.post(url_of(opened.case, "share"), {"who": f"caseworker:{third}"}).status_code == 404
    assert colleague.post(url_of(opened.case, "hand_over"), {"to": third, "sure": "on"}).status_code == 404
    assert colleague.post(url_of(opened.case, "walls"), {"person": third}).status_code == 404
    assert colleague.post(url_of(opened.case, "revoke", world.people["lawyer"].pk)).status_code == 404
    assert colleague.post(other, {"answer": "allow"}).status_code == 404


def test_when_the_hours_are_over_the_case_is_gone_and_gets_new_keys(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = told_case(world)
    allowed(world, opened)
    assert client_of(world, "colleague").get(url_of(opened.case)).status_code == 200

    later(monkeypatch, hours=2, seconds=1)

    sharing = words(client_of(world, "lawyer").get(url_of(opened.case, "sharing")))
    assert "The hours are over" in sharing
    colleague = client_of(world, "colleague")
    assert opened.case.reference not in words(colleague.get(LIST))
    assert colleague.get(url_of(opened.case)).status_code == 404
    assert not KeyWrap.objects.filter(recipient=world.people["colleague"].id).exists()
    assert client_of(world, "lawyer").get(url_of(opened.case)).status_code == 200
    assert set(opened.case.compartments.values_list("epoch", "rekey_pending")) == {(2, False)}
    assert requested(world, opened)


def test_the_door_itself_shuts_when_the_hours_are_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = told_case(world)
    allowed(world, opened)

    later(monkeypatch, hours=2, seconds=1)

    for name in ("detail", "people", "narrative", "evidence", "history"):
        assert client_of(world, "colleague").get(url_of(opened.case, name)).status_code == 404


def test_who_asks_again_after_the_hours_is_heard_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = told_case(world)
    allowed(world, opened)

    later(monkeypatch, hours=3)
    requested(world, opened)

    assert EmergencyAccess.objects.filter(decided_by=None, ended=False).count() == 1


def test_it_is_ended_early_where_the_case_says_who_can_open_it(world: World) -> None:
    opened = told_case(world)
    allowed(world, opened)
    lawyer = client_of(world, "lawyer")
    end = url_of(opened.case, "revoke", world.people["colleague"].pk)
    page = lawyer.get(url_of(opened.case, "sharing"))
    assert "End it now" in words(page)
    form = next(each for each in forms_in(page) if each.action == end)

    assert lawyer.post(end, form.fields).status_code == 302

    assert client_of(world, "colleague").get(url_of(opened.case)).status_code == 404
    assert set(opened.case.compartments.values_list("epoch", flat=True)) == {2}


def test_hours_that_were_ended_early_end_nothing_that_was_given_since(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = told_case(world)
    allowed(world, opened)
    revoke(opened, world.people["colleague"])
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)

    later(monkeypatch, hours=3)

    assert client_of(world, "colleague").get(url_of(opened.case)).status_code == 200
    assert {each.user.username for each in roster_of(opened.case).people} == {"lawyer-ge", "colleague-ge"}


def test_while_locked_nothing_is_asked_read_or_decided(world: World) -> None:
    decide = requested(world, told_case(world))
    coordinator: Client = client_of(world, "coordinator")
    coordinator.post(reverse("accounts:lock"))

    assert coordinator.get(ASK).status_code == coordinator.post(ASK, asked("2222222")).status_code == 423
    assert coordinator.get(REQUESTS).status_code == 423
    assert coordinator.post(decide, {"answer": "allow"}).status_code == 423


def test_the_time_of_the_end_is_told_to_the_minute(world: World) -> None:
    opened = told_case(world)
    allowed(world, opened)
    until = EmergencyAccess.objects.get().expires_at
    assert isinstance(until, datetime)

    page = words(client_of(world, "colleague").get(url_of(opened.case)))

    assert f"{until:%H:%M}" in page
