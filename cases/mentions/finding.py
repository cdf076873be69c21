"""Find what a text says about who is who: the detectors in order, what the user said by hand, and the settled result.

Speed, measured on one busy core of a small server: 0.5 MB of Russian testimony a second, so ten seconds for 5 MB; a
text in Latin letters with hardly a word twice takes two to three times as long. Time grows linearly with the text,
also for made-up ones (one letter, one digit, one name a million times). Nothing of a text is kept after the call.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from .addresses import find_addresses
from .contacts import find_contacts
from .known_names import NameIndex
from .numbers import digits_of, find_numbers
from .on_file import find_on_file
from .page import Page, Source, read_page
from .people import KnownPeople, spans_of
from .records import Certainty, Identity, Mention, MentionKind
from .spans import Rank, Span, settle
from .strangers import Strangers, spans_of_strangers
from .vehicles import find_vehicles

_NOTHING: Mapping[str, tuple[MentionKind, str]] = MappingProxyType({})
_ON_FILE = (
    *("name-as-typed", "name-inflected", "name-transliterated", "name-short-form", "name-misspelt", "alias"),
    *("number-on-file", "address-on-file", "vehicle-on-file"),
)
_PATTERNS = (
    *("e-mail", "url", "account-name", "phone", "iban", "bank-card", "bank-account", "personal-number"),
    *("document-number", "plate", "address", "digits"),
)
_STRANGERS = ("given-name", "patronymic", "surname", "initials", "introduced", "nickname", "capitalised")
_WITHOUT = {
    "ka": frozenset({"patronymic", "initials", "capitalised"}),
    "hy": frozenset({"patronymic"}),
    "en": frozenset({"patronymic", "capitalised"}),
}


def detectors_for(language: str) -> tuple[str, ...]:
    """Which detectors run for a language, as slugs for the screen to name, the surest first.

    Where a language writes without capitals, or with many, the detectors that rest on capitals do not run; where it
    has no patronymics, one in a foreign name counts as a surname.
    """
    missing = _WITHOUT.get(base_language(language), frozenset())
    return tuple(name for name in (*_ON_FILE, *_PATTERNS, *_STRANGERS) if name not in missing)


def base_language(language: str) -> str:
    """The language without script and region: sr-Latn is sr."""
    return language.replace("_", "-").split("-")[0].casefold()


def find_mentions(
    text: str,
    identities: Iterable[Identity],
    *,
    language: str,
    kept: frozenset[str] = frozenset(),
    extra: Mapping[str, tuple[MentionKind, str]] = _NOTHING,
) -> list[Mention]:
    """Propose what to lift from a text, sorted, without overlaps; offsets are code points of `text` as given.

    `kept` holds casefolded words that the user said are no names: they are never proposed. `extra` holds words she
    marked by hand, with kind and entity: every occurrence is found, in any case of letters.
    """
    source = Source.of(text)
    people = list(identities)
    page = read_page(source.searched, base_language(language), kept)
    spans = [*_marked(page.text, extra), *_found(page, people)]
    settled = settle((span for span in spans if not _is_kept(page, span)), page.text)
    return list(_mentions(source, (span for span in settled if not _is_kept(page, span))))


def _found(page: Page, people: list[Identity]) -> Iterator[Span]:
    digits = digits_of(page)
    on_file = list(find_on_file(digits, people))
    yield from on_file
    yield from find_contacts(page)
    yield from find_numbers(digits)
    yield from find_vehicles(digits)
    addresses = list(_as_on_file(find_addresses(page), on_file))
    yield from addresses
    known = KnownPeople(page, NameIndex(people, page.language), people)
    yield from spans_of(page, known.find(), people)
    taken = known.taken | {place for span in addresses for place in page.words_between(span.start, span.end)}
    yield from spans_of_strangers(page, Strangers(page, taken).find())


def _as_on_file(addresses: Iterable[Span], on_file: Iterable[Span]) -> Iterator[Span]:
    """An address that is on file begins where the one on file does: a settlement nobody typed in stays a place."""
    starts = sorted(span.start for span in on_file if span.kind == MentionKind.ADDRESS)
    for address in addresses:
        following = bisect_right(starts, address.start)
        inside = following < len(starts) and starts[following] < address.end
        yield replace(address, start=starts[following]) if inside else address


def _marked(text: str, extra: Mapping[str, tuple[MentionKind, str]]) -> Iterator[Span]:
    """Every occurrence of the words a person marked by hand."""
    wanted = {" ".join(surface.casefold().split()): target for surface, target in extra.items() if surface.strip()}
    if not wanted:
        return
    longest_first = sorted(wanted, key=len, reverse=True)
    pattern = "|".join(r"\s+".join(re.escape(word) for word in surface.split()) for surface in longest_first)
    for found in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE):
        kind, entity = wanted.get(" ".join(found[0].casefold().split()), (MentionKind.PERSON, ""))
        if entity:
            yield Span(*found.span(), kind, Certainty.CERTAIN, "marked", entity, entity, Rank.MARKED)


def _is_kept(page: Page, span: Span) -> bool:
    if span.rank == Rank.MARKED or not page.kept:
        return False
    return page.text[span.start : span.end].casefold() in page.kept


def _mentions(source: Source, spans: Iterable[Span]) -> Iterator[Mention]:
    """Strangers are numbered in the order of their first mention."""
    numbers: dict[tuple[str, str], str] = {}
    for span in spans:
        entity = span.owner
        if entity is None:
            sort = "person" if span.kind == MentionKind.PERSON else "thing"
            entity = numbers.setdefault((sort, span.stem), f"?{len(numbers) + 1}")
        start, end = source.span(span.start, span.end)
        yield Mention(start, end, span.kind, span.certainty, entity, span.detector)
