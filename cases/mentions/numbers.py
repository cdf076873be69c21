"""Phones, bank accounts, personal numbers, document numbers and every other run of six digits or more, of anybody.

Dates, clock times, ranges of years and sums of money are set aside first: they are not identifiers, and full dates are
generalised later. What remains fails closed: a run that nothing explains is still proposed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .checksums import iban, luhn, personal_number
from .page import Page
from .records import Certainty, MentionKind
from .spans import Span
from .vocabulary import Topic
from .words import Shape

_BLANK = " \u00a0\u2009\u202f"
# Digits with at most two separators between them; "(8 29) 123-45-67" is one run.
_RUN = re.compile(rf"(?<!\d)(?:\+[{_BLANK}]?)?\(?\d(?:[{_BLANK}().‐‑–/-]{{0,2}}\d){{4,}}")
_DAY = (
    r"(?:(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:(?:18|19|20)\d\d|\d\d)"
    r"|(?:18|19|20)\d\d[./-](?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:19|20)\d\d (?:0[1-9]|1[0-2]) (?:0[1-9]|[12]\d|3[01]))"
)
_TIME = r"(?:[01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d)?"
_DATES = re.compile(
    rf"(?<![\w.])(?<![^\W\d]-)(?:{_DAY}(?:\s?[-–—]\s?{_DAY})?"
    r"|(?:18|19|20)\d\d ?[-–—/] ?(?:(?:18|19|20)\d\d|\d\d)"
    rf"|(?:0?[1-9]|1[0-2])[./](?:18|19|20)\d\d|{_TIME}(?: ?[-–—] ?{_TIME})?)(?![\d/]|[.-]\d)"
)
_MONEY = re.compile(
    rf"(?:[€$£₽₴₾]\s?\d{{1,3}}(?:[{_BLANK}.,]?\d{{3}})*(?:[.,]\d\d)?|(?<!\d)\d{{1,3}}(?:[{_BLANK}.,]\d{{3}})+(?:[.,]\d\d)?(?![-\d])|"
    rf"(?<!\d)\d{{1,9}}(?:[.,]\d{{1,2}})?)(?=[{_BLANK}]?([€$£₽₴₾%]|[^\W\d_]+|))"
)
_IBAN = re.compile(rf"\b[A-Z]{{2}}\d\d(?:[{_BLANK}]?[A-Z0-9]){{11,30}}\b")
_CODE = re.compile(
    r"(?<![\w-])(?:(?:[A-ZА-ЯЁІЇЄҐԱ-Ֆ]{1,6}|[Ⴀ-ჿ]{1,4})[-/ ]?(?:\d[-/]?){2,14}\d?(?:[-/]?[A-ZА-ЯЁІЇЄҐ]{1,4})?"
    r"|\d{1,8}[-/]?[A-ZА-ЯЁІЇЄҐ]{1,4}[-/]?\d{1,8}(?:[-/]\d{1,8})?[A-ZА-Я]{0,2}\d?|\d{1,6}/\d{2,6}(?:[-/]\d{1,6})?)(?![\w])"
)
_SHORT = re.compile(r"(?<![\w.,/:-])\d{3,5}(?![\w/:-]|[.,]\d)")
_COUNTRY_CODES = (
    *(
        "7",
        "48",
        "36",
        "40",
        "90",
        "370",
        "371",
        "372",
        "373",
        "374",
        "375",
        "380",
        "381",
        "382",
        "383",
        "385",
        "386",
        "387",
    ),
    *(
        "389",
        "355",
        "359",
        "420",
        "421",
        "992",
        "993",
        "994",
        "995",
        "996",
        "998",
        "1",
        "30",
        "33",
        "34",
        "39",
        "41",
        "43",
        "44",
    ),
    *("46", "47", "49", "353", "358", "972", "86"),
)
# Between two numbers of one list: a comma, or a word such as "or".
_SAME_LIST = re.compile(r",? (?:[^\W\d_]{1,5} )?")
_LOOKED_BACK = 4
_MASK = "\x1a"


@dataclass(frozen=True)
class Digits:
    """A page whose dates, times and sums are blanked out, so that number detectors pass them by."""

    page: Page
    masked: str


def digits_of(page: Page) -> Digits:
    """Set dates, times, ranges of years and money aside."""
    masked = _DATES.sub(_blank, page.text)
    masked = _blank_worded_dates(page, masked)
    return Digits(page, _blank_money(page, masked))


def _blank(found: re.Match[str]) -> str:
    return _MASK * len(found[0])


_DAY_BEFORE = re.compile(rf"(?<![\d+-])\d{{1,2}}(?:[-–—](?:[^\W\d_]{{1,3}}|\d{{1,2}}))?\.?[{_BLANK}]?$")
_YEAR_BEFORE = re.compile(rf"(?<!\d)(?:18|19|20)\d\d(?:[-.]?[{_BLANK}]?[^\W\d_]{{0,6}}\.?)?[{_BLANK}]$")
_DAY_OR_YEAR_AFTER = re.compile(
    rf"[.,]?[{_BLANK}]?(?:\d{{1,2}}(?!\d|[{_BLANK}-]\d\d))?[,{_BLANK}]*(?:(?:18|19|20)\d\d(?![\d-]))?"
)


def _blank_worded_dates(page: Page, masked: str) -> str:
    """Blank the day and the year around the name of a month."""
    cuts: list[tuple[int, int]] = []
    months = (index for word, places in page.forms if word.topics & Topic.MONTH for index in places)
    for index in months:
        start, end = page.starts[index], page.ends[index]
        before = masked[max(0, start - 24) : start]
        for pattern in (_DAY_BEFORE, _YEAR_BEFORE):
            day = pattern.search(before)
            if day:
                cuts.append((start - len(before) + day.start(), start - len(before) + day.end()))
        after = _DAY_OR_YEAR_AFTER.match(masked, end)
        if after and after.end() > end:
            cuts.append((end, after.end()))
    return _cut(masked, cuts)


def _blank_money(page: Page, masked: str) -> str:
    """Blank sums: grouped thousands or plain numbers with a currency, unit of money or per cent beside them."""
    cuts = [
        found.span()
        for found in _MONEY.finditer(masked)
        if found[0][0] in "€$£₽₴₾" or found[1] in {"€", "$", "£", "₽", "₴", "₾", "%"} or _is_currency(page, found.end())
    ]
    return _cut(masked, cuts)


def _is_currency(page: Page, offset: int) -> bool:
    index = page.word_at_or_after(offset)
    return (
        index < len(page.words)
        and page.starts[index] - offset <= 1
        and bool(page.words[index].topics & Topic.CURRENCY)
        and (page.words[index].shape is not Shape.TITLE or len(page.words[index].plain) <= 3)
    )


def _cut(text: str, cuts: list[tuple[int, int]]) -> str:
    if not cuts:
        return text
    pieces: list[str] = []
    position = 0
    for start, end in sorted(cuts):
        if end > position:
            pieces += (text[position : max(start, position)], _MASK * (end - max(start, position)))
            position = end
    return "".join((*pieces, text[position:]))


def find_numbers(digits: Digits) -> Iterator[Span]:
    """Numbers of anybody: accounts, phones, personal and document numbers, and runs of digits nothing explains."""
    yield from _accounts(digits)
    yield from _runs(digits)
    yield from _codes(digits)
    yield from _short_numbers(digits)


def _accounts(digits: Digits) -> Iterator[Span]:
    for found in _IBAN.finditer(digits.masked):
        account = re.sub(r"\s", "", found[0])
        if sum(map(str.isdigit, account)) >= 8:
            certainty = Certainty.CERTAIN if iban(account) else Certainty.LIKELY
            yield Span(*found.span(), MentionKind.BANK_ACCOUNT, certainty, "iban", account.casefold())


def _runs(digits: Digits) -> Iterator[Span]:
    previous: Span | None = None
    for found in _RUN.finditer(digits.masked):
        start, end = found.span()
        if found[0].startswith("(") and ")" not in found[0]:
            start += 1
        span = _explain(digits, start, end)
        if span is None:
            continue
        if span.kind == MentionKind.NUMBER and previous and _SAME_LIST.fullmatch(digits.masked, previous.end, start):
            span = replace(span, kind=previous.kind, detector=previous.detector)
        yield span
        previous = span


def _explain(digits: Digits, start: int, end: int) -> Span | None:
    run = digits.masked[start:end]
    bare = "".join(filter(str.isdigit, run))
    around = topics_before(digits.page, start)
    named = around & (Topic.DOCUMENT | Topic.NUMBER_SIGN)
    if len(bare) < 6 and not (named and len(bare) >= 4):
        return None
    if not named and _is_plain_quantity(run):
        return None
    kind, certainty, detector = _kind(run, bare, around)
    return Span(start, end, kind, certainty, detector, _stem(kind, bare))


def _kind(run: str, bare: str, around: int) -> tuple[MentionKind, Certainty, str]:
    """What a run of digits is, by its sign, the words before it, its check digit and its shape, in this order."""
    size = len(bare)
    if (run.startswith(("+", "(+")) and 8 <= size <= 15) or (
        bare.startswith("00") and 11 <= size <= 17 and not around & Topic.DOCUMENT
    ):
        return MentionKind.PHONE, Certainty.CERTAIN, "phone"
    if _is_card(bare):
        return MentionKind.BANK_ACCOUNT, Certainty.CERTAIN if luhn(bare) else Certainty.LIKELY, "bank-card"
    if size >= 15 and (around & Topic.BANK or (size == 20 and bare.startswith(("40", "42", "30")))):
        return MentionKind.BANK_ACCOUNT, Certainty.LIKELY, "bank-account"
    if around & Topic.DOCUMENT and not around & Topic.PHONE:
        return MentionKind.DOCUMENT, Certainty.CERTAIN if size >= 6 else Certainty.LIKELY, "document-number"
    if around & Topic.PHONE and size <= 15:
        return MentionKind.PHONE, Certainty.CERTAIN if size >= 7 else Certainty.LIKELY, "phone"
    if personal_number(bare) and not _phone_shape(run, bare):
        return MentionKind.DOCUMENT, Certainty.LIKELY, "personal-number"
    if _phone_shape(run, bare):
        return MentionKind.PHONE, Certainty.LIKELY, "phone"
    if around & Topic.NUMBER_SIGN:
        return MentionKind.DOCUMENT, Certainty.LIKELY, "document-number"
    return MentionKind.NUMBER, Certainty.LIKELY if size >= 9 else Certainty.CHECK, "digits"


def _is_card(bare: str) -> bool:
    return (15 < len(bare) <= 19 and luhn(bare)) or (len(bare) == 16 and bare[0] in "23456")


def _phone_shape(run: str, bare: str) -> bool:
    """Grouped digits, or a number as a country's mobile phones have it."""
    if len(bare) == 11 and bare[0] in "78" and bare[1] in "34679":
        return True
    if len(bare) in {11, 12} and bare.startswith(_COUNTRY_CODES[5:31]) and not run.isdigit():
        return True
    if len(bare) in {9, 10} and bare.startswith("0"):
        return True
    grouped = len(re.findall(r"\d+", run)) >= 3 and "/" not in run
    return grouped and 7 <= len(bare) <= 12


