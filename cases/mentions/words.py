"""One written form and what it says by itself, wherever it stands."""

from enum import Enum
from functools import cached_property

from .endings import cuts
from .given_names import is_everyday_word, is_given_name, is_listed_name
from .scripts import GEORGIAN, plain, script_of, text_skeletons
from .surnames import is_patronymic, surname_strength
from .vocabulary import vocabulary

_LONGEST = 60


class Shape(Enum):
    """How a word is written."""

    LOWER = "lower"
    TITLE = "title"
    UPPER = "upper"
    INITIAL = "initial"
    CASELESS = "caseless"


class Word:
    """A written form in a text of one language. Answers are worked out once and live as long as the page.

    `plain` is its comparable form, `shape` how it is written, `topics` what it may mean, `kept` whether the user said
    that it is no name: then it counts as written in small letters.
    """

    def __init__(self, surface: str, language: str, kept: frozenset[str]) -> None:
        self.surface = surface
        self.language = language
        self.plain = plain(surface[:_LONGEST])
        self.kept = bool(kept) and surface.casefold() in kept
        self.shape = Shape.LOWER if self.kept else _shape(surface)
        self.topics = vocabulary(language).topics(self.plain)
        self.capital = self.shape is Shape.TITLE or self.shape is Shape.UPPER

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Stems it may have, the whole word first."""
        return cuts(self.plain, self.language)

    @cached_property
    def whole_skeletons(self) -> frozenset[str]:
        """Skeletons of the whole word."""
        return text_skeletons(self.plain, self.language)

    @cached_property
    def skeletons(self) -> frozenset[str]:
        """Skeletons of its stems, by which other scripts and spellings know it."""
        return frozenset().union(*(text_skeletons(stem, self.language) for stem in self.stems))

    @cached_property
    def is_given(self) -> bool:
        """Whether it may be a given name, inflected or not."""
        return len(self.plain) >= 3 and is_given_name(self.plain, self.stems, self.whole_skeletons, self.language)

    @cached_property
    def is_listed(self) -> bool:
        """Whether it is a listed given name as it stands."""
        return is_listed_name(self.plain)

    @cached_property
    def is_everyday(self) -> bool:
        """Whether it is a name that is an everyday word too."""
        return is_everyday_word(self.plain)

    @cached_property
    def is_patronymic(self) -> bool:
        """Whether it may be a patronymic, inflected or not."""
        return is_patronymic(self.plain, self.stems, self.language)

    @cached_property
    def surname(self) -> int:
        """How much its ending says surname: 0, 1 or 2."""
        return surname_strength(self.plain, self.stems, self.language)


def _shape(surface: str) -> Shape:
    if script_of(surface) == GEORGIAN or not (surface[0].isupper() or surface[0].islower()):
        return Shape.CASELESS
    if surface[0].islower():
        return Shape.LOWER
    if len(surface) == 1:
        return Shape.INITIAL
    return Shape.UPPER if surface.isupper() else Shape.TITLE
