"""Indirect identifiers of the demonstration narratives and of invented sentences in many languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.mentions import lift, segments
from publication.quasi_identifiers import Quasi, QuasiKind, find_quasi
from tests.cases.narratives import NAMES, Narrative, covered, read_narrative

# Spans whose last letters no rule reaches: a preposition, a bare common noun, a word left beside a lifted number.
BEYOND_RULES = {
    "n01_ru_planted": {"жетон № 214870", "в пекарне «Калач»"},
    "n06_en_shelter": {"municipality"},
}


def _covered_in_story(story: Narrative) -> set[int]:
    """Offsets in the story that a mention or an indirect identifier of its lifted text covers."""
    mentions = story.mentions()
    lifted = lift(story.text, mentions)
    places: list[int] = []
    position = 0
    for piece in segments(lifted.text, lifted.markers):
        if piece.marker_number is None:
            places += range(position, position + len(piece.text))
            position += len(piece.text)
        else:
            places += [-1] * len(piece.text)
            position += len(lifted.words[piece.marker_number])
    found = find_quasi(lifted.text, language=story.language)
    return covered(mentions) | {places[place] for quasi in found for place in range(quasi.start, quasi.end)}


@pytest.mark.parametrize("name", NAMES)
def test_every_indirect_identifier_of_a_narrative_is_covered(name: str) -> None:
    story = read_narrative(name)
    cover = _covered_in_story(story)

    missed = {
        span.text
        for span in story.spans
        if not span.direct
        and any(story.text[place].isalnum() and place not in cover for place in range(span.start, span.end))
    }

    assert missed == BEYOND_RULES.get(name, set())


@pytest.mark.parametrize("name", NAMES)
def test_markers_are_neither_proposed_nor_split(name: str) -> None:
    story = read_narrative(name)
    lifted = lift(story.text, story.mentions())

    found = find_quasi(lifted.text, language=story.language)

    assert not [quasi for quasi in found if set("⟦⟧") & set(lifted.text[quasi.start : quasi.end])]


DATES = (
    ("ru", "Это было 14 марта 2025 года.", "14 марта 2025 года", "март 2025 г."),
    ("ru", "Это было 15.03.2025, вечером.", "15.03.2025", "март 2025 г."),
    ("ru", "Это было второго мая.", "второго мая", "май"),
    ("ru", "Это было в марте 2025 года.", "марте 2025 года", "2025"),
    ("uk", "Це було 5 лютого 2025 р. вранці.", "5 лютого 2025 р.", "лютий 2025 р."),
    ("be", "Гэта было 9 мая 2025 года.", "9 мая 2025 года", "май 2025 г."),
    ("en", "It was on 11 April 2025 at night.", "11 April 2025", "April 2025"),
    ("en", "It was on March 14th, 2025 at night.", "March 14th, 2025", "March 2025"),
    ("en", "It was on 2025-11-01 at night.", "2025-11-01", "November 2025"),
    ("pl", "To było 13 września 2025 roku.", "13 września 2025 roku", "wrzesień 2025 r."),
    ("lt", "Tai buvo 2025 m. gegužės 9 d. vakare.", "2025 m. gegužės 9 d.", "2025 m. gegužė"),
    ("lv", "Tas bija 2025. gada 17. aprīlī vakarā.", "2025. gada 17. aprīlī", "2025. gada aprīlis"),
    ("et", "See oli 17. aprillil 2025 õhtul.", "17. aprillil 2025", "aprill 2025"),
    ("ro", "A fost pe 5 iunie 2025, seara.", "5 iunie 2025", "iunie 2025"),
    ("ka", "ეს იყო 2025 წლის 14 ოქტომბერს.", "2025 წლის 14 ოქტომბერს", "2025 წლის ოქტომბერი"),
    ("hy", "Դա 2025 թվականի հունիսի 12-ին էր։", "2025 թվականի հունիսի 12-ին", "2025 թ. հունիս"),
    ("kk", "Бұл 2025 жылғы 12 маусымда болды.", "2025 жылғы 12 маусымда", "2025 жылғы маусым"),
    ("az", "Bu, 12 iyun 2025-ci ildə oldu.", "12 iyun 2025-ci ildə", "2025-ci il, iyun"),
    ("uz", "Bu 12 iyun 2025 yilda bo'ldi.", "12 iyun 2025 yilda", "2025-yil iyun"),
    ("sr", "To je bilo 12. juna 2025. godine uveče.", "12. juna 2025. godine", "jun 2025."),
    ("hr", "To je bilo 12. lipnja 2025. godine.", "12. lipnja 2025. godine", "jun 2025."),
    ("bg", "Това беше на 12 юни 2025 г. вечерта.", "12 юни 2025 г.", "юни 2025 г."),
    ("cs", "Bylo to 12. června 2025 večer.", "12. června 2025", "červen 2025"),
    ("hu", "2025. március 5-én történt.", "2025. március 5-én", "2025. március"),
    ("sq", "Ishte më 12 qershor 2025 në mbrëmje.", "12 qershor 2025", "qershor 2025"),
)


@pytest.mark.parametrize(("language", "text", "date", "suggestion"), DATES)
def test_a_date_is_found_whole_and_becomes_its_month(language: str, text: str, date: str, suggestion: str) -> None:
    found = [quasi for quasi in find_quasi(text, language=language) if quasi.kind is QuasiKind.DATE]

    start = text.index(date)
    assert found == [Quasi(start, start + len(date), QuasiKind.DATE, suggestion, "date")]


AGES = (
    ("ru", "⟦1⟧, 34 года, живёт одна.", "34 года", "30–39"),
    ("ru", "Младшему пять лет.", "пять лет", "0–9"),
    ("uk", "Доньку ⟦1⟧, чотирнадцяти років, вивели.", "чотирнадцяти років", "10–19"),
    ("en", "Taken from ⟦1⟧, 41, who goes by ⟦2⟧.", "41", "40–49"),
    ("en", "[Client], 7, was there.", "7", "0–9"),
    ("en", "A 33-year-old woman came.", "33-year-old", "30–39"),
    ("pl", "⟦1⟧, 38 lat, spała.", "38 lat", "30–39"),
    ("pl", "Przyszła 33-letnia kobieta.", "33-letnia", "30–39"),
    ("lt", "⟦1⟧, 33 metų, gyvena viena.", "33 metų", "30–39"),
    ("lt", "Jos šešerių metų sūnus.", "šešerių metų", "0–9"),
    ("lv", "Policija apturēja ⟦1⟧, 31 gadu vecu pavāri.", "31 gadu", "30–39"),
    ("et", "Tuli 35-aastane naine.", "35-aastane", "30–39"),
    ("ro", "⟦1⟧, de 29 de ani, a fost oprită.", "29 de ani", "20–29"),
    ("ka", "⟦1⟧, 35 წლის, აქ ცხოვრობს.", "35 წლის", "30–39"),
    ("hy", "⟦1⟧, 33 տարեկան, այստեղ է ապրում։", "33 տարեկան", "30–39"),
    ("kk", "Полиция 34 жастағы ⟦1⟧ ұстады.", "34 жастағы", "30–39"),
    ("az", "Polis 32 yaşlı ⟦1⟧ saxladı.", "32 yaşlı", "30–39"),
    ("sr", "⟦1⟧, 36 godina, je došao.", "36 godina", "30–39"),
)


@pytest.mark.parametrize(("language", "text", "age", "suggestion"), AGES)
def test_an_age_is_found_whole_and_becomes_a_band(language: str, text: str, age: str, suggestion: str) -> None:
    found = [quasi for quasi in find_quasi(text, language=language) if quasi.kind is QuasiKind.AGE]

    start = text.index(age)
    assert found == [Quasi(start, start + len(age), QuasiKind.AGE, suggestion, "age")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "На программе шесть лет, три года лишения, пять лет назад."),
        ("en", "On methadone for six years, ten years ago, Prison no. 8."),
        ("uk", "Чекали три роки, минуло п'ять років."),
    ],
)
def test_a_span_of_years_is_no_age(language: str, text: str) -> None:
    assert QuasiKind.AGE not in {quasi.kind for quasi in find_quasi(text, language=language)}


PLACES = (
    (
        "ru",
        "⟦1⟧ работает в пекарне «Калач» в городе Энске.",
        {"пекарне «Калач»": "organisation", "городе Энске": "place"},
    ),
    (
        "ru",
        "Отвезли в отдел полиции № 4 на улице Ленина.",
        {"отдел полиции № 4": "organisation", "улице Ленина": "place"},
    ),
    (
        "uk",
        "Працює в обласному наркодиспансері, м. Яснопіль.",
        {"обласному наркодиспансері": "organisation", "м. Яснопіль": "place"},
    ),
    (
        "en",
        "Police from the Vake-Saburtalo division and Prison no. 8.",
        {"Vake-Saburtalo division": "organisation", "Prison no. 8": "organisation"},
    ),
    ("lt", "Dirba UAB „Siūlėta“ Alytuje.", {"UAB „Siūlėta“": "organisation", "Alytuje": "place"}),
    ("pl", "Pracuje w Szpitalu Kopernika w Łodzi.", {"Szpitalu Kopernika": None, "Łodzi": "place"}),
    ("ka", "მუშაობს საცხობ „ანგში“ ქუთაისში.", {"საცხობ „ანგში“": "organisation", "ქუთაისში": "place"}),
    ("hy", "Աշխատում է Երևանում։", {"Երևանում": "place"}),
    ("kk", "Қарағанды қалалық соты айыппұл салды.", {"Қарағанды қалалық соты": "organisation"}),
)


@pytest.mark.parametrize(("language", "text", "wanted"), PLACES)
def test_places_and_organisations_are_proposed(language: str, text: str, wanted: dict[str, str | None]) -> None:
    found = {text[quasi.start : quasi.end]: str(quasi.kind) for quasi in find_quasi(text, language=language)}

    assert {name: found.get(name) if kind else None for name, kind in wanted.items()} == wanted
    assert set(wanted) <= set(found)


def test_sums_jobs_and_unexplained_capitals_are_proposed() -> None:
    text = "Он просил 80 тысяч рублей. ⟦1⟧, парикмахер, знает Автозавод."

    found = {text[quasi.start : quasi.end]: str(quasi.kind) for quasi in find_quasi(text, language="ru")}

    assert found == {"80 тысяч рублей": "amount", "парикмахер": "occupation", "Автозавод": "other"}


def test_spoken_words_in_quotation_marks_are_no_organisation() -> None:
    text = "Он сказал: «Ну вот, это от полутора до трёх». Ей обещали «отпустить лечиться»."

    assert find_quasi(text, language="ru") == []


_PIECES = (
    *(
        "⟦1⟧",
        "[Client]",
        "14",
        "марта",
        "2025",
        "года",
        "34",
        "лет",
        "отдел",
        "№ 4",
        "«Калач»",
        "г.",
        "Энск",
        "ул.",
        ",",
    ),
    *(".", "(", ")", "рублей", "в", "Москве", "\n", "пекарня", "суток", "ареста", "десять", "⟦", "⟧", "["),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=25).map(" ".join))
def test_whatever_the_text_proposals_are_sorted_apart_and_touch_no_marker(text: str) -> None:
    found = find_quasi(text, language="ru")

    ends = [0, *(quasi.end for quasi in found)]
    assert all(end <= quasi.start < quasi.end <= len(text) for end, quasi in zip(ends, found, strict=False))
    assert not [quasi for quasi in found if "⟦1⟧" in text[quasi.start : quasi.end]]