def _is_plain_quantity(run: str) -> bool:
    """Thousands with a decimal part, or two short numbers a range apart: 15–30, 1.000.000."""
    return bool(re.fullmatch(r"\d{1,4}[-–/]\d{1,4}", run) and len(run) <= 7) or bool(
        re.fullmatch(r"\d{1,3}(\.\d{3})+", run)
    )


def _stem(kind: MentionKind, bare: str) -> str:
    return bare[-9:] if kind == MentionKind.PHONE else bare


def topics_before(page: Page, offset: int) -> int:
    """The topics of the last words before an offset, within the same sentence and some thirty letters."""
    index = page.word_at_or_after(offset) - 1
    topics = 0
    reached = offset
    for step in range(_LOOKED_BACK):
        place = index - step
        if place < 0 or offset - page.ends[place] > 40 or _BREAK.search(page.text, page.ends[place], reached):
            break
        topics |= page.words[place].topics
        reached = page.starts[place]
    if "№" in page.text[max(0, offset - 3) : offset] or "#" in page.text[max(0, offset - 2) : offset]:
        topics |= Topic.NUMBER_SIGN
    return topics


_BREAK = re.compile(r"[!?;\n]|\.\s+(?=[^\W\d_]{3})|\d{3}|, ")


def _codes(digits: Digits) -> Iterator[Span]:
    """Numbers with letters or a slash: IN-8841, SS-2025-771, ЗПТ-0719, 4471/24."""
    for found in _CODE.finditer(digits.masked):
        code = found[0].rstrip("-/ ")
        count = sum(map(str.isdigit, code))
        if " " in code and _is_word_for_document(digits.page, found.start()):
            continue
        around = topics_before(digits.page, found.start())
        if around & Topic.LAW or not _is_code(code, count, around):
            continue
        named = bool(around & (Topic.DOCUMENT | Topic.NUMBER_SIGN))
        certainty = Certainty.LIKELY if named or count >= 6 else Certainty.CHECK
        stem = "".join(filter(str.isalnum, code)).casefold()
        yield Span(found.start(), found.start() + len(code), MentionKind.DOCUMENT, certainty, "document-number", stem)


