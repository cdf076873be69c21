"""Pours text and tables down A4 pages: where every line stands, not yet drawn and not yet a PDF.

Works on plain strings: there is no mark-up to parse, so nothing in a text can act as mark-up. A block of any
length, a table row too, goes on over the next page. Lengths are in points from the lower left corner.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from .fonts import BOLD, REGULAR, character_widths, legible

Colour = tuple[float, float, float]

INK: Colour = (0.12, 0.16, 0.20)
MUTED: Colour = (0.36, 0.41, 0.45)
ACCENT: Colour = (0.05, 0.33, 0.39)
HAIRLINE: Colour = (0.80, 0.83, 0.85)
TINT: Colour = (0.93, 0.95, 0.96)

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
LEFT, RIGHT = 62.0, PAGE_WIDTH - 62.0
TOP, BOTTOM = PAGE_HEIGHT - 78.0, 72.0
TEXT_WIDTH = RIGHT - LEFT

_NUMBER_SIGN = re.compile("([№§]) ")
_BREAK_AFTER = frozenset("-–—/_.,;:@")
_CELL_PADDING = 4.0


@dataclass(frozen=True)
class Style:
    """How a line looks; `leading` is the distance from one baseline to the next."""

    font: str
    size: float
    leading: float
    colour: Colour = INK

    def width(self, text: str) -> float:
        """Width of legible text on one line."""
        widths = self._widths
        return sum([widths[character] for character in text])

    @cached_property
    def _widths(self) -> dict[str, float]:
        return {character: width * self.size / 1000 for character, width in character_widths(self.font).items()}


BODY = Style(REGULAR, 10.4, 15.2)
CELL = Style(REGULAR, 9.2, 12.8)
CELL_LABEL = Style(REGULAR, 9.2, 12.8, MUTED)
CELL_HEAD = Style(BOLD, 8.4, 12.8, ACCENT)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of one style, the first on `baseline`, each next one a leading lower."""

    x: float
    baseline: float
    style: Style
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; a thin one is a rule."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Link:
    """A rectangle that leads to the section `key`."""

    x: float
    y: float
    width: float
    height: float
    key: str


