"""Consent: every scope on one page, each written only when it changed, never over a colleague's answer unseen."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.access import open_case
from cases.actions import record_consent
from cases.contents import ConsentDetails
from cases.levels import AccessLevel
from cases.models import Case, CompartmentName, Consent, ConsentScope
from cases.queries import consents_of
from cases.sharing import grant
from tests.builders import World
from tests.cases.builders import case_in_analysis, new_case, ready_case, reopen
from tests.cases.pages import forms_in, opened_form, words
from tests.clients import client_of

LATER = (timezone.localdate() + timedelta(days=365)).isoformat()
TODAY = timezone.localdate().isoformat()


def url_of(case: Case) -> str:
    return reverse("cases:consent", args=[case.reference])


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def details_of(world: World, case: Case, scope: str) -> ConsentDetails:
    testimony = (CompartmentName.TESTIMONY,)
    opened = open_case(world.actor("lawyer"), case.reference, need="view_case", compartments=testimony)
    return next(answer.details for answer in consents_of(opened) if answer.scope == scope)


def test_every_scope_stands_on_the_page_unasked_with_a_plain_explanation(world: World, lawyer: Client) -> None:
    opened = new_case(world)

    response = lawyer.get(url_of(opened.case))

    form = opened_form(lawyer, url_of(opened.case), "keep-answer")
    assert [form.fields[f"{scope}-answer"] for scope in ConsentScope] == [[""]] * 6
    for explained in (
        "labels in the place of names",
        "Small numbers are never shown",
        "committee of the United Nations",
    ):
        assert explained in words(response)


def test_answers_are_kept_with_how_when_in_which_language_and_until_when(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    form = opened_form(lawyer, url_of(opened.case), "keep-answer")
    answers = {
        "keep-answer": "yes",
        "experts-answer": "yes",
        "experts-until": LATER,
        "experts-how": "written",
        "experts-language": "hy",
        "experts-asked_on": "2025-03-14",
        "named-answer": "no",
    }

    response = lawyer.post(url_of(opened.case), form.with_values(**answers))

    assert response.status_code == 302
    stored = {row.scope: (row.given, row.until) for row in Consent.objects.all()}
    assert stored == {"keep": (True, None), "experts": (True, date.fromisoformat(LATER)), "named": (False, None)}
    asked = details_of(world, opened.case, "experts")
    assert asked == ConsentDetails("written", "hy", "2025-03-14", "lawyer-ge")
    assert details_of(world, opened.case, "keep") == ConsentDetails("spoken", "ka", TODAY, "lawyer-ge")


def test_saving_the_page_as_it_stands_writes_nothing(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    before = list(Consent.objects.values_list("scope", "revision"))

    form = opened_form(lawyer, url_of(opened.case), "keep-answer")
    assert lawyer.post(url_of(opened.case), form.fields).status_code == 302

    assert list(Consent.objects.values_list("scope", "revision")) == before


def test_an_answer_once_given_can_change_but_not_become_unasked(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    form = opened_form(lawyer, url_of(opened.case), "keep-answer")

    unasked = lawyer.post(url_of(opened.case), form.with_values(**{"named-answer": ""}))
    changed = lawyer.post(url_of(opened.case), form.with_values(**{"named-answer": "no", "named-asked_on": TODAY}))

    assert (unasked.status_code, changed.status_code) == (422, 302)
    assert Consent.objects.get(scope="named").given is False
    assert Consent.objects.filter(given=True).count() == 5


def test_the_way_to_take_a_consent_back_is_shown_once_there_is_one(world: World, lawyer: Client) -> None:
    unasked, agreed = new_case(world), ready_case(world)

    for opened, shown in ((unasked, False), (agreed, True)):
        page = words(lawyer.get(reverse("cases:detail", args=[opened.case.reference])))
        assert (reverse("publication:withdraw", args=[opened.case.reference]) in page) is shown


def test_a_consent_taken_back_waits_for_a_new_answer(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    Consent.objects.filter(scope="publish").update(withdrawn=True)

    form = opened_form(lawyer, url_of(opened.case), "keep-answer")
    assert "Taken back" in words(lawyer.get(url_of(opened.case)))
    assert form.fields["publish-answer"] == [""]
    lawyer.post(url_of(opened.case), form.fields)
    assert Consent.objects.get(scope="publish").withdrawn

    answer = {"publish-answer": "yes", "publish-asked_on": TODAY}
    assert lawyer.post(url_of(opened.case), form.with_values(**answer)).status_code == 302
    row = Consent.objects.get(scope="publish")
    assert (row.given, row.withdrawn) == (True, False)


BAD = [
    ("keep-answer", "maybe"),
    ("keep-answer", "\0"),
    ("keep-until", "2001-01-01"),
    ("keep-until", "never"),
    ("keep-how", "telepathy"),
    ("keep-language", "tlh"),
    ("keep-asked_on", "2199-01-01"),
    ("keep-asked_on", ""),
    ("keep-revision", ""),
    ("keep-revision", "x"),
    ("keep-revision", None),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_input_is_refused_and_no_answer_of_the_page_is_lost_or_written(
    world: World, lawyer: Client, name: str, value: str | None
) -> None:
    opened = new_case(world)
    form = opened_form(lawyer, url_of(opened.case), "keep-answer")
    typed = {"keep-answer": "yes", "experts-answer": "no", "experts-until": LATER, name: value}

    response = lawyer.post(url_of(opened.case), form.with_values(**typed))

    assert response.status_code == 422
    assert "error-summary" in words(response)
    again = next(each for each in forms_in(response) if "experts-answer" in each.fields)
    assert (again.fields["experts-answer"], again.fields["experts-until"]) == (["no"], [LATER])
    assert Consent.objects.count() == 0


def test_a_second_editor_gets_both_answers_and_nothing_of_the_page_is_written(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    form = opened_form(lawyer, url_of(opened.case), "keep-answer")
    theirs = reopen(world, opened, "coordinator", need="change_case")
    details = ConsentDetails(language="hy", asked_on="2025-01-01")
    record_consent(theirs, ConsentScope.EXPERTS, given=False, until=None, details=details)

    typed = {"keep-answer": "yes", "experts-answer": "yes"}
    response = lawyer.post(url_of(opened.case), form.with_values(**typed))

    assert response.status_code == 409
    assert "1 January 2025" in words(response)
    assert {row.scope: row.given for row in Consent.objects.all()} == {"experts": False}
    again = next(each for each in forms_in(response) if "keep-answer" in each.fields)
    assert (again.fields["keep-answer"], again.fields["experts-answer"]) == (["yes"], ["yes"])
    assert lawyer.post(url_of(opened.case), again.fields).status_code == 302
    assert {row.scope: row.given for row in Consent.objects.all()} == {"experts": True, "keep": True}


def test_an_expert_sees_the_answers_and_cannot_change_them(world: World) -> None:
    opened = case_in_analysis(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    expert = client_of(world, "expert")

    assert "Share it with legal experts: <b>yes</b>" in words(
        expert.get(reverse("cases:detail", args=[opened.case.reference]))
    )
    assert expert.get(url_of(opened.case)).status_code == 404
    assert expert.post(url_of(opened.case), {"keep-answer": "no"}).status_code == 404
