"""Registration plates of the region, with the make, the colour and the word for plate that stand beside them."""

import re
from collections.abc import Iterator

from .numbers import Digits, topics_before
from .page import Page
from .records import Certainty, MentionKind
from .spans import Span
from .vocabulary import Topic
from .words import Shape

_GAP = "[ \u00a0-]?"
_L = "[A-ZА-ЯІЇЄ]"
# Shapes that little else has: Russia, Ukraine, Belarus, Kazakhstan, Georgia, Azerbaijan, Armenia, Romania, Bulgaria,
# former Yugoslavia, Albania, Kosovo, Central Asia, Czechia.
_STRONG = (
    rf"{_L}{_GAP}\d{{3}}{_GAP}{_L}{{2}}{_GAP}\d{{2,3}}",
    rf"{_L}{{2}}{_GAP}\d{{3,4}}{_GAP}{_L}{{2}}",
    rf"\d{{4}}{_GAP}{_L}{{2}}{_GAP}\d(?:\d)?",
    rf"\d{{3}}{_GAP}{_L}{{2,3}}{_GAP}\d{{2}}",
    rf"\d{{2}}{_GAP}{_L}{{2}}{_GAP}\d{{3}}(?:{_GAP}{_L}{{3}})?",
    rf"\d{{2}}{_GAP}KG{_GAP}\d{{3}}{_GAP}{_L}{{3}}",
    rf"\d{{2}}{_GAP}{_L}{_GAP}\d{{3}}{_GAP}{_L}{{2}}",
    rf"{_L}{{1,2}}{_GAP}\d{{2,3}}{_GAP}{_L}{{3}}",
    rf"{_L}{{1,2}}{_GAP}\d{{4}}{_GAP}{_L}{{1,2}}",
    rf"{_L}\d{{2}}-{_L}-\d{{3}}",
    rf"\d{{2}}-\d{{3}}-{_L}{{2}}",
    rf"\d{_L}\d{_GAP}\d{{4}}",
    rf"{_L}{{2}}{_GAP}[A-Z0-9]{{2}}-\d{{3}}",
)
# Shapes that need a car, a make or the word plate nearby: the Baltic states, Poland, Hungary, Moldova.
_WEAK = (
    rf"{_L}{{3}}{_GAP}\d{{2,4}}",
    rf"{_L}{{2}}{_GAP}\d{{1,5}}",
    rf"\d{{3}}{_GAP}{_L}{{3}}",
    rf"{_L}{{2}}{_GAP}{_L}{{2}}{_GAP}\d{{3}}",
    rf"{_L}{{2,3}}{_GAP}(?=[A-Z0-9]{{0,3}}\d)[A-Z0-9]{{4,5}}",
)
_PLATE = re.compile(rf"(?<![\w-])(?:(?P<strong>{'|'.join(_STRONG)})|(?:{'|'.join(_WEAK)}))(?![\w]|-[\w])")
_CONTEXT = Topic.PLATE | Topic.VEHICLE | Topic.MAKE
_LINK = re.compile(r"[ \u00a0,«»„“”\"'().:№#–—-]{0,6}")
_EARLIEST = 9


def find_vehicles(digits: Digits) -> Iterator[Span]:
    """Plates of anybody, spread over the make and the colour before them."""
    page = digits.page
    for found in _PLATE.finditer(digits.masked):
        nearby = _nearby(page, found.start())
        own = page.word_at_or_after(found.start())
        if not (nearby & _CONTEXT or (found["strong"] and not topics_before(page, found.start()) & Topic.DOCUMENT)):
            continue
        certainty = Certainty.CERTAIN if found["strong"] and nearby & _CONTEXT else Certainty.LIKELY
        start, end = spread(page, found.start(), found.end(), own)
        yield Span(start, end, MentionKind.VEHICLE, certainty, "plate", plate_stem(found[0]))


_SAME_LETTER = str.maketrans("авекмнорстухіьь", "abekmhopctyxibb")


def plate_stem(plate: str) -> str:
    """Letters and digits alone, Cyrillic look-alikes as Latin ones."""
    return "".join(filter(str.isalnum, plate.casefold())).translate(_SAME_LETTER)


def _nearby(page: Page, offset: int) -> int:
    """Topics of the words in the same sentence, some sixty letters back."""
    topics = 0
    index = page.word_at_or_after(offset) - 1
    while index >= 0 and offset - page.ends[index] <= 60:
        if index + 1 < len(page.words) and page.starts[index + 1] <= offset and page.starts_sentence(index + 1):
            break
        topics |= page.words[index].topics
        index -= 1
    return topics


def spread(page: Page, start: int, end: int, before: int) -> tuple[int, int]:
    """Widen a plate or a make over quotation marks, the word for plate, the make and model, the colour and its article.

    `before` is the index of the word that `start` stands at or precedes.
    """
    index = before - 1
    reached = start
    made = False
    while index >= 0 and before - index <= _EARLIEST and _LINK.fullmatch(page.text, page.ends[index], reached):
        word = page.words[index]
        make = bool(word.topics & Topic.MAKE) and word.shape is not Shape.LOWER
        model = not made and word.capital and index and _is_make(page, index - 1)
        if not (make or model or _leads_to_plate(page, index, made=made)):
            break
        made = made or make
        reached = page.starts[index]
        if made and word.topics & Topic.COLOUR and not make:
            reached = _article(page, index, reached)
            break
        index -= 1
    return _open_quote(page, reached), _close_quote(page, end)


def _is_make(page: Page, index: int) -> bool:
    return bool(page.words[index].topics & Topic.MAKE) and page.words[index].shape is not Shape.LOWER


def _leads_to_plate(page: Page, index: int, *, made: bool) -> bool:
    """A word for plate, or a colour once a make was passed: a white Skoda, plate TT-418-YA."""
    topics = page.words[index].topics
    return bool(topics & Topic.PLATE) or (made and bool(topics & Topic.COLOUR))


def _article(page: Page, index: int, reached: int) -> int:
    if index and page.words[index - 1].plain in {"a", "an", "the"} and page.gap(index - 1) == " ":
        return page.starts[index - 1]
    return reached


def _open_quote(page: Page, start: int) -> int:
    return start - 1 if start and page.text[start - 1] in '«„“"' else start


def _close_quote(page: Page, end: int) -> int:
    """A closing quotation mark belongs to the span that holds the opening one."""
    if page.text[end : end + 1] not in {"»", "“", "”", '"'}:
        return end
    before = page.text[max(0, end - 60) : end]
    return end + 1 if before.count("«") > before.count("»") else end
