"""Anchors: a place in the testimony outlives edits around it, or is said to be lost."""

import re

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from cases.mentions.lifting import MARKER
from legal_analysis.anchors import CONTEXT, Anchor, anchor, anchor_from_quote, find_again, places_of_quote, reads_as

TESTIMONY = (
    "⟦1⟧ was stopped by ⟦2⟧ near the pharmacy. They searched her bag without a witness.\n"
    "At the station ⟦2⟧ said: “sign or you won't see your son”. ⟦1⟧ did not sign.\n"
    "After nine hours she was shaking. ⟦3⟧ asked for a doctor; nobody came."
)
LABELS = {1: "[Client]", 2: "[Perpetrator 1]", 3: "[Witness 1]"}

words = st.text(alphabet="ab ёж.\n🙂ს", max_size=40)
markers = st.integers(1, 12).map(lambda number: f"⟦{number}⟧")
texts = st.lists(words | markers, max_size=12).map("".join)


@st.composite
def texts_with_places(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(texts.filter(bool))
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


def place_of(quote: str, text: str = TESTIMONY) -> Anchor:
    start = text.index(quote)
    return anchor(text, start, start + len(quote))


def renumbered(text: str, by: int) -> str:
    return MARKER.sub(lambda found: f"⟦{int(found[1]) + by}⟧", text)


def without_broken_markers(text: str) -> str:
    """As testimonies are stored: a bracket stands there as part of a marker only."""
    return re.sub(f"{MARKER.pattern}|[⟦⟧]", lambda found: found[0] if len(found[0]) > 1 else "", text)


@given(texts_with_places())
def test_an_anchor_holds_the_words_of_its_place_and_what_surrounds_them(place: tuple[str, int, int]) -> None:
    text, start, end = place

    made = anchor(text, start, end)

    assert made.start <= start
    assert made.end >= end
    assert text[made.start : made.end] == made.quote
    assert text[: made.start].endswith(made.prefix)
    assert text[made.end :].startswith(made.suffix)
    assert len(made.prefix) >= min(CONTEXT, made.start)
    assert len(made.suffix) >= min(CONTEXT, len(text) - made.end)


@given(texts_with_places())
def test_an_anchor_never_cuts_a_marker(place: tuple[str, int, int]) -> None:
    made = anchor(*place)

    for part in (made.prefix, made.quote, made.suffix):
        rest = MARKER.sub("", part)
        assert "⟦" not in rest
        assert "⟧" not in rest


@given(texts_with_places())
def test_in_an_unchanged_text_an_anchor_is_found_where_it_was(place: tuple[str, int, int]) -> None:
    made = anchor(*place)

    assert find_again(made, place[0]) == made


@given(texts_with_places(), st.integers(1, 50))
def test_new_numbers_of_the_markers_move_nothing(place: tuple[str, int, int], by: int) -> None:
    text, start, end = place
    made = anchor(text, start, end)
    new_text = renumbered(text, by)

    found = find_again(made, new_text)

    assert found is not None
    assert MARKER.sub("⟦⟧", found.quote) == MARKER.sub("⟦⟧", made.quote)
    assert MARKER.sub("⟦⟧", new_text[: found.start]) == MARKER.sub("⟦⟧", text[: made.start])


@given(texts, texts_with_places(), texts)
def test_words_added_far_away_move_the_anchor_with_its_words(
    before: str, place: tuple[str, int, int], after: str
) -> None:
    text, start, end = place
    made = anchor(text, start, end)
    around = "q" * CONTEXT  # not in the alphabet: the surroundings stay as they are
    old_text = around + text + around
    old = anchor(old_text, made.start + CONTEXT, made.end + CONTEXT)
    surroundings = MARKER.sub("⟦⟧", old.prefix + old.quote + old.suffix)
    new_text = before + old_text + after
    assume(MARKER.sub("⟦⟧", new_text).count(surroundings) == 1)

    found = find_again(old, new_text)

    assert found is not None
    assert found.start == len(before) + old.start
    assert found.quote == old.quote


@given(texts_with_places(), st.data())
def test_whatever_was_edited_what_is_found_says_the_same_words(
    place: tuple[str, int, int], data: st.DataObject
) -> None:
    text, start, end = place
    made = anchor(text, start, end)
    cut = data.draw(st.integers(0, len(text)))
    rest = data.draw(st.integers(cut, len(text)))
    new_text = without_broken_markers(text[:cut] + data.draw(words) + text[rest:])

    found = find_again(made, new_text)

    event("lost" if found is None else "found")
    if found is not None:
        assert MARKER.sub("⟦⟧", found.quote) == MARKER.sub("⟦⟧", made.quote)
        assert found == anchor(new_text, found.start, found.end)


@given(texts_with_places(), texts)
def test_an_impossible_anchor_from_a_forged_row_is_lost_not_an_error(
    place: tuple[str, int, int], new_text: str
) -> None:
    made = anchor(*place)
    forged = Anchor(made.end + 10_000, made.start, made.quote, made.prefix, made.suffix)

    found = find_again(forged, new_text)

    assert found is None or found == anchor(new_text, found.start, found.end)


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, 10_000)])
def test_an_impossible_place_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no such place"):
        anchor(TESTIMONY, start, end)


