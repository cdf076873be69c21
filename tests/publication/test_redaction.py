"""Redaction: what was decided holds everywhere in the text, and no decision reaches into a marker."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publication.redaction import (
    Action,
    Decision,
    Piece,
    Proposal,
    Substitution,
    gather,
    leftovers,
    pieces,
    proposal_key,
    redact,
    stands_in,
    still_visible,
    substitutions,
    unanswered,
)


@dataclass(frozen=True)
class Hit:
    start: int
    end: int
    kind: str
    suggestion: str


def hit(text: str, surface: str, kind: str = "place", suggestion: str = "a town", *, after: int = 0) -> Hit:
    start = text.index(surface, after)
    return Hit(start, start + len(surface), kind, suggestion)


def label(number: int) -> str:
    return f"[Person {number}]"


def replaced(proposals: Sequence[Proposal], words: str = "there") -> dict[str, Decision]:
    return {each.key: Decision(Action.REPLACE, words) for each in proposals}


def test_every_form_of_a_surface_is_one_proposal() -> None:
    text = "Rustavi at night. In RUSTAVI, near rustavi market."
    found = [hit(text, "Rustavi"), hit(text, "RUSTAVI"), hit(text, "rustavi")]

    (proposal,) = gather(text, found)

    assert proposal.forms == ("Rustavi", "RUSTAVI", "rustavi")
    assert proposal.key == proposal_key("place", "rustavi")


def test_the_same_words_of_two_kinds_are_two_proposals() -> None:
    text = "May came in May."
    found = [hit(text, "May", "person"), hit(text, "May", "date", after=4)]

    assert [each.kind for each in gather(text, found)] == ["person", "date"]


def test_a_key_survives_edits_and_white_space_but_not_another_word() -> None:
    assert proposal_key("date", "2 April") == proposal_key("date", "2\u00a0\nAPRIL")
    assert proposal_key("date", "2 April") != proposal_key("date", "3 April")


def test_the_context_shows_no_marker_and_stays_in_its_paragraph() -> None:
    text = "First paragraph.\nShe met ⟦1⟧ in Rustavi at ⟦2⟧.\nThird paragraph."

    (proposal,) = gather(text, [hit(text, "Rustavi")])

    assert (proposal.context.before, proposal.context.words) == ("She met […] in ", "Rustavi")
    assert proposal.context.after == " at […]."


def test_a_replacement_holds_wherever_the_words_stand() -> None:
    text = "On 2 April in Rustavi. RUSTAVI again, on 2\u00a0April; in Rustavipolis not."
    proposals = gather(text, [hit(text, "2 April", "date"), hit(text, "Rustavi")])
    decisions = {proposals[0].key: Decision(Action.REPLACE, "a day"), proposals[1].key: Decision(Action.REPLACE, "X")}

    result = redact(text, substitutions(proposals, decisions, ()), label)

    assert result == "On a day in X. X again, on a day; in Rustavipolis not."


def test_what_is_kept_or_not_answered_stays_visible() -> None:
    text = "In Rustavi in March."
    proposals = gather(text, [hit(text, "Rustavi"), hit(text, "March", "date")])
    decisions = {proposals[0].key: Decision(Action.KEEP)}

    assert redact(text, substitutions(proposals, decisions, ()), label) == text
    assert [each.kind for each in unanswered(proposals, decisions)] == ["date"]


def test_a_hidden_word_inside_a_kept_one_is_hidden() -> None:
    text = "At the Rustavi clinic."
    proposals = gather(text, [hit(text, "Rustavi clinic", "organisation"), hit(text, "Rustavi")])
    decisions = {
        proposal_key("organisation", "Rustavi clinic"): Decision(Action.KEEP),
        proposal_key("place", "Rustavi"): Decision(Action.REPLACE, "town"),
    }

    assert redact(text, substitutions(proposals, decisions, ()), label) == "At the town clinic."


def test_words_typed_by_hand_are_replaced_in_every_letter_case() -> None:
    text = "She sells khachapuri. Khachapuri was all she had."

    result = redact(text, [Substitution("khachapuri", "food")], label)

    assert result == "She sells food. food was all she had."


def test_words_that_are_left_out_leave_no_double_space() -> None:
    assert redact("a small red car", [Substitution("red", "")], label) == "a small car"


def test_hits_that_run_into_each_other_leave_nothing_of_either() -> None:
    wanted = [Substitution("old red house", "a home"), Substitution("red house on the hill", "up there")]

    result = redact("The old red house on the hill.", wanted, label)

    assert result == "The a home up there."


def test_no_decision_reaches_into_a_marker() -> None:
    text = "⟦12⟧ paid 12 to ⟦1⟧."

    assert redact(text, [Substitution("12", "some"), Substitution("1", "one")], label) == (
        "[Person 12] paid some to [Person 1]."
    )


def test_a_replacement_that_brings_a_hidden_word_back_is_noticed() -> None:
    wanted = [Substitution("Rustavi", "a town near Gori"), Substitution("Gori", "the city")]

    assert still_visible("From Rustavi to Gori.", wanted) == ("Gori",)


def test_a_label_that_has_a_hidden_word_is_not_taken_for_the_word() -> None:
    assert still_visible("⟦1⟧ and another person.", [Substitution("Person", "somebody")]) == ()


def test_words_stand_in_a_text_only_as_whole_words() -> None:
    text = "In Rustavi, ⟦7⟧ waited."

    assert stands_in(text, "rustavi")
    assert not stands_in(text, "Rusta")
    assert not stands_in(text, "7")
    assert not stands_in(text, " ")


@pytest.mark.parametrize("folded", ["STRASSE", "straße", "Straße"])
def test_letters_that_fold_into_two_are_found(folded: str) -> None:
    assert redact("In der Straße 5", [Substitution(folded, "x")], label) == "In der x 5"


def test_half_of_a_letter_that_folds_into_two_is_not_found() -> None:
    assert redact("Maß", [Substitution("mas", "x")], label) == "Maß"


def test_leftovers_are_capitals_and_numbers_that_nobody_decided_about() -> None:
    text = "On 2 April ⟦1⟧ went on foot to Rustavi. The officer Giorgi took 300 lari. I saw the OAT centre."
    proposals = gather(text, [hit(text, "2 April", "date")])

    left = leftovers(text, proposals, [Substitution("Rustavi", "")])

    assert [each.word for each in left] == ["Giorgi", "300", "OAT"]
    assert left[0].context.before.endswith("The officer ")


def test_words_that_only_begin_sentences_are_told_from_those_that_stand_inside_one() -> None:
    text = "Officers came. Nino wept. Later Nino left. 40 days passed."

    left = {each.word: each.opens_sentence for each in leftovers(text, [], [])}

    assert left == {"Officers": True, "Nino": False, "Later": True, "40": False}


def test_a_time_or_a_day_in_figures_is_one_thing_to_look_at() -> None:
    text = "it was 6:20 on 05.02.2025, at 22-45"

    assert [each.word for each in leftovers(text, [], [])] == ["6:20", "05.02.2025", "22-45"]


def test_the_words_around_a_leftover_are_those_that_would_be_published() -> None:
    (left,) = leftovers("near Rustavi, a man with ⟦1⟧ said OAT was closed", [], [Substitution("Rustavi", "a town")])

    assert (left.context.before, left.context.after) == ("near a town, a man with […] said ", " was closed")


def test_long_words_around_a_place_are_cut_between_words() -> None:
    text = "one two three four five six seven eight nine ten eleven Rustavi " + "again and " * 8

    (proposal,) = gather(text, [hit(text, "Rustavi")])

    assert proposal.context.before == "… five six seven eight nine ten eleven "
    assert proposal.context.after == " again and again and again and again …"


def test_a_name_that_begins_a_sentence_is_left_to_look_at() -> None:
    assert [each.word for each in leftovers("She wept. Nino did not. she left.", [], [])] == ["Nino"]


def test_pieces_are_the_whole_text_with_the_state_of_each_decision() -> None:
    text = "In Rustavi ⟦1⟧ saw Gori and Batumi."
    proposals = gather(text, [hit(text, name) for name in ("Rustavi", "Gori", "Batumi")])
    keys = [each.key for each in proposals]
    decisions = {keys[0]: Decision(Action.REPLACE, "a town"), keys[1]: Decision(Action.KEEP)}

    found = pieces(text, proposals, decisions, [Substitution("saw", "met")])

    assert found == [
        Piece("In "),
        Piece("Rustavi", keys[0], "accepted", "a town"),
        Piece(" "),
        Piece("⟦1⟧", marker=1),
        Piece(" "),
        Piece("saw", "", "accepted", "met"),
        Piece(" "),
        Piece("Gori", keys[1], "refused"),
        Piece(" and "),
        Piece("Batumi", keys[2], "open"),
        Piece("."),
    ]


_WORDS = st.text("abcАБВабвგდე", min_size=1, max_size=4)
_GAPS = st.sampled_from([" ", "  ", "\n", ", ", ". ", "\u00a0", "-"])
_MARKERS = st.integers(1, 99).map(lambda number: f"⟦{number}⟧")


@st.composite
def texts_and_surfaces(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A lifted text, and some runs of its words."""
    tokens = draw(st.lists(st.one_of(_WORDS, _WORDS, _MARKERS), min_size=1, max_size=12))
    text = "".join(token + draw(_GAPS) for token in tokens)
    words = [token for token in tokens if not token.startswith("⟦")]
    surfaces = draw(st.lists(st.sampled_from(words), max_size=4)) if words else []
    return text, surfaces


