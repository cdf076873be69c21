"""Street addresses of anybody: a street word with a name and a number, its flat, and the settlement before it."""

import re
from collections.abc import Iterator

from .page import Page
from .records import Certainty, MentionKind
from .scripts import plain
from .spans import Span
from .vocabulary import Topic
from .words import Shape

_NUMBER = r"\d{1,4}(?:[-–/ ]?[^\W\d_](?![^\W\d_]))?(?:[-–/]\d{1,4}[^\W\d_]?(?![^\W\d_]))?"
_AFTER_NAME = re.compile(
    rf"[,.]?\s{{0,2}}(?:(?P<dwelling>[^\W\d_]{{1,9}})\.?\s?(?:№|nr\.?|no\.?)?\s?)?(?P<number>{_NUMBER})(?![\d:%]|[.,]\d|\s?[€$₽])"
)
_MORE = re.compile(
    rf"(?:,\s?|\s|\.\s?)(?:(?P<dwelling>[^\W\d_]{{1,12}})[.:]?\s?(?:№\s?)?(?P<number>{_NUMBER})"
    r"|(?P<after>\d{1,4})[- ]?(?P<floor>[^\W\d_]{1,12}))(?!\w)"
)
_NUMBER_BEFORE = re.compile(rf"(?<![\w.,/:-])(?P<number>{_NUMBER}),?\s$")
_FLAT_BEFORE = re.compile(rf"(?P<dwelling>[^\W\d_]{{1,12}})\s(?P<number>{_NUMBER}),\s$")
_HOUSE_AND_FLAT = re.compile(
    rf"(?<!\w)(?:д|дом|буд|будинок)[.\s]\s?{_NUMBER},?\s(?:(?:корп|к|стр)[.\s]\s?{_NUMBER},?\s)?(?:кв|квартир\w{{1,2}})[.\s]\s?\d{{1,4}}(?!\w)",
    re.IGNORECASE,
)
_LONGEST_NAME = 4


def find_addresses(page: Page) -> Iterator[Span]:
    """Addresses with a number; a street without one is a place, not an address."""
    for word, places in page.forms:
        for index in places if word.topics & Topic.STREET else ():
            span = _after_street(page, index) or _before_street(page, index)
            if span:
                yield _address(page, *span)
    for found in _HOUSE_AND_FLAT.finditer(page.text):
        yield _address(page, *found.span())


def _address(page: Page, start: int, end: int) -> Span:
    start = _with_settlement(page, start)
    stem = " ".join(plain(piece) for piece in re.findall(r"\w+", page.text[start:end]))
    return Span(start, end, MentionKind.ADDRESS, Certainty.LIKELY, "address", stem)


def _after_street(page: Page, index: int) -> tuple[int, int] | None:
    """ул. Малая Слободская, д. 17; strada Florilor 5; кӯчаи Рӯдакӣ 12."""
    if not page.words[index].topics & Topic.STREET_BEFORE:
        return None
    last = index
    if not re.fullmatch(r"\.?\s?[«„\"]?", page.gap(index)):
        return None
    while last + 1 < len(page.words) and last - index < _LONGEST_NAME and _names_street(page, last + 1, last == index):
        last += 1
        if not re.fullmatch(r"[.-]?\s", page.gap(last)):
            break
    if last == index and not re.match(r"\.?\s?\d{1,3}[-\s]", page.text[page.ends[index] : page.ends[index] + 6]):
        return None
    for end in range(last, index - (last == index), -1):
        number = _number_after(page, page.ends[end])
        if number:
            return page.starts[index], _more(page, number)
    return None


def _names_street(page: Page, index: int, first: bool) -> bool:
    word = page.words[index]
    if word.topics & Topic.DWELLING and len(word.plain) <= 5 and not word.capital:
        return False
    return word.shape is not Shape.LOWER or first or len(word.plain) <= 3 or page.style(index) != 0


def _before_street(page: Page, index: int) -> tuple[int, int] | None:
    """Sodų g. 40-17; 8 Vazha Street; Вокзальной площади, 3; წერეთლის ქუჩა 24."""
    word = page.words[index]
    if not word.topics & Topic.STREET_AFTER or not index:
        return None
    first = _first_of_name(page, index)
    if first is None:
        return None
    number = _number_after(page, page.ends[index])
    if number:
        return _flat_before(page, page.starts[first]), _more(page, number)
    before = _NUMBER_BEFORE.search(page.text, max(0, page.starts[first] - 12), page.starts[first])
    if before and page.language not in {"ru", "uk", "be", "lt", "lv", "ka", "hy", "kk"}:
        return _flat_before(page, before.start()), _more(page, page.ends[index])
    return None


def _first_of_name(page: Page, index: int) -> int | None:
    """The first of the capitalised words that stand before a street word."""
    first = index
    while first and index - first < _LONGEST_NAME and re.fullmatch(r"[ \u00a0]|\.\s?", page.gap(first - 1)):
        before = page.words[first - 1]
        if not (before.capital or before.shape is Shape.INITIAL or (before.shape is Shape.CASELESS and first == index)):
            break
        if page.starts_sentence(first - 1) and first < index:
            break
        first -= 1
    if first == index:
        return None
    return first


def _number_after(page: Page, offset: int) -> int | None:
    """Where a house number that follows ends."""
    found = _AFTER_NAME.match(page.text, offset)
    if not found:
        return None
    dwelling = found["dwelling"]
    if dwelling and plain(dwelling) not in _SHORT_DWELLINGS and not _is_dwelling(page, found.start("dwelling")):
        return None
    return found.end("number")


_SHORT_DWELLINGS = frozenset({"д", "дом", "буд", "будинок", "no", "nr", "namas", "dom", "nº", "n"})


def _is_dwelling(page: Page, offset: int) -> bool:
    index = page.word_at_or_after(offset)
    return index < len(page.words) and page.starts[index] == offset and bool(page.words[index].topics & Topic.DWELLING)


def _more(page: Page, end: int) -> int:
    """Blocks, entrances, floors and flats that follow a house number."""
    while True:
        found = _MORE.match(page.text, end)
        if not found:
            return end
        group = "dwelling" if found["dwelling"] else "floor"
        if not _is_dwelling(page, found.start(group)):
            return end
        end = found.end()


def _flat_before(page: Page, start: int) -> int:
    """flat 12, 8 Vazha Street."""
    found = _FLAT_BEFORE.search(page.text, max(0, start - 24), start)
    if found and _is_dwelling(page, found.start("dwelling")):
        return found.start()
    return start


def _with_settlement(page: Page, start: int) -> int:
    """г. Энск, ул. ...: the settlement belongs to the address."""
    index = page.word_at_or_after(start) - 1
    reached = start
    for step in range(3):
        place = index - step
        if place < 0 or not re.fullmatch(r",\s?" if step == 0 else r"\.?\s", page.text[page.ends[place] : reached]):
            return start
        if step and page.words[place].topics & Topic.SETTLEMENT:
            return page.starts[place]
        if not page.words[place].capital:
            return start
        reached = page.starts[place]
    return start
