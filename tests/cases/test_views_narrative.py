"""The story: saved as it goes, never lost, never overwritten unseen; and the answers about the names found in it."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from cases.access import OpenCase, open_case
from cases.actions import move, save_narrative
from cases.levels import AccessLevel
from cases.models import Case, Statement
from cases.narrative import pseudonymised, words_of
from cases.queries import narrative_of, statement_of
from cases.sharing import grant
from cases.stages import Stage
from tests.builders import World
from tests.cases.builders import BOTH, NAME, PHONE, STORY, new_case, ready_case, told_case
from tests.cases.pages import Form, forms_in, opened_form, words
from tests.clients import client_of

AUTOSAVE = {"X-Requested-With": "casebook-autosave"}


def url_of(case: Case, name: str = "narrative") -> str:
    return reverse(f"cases:{name}", args=[case.reference])


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def reopen_case(world: World, case: Case) -> OpenCase:
    return open_case(world.actor("lawyer"), case.reference, need="view_case", compartments=BOTH)


def told(world: World, case: Case) -> str:
    """The story as the lawyer reads it."""
    opened = reopen_case(world, case)
    return words_of(statement_of(opened)[1], narrative_of(opened)[1])


# --- writing ---


def test_a_first_story_is_saved_and_leads_to_the_names_in_it(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    form = opened_form(lawyer, url_of(opened.case), "text")

    response = lawyer.post(url_of(opened.case), form.with_values(text=STORY, language="ru"))

    assert form.fields["revision"] == [""]
    assert form.fields["language"] == ["ka"]
    assert response.headers["Location"] == url_of(opened.case, "mentions")
    assert told(world, opened.case) == STORY
    assert opened_form(lawyer, url_of(opened.case), "text").fields["text"] == [STORY]


def test_line_breaks_are_kept_as_single_characters(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    form = opened_form(lawyer, url_of(opened.case), "text")

    lawyer.post(url_of(opened.case), form.with_values(text="\r\n раз\r\n\r\nдва \r", language="ru"))

    assert told(world, opened.case) == "\n раз\n\nдва \n"


def test_autosave_creates_then_continues_and_hands_on_the_revision(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    form = opened_form(lawyer, url_of(opened.case), "text")

    first = lawyer.post(url_of(opened.case), form.with_values(text="раз", language="ru"), headers=AUTOSAVE)
    revision = str(first.json()["revision"])
    second = lawyer.post(
        url_of(opened.case), form.with_values(text="раз два", revision=revision), headers={"X-Autosave": "1"}
    )

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json().keys() == {"revision", "saved_at"}
    assert (revision, second.json()["revision"]) == ("1", 2)
    assert told(world, opened.case) == "раз два"


def test_autosave_says_when_it_could_not(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    form = opened_form(lawyer, url_of(opened.case), "text")
    save_narrative(opened, "чужое", language="ru", revision=Statement.objects.get().revision)

    stale = lawyer.post(url_of(opened.case), form.with_values(text="моё"), headers=AUTOSAVE)
    long = lawyer.post(url_of(opened.case), form.with_values(text="x" * 200_001), headers=AUTOSAVE)

    assert (stale.status_code, long.status_code) == (409, 422)
    assert stale.headers["Content-Type"] == long.headers["Content-Type"] == "application/json"
    assert "моё" not in stale.content.decode()
    assert told(world, opened.case) == "чужое"


def test_autosave_of_somebody_locked_is_423(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    del lawyer.cookies[settings.CASEBOOK_KEY_COOKIE_NAME]

    response = lawyer.post(url_of(opened.case), {"text": "x", "language": "ru", "revision": "1"}, headers=AUTOSAVE)

    assert response.status_code == 423


@pytest.mark.parametrize("size", [settings.CASEBOOK_MAX_NARRATIVE + 1, 5 * 2**20])
def test_a_story_that_is_too_long_comes_back_whole_with_a_clear_word(world: World, lawyer: Client, size: int) -> None:
    opened = told_case(world)
    form = opened_form(lawyer, url_of(opened.case), "text")
    long = ("слово " * (size // 6 + 1))[:size]

    response = lawyer.post(url_of(opened.case), form.with_values(text=long))

    assert response.status_code == 422
    assert f"The story has {size} letters; 200000 fit here" in words(response)
    assert next(each for each in forms_in(response) if "text" in each.fields).fields["text"] == [long]
    assert told(world, opened.case) == STORY


def test_the_longest_story_that_fits_is_kept(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    long = ("слово\n" * settings.CASEBOOK_MAX_NARRATIVE)[: settings.CASEBOOK_MAX_NARRATIVE]
    form = opened_form(lawyer, url_of(opened.case), "text")

    response = lawyer.post(url_of(opened.case), form.with_values(text=long.replace("\n", "\r\n"), language="ru"))

    assert response.status_code == 302
    assert told(world, opened.case) == long


BAD = [
    ("text", "before\0after"),
    ("language", "tlh"),
    ("language", None),
    ("revision", "x"),
    ("revision", "-1"),
    ("revision", "9" * 40),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_input_is_refused_and_nothing_typed_is_lost(
    world: World, lawyer: Client, name: str, value: str | None
) -> None:
    opened = told_case(world)
    form = opened_form(lawyer, url_of(opened.case), "text")

    response = lawyer.post(url_of(opened.case), form.with_values(**{"text": "новое", name: value}))

    assert response.status_code == 422
    assert name == "text" or "новое" in words(response)
    assert told(world, opened.case) == STORY


@pytest.mark.parametrize("revision", ["", "1", "77"])
def test_a_second_editor_gets_both_texts_and_overwrites_only_on_purpose(
    world: World, lawyer: Client, revision: str
) -> None:
    opened = told_case(world)
    save_narrative(opened, "Её версия.", language="ru", revision=Statement.objects.get().revision)
    form = opened_form(lawyer, url_of(opened.case), "text")

    response = lawyer.post(url_of(opened.case), form.with_values(text="Моя версия.", revision=revision))

    assert response.status_code == 409
    assert "Её версия." in words(response)
    assert told(world, opened.case) == "Её версия."
    again = next(each for each in forms_in(response) if "text" in each.fields)
    assert again.fields["text"] == ["Моя версия."]
    assert lawyer.post(url_of(opened.case), again.fields).status_code == 302
    assert told(world, opened.case) == "Моя версия."


def test_sending_the_same_words_twice_is_no_conflict(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    form = opened_form(lawyer, url_of(opened.case), "text").with_values(text="одно", language="ru")

    assert lawyer.post(url_of(opened.case), form).status_code == 302
    assert lawyer.post(url_of(opened.case), form).status_code == 302
    assert Statement.objects.get().revision == 1


def test_who_reads_without_names_cannot_write(world: World) -> None:
    opened = ready_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    expert = client_of(world, "expert")

    for name in ("narrative", "mentions"):
        assert expert.get(url_of(opened.case, name)).status_code == 404
        assert expert.post(url_of(opened.case, name), {"text": "x"}).status_code == 404


def test_a_case_under_review_is_not_rewritten(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    for stage in (Stage.ANALYSIS, Stage.ANONYMISATION, Stage.REVIEW):
        move(opened, stage)

    response = lawyer.post(url_of(opened.case), {"text": "x", "language": "ru", "revision": "2"})

    assert response.status_code == 409
    assert "The case has moved on" in words(response)
    assert told(world, opened.case) == STORY


# --- names and numbers ---


def mentions_form(lawyer: Client, case: Case) -> Form:
    return opened_form(lawyer, url_of(case, "mentions"), "missed")


def test_without_a_story_there_is_nothing_to_check(world: World, lawyer: Client) -> None:
    opened = new_case(world)

    assert lawyer.get(url_of(opened.case, "mentions")).headers["Location"] == url_of(opened.case)


def test_what_is_certain_is_hidden_beforehand_and_the_rest_waits_for_an_answer(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    save_narrative(opened, "Пришла Зинаида Марковна Бойко, звонил с +995 599 00 11 22.", language="ru", revision=None)

    response = lawyer.get(url_of(opened.case, "mentions"))
    cards = response.context["form"].card_fields()
    form = mentions_form(lawyer, opened.case)

    settled = {card.forms: (card.settled, card.choice_name in form.fields) for card, _decision, _role in cards}
    assert settled[("+995 599 00 11 22",)] == (True, True)
    assert settled[("Зинаида Марковна Бойко",)] == (False, False)
    refused = lawyer.post(url_of(opened.case, "mentions"), form.fields)
    assert refused.status_code == 422
    assert "hidden or visible?" in words(refused)


def test_hidden_stays_hidden_visible_becomes_visible_and_the_story_counts_as_checked(
    world: World, lawyer: Client
) -> None:
    opened = new_case(world)
    save_narrative(opened, "Пришла Зинаида Бойко, потом Ольга Ким. Бойко увели.", language="ru", revision=None)
    page = lawyer.get(url_of(opened.case, "mentions"))
    form = mentions_form(lawyer, opened.case)
    cards = {card.forms[0]: card for card, _decision, _role in page.context["form"].card_fields()}

    answers = {cards["Зинаида Бойко"].choice_name: "hide", cards["Ольга Ким"].choice_name: "show"}
    role = {cards["Зинаида Бойко"].role_name: "witness"}
    response = lawyer.post(url_of(opened.case, "mentions"), form.with_values(**answers, **role))

    assert response.headers["Location"] == url_of(opened.case, "detail")
    fresh = reopen_case(world, opened.case)
    _row, content = statement_of(fresh)
    assert content.confirmed
    assert pseudonymised(content) == "Пришла [Witness 1], потом Ольга Ким. [Witness 1] увели."
    assert "ольга ким" in words(lawyer.get(url_of(opened.case, "mentions")))


def test_one_kind_of_an_entity_can_stay_visible_while_another_is_hidden(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    page = lawyer.get(url_of(opened.case, "mentions"))
    form = mentions_form(lawyer, opened.case)
    cards = {card.kind.value: card for card, _decision, _role in page.context["form"].card_fields()}

    lawyer.post(url_of(opened.case, "mentions"), form.with_values(**{cards["person"].choice_name: "show"}))

    text = pseudonymised(statement_of(reopen_case(world, opened.case))[1])
    assert NAME in text
    assert PHONE not in text


def test_a_word_we_missed_is_hidden_and_shown_for_another_look(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    form = mentions_form(lawyer, opened.case)

    response = lawyer.post(
        url_of(opened.case, "mentions"), form.with_values(missed="Ржавцы\nсвидетелей", missed_kind="address")
    )

    assert response.headers["Location"] == url_of(opened.case, "mentions")
    content = statement_of(reopen_case(world, opened.case))[1]
    assert "Ржавцы" not in content.text
    assert "Свидетелей" not in content.text
    assert told(world, opened.case) == STORY


def test_a_missed_word_must_stand_in_the_text(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    response = lawyer.post(
        url_of(opened.case, "mentions"), mentions_form(lawyer, opened.case).with_values(missed="Такогонет")
    )

    assert response.status_code == 422
    assert "Такогонет" in words(response)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("missed", "x\0"),
        ("missed", "\n".join(map(str, range(60)))),
        ("missed_kind", "robot"),
        ("revision", ""),
        ("revision", "x"),
    ],
)
def test_bad_answers_are_refused(world: World, lawyer: Client, name: str, value: str) -> None:
    opened = told_case(world)
    form = mentions_form(lawyer, opened.case)

    response = lawyer.post(url_of(opened.case, "mentions"), form.with_values(**{name: value}))

    assert response.status_code == 422
    assert not statement_of(reopen_case(world, opened.case))[1].confirmed


def test_answers_about_a_story_that_changed_meanwhile_are_kept_and_asked_again(world: World, lawyer: Client) -> None:
    opened = new_case(world)
    save_narrative(opened, "Пришла Зинаида Бойко.", language="ru", revision=None)
    page = lawyer.get(url_of(opened.case, "mentions"))
    form = mentions_form(lawyer, opened.case)
    card = page.context["form"].card_fields()[0][0]
    save_narrative(opened, "Пришла Зинаида Бойко. За ней Ольга Ким.", language="ru", revision=1)

    response = lawyer.post(
        url_of(opened.case, "mentions"), form.with_values(**{card.choice_name: "hide", card.role_name: "official"})
    )

    assert response.status_code == 409
    again = next(each for each in forms_in(response) if "missed" in each.fields)
    assert again.fields[card.choice_name] == ["hide"]
    assert again.fields[card.role_name] == ["official"]
    assert again.fields["revision"] == ["2"]
    assert "Ольга Ким" in words(response)
    assert not statement_of(reopen_case(world, opened.case))[1].confirmed


def test_the_page_says_what_was_looked_for_in_this_language(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    assert "patronymics" in words(lawyer.get(url_of(opened.case, "mentions")))

    save_narrative(opened, "She was stopped.", language="en", revision=1)
    page = words(lawyer.get(url_of(opened.case, "mentions")))
    assert "Not possible in this language" in page
    assert page.index("Not possible in this language") < page.index("patronymics")


def test_a_new_name_after_the_check_has_to_be_checked_again(world: World, lawyer: Client) -> None:
    opened = ready_case(world)
    form = opened_form(lawyer, url_of(opened.case), "text")

    response = lawyer.post(url_of(opened.case), form.with_values(text=STORY + " Потом пришла Ольга Ким."))

    assert response.headers["Location"] == url_of(opened.case, "mentions")
    assert "not checked yet" in words(lawyer.get(url_of(opened.case, "detail")))
