"""Where words of a testimony stand, and how they are found again after the testimony was edited. Pure.

Offsets count Unicode code points of the lifted text, in which markers ⟦n⟧ stand for names. An edit numbers the markers
anew, so a quote and its surroundings are compared with the numbers left out.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cases.mentions.lifting import MARKER

CONTEXT = 30
"""Characters kept on either side of a quote; fewer only where the text ends."""

_RECOGNISED = 12
"""Characters of the surroundings, both sides together, that must still agree where a quote stands several times."""
_UNMISTAKABLE = 18
"""Characters of quote and surroundings together that must agree where it stands once."""

_MARK = "⟦"  # a marker without its number: this bracket alone never stands in a cleaned text
_EDGE = "\0"  # where the text begins or ends, for the surroundings of a quote that stands there


@dataclass(frozen=True, slots=True, repr=False)
class Anchor:
    """Words at [start, end) of a lifted text, and what stands before and after them."""

    start: int
    end: int
    quote: str
    prefix: str
    suffix: str


def anchor(text: str, start: int, end: int) -> Anchor:
    """The anchor of [start, end); a marker that it cuts is taken whole. Raises ValueError for an impossible place."""
    if not 0 <= start < end <= len(text):
        raise ValueError("no such place in the text")
    start, end = _whole_markers(text, start, end)
    before, after = _whole_markers(text, max(0, start - CONTEXT), min(len(text), end + CONTEXT))
    return Anchor(start, end, text[start:end], text[before:start], text[end:after])


def _whole_markers(text: str, start: int, end: int) -> tuple[int, int]:
    for found in MARKER.finditer(text):
        if found.start() < start < found.end():
            start = found.start()
        if found.start() < end < found.end():
            end = found.end()
    return start, end


@dataclass(frozen=True, slots=True, repr=False)
class _Unnumbered:
    """A text with every marker as one sign; `offsets[i]` is where sign i stands in the text itself."""

    text: str
    offsets: list[int]

    @classmethod
    def of(cls, text: str) -> "_Unnumbered":
        signs: list[str] = []
        offsets: list[int] = []
        position = 0
        for found in MARKER.finditer(text):
            signs += (text[position : found.start()], _MARK)
            offsets.extend(range(position, found.start() + 1))
            position = found.end()
        signs.append(text[position:])
        offsets.extend(range(position, len(text) + 1))
        return cls("".join(signs), offsets)

    def sign_at(self, offset: int) -> int:
        """The number of the sign that stands at an offset of the text itself, which may lie behind its end."""
        return bisect_right(self.offsets, offset) - 1


def find_again(old: Anchor, new_text: str) -> Anchor | None:
    """The same words in `new_text`, or None where they are lost.

    Their old place if nothing around it changed; else the occurrence whose surroundings agree best, the nearest of
    equals. An occurrence whose surroundings are strange holds other words that happen to be the same, unless the quote
    is long and stands there only once.
    """
    if _stands_as_it_did(old, new_text):
        return old
    page = _Unnumbered.of(new_text)
    quote = MARKER.sub(_MARK, old.quote)
    places = list(_occurrences(page.text, quote))
    if not places:
        return None
    was = page.sign_at(old.start)
    agreement = {place: _agreement(old, page.text, place, place + len(quote)) for place in places}
    best = max(places, key=lambda place: (agreement[place], -abs(place - was)))
    needed = _UNMISTAKABLE - len(quote) if len(places) == 1 else _RECOGNISED
    whole = len(_before(old)) + len(_after(old))
    if agreement[best] < min(needed, whole):
        return None
    return anchor(new_text, page.offsets[best], page.offsets[best + len(quote)])


def _stands_as_it_did(old: Anchor, text: str) -> bool:
    return 0 <= old.start < old.end <= len(text) and anchor(text, old.start, old.end) == old


def _occurrences(text: str, quote: str) -> Iterator[int]:
    place = text.find(quote)
    while place >= 0:
        yield place
        place = text.find(quote, place + 1)


def _before(old: Anchor) -> str:
    edge = _EDGE if len(old.prefix) < CONTEXT else ""
    return edge + MARKER.sub(_MARK, old.prefix)


def _after(old: Anchor) -> str:
    edge = _EDGE if len(old.suffix) < CONTEXT else ""
    return MARKER.sub(_MARK, old.suffix) + edge


def _agreement(old: Anchor, text: str, start: int, end: int) -> int:
    """How many signs next to [start, end) are those that stood next to the old quote."""
    before, after = _before(old), _after(old)
    left = (_EDGE if start < len(before) else "") + text[max(0, start - len(before)) : start]
    right = text[end : end + len(after)] + (_EDGE if len(text) < end + len(after) else "")
    return _common_start(left[::-1], before[::-1]) + _common_start(right, after)


def _common_start(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


# --- words typed by hand --------------------------------------------------------------------------------------------

_SAME_SIGNS = {
    **dict.fromkeys("«»„“”‟‹›'‘’‚‛`´", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("[]", ""),
    "ё": "е",
    "…": "...",
}


def places_of_quote(text: str, quote: str, labels: Mapping[int, str]) -> list[tuple[int, int]]:
    """Every [start, end) of a lifted text where words that a person typed stand, in order.

    Markers are read as their `labels` (number -> `[Client]`); the brackets may be left out. Case, the length of white
    space, and the kind of quotation marks, dashes and ё do not matter. Where the words stand both as whole words
    and inside longer ones, only whole words count.
    """
    signs, spans = _folded(_as_read(text, labels))
    wanted = _folded_quote(quote)
    if not wanted:
        return []
    found = list(_occurrences(signs, wanted))
    whole = [place for place in found if _is_whole(signs, place, place + len(wanted))]
    return [(spans[place][0], spans[place + len(wanted) - 1][1]) for place in whole or found]


def anchor_from_quote(
    text: str, quote: str, *, labels: Mapping[int, str], occurrence: int | None = None, near: int | None = None
) -> Anchor | None:
    """One place of typed words: number `occurrence` (from 1), or the nearest to offset `near`, or the only one.

    None where the words do not stand there, or where they stand more than once and nothing says which.
    """
    places = places_of_quote(text, quote, labels)
    if occurrence is not None:
        places = places[occurrence - 1 : occurrence] if occurrence >= 1 else []
    elif near is not None:
        places = sorted(places, key=lambda place: abs(place[0] - near))[:1]
    return anchor(text, *places[0]) if len(places) == 1 else None


def reads_as(text: str, start: int, end: int, quote: str, labels: Mapping[int, str]) -> bool:
    """Whether [start, end) of a lifted text is what a person reads as `quote`; False for an impossible place."""
    if not 0 <= start < end <= len(text):
        return False
    words, _spans = _folded(_as_read(anchor(text, start, end).quote, labels))
    return words.strip() == _folded_quote(quote)


def _as_read(text: str, labels: Mapping[int, str]) -> Iterator[tuple[str, int, int]]:
    """Each sign that a reader sees, and the part of the text that it belongs to."""
    position = 0
    for found in MARKER.finditer(text):
        label = labels.get(int(found[1]))
        if label is None:
            continue
        yield from ((text[i], i, i + 1) for i in range(position, found.start()))
        yield from ((sign, found.start(), found.end()) for sign in label)
        position = found.end()
    yield from ((text[i], i, i + 1) for i in range(position, len(text)))


def _folded(signs: Iterator[tuple[str, int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """What remains when differences that do not matter are taken out, and where each sign of it comes from."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for sign, start, end in signs:
        for each in _fold(sign):
            if each == " " and words and words[-1] == " ":
                continue
            words.append(each)
            spans.append((start, end))
    return "".join(words), spans


def _fold(sign: str) -> str:
    if sign.isspace():
        return " "
    if unicodedata.category(sign) == "Cf":
        return ""
    lower = sign.casefold()
    return _SAME_SIGNS.get(lower, lower)


def _folded_quote(quote: str) -> str:
    composed = unicodedata.normalize("NFC", quote)
    words, _spans = _folded((sign, 0, 0) for sign in composed)
    return words.strip()


def _is_whole(signs: str, start: int, end: int) -> bool:
    """Whether a word begins at `start` and one ends at `end`."""
    inside_before = start > 0 and signs[start - 1].isalnum() and signs[start].isalnum()
    inside_after = end < len(signs) and signs[end].isalnum() and signs[end - 1].isalnum()
    return not inside_before and not inside_after