def _is_word_for_document(page: Page, offset: int) -> bool:
    """ИНН 5001..., PESEL 440...: the capitals say what the number is and aren't part of it."""
    index = page.word_at_or_after(offset)
    word = page.words[index] if index < len(page.words) else None
    return word is not None and bool(word.topics & (Topic.DOCUMENT | Topic.NUMBER_SIGN | Topic.PHONE))


def _is_code(code: str, count: int, around: int) -> bool:
    if around & (Topic.DOCUMENT | Topic.NUMBER_SIGN):
        return count >= 3 and not (around & (Topic.STREET | Topic.DWELLING) and count <= 3)
    if around & (Topic.STREET | Topic.DWELLING):
        return False
    letters = sum(map(str.isalpha, code))
    if not letters:
        return False
    if " " in code:
        return count >= 6
    return count >= 4 and ("-" in code or "/" in code or letters >= 2)


def _short_numbers(digits: Digits) -> Iterator[Span]:
    """Three to five digits right after the word for a badge, a card or a file: жетон № 1907."""
    for found in _SHORT.finditer(digits.masked):
        around = topics_before(digits.page, found.start())
        named = around & Topic.DOCUMENT and around & Topic.NUMBER_SIGN and not around & (Topic.LAW | Topic.DWELLING)
        if named and not around & Topic.ORGANISATION:
            yield Span(*found.span(), MentionKind.DOCUMENT, Certainty.LIKELY, "document-number", found[0])
