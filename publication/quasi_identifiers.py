"""Indirect identifiers in a lifted text: dates, ages, places, organisations, sums, jobs and other capitalised words.

They are generalised, not deleted: each proposal carries a truthful generalisation in the language of the text, or ""
where a role placeholder such as [place] takes its place. Markers ⟦n⟧ and labels [Client] are never proposed nor split.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from cases.mentions.dates import DateSpan, find_dates
from cases.mentions.page import Page, read_page
from cases.mentions.scripts import plain
from cases.mentions.tables import load_toml
from cases.mentions.vocabulary import Topic, WordSet, word_set
from cases.mentions.words import Shape, Word


class QuasiKind(StrEnum):
    """What an indirect identifier tells."""

    DATE = "date"
    AGE = "age"
    PLACE = "place"
    ORGANISATION = "organisation"
    AMOUNT = "amount"
    OCCUPATION = "occupation"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Quasi:
    """A proposal to replace text[start:end]; offsets count code points, `suggestion` is "" for a placeholder."""

    start: int
    end: int
    kind: QuasiKind
    suggestion: str
    detector: str


_PRECEDENCE = {kind: place for place, kind in enumerate(QuasiKind)}
_MASKED = re.compile(r"⟦\d+⟧|\[[^\[\]\n]{1,60}\]")
_MASK = "\ue000"


def find_quasi(text: str, *, language: str) -> list[Quasi]:
    """Indirect identifiers in text order, without overlaps."""
    language = language.replace("_", "-").split("-")[0].casefold()
    masked = _MASKED.sub(lambda found: _MASK * len(found[0]), text)
    page = read_page(masked, language, frozenset())
    found = [*_dates(page), *_ages(page), *_amounts(page), *_organisations(page), *_places(page), *_occupations(page)]
    settled = _settle(found)
    return sorted([*settled, *_rest(page, settled)], key=lambda quasi: quasi.start)


def _settle(found: Iterable[Quasi]) -> list[Quasi]:
    """The longest of what overlaps; a date or an age before an organisation of the same length."""
    taken: list[Quasi] = []
    covered: set[int] = set()
    for quasi in sorted(found, key=lambda each: (each.start - each.end, _PRECEDENCE[each.kind], each.start)):
        span = range(quasi.start, quasi.end)
        if covered.isdisjoint(span):
            covered.update(span)
            taken.append(quasi)
    return taken


# Dates


def _dates(page: Page) -> Iterator[Quasi]:
    for date in find_dates(page):
        if _MASK not in page.text[date.start : date.end]:
            yield Quasi(date.start, date.end, QuasiKind.DATE, _coarser(date, page.language), "date")


def _coarser(date: DateSpan, language: str) -> str:
    """A day becomes its month, a month its year; a year stays."""
    if date.month is None or not date.has_day:
        return str(date.year) if date.year else ""
    calendar = load_toml("calendar")
    words = calendar.get(_CALENDAR_OF.get(language, language)) or calendar["en"]
    month = words["months"].replace("\n", "").split("|")[date.month - 1].split()[0]
    return str(words["month_year"]).format(month=month, year=date.year) if date.year else str(month)


_CALENDAR_OF = dict.fromkeys(("hr", "bs", "cnr", "sh"), "sr")

# Ages


def _ages(page: Page) -> Iterator[Quasi]:
    yield from _ages_with_unit(page)
    yield from _ages_in_apposition(page)


_UNIT = re.compile(r"[-‑\s\u00a0](?:ти\s?|річ|x)?(?P<unit>[^\W\d_]+(?:[-\s]old)?)")
_DIGIT_AGE = re.compile(r"(?<![\w.,:/+-])(?P<age>\d{1,3})(?=[-‑\s\u00a0])")


def _ages_with_unit(page: Page) -> Iterator[Quasi]:
    """34 года, 35-aastane, aged 33, пять лет, šešerių metų."""
    for found in _DIGIT_AGE.finditer(page.text):
        yield from _age_at(page, found.start(), found.end(), int(found["age"]))
    numbers = _number_words(page.language)
    for word, places in page.forms:
        value = numbers.get(word.plain)
        for place in places if value is not None else ():
            yield from _age_at(page, page.starts[place], page.ends[place], value or 0)


def _age_at(page: Page, start: int, end: int, age: int) -> Iterator[Quasi]:
    unit = re.compile(r"[-‑\s\u00a0](?:de\s)?(?P<unit>[^\W\d_]+)").match(page.text, end)
    if not unit or not 0 < age < 111:
        return
    word = plain(unit["unit"])
    always = word in word_set("quasi_words", "age_always")
    if word in {"year", "years"}:
        old = re.compile(r"[-\s]old(?!\w)").match(page.text, unit.end())
        if old:
            yield Quasi(start, old.end(), QuasiKind.AGE, _band(age), "age")
        return
    if always or (word in word_set("quasi_words", "age_maybe") and _speaks_of_age(page, start, unit.end())):
        yield Quasi(start, unit.end(), QuasiKind.AGE, _band(age), "age")


_AGO = re.compile(r"\s?(?:назад|тому|ago|temu|înapoi)(?!\w)")
_OLD = re.compile(r"\s(?:vec[aus]|vecam|vecajai|vechi|starosti|veku|věku)(?!\w)")
_CLOSED = re.compile(r"\s?(?:[,.;:)–—]|$)")


def _speaks_of_age(page: Page, start: int, end: int) -> bool:
    """Set off by commas or brackets, beside a marker, or after a word such as aged; else it may be a span of time."""
    if _AGO.match(page.text, end):
        return False
    before = page.text[max(0, start - 40) : start].rstrip()
    if before.endswith(_MASK) or _OLD.match(page.text, end):
        return True
    if before.endswith((",", "(", "–", "—")):
        return _CLOSED.match(page.text, end) is not None
    index = page.word_at_or_after(start) - 1
    if index < 0 or page.text[page.ends[index] : start].strip():
        return False
    return page.words[index].plain in word_set("quasi_words", "age_before")


_APPOSITION = re.compile(
    rf"(?P<before>[{_MASK}\w.])(?:,| \(|, aged| aged) ?(?P<age>[1-9]\d?)"
    r"(?=,|\.(?!\d)|;|\)|\s(?:ir|and|i|a)\s)"
)


def _ages_in_apposition(page: Page) -> Iterator[Quasi]:
    """⟦1⟧, 41, who ...: a bare number after a name. A house number after a street is no age."""
    for found in _APPOSITION.finditer(page.text):
        index = page.word_at_or_after(found.start("age")) - 1
        named = found["before"] == _MASK or (
            index >= 0
            and page.ends[index] == found.end("before")
            and page.words[index].capital
            and not _is_street(page, index)
        )
        if named:
            age = int(found["age"])
            yield Quasi(found.start("age"), found.end("age"), QuasiKind.AGE, _band(age), "age")


def _is_street(page: Page, index: int) -> bool:
    return any(page.words[place].topics & Topic.STREET for place in range(max(0, index - 2), index + 1))


def _band(age: int) -> str:
    """Ten years wide: 34 becomes 30–39."""
    lower = age // 10 * 10
    return f"{lower}–{lower + 9}"


@lru_cache(maxsize=64)
def _number_words(language: str) -> dict[str, int]:
    entries = load_toml("quasi_words")["number_words"].get(_CALENDAR_OF.get(language, language), "")
    values: dict[str, int] = {}
    for entry in entries.replace("\n", "").split("|"):
        value, _, forms = entry.partition(":")
        values.update(dict.fromkeys(map(plain, forms.split()), int(value or 0)))
    return values


# Sums and weights

_SUM = re.compile(
    r"(?<![\w.,/:-])(?P<sign>[€$£₽₴₾]\s?)?(?P<number>\d{1,3}(?:[ \u00a0.,]\d{3})+|\d{1,9})(?:[.,]\d{1,2})?"
    r"(?P<tail>(?:[ \u00a0]?(?:[^\W\d_]+\.?|[€$£₽₴₾])){0,3})"
)


def _amounts(page: Page) -> Iterator[Quasi]:
    for found in _SUM.finditer(page.text):
        end = _end_of_sum(found)
        if end:
            yield Quasi(found.start(), end, QuasiKind.AMOUNT, "", "sum")
    numbers = _number_words(page.language)
    for word, places in page.forms:
        for place in places if word.plain in numbers else ():
            end = _end_of_worded_quantity(page, place)
            if end:
                yield Quasi(page.starts[place], end, QuasiKind.OTHER, "", "quantity")


def _end_of_sum(found: re.Match[str]) -> int | None:
    """Where the last word of money or weight after a number ends."""
    if found["sign"]:
        return found.end("number")
    end = None
    for piece in re.finditer(r"[^\W\d_]+\.?|[€$£₽₴₾]", found["tail"]):
        word = plain(piece[0].rstrip("."))
        if not (
            piece[0] in "€$£₽₴₾"
            or word in word_set("thing_words", "currency")
            or word in word_set("quasi_words", "weight")
        ):
            break
        shortened = piece[0].endswith(".") and len(word) <= 4
        end = found.start("tail") + piece.end() - (piece[0].endswith(".") and not shortened)
    return end


def _end_of_worded_quantity(page: Page, place: int) -> int | None:
    """six kilograms; десять суток ареста."""
    following = [p for p in range(place + 1, place + 3) if p < len(page.words) and page.gap(p - 1) == " "]
    if not following:
        return None
    first = page.words[following[0]].plain
    if first in word_set("thing_words", "currency") or (first in word_set("quasi_words", "weight") and len(first) > 2):
        return page.ends[following[0]]
    if (
        len(following) == 2
        and first in word_set("quasi_words", "days")
        and page.words[following[1]].plain in word_set("quasi_words", "detention")
    ):
        return page.ends[following[1]]
    return None


# Organisations

_SPEECH_BEFORE = re.compile(r"[:,]\s?$")
_QUOTED = re.compile(r"[«„“\"](?P<name>[^«»„“”\"\n]{2,60})[»“”\"]")
_NUMBERED = re.compile(
    r"\s(?:№|no\.?|nr\.?|br\.?|č\.?|Nr\.|No\.)\s?\d{1,4}|\s№\d{1,4}|[-‑]\d{1,3}(?!\w)|\s\d{1,3}(?=[,.;)])"
)
_OF_NAME = re.compile(r"[ \u00a0](?:de |of |for |and |del |do |ir |un |ja |și |i )?")
_INSTITUTION = Topic.ORGANISATION | Topic.DISTRICT


def _organisations(page: Page) -> Iterator[Quasi]:
    yield from _quoted(page)
    for word, places in page.forms:
        for place in places if word.topics & _INSTITUTION else ():
            found = _institution(page, place)
            if found:
                yield found


def _quoted(page: Page) -> Iterator[Quasi]:
    """Names in quotation marks; speech starts in small letters, follows a colon or ends like a sentence."""
    for found in _QUOTED.finditer(page.text):
        if _is_quoted_name(page, found):
            start, end = _with_kind_of_house(page, found.start(), found.end())
            yield Quasi(start, end, QuasiKind.ORGANISATION, "", "quoted-name")


def _is_quoted_name(page: Page, found: re.Match[str]) -> bool:
    name = found["name"]
    if (
        _MASK in name
        or name[-1] in ".!?…,"
        or len(name.split()) > 5
        or _SPEECH_BEFORE.search(page.text[max(0, found.start() - 3) : found.start()])
    ):
        return False
    first = page.word_at_or_after(found.start())
    if first >= len(page.words) or page.starts[first] >= found.end():
        return False
    if page.words[first].shape is Shape.CASELESS:
        before = first - 1
        return before >= 0 and bool(page.words[before].topics & Topic.ORGANISATION)
    return page.words[first].capital


def _with_kind_of_house(page: Page, start: int, end: int) -> tuple[int, int]:
    """пекарне «Калач», UAB „Siūlėta“, „Baltos“ vaistinės: the word beside the name belongs to it."""
    before = page.word_at_or_after(start) - 1
    if before >= 0 and page.text[page.ends[before] : start] == " " and page.words[before].topics & Topic.ORGANISATION:
        start = page.starts[before]
    after = page.word_at_or_after(end)
    if after < len(page.words) and page.text[end : page.starts[after]] == " ":
        end = page.ends[after] if page.words[after].topics & Topic.ORGANISATION else end
    return start, end


def _institution(page: Page, place: int) -> Quasi | None:
    """An institution that something tells apart: a number, a name, an adjective."""
    first, named = _left_of_institution(page, place)
    last = place
    while _continues(page, last):
        last += 1
        named = named or page.words[last].capital
    end = page.ends[last]
    number = _NUMBERED.match(page.text, end)
    if number and page.words[last].topics & Topic.ORGANISATION:
        end = number.end()
    if not (named or end > page.ends[last]):
        return None
    kind = QuasiKind.ORGANISATION if _holds(page, first, last, Topic.ORGANISATION) else QuasiKind.PLACE
    return Quasi(page.starts[first], end, kind, "", "institution")


def _holds(page: Page, first: int, last: int, topic: int) -> bool:
    return any(page.words[place].topics & topic for place in range(first, last + 1))


def _continues(page: Page, last: int) -> bool:
    """Another word of the name follows: a capitalised one, or a further institution."""
    following = last + 1
    if following >= len(page.words) or not _OF_NAME.fullmatch(page.gap(last)):
        return False
    word = page.words[following]
    if word.topics & _INSTITUTION and word.shape is not Shape.CASELESS:
        return True
    if word.shape is Shape.CASELESS:
        return bool(word.topics & _INSTITUTION) and page.gap(last) == " "
    return word.capital and page.gap(last) == " " and not word.topics & (Topic.MONTH | Topic.WEEKDAY | Topic.HONORIFIC)


def _left_of_institution(page: Page, place: int) -> tuple[int, bool]:
    """Capitalised words and adjectives before an institution, and whether there are any."""
    first, named = (
        place,
        page.words[place].capital and not page.starts_sentence(place) and _has_capital_beside(page, place),
    )
    while first and place - first < 4 and page.gap(first - 1) in {" ", "\u00a0", "' ", "’ "}:
        before = page.words[first - 1]
        if before.capital and not before.topics & (Topic.MONTH | Topic.WEEKDAY) and not _merely_opens(page, first - 1):
            named = True
        elif before.topics & _INSTITUTION or _is_adjective(before, page.language):
            named = named or _is_telling(before, page.language)
        elif not (page.language == "en" and place - first < 2 and _capital_two_before(page, first - 1)):
            break
        first -= 1
    return first, named


def _merely_opens(page: Page, place: int) -> bool:
    """A first word of a sentence that is capitalised for that reason alone."""
    return (
        page.starts_sentence(place)
        and not page.words[place].topics & Topic.PLACE
        and not _is_adjective(page.words[place], page.language)
    )


def _has_capital_beside(page: Page, place: int) -> bool:
    return place + 1 < len(page.words) and page.words[place + 1].capital and page.gap(place) == " "


def _capital_two_before(page: Page, place: int) -> bool:
    """Kalnų addiction centre: a small word between the name and the institution."""
    return (
        place > 0
        and page.gap(place - 1) == " "
        and page.words[place - 1].capital
        and not page.starts_sentence(place - 1)
    )


_PLAIN_ADJECTIVES = WordSet(
    [
        "этого",
        "этой",
        "этом",
        "этот",
        "эта",
        "своего",
        "своей",
        "своём",
        "моего",
        "моей",
        "нашего",
        "нашей",
        "вашего",
        "вашей",
        "другого",
        "другой",
        "другом",
        "такой",
        "такого",
        "любой",
        "каждой",
        "первой",
        "первого",
        "самой",
        "всей",
        "одной",
        "какой",
        "которой",
        "которого",
        "того",
        "той",
        "цього",
        "цієї",
        "цей",
        "ця",
        "свого",
        "своєї",
        "мого",
        "моєї",
        "нашого",
        "нашої",
        "іншого",
        "іншої",
        "якого",
        "якої",
        "того",
        "тієї",
        "jego",
        "jej",
        "tego",
        "tej",
        "swojego",
        "swojej",
        "innego",
        "naszego",
        "ovog",
        "ove",
        "tog",
        "te",
        "svog",
        "svoje",
        "našeg",
        "jos",
        "jo",
        "mūsų",
        "savo",
        "viņa",
        "viņas",
    ]
)


def _is_adjective(word: Word, language: str) -> bool:
    endings = _adjective_endings(language)
    if (
        not endings
        or len(word.plain) < 5
        or word.plain in word_set("quasi_words", "plain_adjective")
        or word.topics & (Topic.ROLE | Topic.NAMING)
    ):
        return False
    return word.shape in {Shape.LOWER, Shape.CASELESS, Shape.TITLE} and word.plain.endswith(endings)


def _is_telling(word: Word, language: str) -> bool:
    return _is_adjective(word, language) and not word.topics & Topic.ORGANISATION


@lru_cache(maxsize=64)
def _adjective_endings(language: str) -> tuple[str, ...]:
    return tuple(load_toml("quasi_words")["adjective"].get(_CALENDAR_OF.get(language, language), "").split())


# Places


def _places(page: Page) -> Iterator[Quasi]:
    for word, places in page.forms:
        for place in places:
            if word.topics & Topic.SETTLEMENT:
                yield from _settlement(page, place)
            if word.topics & Topic.STREET:
                yield from _street(page, place)
            if word.topics & Topic.PLACE and word.shape is not Shape.LOWER:
                yield _place(page.starts[place], page.ends[place], "place-name")
            elif word.shape is Shape.TITLE and _after_preposition(page, place):
                yield _place(page.starts[place], page.ends[_last_capital(page, place)], "after-preposition")


def _place(start: int, end: int, detector: str) -> Quasi:
    return Quasi(start, end, QuasiKind.PLACE, "", detector)


def _settlement(page: Page, place: int) -> Iterator[Quasi]:
    """г. Заречный; м. Яснопіль; city of Leeds."""
    following = place + 1
    if following >= len(page.words) or not re.fullmatch(r"\.?\s|\sof\s", page.gap(place)):
        return
    word = page.words[following]
    if word.shape is Shape.TITLE or (word.shape is Shape.CASELESS and len(page.words[place].plain) > 2):
        short = len(page.words[place].plain) <= 2 and not page.gap(place).startswith(".")
        if not short and not word.topics & Topic.STREET:
            yield _place(page.starts[place], page.ends[_last_capital(page, following)], "settlement")


_HOUSE = re.compile(r",?\s(?:д\.?\s?|буд\.?\s?|nr\.?\s?)?\d{1,4}[^\W\d_]?(?:[-/]\d{1,4})?(?!\w)")


def _street(page: Page, place: int) -> Iterator[Quasi]:
    """A street by name, with its house number where one stands there."""
    word = page.words[place]
    if word.topics & Topic.STREET_BEFORE and re.fullmatch(r"\.?\s", page.gap(place)):
        last = _last_capital(page, place)
        if last > place:
            yield _place(page.starts[place], _with_house(page, last), "street")
            return
    if word.topics & Topic.STREET_AFTER and place and page.gap(place - 1) == " ":
        first = _first_capital(page, place)
        if first < place:
            yield _place(page.starts[first], _with_house(page, place), "street")


def _with_house(page: Page, last: int) -> int:
    house = _HOUSE.match(page.text, page.ends[last])
    return house.end() if house else page.ends[last]


def _last_capital(page: Page, place: int) -> int:
    last = place
    while (
        last + 1 < len(page.words) and page.gap(last) in {" ", ". ", "-"} and page.words[last + 1].shape is Shape.TITLE
    ):
        if page.starts_sentence(last + 1) or page.words[last + 1].topics & (Topic.MONTH | Topic.WEEKDAY):
            break
        last += 1
    return last


def _first_capital(page: Page, place: int) -> int:
    first = place
    while first and page.gap(first - 1) == " " and page.words[first - 1].shape in {Shape.TITLE, Shape.CASELESS}:
        if (page.starts_sentence(first - 1) and first < place) or place - first >= (
            1 if page.words[first - 1].shape is Shape.CASELESS else 3
        ):
            break
        first -= 1
    return first


_NO_PLACE = Topic.MONTH | Topic.WEEKDAY | Topic.CAPITALISED | Topic.HONORIFIC | Topic.ROLE | Topic.PLATFORM


def _after_preposition(page: Page, place: int) -> bool:
    if not place or page.gap(place - 1) not in {" ", "\u00a0"} or page.words[place].topics & _NO_PLACE:
        return False
    return page.words[place - 1].plain in word_set("quasi_words", "preposition")


# Jobs and what is left


def _occupations(page: Page) -> Iterator[Quasi]:
    jobs = _jobs(page.language)
    for word, places in page.forms:
        if word.plain in jobs:
            for place in places:
                yield Quasi(page.starts[place], page.ends[place], QuasiKind.OCCUPATION, "", "occupation")


@lru_cache(maxsize=64)
def _jobs(language: str) -> WordSet:
    return WordSet(load_toml("quasi_words")["occupation"].get(_CALENDAR_OF.get(language, language), "").split())


def _rest(page: Page, settled: list[Quasi]) -> Iterator[Quasi]:
    """Capitalised words inside a sentence that nothing explained: they may be names of places or houses."""
    covered = {place for quasi in settled for place in page.words_between(quasi.start, quasi.end)}
    done = -1
    for place, word in enumerate(page.words):
        if place <= done or place in covered or not _is_unexplained(page, place, word):
            continue
        done = place
        while (
            done + 1 < len(page.words)
            and done + 1 not in covered
            and page.gap(done) == " "
            and page.words[done + 1].capital
        ):
            done += 1
        yield Quasi(page.starts[place], page.ends[done], QuasiKind.OTHER, "", "capitalised")


def _is_unexplained(page: Page, place: int, word: Word) -> bool:
    explained = word.topics & (_NO_PLACE | Topic.NUMBER_SIGN)
    return word.shape is Shape.TITLE and not explained and not page.starts_sentence(place)
