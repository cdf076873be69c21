"""The people in a case: typed once, found in the story, hidden from experts, never lost to a second editor."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from cases.access import open_case
from cases.actions import save_person
from cases.contents import Profile
from cases.levels import AccessLevel
from cases.models import Case, Person
from cases.narrative import words_of
from cases.queries import find_person, known_people, narrative_of, statement_of
from cases.sharing import grant
from tests.builders import World
from tests.cases.builders import BOTH, NAME, PHONE, STORY, new_case, reopen, told_case
from tests.cases.pages import forms_in, opened_form, words
from tests.clients import client_of


def url_of(case: Case, name: str, *more: object) -> str:
    return reverse(f"cases:{name}", args=[case.reference, *more])


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def profiles(world: World, case: Case) -> list[Profile]:
    opened = open_case(world.actor("lawyer"), case.reference, need="view_case", compartments=BOTH)
    return [profile for _key, profile in known_people(opened)]


TYPED = {
    "role": "relative",
    "given": "Тимофей",
    "patronymic": "Игоревич",
    "family": "Сапега",
    "aliases": "Тима\nСапог",
    "phones": "+995 555 00 00 01\n\n 555 00 00 02 ",
    "emails": "t@example.org",
    "addresses": "Батуми, Чавчавадзе 3",
    "documents": "AB 123456",
    "handles": "@tima",
    "vehicles": "TT 001 TT",
    "birth_date": "1990-05-01",
    "note": "звонить вечером",
}


def test_a_person_is_kept_as_typed_and_shown_again(world: World, lawyer: Client) -> None:
    opened = new_case(world)

    response = lawyer.post(url_of(opened.case, "person_add"), TYPED)

    assert response.headers["Location"] == url_of(opened.case, "people")
    person = Person.objects.get()
    assert profiles(world, opened.case) == [
        Profile(
            role="relative",
            given="Тимофей",
            patronymic="Игоревич",
            family="Сапега",
            aliases=("Тима", "Сапог"),
            phones=("+995 555 00 00 01", "555 00 00 02"),
            emails=("t@example.org",),
            addresses=("Батуми, Чавчавадзе 3",),
            documents=("AB 123456",),
            handles=("@tima",),
            vehicles=("TT 001 TT",),
            birth_date="1990-05-01",
            note="звонить вечером",
        )
    ]
    assert "Тимофей Игоревич Сапега" in words(lawyer.get(url_of(opened.case, "people")))
    form = opened_form(lawyer, url_of(opened.case, "person_edit", person.id), "given")
    assert form.fields["phones"] == ["+995 555 00 00 01\n555 00 00 02"]


def test_a_nickname_is_enough(world: World, lawyer: Client) -> None:
    opened = new_case(world)

    assert lawyer.post(url_of(opened.case, "person_add"), {"role": "client", "aliases": "Лис"}).status_code == 302
    assert profiles(world, opened.case) == [Profile(aliases=("Лис",))]


def test_a_new_person_is_lifted_from_the_story_at_once_and_the_lawyer_is_told(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    lawyer.post(url_of(opened.case, "person_add"), {"role": "other", "aliases": "Свидетелей"})
    page = words(lawyer.get(url_of(opened.case, "people")))

    _row, content = statement_of(reopen(world, opened, "lawyer"))
    assert "Свидетелей" not in content.text
    assert "please check what we found" in page


def test_changing_a_person_keeps_the_words_of_the_story(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    url = url_of(opened.case, "person_edit", Person.objects.get().id)

    assert lawyer.post(url, opened_form(lawyer, url, "given").with_values(given="Марфа")).status_code == 302

    fresh = reopen(world, opened, "lawyer")
    assert profiles(world, opened.case)[0].given == "Марфа"
    assert words_of(statement_of(fresh)[1], narrative_of(fresh)[1]) == STORY


BAD = [
    ("role", "king"),
    ("role", ""),
    ("given", "x" * 101),
    ("given", "a\0b"),
    ("aliases", "x" * 201),
    ("phones", "\n".join(f"+99555500{n:04}" for n in range(51))),
    ("phones", "5\0"),
    ("phones", "x" * 20_000),
    ("birth_date", "2199-01-01"),
    ("birth_date", "1802-01-01"),
    ("birth_date", "spring"),
    ("note", "x" * 2001),
    ("revision", "minus one"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_input_is_refused_and_nothing_typed_is_lost(world: World, lawyer: Client, name: str, value: str) -> None:
    opened = new_case(world)

    response = lawyer.post(url_of(opened.case, "person_add"), TYPED | {"family": "Несохранённый", name: value})

    assert response.status_code == 422
    assert "Несохранённый" in words(response)
    assert Person.objects.count() == 0


def test_somebody_without_any_name_or_number_is_refused(world: World, lawyer: Client) -> None:
    opened = new_case(world)

    response = lawyer.post(url_of(opened.case, "person_add"), {"role": "client", "note": "высокий", "given": "  "})

    assert response.status_code == 422
    assert "A nickname is enough" in words(response)
    assert "высокий" in words(response)


def test_fifty_lines_fit(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    phones = [f"+99555500{number:04}" for number in range(50)]

    response = lawyer.post(url_of(opened.case, "person_add"), {"role": "client", "phones": "\r\n".join(phones)})

    assert response.status_code == 302
    assert profiles(world, opened.case)[0].phones == tuple(phones)


def test_a_second_editor_gets_both_versions(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    person = Person.objects.get()
    url = url_of(opened.case, "person_edit", person.id)
    form = opened_form(lawyer, url, "given")
    theirs = reopen(world, opened, "coordinator", need="change_case")
    save_person(theirs, Profile(given="Чужая"), person=find_person(theirs, person.id), revision=person.revision)

    response = lawyer.post(url, form.with_values(given="Моя"))

    assert response.status_code == 409
    assert "Чужая" in words(response)
    again = next(each for each in forms_in(response) if "given" in each.fields)
    assert again.fields["given"] == ["Моя"]
    assert profiles(world, opened.case)[0].given == "Чужая"
    assert lawyer.post(url, again.fields).status_code == 302
    assert profiles(world, opened.case)[0].given == "Моя"


def test_a_change_without_its_revision_overwrites_nothing(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    url = url_of(opened.case, "person_edit", Person.objects.get().id)

    response = lawyer.post(url, opened_form(lawyer, url, "given").with_values(given="Моя", revision=""))

    assert response.status_code == 409
    assert profiles(world, opened.case)[0].given == NAME


def test_a_person_is_taken_out_and_stays_hidden_in_the_story(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    person = Person.objects.get()
    edit = lawyer.get(url_of(opened.case, "person_edit", person.id))
    remove = next(form for form in forms_in(edit) if form.action.endswith("/remove/"))

    assert lawyer.get(remove.action).status_code == 405
    assert lawyer.post(remove.action, remove.fields).status_code == 302

    assert Person.objects.count() == 0
    _row, content = statement_of(reopen(world, opened, "lawyer"))
    assert NAME not in content.text
    assert PHONE not in content.text
    assert NAME in words(lawyer.get(reverse("cases:detail", args=[opened.case.reference])))


def test_a_person_of_another_case_is_not_there(world: World, lawyer: Client) -> None:
    mine, other = told_case(world), told_case(world)
    theirs = Person.objects.get(case=other.case)

    for person_id in (theirs.id, uuid4()):
        assert lawyer.get(url_of(mine.case, "person_edit", person_id)).status_code == 404
        assert lawyer.post(url_of(mine.case, "person_edit", person_id), TYPED).status_code == 404
        assert lawyer.post(url_of(mine.case, "person_remove", person_id)).status_code == 404
    assert Person.objects.count() == 2


def test_experts_and_reviewers_reach_no_page_of_people(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    grant(opened, world.people["advocate"], AccessLevel.REVIEWER)
    person = Person.objects.get()

    for name in ("expert", "advocate"):
        client = client_of(world, name)
        assert client.get(url_of(opened.case, "people")).status_code == 404
        assert client.get(url_of(opened.case, "person_edit", person.id)).status_code == 404
        assert client.post(url_of(opened.case, "person_add"), TYPED).status_code == 404
        assert client.post(url_of(opened.case, "person_remove", person.id)).status_code == 404
