"""Lines and pages: nothing is lost, nothing stands outside the margins, whatever the text."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publication.digest_layout import BODY, BOTTOM, CELL, LEFT, RIGHT, TOP, Column, Flow, Lines, Row, shorten, wrap
from publication.fonts import MISSING, legible

ALPHABETS = {
    "Albanian": "çÇëË",
    "Armenian": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆևԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ՞՜՝։֏",
    "Azerbaijani": "çÇəƏğĞıIiİöÖşŞüÜ₼",
    "Belarusian": "ўЎіІёЁ",
    "Croatian, Serbian": "čćđšžČĆĐŠŽђјљњћџЂЈЉЊЋЏ",
    "Estonian": "äöõüšžÄÖÕÜŠŽ",
    "Georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰᲐᲑᲒᲓᲔᲕᲖᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰ„“₾",
    "Hungarian": "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
    "Kazakh": "әғқңөұүһіӘҒҚҢӨҰҮҺІ₸",
    "Kyrgyz": "ңөүҢӨҮ",
    "Latvian": "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ",
    "Lithuanian": "ąčęėįšųūžĄČĘĖĮŠŲŪŽ",
    "Macedonian": "ѓѕјљњќџЃЅЈЉЊЌЏ",
    "Polish": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "Romanian": "ăâîșțşţĂÂÎȘȚŞŢ",
    "Russian": "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ«»№₽",
    "Tajik": "ғӣқӯҳҷҒӢҚӮҲҶ",
    "Turkmen": "çäžňöşüýÇÄŽŇÖŞÜÝ",
    "Ukrainian": "ґєіїҐЄІЇʼ’₴",
    "Uzbek": "oʻgʻʼOʻGʻ",
    "signs": "–—…•“”„«»§№°±×½€→≤≥✓□",
}


@pytest.mark.parametrize("language", ALPHABETS)
def test_every_letter_of_the_languages_we_publish_in_has_a_glyph(language: str) -> None:
    assert legible(ALPHABETS[language]) == ALPHABETS[language]


def test_a_letter_typed_as_base_and_accent_is_drawn_as_one() -> None:
    assert legible("и\N{COMBINING BREVE}о s\N{COMBINING CARON}") == "йо š"


def test_a_character_without_a_glyph_becomes_a_box_and_is_never_lost() -> None:
    assert legible("汉字 שלום 🙂 \ud83d") == f"{MISSING * 2} {MISSING * 4} {MISSING} {MISSING}"


def test_a_decorated_letter_becomes_the_plain_one() -> None:
    assert legible("𝐁𝓪") == "Ba"


def test_invisible_characters_cannot_reorder_or_hide_text() -> None:
    assert legible("a\u202eb\u200bc\u00add\x00e\ufefff\ufe0f") == "abcdef"


def test_line_breaks_and_spaces_of_every_kind_become_plain_ones_but_a_no_break_space_stays() -> None:
    assert legible("a\r\nb\u2028c\td\u2003e\u00a0f") == "a\nb\nc d e\u00a0f"


@given(st.text(), st.floats(min_value=20, max_value=500))
@settings(deadline=None)
def test_wrapped_lines_hold_every_character_in_order_and_fit_the_width(text: str, width: float) -> None:
    lines = wrap(text, BODY, width)

    assert "".join(lines).replace(" ", "") == _without_spaces(legible(text))
    assert all(BODY.width(line) <= width + 0.001 or _is_one_letter(line) for line in lines)


def test_a_word_too_wide_is_broken_after_a_hyphen_where_there_is_one() -> None:
    assert wrap("наркозависимость-неопределённость", BODY, 130) == ["наркозависимость-", "неопределённость"]


def test_an_accent_is_never_parted_from_its_letter() -> None:
    lines = wrap("ы\N{COMBINING ACUTE ACCENT}" * 300, BODY, 100)

    assert len(lines) > 10
    assert not any(unicodedata.combining(line[0]) for line in lines)


def test_number_and_paragraph_signs_stay_with_what_they_count() -> None:
    assert wrap("№ 12 § 5", BODY, 500) == ["№\u00a012 §\u00a05"]


def test_a_title_too_long_for_the_header_ends_with_an_ellipsis_inside_the_width() -> None:
    short = shorten("Что происходит после задержания " * 9, BODY, 200)

    assert short.startswith("Что происходит")
    assert short.endswith("…")
    assert BODY.width(short) <= 200
    assert shorten("Коротко", BODY, 200) == "Коротко"


@given(st.lists(st.tuples(st.text(), st.integers(min_value=0, max_value=4000)), max_size=6), st.booleans())
@settings(deadline=None, max_examples=40)
def test_rows_of_any_height_stay_inside_the_margins_and_come_out_whole(
    rows: list[tuple[str, int]], with_head: bool
) -> None:
    flow = Flow()
    texts = [(text, "слово " * count) for text, count in rows]
    flow.table(
        (Column(120, CELL), Column(150, CELL)),
        [Row(cells) for cells in texts],
        head=("Head", "Head") if with_head else None,
    )
    lines = [mark for page in flow.pages for mark in page if isinstance(mark, Lines)]

    assert all(_lowest(mark) >= BOTTOM and mark.baseline <= TOP for mark in lines)
    assert all(mark.x >= LEFT and mark.x + max(map(mark.style.width, mark.texts)) <= RIGHT for mark in lines)
    shown = sum(text.count("слово") for mark in lines for text in mark.texts)
    assert shown == sum(text.count("слово") for cells in texts for text in cells)


def test_no_line_of_a_long_paragraph_stands_alone_on_a_page() -> None:
    for count in range(40, 60):
        flow = Flow()
        flow.paragraph("\n".join(["line"] * count), BODY)

        assert all(len(mark.texts) > 1 for page in flow.pages for mark in page if isinstance(mark, Lines))


def test_the_head_of_a_table_is_repeated_on_every_page_it_reaches() -> None:
    flow = Flow()
    flow.table((Column(100),), [Row(("row",))] * 120, head=("Head",))

    heads = [[mark.texts for mark in page if isinstance(mark, Lines)].count(("Head",)) for page in flow.pages]
    assert len(heads) > 2
    assert set(heads) == {1}


def _without_spaces(text: str) -> str:
    return text.replace(" ", "").replace("\n", "")


def _is_one_letter(line: str) -> bool:
    """A letter with its accents is never parted, however narrow the column."""
    return not any(map(unicodedata.combining, line[:1])) and all(map(unicodedata.combining, line[1:]))


def _lowest(mark: Lines) -> float:
    return mark.baseline - mark.style.leading * (len(mark.texts) - 1)
