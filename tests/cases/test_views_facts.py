"""The facts of a case: what comes back is what was typed; bad input, drafts and second editors."""

import pytest
from django.test import Client
from django.urls import reverse

from cases.access import open_case
from cases.actions import Facts, change_facts
from cases.contents import Card, IncidentDetails
from cases.levels import AccessLevel
from cases.models import Case, CompartmentName
from cases.queries import card_of, incident_of, violation_codes
from cases.sharing import grant
from tests.builders import World
from tests.cases.builders import PLACE, TITLE, case_in_analysis, new_case, ready_case, told_case
from tests.cases.pages import forms_in, opened_form, words
from tests.clients import client_of

AUTOSAVE = {"X-Requested-With": "casebook-autosave"}


def url_of(case: Case) -> str:
    return reverse("cases:facts", args=[case.reference])


def stored(world: World, case: Case) -> Facts:
    opened = open_case(
        world.actor("lawyer"), case.reference, need="view_case", compartments=(CompartmentName.TESTIMONY,)
    )
    now = opened.case
    codes = tuple(sorted(violation_codes(now)))
    return Facts(now.country, now.year, now.perpetrator, codes, card_of(opened), incident_of(opened)[1])


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def test_everything_typed_is_stored_and_shown_again(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    form = opened_form(lawyer, url_of(opened.case), "perpetrator")
    typed = {
        "title": "Ночь в отделе",
        "country": "AM",
        "year": "2024",
        "date": "2024-12-31",
        "time": "23:59",
        "month": "",
        "place": "отдел № 4\nкамера 2",
        "region": "Ширак",
        "perpetrator": "drug_police",
        "violations": ["arbitrary-arrest", "lawyer-access-denied"],
        "gender": "trans_woman",
        "age": "0",
        "unsafe": "on",
        "in_custody": "on",
        "custody_since": "2024-12-31T22:00",
        "has_children": "on",
        "pregnant": "on",
        "hiv": "on",
        "hepatitis": "on",
        "on_treatment": "on",
        "revision": form.fields["revision"][0],
    }

    response = lawyer.post(url_of(opened.case), typed)

    assert response.status_code == 302
    card = Card(
        title="Ночь в отделе",
        region="Ширак",
        month=12,
        age=0,
        gender="trans_woman",
        pregnant=True,
        has_children=True,
        in_custody=True,
        custody_since="2024-12-31T22:00",
        unsafe=True,
        hiv=True,
        hepatitis=True,
        on_treatment=True,
    )
    incident = IncidentDetails(date="2024-12-31", time="23:59", place="отдел № 4\nкамера 2")
    codes = ("arbitrary-arrest", "lawyer-access-denied")
    assert stored(world, opened.case) == Facts("AM", 2024, "drug_police", codes, card, incident)
    again = opened_form(lawyer, url_of(opened.case), "violations")
    assert again.fields | {"csrfmiddlewaretoken": []} == {
        **{name: value if isinstance(value, list) else [value] for name, value in typed.items()},
        "month": ["12"],
        "revision": ["2"],
        "csrfmiddlewaretoken": [],
    }


def test_saving_the_page_as_it_stands_changes_nothing(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    before = stored(world, opened.case)

    form = opened_form(lawyer, url_of(opened.case), "violations")
    assert lawyer.post(url_of(opened.case), form.fields).status_code == 302

    assert stored(world, opened.case) == before


def test_chosen_violations_bring_their_urgent_steps_and_evidence(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    page = words(lawyer.get(url_of(opened.case)))

    assert "Check the custody clock; demand release or a judge." in page
    assert "Copy of the detention record with exact times" in page
    assert "Copy of the detention record" not in words(lawyer.get(url_of(new_case(world).case)))


def test_women_are_asked_what_is_easily_not_asked(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    page = words(lawyer.get(url_of(opened.case)))

    assert 'href="#group-parental-rights"' in page
    assert 'id="group-parental-rights"' in page


BAD = [
    ("title", ""),
    ("title", "x" * 121),
    ("title", "a\0b"),
    ("country", "US"),
    ("country", ""),
    ("year", "1989"),
    ("year", "2999"),
    ("year", "soon"),
    ("year", "9" * 5000),
    ("year", ""),
    ("date", "2025-02-30"),
    ("date", "2199-01-01"),
    ("date", "0001-01-01"),
    ("date", "\0"),
    ("time", "25:61"),
    ("month", "13"),
    ("month", "4"),
    ("age", "-1"),
    ("age", "121"),
    ("age", "1.5"),
    ("age", "1e3"),
    ("gender", "robot"),
    ("place", "x" * 501),
    ("place", "a\0b"),
    ("region", "x" * 121),
    ("perpetrator", "martians"),
    ("violations", ["arbitrary-arrest", "nonsense"]),
    ("violations", ["\0"]),
    ("custody_since", "2199-01-01T10:00"),
    ("custody_since", "1066-10-14T09:00"),
    ("custody_since", "yesterday"),
    ("custody_since", "9999-12-31T23:59-12:00"),
    ("revision", ""),
    ("revision", "x"),
    ("revision", "-1"),
    ("revision", "9" * 30),
    ("revision", None),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_input_is_refused_and_nothing_typed_is_lost(
    world: World, lawyer: Client, name: str, value: str | list[str] | None
) -> None:
    opened = told_case(world)
    before = stored(world, opened.case)
    form = opened_form(lawyer, url_of(opened.case), "violations")

    unsaved = {"place": "ещё не сохранено", "region": "и это тоже"}
    response = lawyer.post(url_of(opened.case), form.with_values(**{**unsaved, name: value}))

    assert response.status_code == 422
    assert "error-summary" in words(response)
    assert all(typed in words(response) for field, typed in unsaved.items() if field != name)
    assert stored(world, opened.case) == before


def test_a_field_sent_twice_counts_once(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    form = opened_form(lawyer, url_of(opened.case), "violations")

    fields = form.with_values(title=["first", "last"], violations=["arbitrary-arrest", "arbitrary-arrest"])
    assert lawyer.post(url_of(opened.case), fields).status_code == 302

    after = stored(world, opened.case)
    assert (after.card.title, after.violations) == ("last", ("arbitrary-arrest",))


def test_a_second_editor_gets_both_versions_and_overwrites_only_on_purpose(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    form = opened_form(lawyer, url_of(opened.case), "violations")
    other = Facts("GE", 2025, "patrol", ("arbitrary-arrest",), Card(title="Её версия"), IncidentDetails())
    theirs = open_case(
        world.actor("coordinator"),
        opened.case.reference,
        need="change_case",
        compartments=(CompartmentName.TESTIMONY,),
    )
    change_facts(theirs, other, revision=theirs.case.revision)

    response = lawyer.post(url_of(opened.case), form.with_values(title="Моя версия"))

    assert response.status_code == 409
    assert "Её версия" in words(response)
    assert "Моя версия" in words(response)
    assert stored(world, opened.case) == other
    again = next(each for each in forms_in(response) if "title" in each.fields)
    assert again.fields["title"] == ["Моя версия"]
    assert lawyer.post(url_of(opened.case), again.fields).status_code == 302
    assert stored(world, opened.case).card.title == "Моя версия"


def test_autosave_answers_with_the_next_revision(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    url = url_of(opened.case)
    form = opened_form(lawyer, url, "violations")

    saved = lawyer.post(url, form.with_values(title="Черновик"), headers=AUTOSAVE)
    stale = lawyer.post(url, form.with_values(title="Вчерашний"), headers=AUTOSAVE)
    wrong = lawyer.post(url, form.with_values(age="300"), headers={"X-Autosave": "1"})

    assert saved.status_code == 200
    assert saved.json()["revision"] == int(form.fields["revision"][0]) + 1
    assert (stale.status_code, wrong.status_code) == (409, 422)
    assert wrong.json()["errors"].keys() == {"age"}
    assert stored(world, opened.case).card.title == "Черновик"


def test_an_expert_cannot_change_facts(world: World) -> None:
    opened = case_in_analysis(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    expert = client_of(world, "expert")

    assert expert.get(url_of(opened.case)).status_code == 404
    assert expert.post(url_of(opened.case), {"title": "x"}).status_code == 404


def test_the_place_and_the_title_stay_out_of_addresses_and_session(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    form = opened_form(lawyer, url_of(opened.case), "violations")

    response = lawyer.post(url_of(opened.case), form.fields)

    assert response.headers["Location"] == reverse("cases:detail", args=[opened.case.reference])
    kept = str(dict(lawyer.session.items()))
    assert TITLE not in kept
    assert PLACE not in kept
