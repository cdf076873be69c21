"""E-mail addresses, web addresses and account names, of anybody."""

import re
from collections.abc import Iterator

from .page import Page
from .records import Certainty, MentionKind
from .spans import Span
from .vocabulary import Topic

_LOCAL = re.compile(r"[\w.+%~!#$&*/=?^{|}-]{1,64}$")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}")
_SPELLED = re.compile(
    r"[\w.+-]{2,64}\s?[(\[{]\s?(?:at|собака|ет|эт|sobaka|małpa|eta|@)\s?[)\]}]\s?[\w-]{2,63}"
    r"(?:\s?(?:\.|[(\[{]\s?(?:dot|точка|punkt|taškas|крапка)\s?[)\]}])\s?[\w-]{2,24}){1,3}",
    re.IGNORECASE,
)
_URL = re.compile(r"\b(?:https?://|ftp://|www\.)[^\s<>\"«»„“”⟦⟧]{2,2000}", re.IGNORECASE)
_SITE = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}"
    r"(?:com|org|net|info|biz|edu|gov|int|eu|me|io|tv|cc|su|online|site|club|ru|ua|by|kz|kg|uz|tj|tm|md|ee|lv|lt|pl|cz|sk|hu|"
    r"si|hr|ba|rs|mk|al|xk|bg|ro|ge|am|az|tr|de|uk|fr|ch)\b(?:/[^\s<>\"«»„“”⟦⟧]{0,2000})?",
    re.IGNORECASE,
)
_SITE_CYRILLIC = re.compile(
    r"(?<![\w@.-])(?:[\w-]{1,63}\.){1,4}(?:рф|укр|бел|қаз)\b(?:/[^\s<>\"«»⟦⟧]{0,2000})?", re.IGNORECASE
)
_ACCOUNT = re.compile(r"[A-Za-z][\w.-]{2,38}[A-Za-z0-9_]")
_UNDERSCORED = re.compile(r"(?<![\w@/.:-])(?=[A-Za-z0-9.]{0,39}_)[A-Za-z][A-Za-z0-9._]{2,38}[A-Za-z0-9](?![\w@])")
_TRAILING = ".,;:!?)]}'\"…"


def find_contacts(page: Page) -> Iterator[Span]:
    """E-mails, web addresses and account names of anybody."""
    yield from _emails_and_handles(page.text)
    for pattern, certainty in (
        (_URL, Certainty.CERTAIN),
        (_SITE, Certainty.LIKELY),
        (_SITE_CYRILLIC, Certainty.LIKELY),
    ):
        for found in pattern.finditer(page.text):
            url = found[0].rstrip(_TRAILING)
            yield _span(found.start(), url, MentionKind.URL, certainty, "url")
    for found in _UNDERSCORED.finditer(page.text):
        yield _span(found.start(), found[0], MentionKind.HANDLE, Certainty.LIKELY, "account-name")
    yield from _named_accounts(page)


def _span(start: int, surface: str, kind: MentionKind, certainty: Certainty, detector: str) -> Span:
    return Span(start, start + len(surface), kind, certainty, detector, surface.casefold().lstrip("@"))


def _emails_and_handles(text: str) -> Iterator[Span]:
    """Every @ looks a bounded way left and right, so that a long line without spaces costs no more than others."""
    position = text.find("@")
    while position >= 0:
        local = _LOCAL.search(text, max(0, position - 64), position)
        domain = _DOMAIN.match(text, position + 1)
        if local and domain:
            start = local.start() + len(local[0]) - len(local[0].lstrip(".-!?*/=|{}&#$"))
            yield _span(start, text[start : domain.end()], MentionKind.EMAIL, Certainty.CERTAIN, "e-mail")
        elif not local:
            handle = _ACCOUNT.match(text, position + 1)
            if handle:
                yield _span(position, "@" + handle[0], MentionKind.HANDLE, Certainty.CERTAIN, "account-name")
        position = text.find("@", position + 1)
    for found in _SPELLED.finditer(text):
        yield _span(found.start(), found[0], MentionKind.EMAIL, Certainty.LIKELY, "e-mail")


_TO_ACCOUNT = re.compile(r"(?::|-|–|—| is| это)? ?[\"«„“]?@?")


def _named_accounts(page: Page) -> Iterator[Span]:
    """instagram: ninotailor, телеграм nino88."""
    platforms = (index for word, places in page.forms() if word.topics & Topic.PLATFORM for index in places)
    for index in platforms:
        lead = _TO_ACCOUNT.match(page.text, page.ends[index])
        account = _ACCOUNT.match(page.text, lead.end() if lead else page.ends[index])
        if account and _looks_like_account(account[0], page, index):
            yield _span(account.start(), account[0], MentionKind.HANDLE, Certainty.LIKELY, "account-name")


def _looks_like_account(name: str, page: Page, index: int) -> bool:
    """Not a plain word of a text in Latin letters, unless a colon says so."""
    if any(char.isdigit() or char in "_." for char in name):
        return True
    after = page.text[page.ends[index] : page.ends[index] + 1]
    return name.islower() and (after == ":" or not page.words[index].surface.isascii())
