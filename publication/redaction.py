"""From the lifted testimony to the text that may be published: decisions, their effect, and what is left to look at.

Pure. What is decided is a surface, the words as they stand: a decision holds for every place where they stand,
in whatever letter case. A lifted text holds markers; no decision ever reaches into one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Protocol, TypeVar

from cases.mentions.lifting import MARKER

_WORD = re.compile(r"\d+(?:[:.,/\-]\d+)+|\w+(?:['’\-]\w+)*")
_ENGLISH_I = re.compile(r"I(?:['’]\w+)?")
_SENTENCE_END = frozenset(".!?…\n;:")
_CONTEXT = 40
_WINDOW = 10 * _CONTEXT
"""How much of the text is redacted to show its last 40 characters: no surface on file is longer than the rest."""


class Action(StrEnum):
    REPLACE = "replace"
    KEEP = "keep"


class Found(Protocol):
    """What a detector says of text[start:end] (Unicode code points): its kind, and what could stand there instead."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def suggestion(self) -> str: ...


@dataclass(frozen=True, slots=True, repr=False)
class Context:
    """Words around a place: `before` and `after` are at most 40 characters, and whole words, with … where cut."""

    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True, repr=False)
class Proposal:
    """One thing to decide, with every form in which it stands in the text."""

    key: str
    kind: str
    forms: tuple[str, ...]
    suggestion: str
    context: Context


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    """Keep it visible, or put `replacement` in its place; an empty one leaves it out."""

    action: Action
    replacement: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Substitution:
    """Words that must not appear, and what stands there instead."""

    surface: str
    replacement: str


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """A piece of the testimony for the page that decides. `state` is open, accepted or refused; empty for plain words.

    `marker` is the number of a marker, for a piece that is one.
    """

    text: str
    key: str = ""
    state: str = ""
    instead: str = ""
    marker: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Leftover:
    """A capitalised word or a number that nobody decided about, and where it stands.

    One that only ever begins a sentence (`opens_sentence`) is most likely an ordinary word.
    """

    key: str
    word: str
    context: Context
    opens_sentence: bool = False


