"""Spans that detectors find, and how overlapping ones are settled so that nothing found is left uncovered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from .records import Certainty, MentionKind


class Rank(IntEnum):
    """Whose word counts where two spans overlap; longer spans win among equals."""

    PATTERN = 0
    ON_FILE = 1
    MARKED = 2


@dataclass(frozen=True, slots=True)
class Span:
    """text[start:end] as one detector sees it.

    `owner` is the key of the person on file it belongs to, or None; `stem` tells strangers apart: two spans of one
    stem are the same somebody or something.
    """

    start: int
    end: int
    kind: MentionKind
    certainty: Certainty
    detector: str
    stem: str
    owner: str | None = None
    rank: Rank = Rank.PATTERN

    @property
    def length(self) -> int:
        return self.end - self.start


_SURE = {Certainty.CERTAIN: 2, Certainty.LIKELY: 1, Certainty.CHECK: 0}
_EDGES = " \t\n\r\u00a0,;:.()[]{}«»„“”\"'’—–-"


def settle(spans: Iterable[Span], text: str) -> list[Span]:
    """Sorted spans without overlaps. What a loser covers beyond the winner stays covered, as a span of its own."""
    settled: list[Span] = []
    for cluster in _clusters(spans):
        if len(cluster) == 1:
            settled.append(cluster[0])
        else:
            settled.extend(_settle_cluster(cluster, text))
    return settled


def _clusters(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Groups of spans that overlap each other, directly or through others, in text order."""
    cluster: list[Span] = []
    reach = -1
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if cluster and span.start >= reach:
            yield cluster
            cluster = []
        cluster.append(span)
        reach = max(reach, span.end) if len(cluster) > 1 else span.end
    if cluster:
        yield cluster


def _settle_cluster(cluster: list[Span], text: str) -> list[Span]:
    """Marked ones first, then longer before shorter; each takes the letters that nobody took before."""
    offset = min(span.start for span in cluster)
    taken = bytearray(max(span.end for span in cluster) - offset)
    owned = [span for span in cluster if span.owner is not None]
    settled: list[Span] = []
    for span in sorted(cluster, key=_weight):
        for start, end in _free(taken, span.start - offset, span.end - offset):
            piece = _trim(replace(span, start=start + offset, end=end + offset), text)
            if piece is not None:
                settled.append(_inherit(piece, owned))
        taken[span.start - offset : span.end - offset] = b"\1" * span.length
    return sorted(settled, key=lambda span: span.start)


def _weight(span: Span) -> tuple[bool, int, int, int]:
    return span.rank != Rank.MARKED, -span.length, -span.rank, -_SURE[span.certainty]


def _free(taken: bytearray, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches of [start, end) that are not taken."""
    while start < end:
        start = taken.find(b"\0", start, end)
        if start < 0:
            return
        stop = taken.find(b"\1", start, end)
        yield start, end if stop < 0 else stop
        start = end if stop < 0 else stop


def _trim(piece: Span, text: str) -> Span | None:
    """The piece without spaces and punctuation at its edges where something was cut off; None where nothing is left."""
    start, end = piece.start, piece.end
    if not any(char.isalnum() for char in text[start:end]):
        return None
    if piece.rank != Rank.MARKED:
        while text[start] in _EDGES and text[start] not in '«„“"(':
            start += 1
        while text[end - 1] in " \t\n\r\u00a0,;:":
            end -= 1
    return replace(piece, start=start, end=end)


def _inherit(span: Span, owned: list[Span]) -> Span:
    """A pattern that holds something on file of its own kind belongs to the same person."""
    if span.owner is not None or span.rank == Rank.MARKED:
        return span
    inside = [
        other for other in owned if span.start <= other.start and other.end <= span.end and _same_sort(span, other)
    ]
    if not inside:
        return span
    best = max(inside, key=lambda each: each.length)
    certainty = max((span.certainty, best.certainty), key=_SURE.__getitem__)
    return replace(span, owner=best.owner, stem=best.stem, certainty=certainty, kind=_narrower(span, best))


_NUMERIC = {MentionKind.PHONE, MentionKind.DOCUMENT, MentionKind.NUMBER, MentionKind.BANK_ACCOUNT, MentionKind.VEHICLE}


def _same_sort(span: Span, other: Span) -> bool:
    return span.kind == other.kind or {span.kind, other.kind} <= _NUMERIC


def _narrower(span: Span, other: Span) -> MentionKind:
    return span.kind if span.kind == MentionKind.VEHICLE else other.kind
