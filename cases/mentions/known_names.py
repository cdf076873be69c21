"""The names on file, indexed by what they may turn into: cases, other scripts, diminutives, one slip of the pen."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

from .endings import name_stems
from .given_names import is_everyday_word, pet_names, related_names
from .records import Identity
from .scripts import name_skeletons, plain, script_of

_TYPO_FROM = 4
_LONG = 5
_MOST_LOST = 3
_SKELETON_FROM = 3
_HEAD = 2


class Part(Enum):
    """Which name of a person a word is."""

    GIVEN = "given"
    PATRONYMIC = "patronymic"
    FAMILY = "family"
    ALIAS = "alias"


class Strength(IntEnum):
    """How a word came to meet a name on file."""

    TYPO = 1
    REMOTE = 2  # a diminutive in another script or spelling
    DIMINUTIVE = 3
    SKELETON = 4
    ENDING = 5
    EXACT = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """A word may be this name of identity number `owner`; `everyday` where the name is an ordinary word too."""

    owner: int
    part: Part
    strength: Strength
    name: str
    everyday: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """An alias of several words, such as Nino the Tailor."""

    owner: int
    words: tuple[str, ...]


class NameIndex:
    """Looks a word up among the names of the people on file, for a text of one language."""

    def __init__(self, identities: Sequence[Identity], language: str, *, inflected_only: bool = False) -> None:
        """`inflected_only` leaves other scripts and slips of the pen out."""
        self.language = language
        self._inflected_only = inflected_only
        self.phrases: dict[str, list[Phrase]] = {}
        self._exact: dict[str, dict[Hit, None]] = {}
        self._stems: dict[str, dict[Hit, None]] = {}
        self._skeletons: dict[str, dict[Hit, None]] = {}
        self._near: dict[str, dict[tuple[str, Hit], None]] = {}
        self._heads: set[str] = set()
        self._scripts: set[str] = set()
        self._long_stems: dict[str, dict[Hit, None]] = {}
        for owner, identity in enumerate(identities):
            for part, name in _names(identity):
                self._add_name(owner, part, name)
            for alias in identity.aliases:
                self._add_alias(owner, alias)

    def __bool__(self) -> bool:
        return bool(self._exact)

    def _add_alias(self, owner: int, alias: str) -> None:
        words = tuple(plain(word) for word in alias.split())
        if len(words) == 1:
            self._add_name(owner, Part.ALIAS, words[0])
        elif words:
            for first in {words[0], *name_stems(words[0], self.language)}:
                self.phrases.setdefault(first, []).append(Phrase(owner, words))
            for raw, word in zip(alias.split(), words, strict=True):
                if len(word) >= 3 and not raw.islower():
                    self._add_name(owner, Part.ALIAS, word)

    def _add_name(self, owner: int, part: Part, name: str) -> None:
        self._add_form(owner, part, name, name, Strength.EXACT)
        pieces = [piece for piece in name.split("-") if len(piece) >= 3]
        if len(pieces) > 1:
            for piece in pieces:
                self._add_form(owner, part, piece, piece, Strength.EXACT)
        if part in {Part.GIVEN, Part.ALIAS}:
            related = related_names(name)
            for other in related:
                self._add_form(owner, part, other, name, Strength.DIMINUTIVE)
            for pet in {pet for other in (name, *related) for pet in pet_names(other)} - related:
                self._add_pet_name(Hit(owner, part, Strength.DIMINUTIVE, name, is_everyday_word(pet)), pet)

    def _add_form(self, owner: int, part: Part, form: str, name: str, strength: Strength) -> None:
        hit = Hit(owner, part, strength, name, is_everyday_word(form))
        inflected = Hit(owner, part, min(strength, Strength.ENDING), name, hit.everyday)
        spelling = Strength.SKELETON if strength is Strength.EXACT else Strength.REMOTE
        spelled = Hit(owner, part, spelling, name, hit.everyday)
        stems = name_stems(form, self.language)
        self._exact.setdefault(form, {})[hit] = None
        for stem in stems:
            self._stems.setdefault(stem, {})[inflected] = None
        if self._inflected_only:
            return
        self._scripts.add(script_of(form))
        for key in _keys(stems):
            self._heads.add(key[:_HEAD])
            self._skeletons.setdefault(key, {})[spelled] = None
        if strength is Strength.EXACT:
            self._add_near(Hit(owner, part, Strength.TYPO, name, hit.everyday), form, stems)

    def _add_pet_name(self, hit: Hit, pet: str) -> None:
        self._exact.setdefault(pet, {})[hit] = None
        for stem in {pet, pet[:-1]}:
            self._stems.setdefault(stem, {})[hit] = None

    def _add_near(self, hit: Hit, form: str, stems: Iterable[str]) -> None:
        """Words one slip away share a form with one letter left out (symmetric deletion)."""
        targets = {target for target in (form, *stems) if len(target) >= _TYPO_FROM}
        targets |= {key for target in targets for key in name_skeletons(target) if len(key) >= _LONG}
        for target in targets:
            for shorter in (target, *_deletions(target)):
                self._near.setdefault(shorter, {})[target, hit] = None
            if len(target) >= _LONG:
                self._long_stems.setdefault(target, {})[hit] = None

    def exact_or_inflected(self, word: str, stems: Iterable[str]) -> tuple[Hit, ...]:
        """Hits of a `plain` word as typed, inflected or as a known diminutive; the best first."""
        hits = dict(self._exact.get(word, {}))
        for stem in stems:
            found = self._stems.get(stem)
            if found:
                hits.update(found)
        return _best(hits)

    def has_other_script(self, word: str) -> bool:
        """Whether a name on file is written in another script than a word."""
        return bool(self._scripts - {script_of(word)})

    def may_be_spelled(self, skeletons: Iterable[str]) -> bool:
        """Whether a name on file begins as a word with these whole skeletons does: a quick way to say no."""
        return any(skeleton[:_HEAD] in self._heads for skeleton in skeletons)

    def spelled_otherwise(self, skeletons: Iterable[str]) -> tuple[Hit, ...]:
        """Hits of a word with these skeletons: in another script or transliteration."""
        hits: dict[Hit, None] = {}
        for skeleton in skeletons:
            for key in {skeleton, skeleton.rstrip("i")}:
                if len(key) >= _SKELETON_FROM:
                    hits.update(self._skeletons.get(key, {}))
        return _best(hits)

    def misspelt(self, word: str, stems: Iterable[str], skeletons: Iterable[str]) -> tuple[Hit, ...]:
        """Hits of a `plain` word with one letter wrong, missing, added or swapped with the next."""
        hits: dict[Hit, None] = {}
        for stem in stems:
            if len(stem) >= (_TYPO_FROM if stem == word else _LONG):
                hits.update(self._one_slip_from(stem))
        for skeleton in skeletons if len(word) > _LONG else ():
            if len(skeleton) >= _LONG:
                hits.update(self._one_slip_from(skeleton))
        for lost in range(1, _MOST_LOST + 1):
            if len(word) - lost >= _LONG:
                hits.update(self._long_stems.get(word[:-lost], {}))
        return _best(hits)

    def _one_slip_from(self, word: str) -> Iterator[tuple[Hit, None]]:
        for shorter in (word, *_deletions(word)):
            for target, hit in self._near.get(shorter, ()):
                if _one_slip(word, target):
                    yield hit, None

    def is_word_of(self, stems: Iterable[str], alias_word: str) -> bool:
        """Whether a word with these stems is a word of an alias, inflected or not."""
        return not name_stems(alias_word, self.language).isdisjoint(stems)


def _names(identity: Identity) -> Iterator[tuple[Part, str]]:
    for part, typed in (
        (Part.GIVEN, identity.given),
        (Part.PATRONYMIC, identity.patronymic),
        (Part.FAMILY, identity.family),
    ):
        for word in typed.replace(",", " ").split():
            name = plain(word.strip('.()"«»'))
            if len(name) >= 2:
                yield part, name


def _keys(stems: Iterable[str]) -> Iterator[str]:
    """Skeletons that stems are looked up by, also without the i that endings leave behind."""
    for stem in stems:
        for skeleton in name_skeletons(stem):
            yield from (key for key in {skeleton, skeleton.rstrip("i")} if len(key) >= _SKELETON_FROM)


def _best(hits: dict[Hit, None]) -> tuple[Hit, ...]:
    return tuple(sorted(hits, key=lambda hit: (-hit.strength, hit.owner))) if len(hits) > 1 else tuple(hits)


def _deletions(word: str) -> Iterator[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))


def _one_slip(word: str, target: str) -> bool:
    """Whether two words are at most one insertion, deletion, substitution or swap of neighbours apart."""
    if word == target:
        return True
    start = 0
    shortest = min(len(word), len(target))
    while start < shortest and word[start] == target[start]:
        start += 1
    rest, wanted = word[start:], target[start:]
    if len(word) == len(target):
        return rest[1:] == wanted[1:] or (rest[2:] == wanted[2:] and rest[:2] == wanted[1::-1])
    return rest[1:] == wanted if len(word) > len(target) else rest == wanted[1:]
