"""What the user decides, what is on file, and what every list of mentions keeps to."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.mentions import Certainty, Identity, Mention, MentionKind, detectors_for, find_mentions

from .mention_sentences import KNOWN, STRANGERS, Sentences, person

ANNA = Identity(
    key="a",
    role="client",
    given="Анна",
    family="Куликова",
    phones=("+7 900 000-14-27",),
    emails=("a.kulikova@example.org",),
    addresses=("г. Энск, ул. Малая Слободская, д. 17, кв. 48",),
    documents=("паспорт 40 15 112358", "ЗПТ-0719"),
    handles=("@anna_k",),
    vehicles=("Лада Гранта, А 417 ВС 77",),
)


def _surfaces(text: str, mentions: list[Mention]) -> list[str]:
    return [text[mention.start : mention.end] for mention in mentions]


def test_words_the_user_said_are_no_names_are_never_proposed() -> None:
    text = "Куликова и Орлова, сестра Света, телефон 8 900 000-14-27."

    found = find_mentions(
        text, (ANNA,), language="ru", kept=frozenset({"куликова", "орлова", "света", "8 900 000-14-27"})
    )

    assert found == []


def test_a_kept_word_does_not_keep_the_other_words_of_a_name() -> None:
    text = "Пришла Анна Куликова."

    found = find_mentions(text, (ANNA,), language="ru", kept=frozenset({"анна"}))

    assert _surfaces(text, found) == ["Куликова"]


def test_words_marked_by_hand_are_found_everywhere_in_any_letters() -> None:
    text = "Ночью приехал Бульдог. бульдог молчал, БУЛЬДОГ курил, бульдогов не было."

    found = find_mentions(text, (), language="ru", extra={"Бульдог": (MentionKind.PERSON, "b")})

    assert _surfaces(text, found) == ["Бульдог", "бульдог", "БУЛЬДОГ"]
    assert {(mention.entity, mention.certainty) for mention in found} == {("b", Certainty.CERTAIN)}


def test_a_word_marked_by_hand_inside_a_name_leaves_no_part_of_the_name_uncovered() -> None:
    text = "Пришла Анна Куликова."

    found = find_mentions(text, (ANNA,), language="ru", extra={"куликова": (MentionKind.PERSON, "other")})

    assert [(text[mention.start : mention.end], mention.entity) for mention in found] == [
        ("Анна", "a"),
        ("Куликова", "other"),
    ]


def test_everything_on_file_is_found_however_it_is_written() -> None:
    text = (
        "Звонили на 89000001427, писали A.Kulikova@Example.org и @Anna_K, ходили на Малую Слободскую 17. "
        "Паспорт 4015 112358, карта ЗПТ0719, машина A417BC77, «Ладу Гранту» видели."
    )

    found = find_mentions(text, (ANNA,), language="ru")

    assert [(text[m.start : m.end], str(m.kind), m.entity) for m in found] == [
        ("89000001427", "phone", "a"),
        ("A.Kulikova@Example.org", "email", "a"),
        ("@Anna_K", "handle", "a"),
        ("Малую Слободскую 17", "address", "a"),
        ("4015 112358", "document", "a"),
        ("ЗПТ0719", "document", "a"),
        ("A417BC77", "vehicle", "a"),
        ("«Ладу Гранту»", "vehicle", "a"),
    ]


def test_the_city_of_an_address_on_file_is_no_address_by_itself() -> None:
    text = "В Энске есть больница, в ней 17 палат."

    assert find_mentions(text, (ANNA,), language="ru") == []


def test_the_fuller_name_says_who_of_two_with_one_surname_is_meant() -> None:
    mother = Identity("m", "relative", given="Галина", patronymic="Фёдоровна", family="Куликова")
    text = "Галина Фёдоровна Куликова пришла к Анне Куликовой. Галина Фёдоровна ждала."

    found = find_mentions(text, (ANNA, mother), language="ru")

    assert [mention.entity for mention in found] == ["m", "a", "m"]


def test_a_stranger_with_a_surname_on_file_is_joined_to_it_and_not_left_bare() -> None:
    text = "Адвокат Пётр Куликов пришёл поздно."

    found = find_mentions(text, (ANNA,), language="ru")

    assert _surfaces(text, found) == ["Пётр Куликов"]


def test_the_same_stranger_keeps_one_number_and_others_get_their_own() -> None:
    text = "Судья Пётр Осипенко отказал. Осипенко кричал. Инспектор Зиновьев молчал, с Осипенко не спорил."

    found = find_mentions(text, (), language="ru")

    assert [mention.entity for mention in found] == ["?1", "?1", "?2", "?1"]


def test_small_letters_among_capitals_need_more_than_an_ordinary_word() -> None:
    people = (
        Identity("v", "client", given="Вера"),
        Identity("r", "client", given="Роман"),
        Identity("s", "witness", family="Шелест"),
    )
    text = "Она читала роман, слышала шелест листвы и теряла веру. Потом пришла Вера, а за ней Роман Шелест."

    found = find_mentions(text, people, language="ru")

    assert _surfaces(text, found)[0] == "Вера"
    assert "роман" not in _surfaces(text, found)


def test_letters_that_nobody_sees_and_stress_marks_do_not_hide_a_name() -> None:
    text = "Пришла Ку\u00adликова\u0301, потом Кулико\u200bва."

    found = find_mentions(text, (ANNA,), language="ru")

    assert _surfaces(text, found) == ["Ку\u00adликова\u0301", "Кулико\u200bва"]


def test_offsets_count_letters_of_the_text_as_given_even_where_it_is_decomposed() -> None:
    text = unicodedata.normalize("NFD", "Ėjo Živilė Žukauskienė namo.")

    [mention] = find_mentions(text, (person("z", "Živilė", "Žukauskienė"),), language="lt")

    assert unicodedata.normalize("NFC", text[mention.start : mention.end]) == "Živilė Žukauskienė"


def test_latin_letters_inside_a_cyrillic_name_do_not_hide_it() -> None:
    text = "Пришла Kуликoва."  # K and o are Latin

    assert _surfaces(text, find_mentions(text, (ANNA,), language="ru")) == ["Kуликoва"]


def test_a_name_typed_in_latin_letters_in_a_russian_chat_is_found() -> None:
    text = "vchera Kulikovu zabrali, u Kulikovoy net telefona"

    found = find_mentions(text, (ANNA,), language="ru")

    assert _surfaces(text, found) == ["Kulikovu", "Kulikovoy"]


@pytest.mark.parametrize("sentences", [*KNOWN, *STRANGERS], ids=lambda each: each.text[:24])
def test_mentions_are_sorted_whole_and_never_overlap(sentences: Sentences) -> None:
    text = sentences.text
    found = find_mentions(text, sentences.identities, language=sentences.language)

    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(text[mention.start].strip() and text[mention.end - 1].strip() for mention in found)


_PIECES = (
    *(
        "Анна",
        "Куликова",
        "куликову",
        "И.",
        "А 417 ВС 77",
        "+7 900 000-14-27",
        "ул. Ленина 5",
        "@anna_k",
        "14 мая 2025",
    ),
    *("«", "»", ",", ".", "\n", "(", "a.b@c.de", "http://x.ru/y", "4015", "112358", "судья", "№", "⟦", "😀", "a\u0301"),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=25).map(" ".join))
def test_whatever_the_text_mentions_lie_in_it_sorted_and_apart(text: str) -> None:
    found = find_mentions(text, (ANNA,), language="ru", extra={"(": (MentionKind.PERSON, "x")})

    ends = [0, *(mention.end for mention in found)]
    assert all(end <= mention.start < mention.end <= len(text) for end, mention in zip(ends, found, strict=False))


@given(st.text(max_size=80), st.sampled_from(["ru", "uk", "en", "ka", "hy", "lt", "az", "sr-Latn", "", "xx"]))
def test_no_text_and_no_language_breaks_the_search(text: str, language: str) -> None:
    found = find_mentions(text, (ANNA,), language=language)

    assert all(0 <= mention.start < mention.end <= len(text) for mention in found)


def test_the_screen_is_told_which_detectors_run() -> None:
    assert "patronymic" in detectors_for("ru")
    assert "capitalised" not in detectors_for("en")
    assert {"patronymic", "capitalised"}.isdisjoint(detectors_for("ka"))
    assert len(set(detectors_for("sr-Latn"))) == len(detectors_for("sr-Latn"))


def test_every_detector_that_finds_something_is_among_those_that_run() -> None:
    for sentences in (*KNOWN, *STRANGERS):
        found = find_mentions(sentences.text, sentences.identities, language=sentences.language)
        assert {mention.detector for mention in found} <= set(detectors_for(sentences.language)), sentences.language