def test_a_sentence_written_before_the_words_moves_them_and_renumbers_the_markers() -> None:
    old = place_of("⟦2⟧ said: “sign or you won't see your son”")
    new_text = "⟦1⟧ came to us on Monday. " + renumbered(TESTIMONY, 1)

    found = find_again(old, new_text)

    assert found == place_of("⟦3⟧ said: “sign or you won't see your son”", new_text)


def test_changed_words_are_lost() -> None:
    old = place_of("without a witness")

    assert find_again(old, TESTIMONY.replace("without a witness", "with two witnesses")) is None


def test_the_same_word_elsewhere_is_not_taken_for_the_one_that_was_deleted() -> None:
    old = place_of("sign", "They told her to sign the paper at once.")

    assert find_again(old, "There was no sign on the door, and it was dark.") is None


def test_a_long_quote_that_stands_once_is_found_though_everything_around_it_changed() -> None:
    old = place_of("searched her bag without a witness")

    found = find_again(old, "No one else saw it: he searched her bag without a witness, twice.")

    assert found is not None
    assert found.quote == "searched her bag without a witness"


def test_of_two_equal_sentences_the_one_with_the_same_surroundings_is_found() -> None:
    text = "On Monday he hit me in the car. On Friday he hit me in the cell."
    old = anchor(text, text.index("he hit me", 20), text.index("he hit me", 20) + len("he hit me"))

    found = find_again(old, "First of all: " + text)

    assert found is not None
    assert found.start == len("First of all: ") + old.start


def test_of_two_equal_surroundings_the_nearest_is_found() -> None:
    line = "And then again, as on every evening of that week, he hit me, and nobody in the house said a word about it. "
    text = line * 3
    place = text.index("he hit me", len(line))
    old = anchor(text, place, place + len("he hit me"))

    found = find_again(old, "Yes. " + text)

    assert found is not None
    assert found.start == place + len("Yes. ")


def test_typed_words_are_found_across_markers_with_or_without_the_brackets() -> None:
    with_brackets = anchor_from_quote(TESTIMONY, "[Client] was stopped by [Perpetrator 1]", labels=LABELS)
    without = anchor_from_quote(TESTIMONY, "client  was stopped by perpetrator 1", labels=LABELS)

    assert with_brackets == without == place_of("⟦1⟧ was stopped by ⟦2⟧")


def test_typed_quotation_marks_dashes_and_line_breaks_may_differ() -> None:
    text = "Она сказала: «ничего не подпишу» – и всё.\nПотом ждала."

    found = anchor_from_quote(text, 'сказала: "НИЧЕГО не подпишу" -  и все.\r\nПотом', labels={})

    assert found is not None
    assert found.quote == "сказала: «ничего не подпишу» – и всё.\nПотом"


def test_words_that_stand_twice_need_to_be_told_apart() -> None:
    text = "He hit me. She saw it. He hit me again."

    assert anchor_from_quote(text, "he hit me", labels={}) is None
    assert anchor_from_quote(text, "he hit me", labels={}, occurrence=2) == anchor(text, 23, 32)
    assert anchor_from_quote(text, "he hit me", labels={}, occurrence=3) is None
    assert anchor_from_quote(text, "he hit me", labels={}, occurrence=0) is None
    assert anchor_from_quote(text, "he hit me", labels={}, near=20) == anchor(text, 23, 32)


def test_a_short_typed_word_is_not_found_inside_a_longer_one() -> None:
    assert places_of_quote("There he was.", "he", {}) == [(6, 8)]
    assert places_of_quote("There it was.", "he", {}) == [(1, 3)]


@pytest.mark.parametrize("quote", ["", "  \n", "[]", "\u00ad", "not in there"])
def test_nothing_typed_or_words_that_are_not_there_have_no_place(quote: str) -> None:
    assert places_of_quote(TESTIMONY, quote, LABELS) == []
    assert anchor_from_quote(TESTIMONY, quote, labels=LABELS) is None


@given(texts_with_places())
def test_a_selection_reads_as_the_words_of_its_place(place: tuple[str, int, int]) -> None:
    text, start, end = place
    labels = {number: f"[Person {number}]" for number in range(1, 13)}
    made = anchor(text, start, end)
    read = MARKER.sub(lambda found: labels[int(found[1])], made.quote)

    assert reads_as(text, made.start, made.end, read, labels)
    assert not reads_as(text, made.start, made.end, read + "x", labels)
    assert not reads_as(text, made.start, len(text) + 1, read, labels)
