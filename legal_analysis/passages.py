"""A testimony cut into the pieces that a page shows: words and markers, and which annotations cover them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from cases.contents import StatementContent
from cases.mentions import Marker, MentionKind, segments
from cases.narrative import label_of
from cases.presentation import chip_kind


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """Part of the stored text at `start`, `length` code points long, and what a reader sees of it.

    `kind` is that of a marker chip and empty for plain words. `notes` are the numbers of the annotations that cover
    it, `begins` and `ends` those of which it is the first or the last piece.
    """

    start: int
    length: int
    text: str
    kind: str
    notes: tuple[int, ...]
    begins: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def chip(self) -> str:
        """The label of a marker without its brackets."""
        return self.text[1:-1]


def pieces(content: StatementContent, places: Mapping[int, tuple[int, int]]) -> list[Piece]:
    """Cut a testimony at its markers and at the ends of its annotations, in order and without a gap.

    `places` are [start, end) by number of the annotation and cut no marker. Labels are in the active language.
    """
    chips = _chips(content)
    text = content.text
    cuts = sorted({0, len(text)} | {offset for place in (*chips, *places.values()) for offset in place})
    found = []
    for start, end in pairwise(cuts):
        words, kind = chips.get((start, end), (text[start:end], ""))
        found.append(
            Piece(
                start,
                end - start,
                words,
                kind,
                notes=tuple(number for number, (first, last) in places.items() if first <= start and end <= last),
                begins=tuple(number for number, (first, _last) in places.items() if first == start),
                ends=tuple(number for number, (_first, last) in places.items() if last == end),
            )
        )
    return found


def _chips(content: StatementContent) -> dict[tuple[int, int], tuple[str, str]]:
    """Label and kind of every marker, by its place."""
    markers = {int(n): Marker(info["entity"], MentionKind(info["kind"])) for n, info in content.markers.items()}
    chips = {}
    for segment in segments(content.text, markers):
        if segment.marker_number is not None:
            info = content.marker(segment.marker_number)
            chips[segment.start, segment.end] = (label_of(info), chip_kind(info.kind, info.role))
    return chips