@given(texts_and_surfaces())
def test_accepted_words_never_appear_in_the_output(case: tuple[str, list[str]]) -> None:
    text, surfaces = case

    result = redact(text, [Substitution(surface, "•") for surface in surfaces], lambda _number: "§")

    left = "".join(character if character.isalnum() else " " for character in result).casefold().split()
    assert not {surface.casefold() for surface in surfaces} & set(left)


@given(texts_and_surfaces())
def test_every_marker_is_replaced_by_its_label(case: tuple[str, list[str]]) -> None:
    text, surfaces = case

    result = redact(text, [Substitution(surface, "•") for surface in surfaces], lambda _number: "§")

    assert result.count("§") == text.count("⟦")
    assert not {"⟦", "⟧"} & set(result)


@given(texts_and_surfaces())
def test_without_a_decision_only_markers_change(case: tuple[str, list[str]]) -> None:
    text, _surfaces = case

    assert redact(text, [], lambda number: f"⟦{number}⟧") == text


@given(texts_and_surfaces())
def test_pieces_say_every_letter_of_the_text(case: tuple[str, list[str]]) -> None:
    text, surfaces = case
    proposals = [
        Proposal(proposal_key("place", each), "place", (each,), "", gather(text, [hit(text, each)])[0].context)
        for each in dict.fromkeys(surfaces)
    ]

    found = pieces(text, proposals, replaced(proposals), ())

    assert "".join(piece.text for piece in found) == text
