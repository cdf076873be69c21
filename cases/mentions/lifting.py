"""Lift mentions out of a text and put them back: `lift` and `restore` are exact inverses on cleaned text.

A lifted text holds a marker ⟦n⟧ in the place of mention n, counted from 1 in reading order. The words that stood
there live elsewhere, so that the text can be read by people who may not know who it speaks of.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .records import Mention, MentionKind

MARKER = re.compile(r"⟦([1-9][0-9]{0,8})⟧")

_CLEANED = str.maketrans(
    {
        "⟦": "[[",
        "⟧": "]]",
        "\u00ad": None,  # soft hyphen
        "\u200b": None,  # zero-width space
        "\u2060": None,  # word joiner
        "\ufeff": None,  # byte order mark
    }
)


@dataclass(frozen=True, slots=True)
class Marker:
    """Who or what a marker stands for; it names nobody."""

    entity: str
    kind: MentionKind


@dataclass(frozen=True, slots=True)
class Lifted:
    """A text with markers, what each stands for, and (identity compartment only) the words that stood there."""

    text: str
    markers: dict[int, Marker]
    words: dict[int, str]


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a lifted text at [start, end): plain words, or one marker with its number."""

    start: int
    end: int
    text: str
    marker_number: int | None


def clean(text: str) -> str:
    """The text as it is kept: NFC, marker brackets written [[ and ]], letters that nobody can see removed.

    Run it before `find_mentions` and `lift`. Cleaning a clean text changes nothing.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_CLEANED))


def lift(text: str, mentions: Sequence[Mention]) -> Lifted:
    """Replace each mention by its marker.

    Raises ValueError where the text was not cleaned, or where mentions overlap, are empty or lie outside it.
    """
    if "⟦" in text or "⟧" in text:
        raise ValueError("marker brackets in the text: run clean() first")
    pieces: list[str] = []
    markers: dict[int, Marker] = {}
    words: dict[int, str] = {}
    position = 0
    for number, mention in enumerate(sorted(mentions, key=lambda each: each.start), start=1):
        if not position <= mention.start < mention.end <= len(text):
            raise ValueError("mentions overlap, are empty or lie outside the text")
        pieces += (text[position : mention.start], f"⟦{number}⟧")
        markers[number] = Marker(entity=mention.entity, kind=mention.kind)
        words[number] = text[mention.start : mention.end]
        position = mention.end
    pieces.append(text[position:])
    return Lifted(text="".join(pieces), markers=markers, words=words)


def restore(text: str, words: Mapping[int, str]) -> str:
    """Put the words back; a marker whose words are not given stays as it is."""
    return MARKER.sub(lambda found: words.get(int(found[1]), found[0]), text)


def pseudonymise(text: str, markers: Mapping[int, Marker], label: Callable[[Marker], str]) -> str:
    """Write the label of each marker in its place; a marker that `markers` does not know stays as it is."""

    def named(found: re.Match[str]) -> str:
        marker = markers.get(int(found[1]))
        return found[0] if marker is None else label(marker)

    return MARKER.sub(named, text)


def segments(text: str, markers: Mapping[int, Marker]) -> list[Segment]:
    """Cut a lifted text into plain pieces and markers, in order, without a gap.

    Brackets around a number that `markers` does not know are plain text.
    """
    pieces: list[Segment] = []
    position = 0
    for found in MARKER.finditer(text):
        number = int(found[1])
        if number not in markers:
            continue
        if position < found.start():
            pieces.append(Segment(position, found.start(), text[position : found.start()], None))
        pieces.append(Segment(found.start(), found.end(), found[0], number))
        position = found.end()
    if position < len(text):
        pieces.append(Segment(position, len(text), text[position:], None))
    return pieces
