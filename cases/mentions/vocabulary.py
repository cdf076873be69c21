"""What a word can mean beside a name or a number: rank, kin, street, month and so on, by language."""

from collections.abc import Iterable, Iterator
from enum import IntFlag, auto
from functools import lru_cache

from .scripts import plain
from .tables import load_toml


class Topic(IntFlag):
    """What a word may be; a word can be several things."""

    HONORIFIC = auto()
    ROLE = auto()
    NAMING = auto()
    STREET_BEFORE = auto()
    STREET_AFTER = auto()
    DWELLING = auto()
    SETTLEMENT = auto()
    DISTRICT = auto()
    ORGANISATION = auto()
    LAW = auto()
    PLACE = auto()
    CAPITALISED = auto()
    PHONE = auto()
    DOCUMENT = auto()
    NUMBER_SIGN = auto()
    BANK = auto()
    PLATE = auto()
    VEHICLE = auto()
    MAKE = auto()
    COLOUR = auto()
    CURRENCY = auto()
    PLATFORM = auto()
    MONTH = auto()
    YEAR = auto()
    WEEKDAY = auto()
    STREET = STREET_BEFORE | STREET_AFTER


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
    *((topic, "place_words", topic.name.lower()) for topic in Topic if topic.name and Topic.DWELLING <= topic <= Topic.PLACE),
    *((topic, "thing_words", topic.name.lower()) for topic in Topic if topic.name and Topic.PHONE <= topic <= Topic.PLATFORM),
)
_LONGEST_PREFIX = 16


def _tail(prefix: str) -> int:
    """How many letters may follow a starred word: fewer after a short one."""
    return 2 if len(prefix) <= 3 else 4 if len(prefix) == 4 else 6


class Vocabulary:
    """The topics of words in a text of one language; looking a word up takes a few dictionary reads."""

    def __init__(self, language: str) -> None:
        self._exact: dict[str, Topic] = {}
        self._prefixes: dict[str, Topic] = {}
        for topic, word in _entries(language):
            table = self._prefixes if word.endswith("*") else self._exact
            key = plain(word.rstrip("*"))
            table[key] = table.get(key, Topic(0)) | topic

    def topics(self, word: str) -> Topic:
        """What a `plain` word may be."""
        found = self._exact.get(word, Topic(0))
        for length in range(2, min(len(word), _LONGEST_PREFIX) + 1):
            topic = self._prefixes.get(word[:length])
            if topic is not None and len(word) - length <= _tail(word[:length]):
                found |= topic
        return found


def _entries(language: str) -> Iterator[tuple[Topic, str]]:
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


def _calendar_entries(languages: Iterable[str]) -> Iterator[tuple[Topic, str]]:
    for language, words in load_toml("calendar").items():
        if language in languages or (language in {"en", "ru", "sr"}):
            yield from ((Topic.MONTH, word) for word in words["months"].replace("|", " ").split())
            yield from ((Topic.YEAR, word) for word in words["year"].split())
            yield from ((Topic.WEEKDAY, word) for word in words["weekdays"].split())


@lru_cache(maxsize=64)
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of a language; built once."""
    return Vocabulary(language)
