"""Lifting and restoring are exact inverses; markers never take words away or let them through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.mentions import (
    Certainty,
    Mention,
    MentionKind,
    Segment,
    clean,
    find_mentions,
    lift,
    pseudonymise,
    restore,
    segments,
)
from cases.mentions.lifting import Marker

from .narratives import NAMES, read_narrative

_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from("⟦⟧[]0123456789Аa\u0301\u00ad\u200b \n")),
    max_size=60,
)


@st.composite
def _text_and_mentions(draw: st.DrawFn) -> tuple[str, list[Mention]]:
    text = clean(draw(_TEXT))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False) if start < end]
    return text, [
        Mention(start, end, MentionKind.PERSON, Certainty.CERTAIN, f"?{number}", "test")
        for number, (start, end) in enumerate(spans)
    ]


@given(_text_and_mentions())
def test_restoring_a_lifted_text_gives_the_text_back(drawn: tuple[str, list[Mention]]) -> None:
    text, mentions = drawn

    lifted = lift(text, mentions)

    assert restore(lifted.text, lifted.words) == text


@given(_text_and_mentions())
def test_segments_put_together_are_the_lifted_text(drawn: tuple[str, list[Mention]]) -> None:
    lifted = lift(*drawn)

    pieces = segments(lifted.text, lifted.markers)

    assert "".join(piece.text for piece in pieces) == lifted.text
    assert [piece.marker_number for piece in pieces if piece.marker_number] == list(lifted.markers)


@given(_TEXT)
def test_cleaning_twice_changes_nothing_more_and_leaves_no_bracket(text: str) -> None:
    cleaned = clean(text)

    assert clean(cleaned) == cleaned
    assert not set("⟦⟧") & set(cleaned)


@given(_TEXT)
def test_what_the_search_finds_in_any_clean_text_can_be_lifted_and_restored(text: str) -> None:
    cleaned = clean(text)

    lifted = lift(cleaned, find_mentions(cleaned, (), language="ru"))

    assert restore(lifted.text, lifted.words) == cleaned


def test_a_lifted_text_holds_numbered_markers_and_none_of_the_words() -> None:
    story = read_narrative(NAMES[0])
    mentions = story.mentions()

    lifted = lift(story.text, mentions)

    assert list(lifted.markers) == list(range(1, len(mentions) + 1))
    assert lifted.words[1] == "Наталья Сергеевна Куликова"
    assert "Кулик" not in lifted.text
    assert restore(lifted.text, lifted.words) == story.text


def test_labels_take_the_place_of_markers() -> None:
    markers = {1: Marker("a", MentionKind.PERSON), 2: Marker("a", MentionKind.PHONE)}

    text = pseudonymise("⟦1⟧, ⟦2⟧, ⟦1⟧, ⟦7⟧", markers, lambda marker: f"[{marker.kind}]")

    assert text == "[person], [phone], [person], ⟦7⟧"


def test_a_page_gets_the_pieces_with_their_places() -> None:
    assert segments("a ⟦1⟧⟦9⟧", {1: Marker("a", MentionKind.PERSON)}) == [
        Segment(0, 2, "a ", None),
        Segment(2, 5, "⟦1⟧", 1),
        Segment(5, 8, "⟦9⟧", None),
    ]


def test_a_text_that_was_not_cleaned_is_refused() -> None:
    with pytest.raises(ValueError, match="clean"):
        lift("⟦1⟧", [])


def test_overlapping_mentions_are_refused() -> None:
    first = Mention(0, 3, MentionKind.PERSON, Certainty.CERTAIN, "a", "test")
    second = Mention(2, 5, MentionKind.PERSON, Certainty.CERTAIN, "b", "test")

    with pytest.raises(ValueError, match="overlap"):
        lift("abcdef", [first, second])
