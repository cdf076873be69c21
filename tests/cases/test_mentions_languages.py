"""People in invented sentences of 22 languages: inflected, in other scripts, in chat style, misspelt, unknown."""

import random
import re

import pytest

from cases.mentions import find_mentions

from .mention_sentences import KNOWN, NOBODY, OTHER_SCRIPT, STORIES, STRANGERS, Sentences
from .narratives import covered, uncovered, wrong_words


def _id(sentences: Sentences) -> str:
    return f"{sentences.language}-{sentences.text[:20]}"


def _check(sentences: Sentences, text: str) -> tuple[list[str], list[str], list[str]]:
    """Missed, wrongly covered and wrongly attributed words."""
    mentions = find_mentions(text, sentences.identities, language=sentences.language)
    cover = covered(mentions)
    gold = {place for start, end, _ in sentences.spans for place in range(start, end)}
    missed = [text[start:end] for start, end, _ in sentences.spans if uncovered(text, start, end, cover)]
    strange = []
    for start, end, key in sentences.spans:
        owners = {mention.entity for mention in mentions if mention.start < end and start < mention.end}
        if any(owner[0] != "?" if key == "?" else owner != key for owner in owners):
            strange.append(text[start:end])
    return missed, wrong_words(text, cover, gold, sentences.language), strange


@pytest.mark.parametrize("sentences", [*KNOWN, *STORIES], ids=_id)
def test_people_on_file_are_found_in_every_case_and_nothing_else_is(sentences: Sentences) -> None:
    assert _check(sentences, sentences.text) == ([], [], [])


@pytest.mark.parametrize("sentences", OTHER_SCRIPT, ids=_id)
def test_people_on_file_in_another_script_are_found_and_nothing_else_is(sentences: Sentences) -> None:
    assert _check(sentences, sentences.text) == ([], [], [])


@pytest.mark.parametrize("sentences", STRANGERS, ids=_id)
def test_people_nobody_typed_in_are_noticed_and_nothing_else_is(sentences: Sentences) -> None:
    assert _check(sentences, sentences.text) == ([], [], [])


@pytest.mark.parametrize("sentences", NOBODY, ids=_id)
def test_places_authorities_months_and_first_words_are_no_people(sentences: Sentences) -> None:
    assert find_mentions(sentences.text, (), language=sentences.language) == []


def _recall(checks: list[tuple[list[str], list[str], list[str]]]) -> tuple[float, int]:
    spans = sum(len(sentences.spans) for sentences in KNOWN)
    return 1 - sum(len(missed) for missed, _, _ in checks) / spans, sum(len(wrong) for _, wrong, _ in checks)


def test_in_small_letters_at_least_97_of_100_mentions_are_found() -> None:
    words = sum(len(re.findall(r"\w+", sentences.text)) for sentences in KNOWN)

    recall, wrong = _recall([_check(sentences, sentences.text.lower()) for sentences in KNOWN])

    assert recall >= 0.97
    assert wrong <= 0.004 * words


def test_in_capitals_at_least_99_of_100_mentions_are_found() -> None:
    words = sum(len(re.findall(r"\w+", sentences.text)) for sentences in KNOWN)

    recall, wrong = _recall([_check(sentences, sentences.text.upper()) for sentences in KNOWN])

    assert recall >= 0.99
    assert wrong <= 0.004 * words


def test_with_one_slip_in_every_name_at_least_86_of_100_mentions_are_found() -> None:
    chance = random.Random(20251101)
    checks = [_check(slipped, slipped.text) for _ in range(4) for slipped in (_with_slips(s, chance) for s in KNOWN)]

    missed = sum(len(missed) for missed, _, _ in checks)

    assert missed <= 0.14 * 4 * sum(len(sentences.spans) for sentences in KNOWN)


def _with_slips(sentences: Sentences, chance: random.Random) -> Sentences:
    """One letter of one word of every mention wrong, missing, doubled by another or swapped."""
    pieces: list[str] = []
    spans: list[tuple[int, int, str]] = []
    position = length = 0
    for start, end, key in sentences.spans:
        pieces.append(sentences.text[position:start])
        length += start - position
        name = _slip(sentences.text[start:end], sentences.text, chance)
        pieces.append(name)
        spans.append((length, length + len(name), key))
        length += len(name)
        position = end
    pieces.append(sentences.text[position:])
    return Sentences(sentences.language, "".join(pieces), tuple(spans), sentences.identities)


def _slip(name: str, text: str, chance: random.Random) -> str:
    letters = sorted({char for char in text.lower() if char.isalpha()})
    words = name.split(" ")
    place = chance.randrange(len(words))
    word = words[place]
    if len(word) >= 4:
        at = chance.randrange(1, len(word) - 1)
        words[place] = chance.choice(
            (
                word[:at] + chance.choice(letters) + word[at + 1 :],
                word[:at] + word[at + 1 :],
                word[:at] + chance.choice(letters) + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
    return " ".join(words)