def proposal_key(kind: str, surface: str) -> str:
    """A short name for a decision that survives edits of the text around it."""
    return sha256(f"{kind}\0{_folded(surface)}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _folded(surface: str) -> str:
    return " ".join(surface.split()).casefold()


def gather(text: str, found: Iterable[Found]) -> list[Proposal]:
    """One proposal for each distinct surface of each kind, in the order of the text."""
    proposals: dict[str, Proposal] = {}
    for each in sorted(found, key=lambda hit: (hit.start, hit.end)):
        surface = text[each.start : each.end]
        key = proposal_key(each.kind, surface)
        known = proposals.get(key)
        if known is None:
            around = context_of(text, each.start, each.end)
            proposals[key] = Proposal(key, str(each.kind), (surface,), each.suggestion, around)
        elif surface not in known.forms:
            proposals[key] = replace(known, forms=(*known.forms, surface))
    return list(proposals.values())


def context_of(text: str, start: int, end: int, wanted: Sequence[Substitution] = ()) -> Context:
    """The words of the paragraph around a place, redacted."""
    before = redact(text[max(0, start - _WINDOW) : start].rpartition("\n")[2], wanted, lambda _number: "[…]")
    after = redact(text[end : end + _WINDOW].partition("\n")[0], wanted, lambda _number: "[…]")
    return Context(_last_words(before), text[start:end], _first_words(after))


def _last_words(text: str) -> str:
    return text if len(text) <= _CONTEXT else "… " + text[-_CONTEXT:].partition(" ")[2]


def _first_words(text: str) -> str:
    return text if len(text) <= _CONTEXT else text[:_CONTEXT].rpartition(" ")[0] + " …"


def unanswered(proposals: Iterable[Proposal], decisions: Mapping[str, Decision]) -> list[Proposal]:
    return [proposal for proposal in proposals if proposal.key not in decisions]


def substitutions(
    proposals: Iterable[Proposal], decisions: Mapping[str, Decision], hidden: Iterable[Substitution]
) -> tuple[Substitution, ...]:
    """Everything that must not appear: what was accepted, in every form, and what was typed by hand."""
    accepted = (
        Substitution(form, decisions[proposal.key].replacement)
        for proposal in proposals
        if proposal.key in decisions and decisions[proposal.key].action == Action.REPLACE
        for form in proposal.forms
    )
    return (*accepted, *hidden)


def redact(text: str, wanted: Sequence[Substitution], label: Callable[[int], str]) -> str:
    """The text with every wanted surface replaced wherever it stands as whole words, and every marker labelled."""
    parts = (label(number) if number is not None else _substitute(words, wanted) for words, number in _segments(text))
    return "".join(parts)


def still_visible(text: str, wanted: Sequence[Substitution]) -> tuple[str, ...]:
    """Wanted surfaces that a replacement brought back; empty when the redaction holds."""
    result = redact(text, wanted, lambda number: f"⟦{number}⟧")
    plain = [_Folded.of(words) for words, number in _segments(result) if number is None]
    surfaces = dict.fromkeys(each.surface for each in wanted)
    return tuple(each for each in surfaces if any(any(words.find(each)) for words in plain))


def stands_in(text: str, surface: str) -> bool:
    """Whether the surface stands in the lifted text as whole words, whatever the letter case."""
    return any(any(_Folded.of(words).find(surface)) for words, number in _segments(text) if number is None)


def pieces(
    text: str,
    proposals: Sequence[Proposal],
    decisions: Mapping[str, Decision],
    hidden: Sequence[Substitution],
) -> list[Piece]:
    """The lifted text cut at markers, proposals and hidden words, in order and without a gap, for the page."""
    shown = [
        (form, _decided(proposal.key, decisions.get(proposal.key))) for proposal in proposals for form in proposal.forms
    ]
    shown += [(each.surface, Piece("", "", "accepted", each.replacement)) for each in hidden]
    found: list[Piece] = []
    for words, number in _segments(text):
        if number is not None:
            found.append(Piece(words, marker=number))
        else:
            found += _cut(words, shown)
    return found


def _decided(key: str, decision: Decision | None) -> Piece:
    if decision is None:
        return Piece("", key, "open")
    if decision.action == Action.KEEP:
        return Piece("", key, "refused")
    return Piece("", key, "accepted", decision.replacement)


def _cut(words: str, shown: Sequence[tuple[str, Piece]]) -> Iterator[Piece]:
    position = 0
    for start, end, piece in _without_overlaps(_hits(words, shown)):
        if position < start:
            yield Piece(words[position:start])
        yield replace(piece, text=words[start:end])
        position = end
    if position < len(words):
        yield Piece(words[position:])


def leftovers(text: str, proposals: Sequence[Proposal], wanted: Sequence[Substitution]) -> list[Leftover]:
    """Capitalised words and numbers that nobody decided about, each once, where it first stands after redaction.

    A word that begins a sentence is left out when the text also has it in small letters. A script without capital
    letters leaves numbers only: the page has to say so.
    """
    decided = [(form, None) for proposal in proposals for form in proposal.forms]
    decided += [(each.surface, None) for each in wanted]
    small = {found[0] for found in _WORD.finditer(text) if found[0].islower()}
    found: dict[str, Leftover] = {}
    for start, word in _words_left(text, decided):
        opens = _begins_a_sentence(text, start)
        known = found.get(word.casefold())
        if known is None and _deserves_a_look(word) and not (opens and word.lower() in small):
            around = context_of(text, start, start + len(word), wanted)
            found[word.casefold()] = Leftover(proposal_key("left", word), word, around, opens and not _has_digit(word))
        elif known is not None and known.opens_sentence and not opens:
            found[word.casefold()] = replace(known, opens_sentence=False)
    return list(found.values())


def _words_left(text: str, decided: Sequence[tuple[str, None]]) -> Iterator[tuple[int, str]]:
    position = 0
    for words, number in _segments(text):
        if number is None:
            covered = 0
            hits = iter(_hits(words, decided))
            following = next(hits, None)
            for found in _WORD.finditer(words):
                while following is not None and following[0] <= found.start():
                    covered, following = max(covered, following[1]), next(hits, None)
                if found.end() > covered:
                    yield position + found.start(), found[0]
        position += len(words)


def _deserves_a_look(word: str) -> bool:
    capital = word[0].isupper() or word[0].istitle()
    return _has_digit(word) or (capital and not _ENGLISH_I.fullmatch(word))


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _begins_a_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - _CONTEXT) : start].rstrip(" \t\u00a0\"'«»„“”‘’()[]-–—")
    return not before or before[-1] in _SENTENCE_END


