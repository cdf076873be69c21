"""The seven demonstration narratives: every direct identifier found, hardly anything else."""

import re

import pytest

from .narratives import NAMES, covered, read_narrative, uncovered, wrong_words

# "her friend" stands in the gold span, but kinship and the like are nobody's name.
NOT_NAMES = {"n06_en_shelter": {"her friend Rasa's": "herfriend"}}


def test_there_are_seven_narratives() -> None:
    assert len(NAMES) == 7


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_of_every_direct_identifier_is_covered(name: str) -> None:
    story = read_narrative(name)
    cover = covered(story.mentions())

    missed = {
        span.text: left
        for span in story.spans
        if span.direct and (left := uncovered(story.text, span.start, span.end, cover))
    }

    assert missed == NOT_NAMES.get(name, {})


@pytest.mark.parametrize("name", NAMES)
def test_at_most_five_words_in_a_thousand_are_covered_wrongly(name: str) -> None:
    story = read_narrative(name)
    gold = {place for span in story.spans for place in range(span.start, span.end)}

    wrong = wrong_words(story.text, covered(story.mentions()), gold, story.language)

    assert 1000 * len(wrong) <= 5 * len(re.findall(r"\w+", story.text)), wrong


@pytest.mark.parametrize("name", NAMES)
def test_every_direct_identifier_belongs_to_its_person(name: str) -> None:
    story = read_narrative(name)
    mentions = story.mentions()

    for span in (span for span in story.spans if span.direct):
        owners = {mention.entity for mention in mentions if mention.start < span.end and span.start < mention.end}
        if span.entity in story.not_on_file:
            assert all(owner.startswith("?") for owner in owners), span
        else:
            assert all(span.entity in owner.split(",") for owner in owners), span