Page = list[Lines | Box | Link]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    width: float
    style: Style = CELL
    flush_right: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; with `leads_to`, the key of a section, the row is a link."""

    cells: tuple[str, ...]
    leads_to: str = ""


@dataclass(slots=True)
class Flow:
    """Fills pages from the top; `y` is the height above which the current page is full."""

    pages: list[Page] = field(default_factory=lambda: [[]])
    y: float = TOP

    def space(self, height: float) -> None:
        """Leave `height` free, except at the top of a page."""
        if self.y < TOP:
            self.y -= height

    def turn_page(self) -> None:
        """Go on at the top of a new page."""
        self.pages.append([])
        self.y = TOP

    def need(self, height: float) -> None:
        """Turn the page unless `height` is free on this one: keeps a heading with what it heads."""
        if self.y - height < BOTTOM and self.y < TOP:
            self.turn_page()

    def box(self, box: Box) -> None:
        """Draw `box` on the current page."""
        self.pages[-1].append(box)

    def paragraph(self, text: str, style: Style, *, after: float = 0.0, indent: float = 0.0) -> None:
        """`text` line by line at the left; `indent` moves its left edge; `after` is free space below."""
        lines = wrap(text, style, TEXT_WIDTH - indent)
        while lines:
            count = _lines_that_fit(len(lines), self._free_lines(style))
            self._stack(lines[:count], style, LEFT + indent)
            lines = lines[count:]
            if lines:
                self.turn_page()
        self.space(after)

    def prose(self, text: str, style: Style) -> None:
        """Paragraphs, parted by empty lines in `text`."""
        for paragraph in legible(text).split("\n\n"):
            if paragraph.strip():
                self.paragraph(paragraph.strip("\n"), style, after=style.leading * 0.5)

    def bullets(self, items: tuple[str, ...], style: Style) -> None:
        """One item after the other, each behind a small square."""
        for item in items:
            self.need(style.leading * 2)
            middle = self.y - style.leading * 0.55
            self.box(Box(LEFT + 1, middle - 1.6, 3.2, 3.2, ACCENT))
            self.paragraph(item, style, after=2.0, indent=13.0)

    def table(self, columns: tuple[Column, ...], rows: list[Row], *, head: tuple[str, ...] | None = None) -> None:
        """Rows over hairlines; `head` is repeated on every page, a row too high for one goes on."""
        leading = max(column.style.leading for column in columns)
        if head:
            self.need(leading * 5)
            self._head(columns, head)
        for row in rows:
            self._row(columns, row, leading, head)

    def _row(self, columns: tuple[Column, ...], row: Row, leading: float, head: tuple[str, ...] | None) -> None:
        cells = [
            wrap(text, column.style, column.width - 2 * _CELL_PADDING)
            for column, text in zip(columns, row.cells, strict=True)
        ]
        done, height = 0, max(1, *map(len, cells))
        while done < height:
            free = int((self.y - BOTTOM - 2 * _CELL_PADDING) / leading)
            count = _lines_that_fit(height - done, free)
            if count:
                part = [cell[done : done + count] for cell in cells]
                self._row_part(columns, part, leading * count, row.leads_to)
                done += count
            if done < height:
                self.turn_page()
                if head:
                    self._head(columns, head)

    def _head(self, columns: tuple[Column, ...], head: tuple[str, ...]) -> None:
        cells = [
            wrap(text, CELL_HEAD, column.width - 2 * _CELL_PADDING) for column, text in zip(columns, head, strict=True)
        ]
        height = CELL_HEAD.leading * max(map(len, cells)) + 2 * _CELL_PADDING
        width = sum(column.width for column in columns)
        self.box(Box(LEFT, self.y - height, width, height, TINT))
        self._cells(tuple(Column(column.width, CELL_HEAD) for column in columns), cells)
        self.y -= height

    def _row_part(self, columns: tuple[Column, ...], cells: list[list[str]], height: float, leads_to: str) -> None:
        height += 2 * _CELL_PADDING
        width = sum(column.width for column in columns)
        self._cells(columns, cells)
        self.y -= height
        self.box(Box(LEFT, self.y, width, 0.5, HAIRLINE))
        if leads_to:
            self.pages[-1].append(Link(LEFT, self.y, width, height, leads_to))

    def _cells(self, columns: tuple[Column, ...], cells: list[list[str]]) -> None:
        x, top = LEFT, self.y
        for column, lines in zip(columns, cells, strict=True):
            self.y = top - _CELL_PADDING
            if column.flush_right:
                edge = x + column.width - _CELL_PADDING
                for line in lines:
                    self._stack([line], column.style, edge - column.style.width(line))
            elif lines:
                self._stack(lines, column.style, x + _CELL_PADDING)
            x += column.width
        self.y = top

    def _stack(self, lines: list[str], style: Style, x: float) -> None:
        if lines:
            self.pages[-1].append(Lines(x, self.y - style.leading * 0.76, style, tuple(lines)))
            self.y -= style.leading * len(lines)

    def _free_lines(self, style: Style) -> int:
        return int((self.y - BOTTOM) / style.leading)


def wrap(text: str, style: Style, width: float) -> list[str]:
    """Lines of legible `text` no wider than `width`; a word too wide is broken, a blank text gives none."""
    lines: list[str] = []
    for line in _NUMBER_SIGN.sub("\\1\N{NO-BREAK SPACE}", legible(text)).split("\n"):
        lines += _wrap_line(line, style, width)
    return lines


def shorten(text: str, style: Style, width: float) -> str:
    """The first line of `text`, ended with "…" where more followed."""
    lines = wrap(text, style, width)
    if len(lines) < 2:
        return "".join(lines)
    return wrap(lines[0], style, width - style.width("…"))[0] + "…"


def _wrap_line(line: str, style: Style, width: float) -> list[str]:
    lines: list[str] = []
    words: list[str] = []
    space, used = style.width(" "), 0.0
    for word in filter(None, line.split(" ")):
        needed = style.width(word)
        if words and used + space + needed <= width:
            words.append(word)
            used += space + needed
            continue
        if words:
            lines.append(" ".join(words))
        if needed > width:
            *whole, word = _break_word(word, style, width)
            lines += whole
            needed = style.width(word)
        words, used = [word], needed
    if words:
        lines.append(" ".join(words))
    return lines


def _break_word(word: str, style: Style, width: float) -> list[str]:
    """Pieces of `word` no wider than `width`, broken after a hyphen or the like where one is near the end.

    A combining accent has no width in our fonts, so it never begins a piece.
    """
    pieces: list[str] = []
    start, used, hyphen = 0, 0.0, 0
    for position, character in enumerate(word):
        used += style.width(character)
        if used > width and position > start:
            end = hyphen if hyphen - start > (position - start) / 2 else position
            pieces.append(word[start:end])
            start, used = end, style.width(word[end : position + 1])
        if character in _BREAK_AFTER:
            hyphen = position + 1
    pieces.append(word[start:])
    return pieces


def _lines_that_fit(count: int, free: int) -> int:
    """How many of `count` lines to set where `free` would fit, so that none stands alone on either page."""
    if count <= free:
        return count
    if free < 2:
        return 0
    return free - 1 if count - free == 1 and free > 2 else free
