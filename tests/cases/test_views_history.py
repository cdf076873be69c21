"""The history of a case: who changed what, earlier stories for both keys, never a sealed byte."""

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import remove_person, save_narrative, send_to_analysis
from cases.history import HISTORY_PAGE
from cases.levels import AccessLevel
from cases.models import Case, Person, Statement
from cases.rekeying import rekey
from cases.sharing import grant
from tests.builders import World
from tests.cases.builders import NAME, PHONE, STORY, new_case, ready_case, told_case
from tests.cases.pages import words
from tests.clients import client_of


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def url_of(case: Case, name: str = "history", *more: object) -> str:
    return reverse(f"cases:{name}", args=[case.reference, *more])


def test_every_change_stands_there_newest_first_with_its_author(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    send_to_analysis(opened)
    remove_person(opened, Person.objects.get())

    lines = lawyer.get(url_of(opened.case)).context["lines"]

    told = [line.text for line in lines]
    assert told[:3] == ["Story changed", f"Person taken out: {NAME} Пустовойтова", "Moved to: Legal analysis"]
    assert told[-6:] == [
        "Story changed",
        "Kind of violation added: Arbitrary arrest",
        "Facts changed",
        "Story written",
        f"Person added: {NAME} Пустовойтова",
        "Case opened",
    ]
    assert "Consent “Publish it anonymised”: yes" in told
    assert {line.who for line in lines} == {"Lawyer"}


def test_no_sealed_byte_reaches_the_page(world: World, lawyer: Client) -> None:
    opened = ready_case(world)

    page = words(lawyer.get(url_of(opened.case)))

    assert "b&#x27;S" not in page
    assert "\\x01" not in page
    assert "sealed_" not in page


def test_an_earlier_story_opens_with_the_words_of_its_time(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    save_narrative(opened, "Второй текст.", language="ru", revision=Statement.objects.get().revision)
    for name in ("identity", "testimony"):
        rekey(opened, name)
    save_narrative(opened, "Третий текст.", language="ru", revision=Statement.objects.get().revision)

    versions = [line.version for line in lawyer.get(url_of(opened.case)).context["lines"] if line.version]
    pages = [lawyer.get(url_of(opened.case, "history_version", version)) for version in versions]

    texts = ["".join(piece.text for piece in page.context["pieces"]) for page in pages]
    assert texts == ["Третий текст.", "Второй текст.", STORY]


def test_an_expert_reads_that_something_changed_and_opens_no_earlier_story(world: World) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    expert = client_of(world, "expert")

    page = expert.get(url_of(opened.case))

    assert "Story changed" in words(page)
    assert not any(secret in words(page) for secret in (NAME, PHONE, "Person added"))
    version = Statement.history.first().history_id
    assert expert.get(url_of(opened.case, "history_version", version)).status_code == 404


def test_a_reviewer_sees_no_history(world: World) -> None:
    opened = ready_case(world)
    grant(opened, world.people["advocate"], AccessLevel.REVIEWER)

    assert client_of(world, "advocate").get(url_of(opened.case)).status_code == 404


def test_an_earlier_story_of_another_case_is_not_there(world: World, lawyer: Client) -> None:
    mine, other = new_case(world), told_case(world)
    version = Statement.history.get(case_id=other.case.pk).history_id

    for number in (version, version + 1000, 0, 10**40):
        assert lawyer.get(f"/cases/{mine.case.reference}/history/{number}/").status_code == 404


def test_a_long_history_goes_on_without_a_hole(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    for number in range(HISTORY_PAGE + 5):
        save_narrative(opened, f"текст {number}", language="ru", revision=number or None)

    first = lawyer.get(url_of(opened.case))
    second = lawyer.get(url_of(opened.case), {"before": first.context["next_before"]})

    versions = [line.version for page in (first, second) for line in page.context["lines"] if line.version]
    assert len(versions) == len(set(versions)) == HISTORY_PAGE + 5
    assert (len(first.context["lines"]), second.context["next_before"]) == (HISTORY_PAGE, None)


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1e5", "\0"])
def test_a_page_that_cannot_be_is_refused(world: World, lawyer: Client, before: str) -> None:
    opened = new_case(world)

    assert lawyer.get(url_of(opened.case), {"before": before}).status_code == 400


def test_a_case_without_any_change_after_its_opening_has_one_line(world: World, lawyer: Client) -> None:
    opened = new_case(world)

    lines = lawyer.get(url_of(opened.case)).context["lines"]

    assert [line.text for line in lines] == ["Case opened"]
