"""E-mail addresses, web addresses and account names, of anybody."""

import re
from collections.abc import Iterator

from .page import Page
from .records import Certainty, MentionKind
from .spans import Span
from .vocabulary import Topic

_LOCAL = re.compile(r"[\w.+%~!#$&*/=?^{|}-]{1,64}$")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}")
# n.kulikova (at) example (dot) org, in brackets of any kind
_BRACKETED_AT = re.compile(r"[(\[{]\s?(?:at|собака|ет|эт|sobaka|małpa|eta|@)\s?[)\]}]\s?", re.IGNORECASE)
_LOCAL_BEFORE = re.compile(r"[\w.+-]{2,64}\s?$")
_DOTTED = r"(?:\s?(?:\.|[(\[{]\s?(?:dot|точка|punkt|taškas|крапка)\s?[)\]}])\s?[\w-]{2,24}){1,3}"
_DOMAIN_SPELLED = re.compile(rf"[\w-]{{2,63}}{_DOTTED}", re.IGNORECASE)
_PATH = r"[^\s<>\"«»„“”⟦⟧]{0,2000}"
_URL = re.compile(rf"(?:https?|ftp)://{_PATH}|(?<![\w.])www\.{_PATH}", re.IGNORECASE)
_ENDINGS_OF_SITES = re.compile(
    r"\.(?:com|org|net|info|biz|edu|gov|int|eu|me|io|tv|cc|su|online|site|club|ru|ua|by|kz|kg|uz|tj|tm|md|ee|lv|lt|pl|cz|sk|"
    r"hu|si|hr|ba|rs|mk|al|xk|bg|ro|ge|am|az|tr|de|uk|fr|ch|рф|укр|бел|қаз)(?![\w-]|\.\w)"
    rf"(?P<path>/{_PATH})?",
    re.IGNORECASE,
)
_HOST_BEFORE = re.compile(r"(?<![\w@.-])(?:[\w-]{1,63}\.){0,4}[^\W_](?:[\w-]{0,61}[^\W_])?$")
_ACCOUNT = re.compile(r"[A-Za-z][\w.-]{2,38}[A-Za-z0-9_]")
_LEFT_OF_UNDERSCORE = re.compile(r"(?<![\w@/.:-])[A-Za-z][A-Za-z0-9._]{0,38}$")
_RIGHT_OF_UNDERSCORE = re.compile(r"[A-Za-z0-9._]{0,38}[A-Za-z0-9](?![\w@])")
_TRAILING = ".,;:!?)]}'\"…"


def find_contacts(page: Page) -> Iterator[Span]:
    """E-mails, web addresses and account names of anybody."""
    yield from _emails_and_handles(page.text)
    yield from _spelled_emails(page.text)
    yield from _web_addresses(page.text)
    yield from _underscored(page.text)
    yield from _named_accounts(page)


def _web_addresses(text: str) -> Iterator[Span]:
    for found in _URL.finditer(text):
        yield _span(found.start(), found[0].rstrip(_TRAILING), MentionKind.URL, Certainty.CERTAIN, "url")
    for found in _ENDINGS_OF_SITES.finditer(text):
        host = _HOST_BEFORE.search(text, max(0, found.start() - 120), found.start())
        if host:
            site = text[host.start() : found.end()].rstrip(_TRAILING)
            yield _span(host.start(), site, MentionKind.URL, Certainty.LIKELY, "url")


def _underscored(text: str) -> Iterator[Span]:
    """kasia_88: a word with an underscore in it is an account name."""
    position = text.find("_")
    while position >= 0:
        left = _LEFT_OF_UNDERSCORE.search(text, max(0, position - 40), position)
        right = _RIGHT_OF_UNDERSCORE.match(text, position + 1)
        if left and right:
            surface = text[left.start() : right.end()]
            yield _span(left.start(), surface, MentionKind.HANDLE, Certainty.LIKELY, "account-name")
        position = text.find("_", right.end() if right else position + 1)


def _spelled_emails(text: str) -> Iterator[Span]:
    for found in _BRACKETED_AT.finditer(text):
        local = _LOCAL_BEFORE.search(text, max(0, found.start() - 66), found.start())
        domain = _DOMAIN_SPELLED.match(text, found.end())
        if local and domain:
            surface = text[local.start() : domain.end()]
            yield _span(local.start(), surface, MentionKind.EMAIL, Certainty.LIKELY, "e-mail")


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


_TO_ACCOUNT = re.compile(r"(?::|-|–|—| is| это)? ?[\"«„“]?@?")


def _named_accounts(page: Page) -> Iterator[Span]:
    """instagram: ninotailor, телеграм nino88."""
    platforms = (index for word, places in page.forms if word.topics & Topic.PLATFORM for index in places)
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
