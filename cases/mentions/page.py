"""A text cut into words, with what the detectors ask about them: shape, topics, sentence starts, style of a line."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

from .vocabulary import Topic
from .words import Shape, Word

_LETTER = r"[^\W\d_]"
_WORD = re.compile(rf"{_LETTER}+(?:(?:['’ʼ`ʻ‘՛՜՞‐‑-]|(?<=\w)[՛՜՞])(?={_LETTER}){_LETTER}+)*")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_SENTENCE_END = ".!?…։:"
_SKIPPED_BEFORE = " \u00a0\t\"'«„“”‘’([{—–-*•"
_QUOTES_OPEN = "«„“\"”‘'"
_QUOTES_CLOSE = "»“”\"’'"
_ABBREVIATIONS = Topic.HONORIFIC | Topic.STREET | Topic.SETTLEMENT | Topic.DWELLING | Topic.NUMBER_SIGN
_LONG_LINE = 8


class LineStyle(IntEnum):
    """How a line is written: as books are, all in small letters as chats are, or all in capitals."""

    NORMAL = 0
    LOWER = 1
    UPPER = 2


@dataclass(frozen=True)
class Page:
    """A text with its words: word i is `words[i]`, at text[starts[i]:ends[i]]. Offsets count code points.

    `forms` has each written form with the indices where it stands: most questions are asked once a form.
    """

    text: str
    language: str
    words: list[Word]
    starts: list[int]
    ends: list[int]
    kept: frozenset[str]
    forms: tuple[tuple[Word, list[int]], ...]

    def gap(self, index: int) -> str:
        """What stands between word `index` and the next one; the rest of the text after the last word."""
        following = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
        return self.text[self.ends[index] : following]

    def word_at_or_after(self, offset: int) -> int:
        """The index of the first word that starts at or after an offset."""
        return bisect_right(self.starts, offset - 1)

    def words_between(self, start: int, end: int) -> Iterator[int]:
        """Indices of the words that start in [start, end)."""
        index = self.word_at_or_after(start)
        while index < len(self.starts) and self.starts[index] < end:
            yield index
            index += 1

    def starts_sentence(self, index: int) -> bool:
        """Whether a capital would stand here anyway: first word of the text, a line, a sentence or quoted speech."""
        position = self.starts[index] - 1
        quoted = False
        while position >= 0 and self.text[position] in _SKIPPED_BEFORE:
            quoted = quoted or self.text[position] in _QUOTES_OPEN
            position -= 1
        if position < 0 or self.text[position] in "\n\r\v\f\u2028\u2029":
            return True
        if self.text[position] not in _SENTENCE_END:
            return False
        if self.text[position] == ":":
            return quoted or self.language == "hy"
        return not (self.text[position] == "." and index and self._abbreviation_before(index - 1, position))

    def _abbreviation_before(self, index: int, dot: int) -> bool:
        word = self.words[index]
        short = len(word.plain) <= 6 and bool(word.topics & _ABBREVIATIONS) and word.shape is not Shape.UPPER
        return self.ends[index] == dot and (word.shape is Shape.INITIAL or (short and len(word.plain) <= 4))

    def in_quotes(self, first: int, last: int) -> bool:
        """Whether words first..last are all that stands between two quotation marks."""
        start, end = self.starts[first], self.ends[last]
        before = self.text[start - 1] if start else " "
        after = self.text[end] if end < len(self.text) else " "
        return before in _QUOTES_OPEN and after in _QUOTES_CLOSE

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0] + [found.end() for found in re.finditer("\n", self.text)]

    @cached_property
    def _line_styles(self) -> list[LineStyle]:
        """A short line without capitals says nothing about itself where other lines have them."""
        bounds = [*self._line_starts[1:], len(self.text) + 1]
        firsts = [0, *(self.word_at_or_after(bound) for bound in bounds)]
        styles = [_style(self.words[first:last]) for first, last in pairwise(firsts)]
        if LineStyle.NORMAL not in styles:
            return styles
        return [
            LineStyle.NORMAL if style is LineStyle.LOWER and last - first < _LONG_LINE else style
            for style, (first, last) in zip(styles, pairwise(firsts), strict=True)
        ]

    @cached_property
    def has_lower_lines(self) -> bool:
        """Whether a line of the text does without capitals."""
        return LineStyle.LOWER in self._line_styles

    def style(self, index: int) -> LineStyle:
        """The style of the line that word `index` stands in."""
        return self._line_styles[bisect_right(self._line_starts, self.starts[index]) - 1]

    @cached_property
    def lower_words(self) -> frozenset[str]:
        """Plain forms of the words that the text also writes in small letters: ordinary words, mostly."""
        return frozenset(word.plain for word, _ in self.forms if word.shape is Shape.LOWER)


def _style(words: list[Word]) -> LineStyle:
    """The style of the words of one line; one-letter words say little and count for small letters only."""
    shapes = [word.shape for word in words]
    single = shapes.count(Shape.INITIAL)
    long = len(shapes) - single
    if long >= 2 and shapes.count(Shape.UPPER) >= 0.6 * long:
        return LineStyle.UPPER
    return LineStyle.LOWER if long >= 3 and shapes.count(Shape.LOWER) >= 0.97 * long else LineStyle.NORMAL


def read_page(text: str, language: str, kept: frozenset[str]) -> Page:
    """Cut a text into words. Words that the user said are no names count as written in small letters."""
    known: dict[str, tuple[Word, list[int]]] = {}
    words: list[Word] = []
    starts: list[int] = []
    ends: list[int] = []
    for index, found in enumerate(_WORD.finditer(text)):
        surface = found[0]
        entry = known.get(surface)
        if entry is None:
            entry = known[surface] = (Word(surface, language, kept), [])
        words.append(entry[0])
        entry[1].append(index)
        start, end = found.span()
        starts.append(start)
        ends.append(end)
    return Page(text, language, words, starts, ends, kept, tuple(known.values()))


@dataclass(frozen=True)
class Source:
    """A text as given and as it is searched: composed, without stress marks and letters that nobody can see."""

    given: str
    searched: str
    offsets: list[int] | None

    @classmethod
    def of(cls, text: str) -> "Source":
        """Offsets are needed only where composing or dropping letters moves them."""
        if unicodedata.is_normalized("NFC", text) and not any(_is_dropped(char) for char in set(text)):
            return cls(text, text, None)
        letters: list[str] = []
        offsets: list[int] = []
        for start, piece in _clusters(text):
            composed = "".join(c for c in unicodedata.normalize("NFC", piece) if not _is_dropped(c))
            letters.append(composed)
            offsets.extend([start] * len(composed))
        offsets.append(len(text))
        return cls(text, "".join(letters), offsets)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A span of the searched text as a span of the text as given, marks of its last letter included."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end]


def _is_dropped(char: str) -> bool:
    return char in _INVISIBLE or (char > "\u02ff" and unicodedata.combining(char) != 0 and char < "\u0370")


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Letters with the marks that follow them, so that composing one never reaches into another."""
    start = 0
    for position in range(1, len(text) + 1):
        if position == len(text) or not (unicodedata.combining(text[position]) or text[position] in _INVISIBLE):
            yield start, text[start:position]
            start = position