# --- where words stand: whatever the letter case, whole words only, any white space for any other -----------------


@dataclass(frozen=True, slots=True, repr=False)
class _Folded:
    """A text folded for comparison; `places[i]` is the offset in `text` of what folded character i came from."""

    text: str
    folded: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "_Folded":
        folded: list[str] = []
        places: list[int] = []
        for place, character in enumerate(text):
            if not character.isspace():
                letters = character.casefold()
                folded += letters
                places += [place] * len(letters)
            elif not folded or folded[-1] != " ":
                folded.append(" ")
                places.append(place)
        return cls(text, "".join(folded), (*places, len(text)))

    def find(self, surface: str) -> Iterator[tuple[int, int]]:
        """Where the surface stands as whole words: [start, end) in `text`."""
        wanted = _folded(surface)
        at = self.folded.find(wanted) if wanted else -1
        while at >= 0:
            start, end = self.places[at], self.places[at + len(wanted)]
            if self._is_whole(at, at + len(wanted)):
                yield start, end
            at = self.folded.find(wanted, at + 1)

    def _is_whole(self, first: int, last: int) -> bool:
        """Whether folded [first, last) begins and ends between letters of the text, and between words."""
        start, end = self.places[first], self.places[last]
        torn = (first and self.places[first - 1] == start) or (last and self.places[last - 1] == end)
        if torn:
            return False
        joined_before = start > 0 and _in_word(self.text[start - 1]) and _in_word(self.text[start])
        joined_after = end < len(self.text) and _in_word(self.text[end]) and _in_word(self.text[end - 1])
        return not joined_before and not joined_after


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


Payload = TypeVar("Payload")


def _hits(words: str, wanted: Iterable[tuple[str, Payload]]) -> list[tuple[int, int, Payload]]:
    """Every place of every surface, longer ones first where they begin together."""
    folded = _Folded.of(words)
    hits = [(start, end, payload) for surface, payload in wanted for start, end in folded.find(surface)]
    return sorted(hits, key=lambda hit: (hit[0], -hit[1]))


def _without_overlaps(hits: Iterable[tuple[int, int, Payload]]) -> Iterator[tuple[int, int, Payload]]:
    position = 0
    for start, end, payload in hits:
        if start >= position:
            yield start, end, payload
            position = end


def _substitute(words: str, wanted: Sequence[Substitution]) -> str:
    """Replace every region that hits cover; where hits run into each other, their replacements follow each other."""
    result: list[str] = []
    position = 0
    for start, end, replacement in _regions(_hits(words, [(each.surface, each.replacement) for each in wanted])):
        result += (words[position:start], replacement)
        left_out = not replacement and words[:start][-1:].isspace() and words[end : end + 1] == " "
        position = end + 1 if left_out else end
    return "".join((*result, words[position:]))


def _regions(hits: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    region: tuple[int, int, list[str]] | None = None
    for start, end, replacement in hits:
        if region is not None and start < region[1]:
            if end > region[1]:
                region = (region[0], end, [*region[2], replacement])
            continue
        if region is not None:
            yield region[0], region[1], _joined(region[2])
        region = (start, end, [replacement])
    if region is not None:
        yield region[0], region[1], _joined(region[2])


def _joined(replacements: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(filter(None, replacements)))


def _segments(text: str) -> Iterator[tuple[str, int | None]]:
    """Plain words and markers in order: (text, number of the marker or None)."""
    position = 0
    for found in MARKER.finditer(text):
        if position < found.start():
            yield text[position : found.start()], None
        yield found[0], int(found[1])
        position = found.end()
    if position < len(text):
        yield text[position:], None
