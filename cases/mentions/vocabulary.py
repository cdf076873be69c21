"""What a word can mean beside a name or a number: rank, kin, street, month and so on, by language."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from .scripts import plain
from .tables import load_toml


class Topic:
    """What a word may be, as bits: it can be several things. Plain integers, for they are asked for very often."""

    HONORIFIC: Final = 1 << 0
    ROLE: Final = 1 << 1
    NAMING: Final = 1 << 2
    STREET_BEFORE: Final = 1 << 3
    STREET_AFTER: Final = 1 << 4
    DWELLING: Final = 1 << 5
    SETTLEMENT: Final = 1 << 6
    DISTRICT: Final = 1 << 7
    ORGANISATION: Final = 1 << 8
    LAW: Final = 1 << 9
    PLACE: Final = 1 << 10
    CAPITALISED: Final = 1 << 11
    PHONE: Final = 1 << 12
    DOCUMENT: Final = 1 << 13
    NUMBER_SIGN: Final = 1 << 14
    BANK: Final = 1 << 15
    PLATE: Final = 1 << 16
    VEHICLE: Final = 1 << 17
    MAKE: Final = 1 << 18
    COLOUR: Final = 1 << 19
    CURRENCY: Final = 1 << 20
    PLATFORM: Final = 1 << 21
    MONTH: Final = 1 << 22
    YEAR: Final = 1 << 23
    WEEKDAY: Final = 1 << 24
    STREET: Final = STREET_BEFORE | STREET_AFTER
    NOT_A_NAME: Final = (
        HONORIFIC
        | ROLE
        | NAMING
        | STREET
        | SETTLEMENT
        | DISTRICT
        | ORGANISATION
        | LAW
        | PLACE
        | CAPITALISED
        | PHONE
        | DOCUMENT
        | VEHICLE
        | PLATFORM
        | MONTH
        | WEEKDAY
        | YEAR
        | CURRENCY
    )


# Languages whose people-words stand in each other's texts.
_NEIGHBOURS = {
    **dict.fromkeys(("ru", "uk", "be", "kk", "ky", "tg", "bg"), ("ru", "uk")),
    "uz": ("ru",),
    **dict.fromkeys(("hr", "bs", "cnr", "sh", "mk"), ("sr",)),
    "sr": ("mk",),
}
_BY_LANGUAGE = (
    (Topic.HONORIFIC, "people_words", "honorific"),
    (Topic.ROLE, "people_words", "role"),
    (Topic.NAMING, "people_words", "naming"),
    (Topic.CAPITALISED, "place_words", "capitalised"),
)
_FOR_ALL = (
    (Topic.DWELLING, "place_words", "dwelling"),
    (Topic.SETTLEMENT, "place_words", "settlement"),
    (Topic.DISTRICT, "place_words", "district"),
    (Topic.ORGANISATION, "place_words", "organisation"),
    (Topic.LAW, "place_words", "law"),
    (Topic.PLACE, "place_words", "place"),
    (Topic.PHONE, "thing_words", "phone"),
    (Topic.DOCUMENT, "thing_words", "document"),
    (Topic.NUMBER_SIGN, "thing_words", "number_sign"),
    (Topic.BANK, "thing_words", "bank"),
    (Topic.PLATE, "thing_words", "plate"),
    (Topic.VEHICLE, "thing_words", "vehicle"),
    (Topic.MAKE, "thing_words", "make"),
    (Topic.COLOUR, "thing_words", "colour"),
    (Topic.CURRENCY, "thing_words", "currency"),
    (Topic.PLATFORM, "thing_words", "platform"),
)
_LONGEST_PREFIX = 16


def _tail(prefix: str) -> int:
    """How many letters may follow a starred word: fewer after a short one."""
    return 2 if len(prefix) <= 3 else 4 if len(prefix) == 4 else 6


class WordSet:
    """Words and starred beginnings of words; `in` takes a `plain` word."""

    def __init__(self, words: Iterable[str]) -> None:
        entries = tuple(words)
        self._exact = frozenset(plain(word) for word in entries if not word.endswith("*"))
        self._prefixes = frozenset(plain(word.rstrip("*")) for word in entries if word.endswith("*"))

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str):
            return False
        return word in self._exact or any(
            word[:length] in self._prefixes and len(word) - length <= _tail(word[:length])
            for length in range(2, min(len(word), _LONGEST_PREFIX) + 1)
        )


class Vocabulary:
    """The topics of words in a text of one language; looking a word up takes a few dictionary reads."""

    def __init__(self, language: str) -> None:
        self._exact: dict[str, int] = {}
        self._prefixes: dict[str, int] = {}
        for topic, word in _entries(language):
            table = self._prefixes if word.endswith("*") else self._exact
            key = plain(word.rstrip("*"))
            table[key] = table.get(key, 0) | topic

    def topics(self, word: str) -> int:
        """What a `plain` word may be."""
        found = self._exact.get(word, 0)
        for length in range(2, min(len(word), _LONGEST_PREFIX) + 1):
            topic = self._prefixes.get(word[:length])
            if topic is not None and len(word) - length <= _tail(word[:length]):
                found |= topic
        return found


def _entries(language: str) -> Iterator[tuple[int, str]]:
    languages = {"any", language, *_NEIGHBOURS.get(language, ())}
    for topic, table, name in _BY_LANGUAGE:
        words = load_toml(table)[name]
        for key in languages:
            yield from ((topic, word) for word in words.get(key, "").split())
    for topic, table, name in _FOR_ALL:
        yield from ((topic, word) for word in load_toml(table)[name]["any"].split())
    street = load_toml("place_words")["street"]
    yield from ((Topic.STREET_BEFORE, word) for word in street["before"].split())
    yield from ((Topic.STREET_AFTER, word) for word in street["after"].split())
    yield from _calendar_entries(languages)


def _calendar_entries(languages: Iterable[str]) -> Iterator[tuple[int, str]]:
    for language, words in load_toml("calendar").items():
        if language in languages:
            yield from ((Topic.MONTH, word) for word in words["months"].replace("|", " ").split())
            yield from ((Topic.YEAR, word) for word in words["year"].split())
            yield from ((Topic.WEEKDAY, word) for word in words["weekdays"].split())


@lru_cache(maxsize=64)
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of a language; built once."""
    return Vocabulary(language)


@lru_cache(maxsize=64)
def word_set(table: str, topic: str) -> WordSet:
    """The words of one topic of a table in all its languages."""
    return WordSet(word for words in load_toml(table)[topic].values() for word in words.split())
