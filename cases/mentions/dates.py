"""Dates in a text: numeric, with the month in words in any language of the region, or a year alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .page import Page
from .scripts import plain
from .tables import load_toml

_NEIGHBOURS = {
    **dict.fromkeys(("hr", "bs", "cnr", "sh", "me"), ("sr",)),
    **dict.fromkeys(("kk", "ky", "tg", "uz", "be", "uk"), ("ru",)),
}


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date at text[start:end]; `month` counts from 1; `year` is None where none stands there."""

    start: int
    end: int
    year: int | None
    month: int | None
    has_day: bool


@lru_cache(maxsize=64)
def month_numbers(language: str) -> dict[str, int]:
    """Month names of a language and its neighbours, inflected, in `plain` form, with their numbers from 1."""
    calendar = load_toml("calendar")
    numbers: dict[str, int] = {}
    for name in (language, *_NEIGHBOURS.get(language, ())):
        for number, forms in enumerate(calendar.get(name, {}).get("months", "").split("|"), start=1):
            for form in forms.split():
                numbers.setdefault(plain(form), number)
    return numbers


@lru_cache(maxsize=64)
def _year_word(language: str) -> str:
    calendar = load_toml("calendar")
    words = {
        word
        for name in (language, *_NEIGHBOURS.get(language, ()))
        for word in calendar.get(name, {}).get("year", "").split()
    }
    longest_first = sorted(words, key=len, reverse=True)
    forms = (re.escape(word) + (r"(?!\w)\.?" if len(word) <= 2 else r"(?!\w)") for word in longest_first)
    return rf"(?:{'|'.join(forms)})" if words else r"(?!)"


_ORDINAL = r"(?:[-’'‑]?[^\W\d_]{1,4})?"
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(?:"
    r"(?P<day>0?[1-9]|[12]\d|3[01])(?P<s>[./-])\s?(?P<month>0?[1-9]|1[0-2])(?P=s)\s?(?P<year>(?:18|19|20)\d\d|\d\d)"
    r"|(?P<year2>(?:18|19|20)\d\d)(?P<s2>[./-])(?P<month2>0?[1-9]|1[0-2])(?P=s2)(?P<day2>0?[1-9]|[12]\d|3[01])"
    r"|(?P<year3>(?:19|20)\d\d) (?P<month3>0[1-9]|1[0-2]) (?P<day3>0[1-9]|[12]\d|3[01])"
    r")(?![\d/]|[.-]\d)"
)
_TIME_AFTER = re.compile(r",?\s(?:[01]?\d|2[0-3])[:.][0-5]\d(?!\d)")
_YEAR_ALONE = re.compile(r"(?<![\d.,/№#-])(?<![^\W\d_]-)(?P<year>19[3-9]\d|20[0-4]\d)(?![\d:/]|[-–][\d^]|[.,]\d)")
_DAY_ENDS = re.compile(rf"(?<![\d.,/])(?:\d{{1,2}}\s?[-–—/]\s?|\d{{1,2}}\s(?:на|по|to|do|and|и|та|i|și|iki|līdz)\s)?"
                       rf"(?P<day>[12]\d|3[01]|0?[1-9]){_ORDINAL}\.?\s?(?:of\s|de\s)?$")  # fmt: skip


def find_dates(page: Page) -> Iterator[DateSpan]:
    """Dates in no particular order; a numeric one takes the clock time right after it along."""
    yield from _numeric(page)
    yield from _worded(page)
    yield from _years(page)


def _numeric(page: Page) -> Iterator[DateSpan]:
    for found in _NUMERIC.finditer(page.text):
        year = int(found["year"] or found["year2"] or found["year3"])
        month = int(found["month"] or found["month2"] or found["month3"])
        end = _year_word_after(page, found.end())
        yield DateSpan(found.start(), _time_after(page, end), _full_year(year), month, has_day=True)


def _full_year(year: int) -> int:
    """Two digits are read as 1940 to 2039."""
    return year if year >= 100 else year + (1900 if year >= 40 else 2000)


def _time_after(page: Page, end: int) -> int:
    found = _TIME_AFTER.match(page.text, end)
    return found.end() if found else end


def _year_word_after(page: Page, end: int) -> int:
    found = re.compile(rf"[-‑]?\s?(?:{_ORDINAL}\s)?{_year_word(page.language)}").match(page.text, end)
    return found.end() if found else end


def _worded(page: Page) -> Iterator[DateSpan]:
    """A month counts where a day or a year stands beside it: may and march are words too."""
    numbers = month_numbers(page.language)
    for word, places in page.forms:
        month = numbers.get(word.plain)
        for place in places if month else ():
            found = _around_month(page, place, month or 0)
            if found:
                yield found


def _around_month(page: Page, place: int, month: int) -> DateSpan | None:
    start, end = page.starts[place], page.ends[place]
    day = _DAY_ENDS.search(page.text, max(0, start - 20), start) or _ordinal_before(page, place)
    if day:
        start = day.start()
    year_before = _year_before(page.language).search(page.text, max(0, start - 24), start)
    if year_before:
        start = year_before.start()
    day_after = None if day else _day_after(page.language).match(page.text, end)
    if day_after:
        end = day_after.end()
    year_after = None if year_before else _year_after(page.language).match(page.text, end)
    if year_after:
        end = year_after.end()
    year = year_before or year_after
    if not (day or day_after or year):
        return None
    has_day = bool(day or day_after)
    return DateSpan(start, _time_after(page, end), int(year["year"]) if year else None, month, has_day)


_ORDINAL_WORDS = re.compile(
    r"(?<!\w)(?:(?:двадцать|тридцать|двадцять|тридцять)\s)?"
    r"(?:перв|втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|[а-я]+надцат|десят|двадцат|тридцат|перш|друг|четверт|п.ят|шост|сьом)"
    r"(?:ого|ое|ьего|ье|ого|ого|є|е)\s$"
)


def _ordinal_before(page: Page, place: int) -> re.Match[str] | None:
    """второго марта"""
    start = page.starts[place]
    return _ORDINAL_WORDS.search(page.text, max(0, start - 30), start)


@lru_cache(maxsize=64)
def _year_before(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d)(?P<year>(?:18|19|20)\d\d)(?:[-‑.]?\s?{_ORDINAL}\s?{_year_word(language)}|\.)?,?\s$")


@lru_cache(maxsize=64)
def _year_after(language: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:\.|,)?\s(?:de\s|of\s|соли\s)?(?P<year>(?:18|19|20)\d\d)(?!\d)(?:[-‑.]?{_ORDINAL}\s?{_year_word(language)}|[-‑][^\W\d_]{{1,4}})?"
    )


@lru_cache(maxsize=64)
def _day_after(language: str) -> re.Pattern[str]:
    """March 14th; gegužės 9 d.; հունիսի 12-ին; március 5-én. Elsewhere a number after a month is something else."""
    if language not in {"en", "lt", "hy", "hu", "az", "kk"}:
        return re.compile(r"(?!)")
    return re.compile(rf"\s(?:0?[1-9]|[12]\d|3[01])(?!\d|[.:]\d|\s?%){_ORDINAL}\.?(?:\sd\.)?(?!\w)")


def _years(page: Page) -> Iterator[DateSpan]:
    for found in _YEAR_ALONE.finditer(page.text):
        yield DateSpan(found.start(), _year_word_after(page, found.end()), int(found["year"]), None, has_day=False)
