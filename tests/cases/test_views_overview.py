"""The list of cases, a new case, a case at a glance, and its steps."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.access import open_case
from cases.actions import NewCase, close_case, create_case
from cases.contents import Card
from cases.levels import AccessLevel
from cases.models import Case, CompartmentName, KeyWrap, RecipientKind
from cases.queries import PAGE, card_of
from cases.sharing import grant
from cases.stages import Stage
from tests.builders import World, found_world
from tests.cases.builders import NAME, PHONE, PLACE, STORY, TITLE, case_in_analysis, new_case, ready_case, told_case
from tests.cases.pages import opened_form, without_tokens, words
from tests.clients import client_of, secure

LIST = reverse("cases:list")
NEW = reverse("cases:new")


def url_of(case: Case, name: str = "detail") -> str:
    return reverse(f"cases:{name}", args=[case.reference])


# --- the list ---


def test_the_list_shows_own_cases_newest_first_with_stage_place_and_urgent_words(world: World) -> None:
    told_case(world)
    urgent = Card(title="Задержана ночью", unsafe=True, in_custody=True, custody_since="2026-01-02T23:10")
    create_case(world.actor("lawyer"), NewCase(country="GE", year=2026, card=urgent))

    page = words(client_of(world, "lawyer").get(LIST))

    assert page.index("Задержана ночью") < page.index(TITLE)
    assert "Georgia · 2025" in page
    assert 'data-stage="intake"' in page
    assert "Not safe now" in page
    assert "In custody since 2 January 2026, 23:10" in page


def test_an_empty_list_invites_who_may_to_open_a_case(world: World) -> None:
    assert NEW in words(client_of(world, "lawyer").get(LIST))
    assert NEW not in words(client_of(world, "expert").get(LIST))


def test_the_list_of_a_stage_leaves_out_the_others(world: World) -> None:
    intake, analysed = told_case(world), case_in_analysis(world)

    page = words(client_of(world, "lawyer").get(LIST, {"stage": "analysis"}))

    assert analysed.case.reference in page
    assert intake.case.reference not in page


def test_a_long_list_goes_on_on_a_second_page_without_a_hole(world: World) -> None:
    actor = world.actor("lawyer")
    made = [
        create_case(actor, NewCase(country="GE", year=2025, card=Card(title="t"))).case.reference
        for _each in range(PAGE + 2)
    ]
    client = client_of(world, "lawyer")

    first = client.get(LIST)
    second = client.get(LIST + first.context["next_url"])

    shown = [row.reference for response in (first, second) for row in response.context["rows"]]
    assert shown == made[::-1]
    assert second.context["next_url"] == ""


def test_the_list_asks_as_many_questions_of_the_database_for_one_case_as_for_six(world: World) -> None:
    client = client_of(world, "lawyer")

    def queries() -> int:
        client.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(LIST).status_code == 200
        return len(asked)

    new_case(world)
    for_one = queries()
    for _each in range(5):
        new_case(world)

    assert queries() == for_one


def test_somebody_without_the_key_sees_a_case_without_its_title(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    KeyWrap.objects.filter(kind=RecipientKind.USER, recipient=world.people["colleague"].id).delete()

    client = client_of(world, "colleague")
    page = words(client.get(LIST))

    assert opened.case.reference in page
    assert TITLE not in page
    assert "Sealed case" in page
    assert "key has not reached you" in words(client.get(url_of(opened.case)))


@pytest.mark.parametrize("query", [{"stage": "nonsense"}, {"before": "1"}, {"before": "\0"}, {"stage": "\0"}])
def test_a_list_that_cannot_be_is_refused(world: World, query: dict[str, str]) -> None:
    assert client_of(world, "lawyer").get(LIST, query).status_code == 400


# --- a new case ---


def test_a_new_case_holds_what_was_typed_and_leads_to_the_story(world: World) -> None:
    client = client_of(world, "lawyer")
    form = opened_form(client, NEW, "title")

    response = client.post(
        NEW,
        form.with_values(title=TITLE, unsafe="on", custody_since="2026-01-02T23:10", age="31", gender="woman"),
    )

    case = Case.objects.get()
    assert response.headers["Location"] == url_of(case, "narrative")
    assert (case.country, case.year, case.stage) == ("GE", int(form.fields["year"][0]), Stage.INTAKE)
    testimony = (CompartmentName.TESTIMONY,)
    opened = open_case(world.actor("lawyer"), case.reference, need="view_case", compartments=testimony)
    assert card_of(opened) == Card(
        title=TITLE, age=31, gender="woman", unsafe=True, in_custody=True, custody_since="2026-01-02T23:10"
    )


@pytest.mark.parametrize(("ticked", "wraps"), [("on", 0), (None, 3)])
def test_the_organisation_can_recover_a_case_unless_the_lawyer_says_no(
    world: World, ticked: str | None, wraps: int
) -> None:
    client = client_of(world, "lawyer")

    client.post(NEW, opened_form(client, NEW, "title").with_values(title="t", no_recovery=ticked))

    assert KeyWrap.objects.filter(kind=RecipientKind.ORGANISATION).count() == wraps


@pytest.mark.parametrize("name", ["expert", "advocate", "admin", "auditor"])
def test_only_lawyers_and_coordinators_open_cases(world: World, name: str) -> None:
    client = client_of(world, name)

    assert client.get(NEW).status_code == 404
    assert client.post(NEW, {"title": "t", "country": "GE", "year": "2025"}).status_code == 404
    assert Case.objects.count() == 0


# --- at a glance ---


def test_the_lawyer_reads_names_story_facts_and_what_is_missing(world: World) -> None:
    opened = told_case(world)

    page = words(client_of(world, "lawyer").get(url_of(opened.case)))

    for shown in (TITLE, NAME, PHONE, PLACE, "14 March 2025, 18:40", "Arbitrary arrest", "Patrol or street police"):
        assert shown in page
    for name in ("consent", "mentions"):
        assert f'href="{url_of(opened.case, name)}"' in page
    assert "Send to legal analysis" not in page


def test_the_tab_and_the_address_carry_the_reference_and_nothing_else_of_the_case(world: World) -> None:
    opened = told_case(world)

    page = words(client_of(world, "lawyer").get(url_of(opened.case)))

    assert f"<title>{opened.case.reference} · Casebook</title>" in page


def test_the_expert_reads_labels_where_names_stand(world: World) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)

    page = words(client_of(world, "expert").get(url_of(opened.case)))

    assert "остановили" in page
    assert "Client" in page
    assert not any(secret in page for secret in (NAME, "Пустовойтова", PHONE))
    assert url_of(opened.case, "facts") not in page
    assert url_of(opened.case, "sharing") not in page


def test_the_reviewer_reads_neither_story_nor_names(world: World) -> None:
    opened = ready_case(world)
    grant(opened, world.people["advocate"], AccessLevel.REVIEWER)

    page = words(client_of(world, "advocate").get(url_of(opened.case)))

    assert "Georgia" in page
    assert not any(secret in page for secret in (NAME, PHONE, PLACE, TITLE, "остановили", "Client", "14 March"))


def test_missing_and_forbidden_are_the_same_404_on_every_page_of_a_case(world: World) -> None:
    opened = told_case(world)
    foreign = found_world("Lighthouse", "AM")
    reading = ("detail", "evidence", "sharing", "history")
    pages = (*reading, "facts", "people", "person_add", "narrative", "mentions", "consent")

    for client in (client_of(world, "colleague"), client_of(world, "admin"), client_of(foreign, "lawyer")):
        for name in pages:
            forbidden = client.get(url_of(opened.case, name))
            missing = client.get(reverse(f"cases:{name}", args=["2222222"]))
            assert (forbidden.status_code, missing.status_code) == (404, 404)
            shown = without_tokens(forbidden).replace(opened.case.reference, "2222222")
            assert shown == without_tokens(missing)


def test_who_is_locked_is_sent_to_unlock_before_anything_is_looked_up(world: World) -> None:
    opened = told_case(world)
    client = secure(Client())
    client.force_login(world.people["lawyer"])

    for url in (LIST, NEW, url_of(opened.case), reverse("cases:detail", args=["2222222"])):
        response = client.get(url)
        assert response.status_code == 423
        assert not any(secret in words(response) for secret in (TITLE, NAME))


def test_who_is_signed_out_is_sent_to_sign_in(world: World) -> None:
    response = secure(Client()).get(LIST)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")


# --- steps ---


def test_a_complete_intake_goes_on_to_analysis(world: World) -> None:
    opened = ready_case(world)

    response = client_of(world, "lawyer").post(url_of(opened.case, "step"), {"to": "analysis"})

    assert response.headers["Location"] == url_of(opened.case)
    assert Case.objects.get().stage == Stage.ANALYSIS


def test_an_incomplete_intake_is_told_what_is_missing_and_where_to_do_it(world: World) -> None:
    opened = new_case(world)

    response = client_of(world, "lawyer").post(url_of(opened.case, "step"), {"to": "analysis"})

    assert response.status_code == 409
    for name in ("consent", "facts", "narrative"):
        assert url_of(opened.case, name) in words(response)
    assert Case.objects.get().stage == Stage.INTAKE


def test_a_case_is_closed_and_taken_up_again(world: World) -> None:
    opened = told_case(world)
    client, step = client_of(world, "lawyer"), url_of(opened.case, "step")
    close = opened_form(client, url_of(opened.case), "to")

    client.post(close.action, close.fields)
    assert Case.objects.get().stage == Stage.CLOSED
    assert "Take it up again" in words(client.get(url_of(opened.case)))
    assert client.get(url_of(opened.case, "facts")).status_code == 409

    client.post(step, {"to": "intake"})
    assert Case.objects.get().stage == Stage.INTAKE


@pytest.mark.parametrize("to", ["published", "withdrawn", "", "\0", "0190aa00-0000-7000-8000-000000000000"])
def test_stage_one_takes_no_other_step(world: World, to: str) -> None:
    opened = told_case(world)

    assert client_of(world, "lawyer").post(url_of(opened.case, "step"), {"to": to}).status_code == 400
    assert Case.objects.get().stage == Stage.INTAKE


def test_reopening_an_open_case_is_refused(world: World) -> None:
    opened = told_case(world)

    assert client_of(world, "lawyer").post(url_of(opened.case, "step"), {"to": "intake"}).status_code == 409


def test_an_expert_takes_no_step(world: World) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)

    assert client_of(world, "expert").post(url_of(opened.case, "step"), {"to": "closed"}).status_code == 404


def test_a_closed_case_still_shows_its_story_to_the_lawyer(world: World) -> None:
    opened = told_case(world)
    close_case(opened)

    page = words(client_of(world, "lawyer").get(url_of(opened.case)))

    assert STORY.rsplit(". ", 1)[-1] in page
    assert url_of(opened.case, "facts") not in page


def test_a_double_tap_makes_one_case(world: World) -> None:
    lawyer = client_of(world, "lawyer")
    page = lawyer.get(NEW).content.decode()
    token = re.search(r'name="page" value="([^"]+)"', page)
    assert token
    answers = {"title": "Twice", "country": "GE", "year": "2025", "page": token[1]}

    first, second = lawyer.post(NEW, answers), lawyer.post(NEW, answers)

    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1
    assert client_of(world, "coordinator").post(NEW, answers).status_code == 404
    assert lawyer.post(NEW, answers | {"page": "invented"}).status_code == 302
    assert Case.objects.count() == 2
