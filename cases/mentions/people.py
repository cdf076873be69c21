"""Mentions of people: names on file found in any form, joined with what belongs to them, and handed on as spans."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .endings import cuts
from .known_names import Hit, NameIndex, Part, Phrase, Strength
from .page import LineStyle, Page
from .records import Certainty, Identity, MentionKind
from .scripts import LATIN, script_of
from .spans import Rank, Span
from .vocabulary import Topic, word_set
from .words import Shape, Word

_SPACE = re.compile(r"[ \u00a0\u202f\t]{1,3}|[ \u00a0]?\n[ \u00a0]{0,3}")
_AFTER_INITIAL = re.compile(r"\.?[ \u00a0\u202f]?-?")
_BEFORE_HONORED = re.compile(r"\.?[ \u00a0\u202f]")
_MOST_ABSORBED = 2

Lookup = Callable[[str, Iterable[str]], tuple[Hit, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a word says as a name where it stands; a weak one counts only beside another name of the same person."""

    hits: tuple[Hit, ...]
    certainty: Certainty
    weak: bool

    @property
    def owners(self) -> frozenset[int]:
        return frozenset(hit.owner for hit in self.hits)


@dataclass(frozen=True, slots=True)
class Run:
    """Words first..last taken together as one mention of identity number `owner`."""

    first: int
    last: int
    owner: int
    certainty: Certainty
    detector: str
    names: tuple[int, ...]


class KnownPeople:
    """Finds the people of a NameIndex on a page."""

    def __init__(self, page: Page, index: NameIndex, identities: Sequence[Identity], *, strict: bool = False) -> None:
        """`strict` takes only names as typed or inflected, with a capital: for names found in the text itself."""
        self.page = page
        self.index = index
        self.identities = identities
        self.strict = strict
        self.readings: dict[int, Reading] = {}
        self.taken: set[int] = set()

    def find(self) -> list[Run]:
        """Runs in text order; the words they use are in `taken` afterwards."""
        runs = list(self._phrases())
        self._read_words()
        for place in sorted(self.readings):
            if place not in self.taken and not self.readings[place].weak:
                run = self._expand(place)
                self.taken.update(range(run.first, run.last + 1))
                runs.append(run)
        return sorted(runs, key=lambda run: run.first)

    # Aliases of several words

    def _phrases(self) -> Iterator[Run]:
        for word, places in self.page.forms if self.index.phrases else ():
            for phrase in self._phrases_from(word):
                for place in places:
                    last = self._phrase_end(phrase, place)
                    if last is not None and self.taken.isdisjoint(range(place, last + 1)):
                        self.taken.update(range(place, last + 1))
                        yield Run(place, last, phrase.owner, Certainty.CERTAIN, "alias", tuple(range(place, last + 1)))

    def _phrases_from(self, word: Word) -> list[Phrase]:
        if word.kept:
            return []
        return [phrase for phrases in (self.index.phrases.get(stem, ()) for stem in word.stems) for phrase in phrases]

    def _phrase_end(self, phrase: Phrase, place: int) -> int | None:
        last = place + len(phrase.words) - 1
        if last >= len(self.page.words):
            return None
        for offset, wanted in enumerate(phrase.words):
            joined = not offset or re.fullmatch(r"[\s-]{1,2}", self.page.gap(place + offset - 1))
            if not joined or not self.index.is_word_of(self.page.words[place + offset].stems, wanted):
                return None
        return last

    # Single words

    def _read_words(self) -> None:
        for word, places in self.page.forms:
            if word.kept:
                continue
            lookups = _Lookups(self.index, word, strict=self.strict)
            if self._says_nothing(word, lookups):
                continue
            for place in places:
                reading = self._reading(place, word, lookups) if place not in self.taken else None
                if reading is not None:
                    self.readings[place] = reading

    def _says_nothing(self, word: Word, lookups: "_Lookups") -> bool:
        """Whether a form meets no name wherever it stands."""
        if word.shape is Shape.LOWER and (self.strict or not self.page.has_lower_lines):
            return self.strict or not lookups.typed
        ordinary = len(word.plain) < 4 or word.topics & Topic.NOT_A_NAME or word.plain in self.page.lower_words
        return not lookups.sure and (bool(ordinary) or not lookups.misspelt)

    def _reading(self, place: int, word: Word, lookups: "_Lookups") -> Reading | None:
        if word.shape is Shape.CASELESS:
            return _read_caseless(word, lookups)
        style = self.page.style(place)
        if word.shape is Shape.LOWER:
            if self.strict:
                return None
            return (
                _read_lower(word, lookups)
                if style is LineStyle.LOWER
                else _read_lower_among_capitals(word, lookups, self.page)
            )
        return self._read_capital(place, word, lookups, style)

    def _read_capital(self, place: int, word: Word, lookups: "_Lookups", style: LineStyle) -> Reading | None:
        hits = lookups.sure
        if hits:
            return Reading(
                hits, self._capital_certainty(place, word, hits, style), self._is_weak(place, word, hits[0], style)
            )
        if word.is_everyday or len(word.plain) < 4 or word.shape is Shape.INITIAL or not lookups.misspelt:
            return None
        certainty = Certainty.CHECK if len(word.plain) < 8 else Certainty.LIKELY
        return Reading(lookups.misspelt, certainty, weak=self._is_another_word(place, word, style))

    def _is_weak(self, place: int, word: Word, best: Hit, style: LineStyle) -> bool:
        """Whether a capitalised word that meets a name on file needs another name of the person beside it."""
        if word.shape is Shape.INITIAL:
            return True
        if word.shape is Shape.UPPER and style is LineStyle.NORMAL:
            return len(word.plain) <= (3 if best.strength >= Strength.ENDING else 4)
        if best.strength is Strength.EXACT:
            return False
        if best.strength is Strength.REMOTE and (style is LineStyle.UPPER or len(word.plain) < 4):
            return True
        if (
            best.strength is Strength.SKELETON
            and script_of(word.plain) == script_of(best.name) != LATIN
            and len(word.plain) < 5
        ):
            return True
        if word.topics & (Topic.MONTH | Topic.WEEKDAY | Topic.PLACE | Topic.CAPITALISED):
            return True
        ordinary = word.plain in self.page.lower_words or (best.strength <= Strength.DIMINUTIVE and word.is_everyday)
        return ordinary and self.page.starts_sentence(place)

    def _is_another_word(self, place: int, word: Word, style: LineStyle) -> bool:
        """Whether a word one slip away from a name on file may well be right as it is."""
        if word.is_given or word.topics & Topic.NOT_A_NAME:
            return True
        if word.plain in self.page.lower_words:
            return True
        short = len(word.plain) < 6 or (style is LineStyle.UPPER and len(word.plain) < 7)
        return short and (
            style is not LineStyle.NORMAL or word.shape is Shape.UPPER or self.page.starts_sentence(place)
        )

    def _capital_certainty(self, place: int, word: Word, hits: tuple[Hit, ...], style: LineStyle) -> Certainty:
        best = hits[0]
        if (best.everyday or word.is_everyday) and (style is LineStyle.UPPER or self.page.starts_sentence(place)):
            return Certainty.LIKELY
        if best.part is Part.ALIAS and word.plain in self.page.lower_words:
            return Certainty.LIKELY
        if best.strength <= Strength.DIMINUTIVE or (best.strength is Strength.SKELETON and len(word.plain) < 5):
            return Certainty.LIKELY
        return Certainty.CERTAIN

    # From a name to the whole mention

    def _expand(self, place: int) -> Run:
        owners = self.readings[place].owners
        names = [place]
        first, last, owners = self._expand_right(place, owners, names)
        first, owners = self._expand_left(first, owners, names)
        owner = self._choose(owners, names)
        certainty = self._certainty(owner, names)
        first = with_honorific(self.page, first)
        last = with_postposed(self.page, last)
        return Run(first, last, owner, certainty, self._detector(owner, names), tuple(sorted(names)))

    def _expand_right(self, place: int, owners: frozenset[int], names: list[int]) -> tuple[int, int, frozenset[int]]:
        last, absorbed = place, 0
        while last + 1 < len(self.page.words) and last + 1 not in self.taken:
            following = last + 1
            if not joins(self.page, last):
                break
            shared = self._shared(following, owners)
            if shared:
                owners = shared
                names.append(following)
            elif is_initial_after(self.page, following):
                pass
            elif (
                not self._is_somebody_else(following)
                and absorbed < _MOST_ABSORBED
                and self._absorbs(following, owners, before=False)
            ):
                absorbed += 1
            else:
                break
            last = following
        return place, last, owners

    def _expand_left(self, place: int, owners: frozenset[int], names: list[int]) -> tuple[int, frozenset[int]]:
        first, absorbed = place, 0
        while first and first - 1 not in self.taken and joins(self.page, first - 1):
            before = first - 1
            shared = self._shared(before, owners)
            if shared:
                owners = shared
                names.append(before)
            elif is_initial_before(self.page, before):
                pass
            elif (
                not self._is_somebody_else(before)
                and absorbed < _MOST_ABSORBED
                and self._absorbs(before, owners, before=True)
            ):
                absorbed += 1
            else:
                break
            first = before
        return first, owners

    def _is_somebody_else(self, place: int) -> bool:
        reading = self.readings.get(place)
        return reading is not None and not reading.weak

    def _may_absorb(self, place: int, absorbed: int) -> bool:
        """A few words at most, and none across a line."""
        return absorbed < _MOST_ABSORBED and "\n" not in self.page.gap(place)

    def _shared(self, place: int, owners: frozenset[int]) -> frozenset[int]:
        reading = self.readings.get(place)
        return reading.owners & owners if reading else frozenset()

    def _absorbs(self, place: int, owners: frozenset[int], *, before: bool) -> bool:
        """Whether a capitalised word beside a name on file is part of the same name, though nobody typed it in."""
        word = self.page.words[place]
        if word.shape is Shape.LOWER:
            return word.is_patronymic and self.page.style(place) is LineStyle.LOWER
        if not word.capital or (
            word.shape is Shape.UPPER and self.page.style(place) is LineStyle.NORMAL and len(word.plain) < 5
        ):
            return False
        if word.is_patronymic:
            return True
        named = word.is_given and not word.is_everyday
        surname = word.surname
        if word.topics & Topic.NOT_A_NAME and not named:
            return False
        if self.page.style(place) is not LineStyle.NORMAL:
            return surname >= 2 or (named and word.is_listed)
        if self.page.starts_sentence(place):
            return named or surname >= 2
        if word.plain in self.page.lower_words and not (named or surname):
            return False
        return before or named or bool(surname) or self._lacks_family(owners)

    def _lacks_family(self, owners: frozenset[int]) -> bool:
        return any(not self.identities[owner].family for owner in owners)

    def _choose(self, owners: frozenset[int], names: list[int]) -> int:
        """The owner whom most of the words fit best; the one typed in first among equals."""

        def fit(owner: int) -> tuple[int, int]:
            return -sum(self._strength(place, owner) for place in names), owner

        return min(owners, key=fit)

    def _strength(self, place: int, owner: int) -> int:
        return max((hit.strength for hit in self.readings[place].hits if hit.owner == owner), default=0)

    def _certainty(self, owner: int, names: list[int]) -> Certainty:
        strengths = [self._strength(place, owner) for place in names]
        if len(names) > 1 and max(strengths) >= Strength.REMOTE:
            return Certainty.CERTAIN
        return self.readings[names[0]].certainty

    def _detector(self, owner: int, names: list[int]) -> str:
        return _DETECTORS[Strength(max(self._strength(place, owner) for place in names))]


_DETECTORS = {
    Strength.EXACT: "name-as-typed",
    Strength.ENDING: "name-inflected",
    Strength.SKELETON: "name-transliterated",
    Strength.DIMINUTIVE: "name-short-form",
    Strength.REMOTE: "name-short-form",
    Strength.TYPO: "name-misspelt",
}


class _Lookups:
    """What the index says of a word; each question is asked only where it is needed."""

    def __init__(self, index: NameIndex, word: Word, *, strict: bool) -> None:
        self._index = index
        self._word = word
        self._strict = strict
        self._typed: tuple[Hit, ...] | None = None
        self._sure: tuple[Hit, ...] | None = None
        self._misspelt: tuple[Hit, ...] | None = None

    @property
    def typed(self) -> tuple[Hit, ...]:
        """As typed or inflected; diminutives and other spellings left out."""
        if self._typed is None:
            hits = _whole_or_pieces(self._index.exact_or_inflected, self._word)
            self._typed = tuple(hit for hit in hits if hit.strength >= Strength.ENDING)
        return self._typed

    @property
    def sure(self) -> tuple[Hit, ...]:
        if self._sure is None:
            self._sure = _whole_or_pieces(self._index.exact_or_inflected, self._word)
            if not self._sure and not self._strict:
                may_be = self._index.may_be_spelled(self._word.whole_skeletons)
                self._sure = self._index.spelled_otherwise(self._word.skeletons) if may_be else ()
        return self._sure

    @property
    def misspelt(self) -> tuple[Hit, ...]:
        if self._misspelt is None:
            self._misspelt = () if self._strict else self._look_for_slips()
        return self._misspelt

    def _look_for_slips(self) -> tuple[Hit, ...]:
        foreign = self._index.has_other_script(self._word.plain)
        return self._index.misspelt(self._word.plain, self._word.stems, self._word.skeletons if foreign else ())


def _whole_or_pieces(look_up: Lookup, word: Word) -> tuple[Hit, ...]:
    hits = look_up(word.plain, word.stems)
    if hits or "-" not in word.plain:
        return hits
    pieces = [piece for piece in word.plain.split("-") if len(piece) >= 3]
    return tuple(hit for piece in pieces for hit in look_up(piece, cuts(piece, word.language)))


def _read_caseless(word: Word, lookups: _Lookups) -> Reading | None:
    hits = lookups.sure
    size = len(word.plain)
    if hits:
        best = hits[0]
        short = size <= 2 or (best.strength < Strength.ENDING and size < 4)
        uncertain = word.is_everyday or best.everyday
        certainty = Certainty.CHECK if uncertain and best.strength < Strength.EXACT else Certainty.CERTAIN
        if certainty is Certainty.CERTAIN and (uncertain or best.strength < Strength.ENDING):
            certainty = Certainty.LIKELY
        return Reading(hits, certainty, short)
    if size >= 6 and lookups.misspelt:
        return Reading(lookups.misspelt, Certainty.CHECK, weak=False)
    return None


def _read_lower(word: Word, lookups: _Lookups) -> Reading | None:
    """A small-letter word in a line without capitals."""
    hits = lookups.sure
    if hits:
        everyday = word.is_everyday or hits[0].everyday or bool(word.topics & Topic.NOT_A_NAME)
        return Reading(
            hits, Certainty.CHECK if everyday else Certainty.LIKELY, _is_weak_in_small(word, hits[0], everyday=everyday)
        )
    if len(word.plain) >= 6 and not word.is_everyday and not word.topics & Topic.NOT_A_NAME and lookups.misspelt:
        return Reading(lookups.misspelt, Certainty.CHECK, weak=len(word.plain) < 8)
    return None


def _is_weak_in_small(word: Word, best: Hit, *, everyday: bool) -> bool:
    size = len(word.plain)
    if size <= 2 or (everyday and (best.strength < Strength.ENDING or size <= 3)):
        return True
    if best.strength is Strength.REMOTE:
        return True
    if best.strength is Strength.SKELETON:
        return size < 5 or (size < 6 and script_of(word.plain) == script_of(best.name))
    return best.strength is Strength.DIMINUTIVE and size < 4 and not word.is_listed


def _read_lower_among_capitals(word: Word, lookups: _Lookups, page: Page) -> Reading | None:
    """A small-letter word in a line that knows capitals: only what can hardly be anything but a name."""
    if len(word.plain) < 3:
        return None
    hits = lookups.typed
    if not hits:
        return None
    best = hits[0]
    namelike = word.is_given or word.surname > 0
    sure = (
        namelike and len(word.plain) >= 4 and not (best.everyday or word.is_everyday or word.topics & Topic.NOT_A_NAME)
    )
    return Reading(hits, Certainty.LIKELY, weak=not sure)


# Words that belong to a name


def joins(page: Page, place: int) -> bool:
    """Whether word `place` and the next may be parts of one name, judged by what stands between them."""
    gap = page.gap(place)
    word = page.words[place]
    if word.shape is Shape.INITIAL or len(word.plain) == 1 or (len(word.plain) == 2 and word.capital):
        return len(gap) <= 3 and _AFTER_INITIAL.fullmatch(gap) is not None
    return _SPACE.fullmatch(gap) is not None


def is_initial_after(page: Page, place: int) -> bool:
    """Eka S., Куликова Н. С.: a capital letter with a full stop, or a small one in a chat."""
    word = page.words[place]
    small = word.shape is Shape.LOWER and len(word.surface) == 1 and page.style(place) is LineStyle.LOWER
    return (small or word.shape is Shape.INITIAL) and page.gap(place).startswith(".")


def is_initial_before(page: Page, place: int) -> bool:
    """И. П. Горбенко, И.П.Горбенко; two letters as in Ю. or Дж. too."""
    word = page.words[place]
    if word.shape is Shape.LOWER and len(word.surface) == 1:
        return page.gap(place).startswith(".") and page.style(place) is LineStyle.LOWER
    short = word.shape is Shape.INITIAL or (word.shape is Shape.TITLE and len(word.surface) == 2 and not word.topics)
    return short and page.gap(place).startswith(".")


def with_honorific(page: Page, first: int) -> int:
    """Start at the ranks and forms of address that stand before a name."""
    while first and page.words[first - 1].topics & Topic.HONORIFIC and _BEFORE_HONORED.fullmatch(page.gap(first - 1)):
        if page.words[first - 1].kept:
            break
        first -= 1
    return first


def with_postposed(page: Page, last: int) -> int:
    """End at forms of address that follow a name: Leyla xanım, Ерлан аға."""
    following = last + 1
    if (
        following < len(page.words)
        and page.gap(last) == " "
        and page.words[following].plain in word_set("people_words", "postposed")
    ):
        return following
    return last


def end_of(page: Page, last: int) -> int:
    """Where a mention ends: with the full stop of a closing initial."""
    end = page.ends[last]
    return end + 1 if len(page.words[last].surface) == 1 and page.text[end : end + 1] == "." else end


def spans_of(page: Page, runs: Iterable[Run], identities: Sequence[Identity]) -> Iterator[Span]:
    """Runs as spans of the people on file."""
    for run in runs:
        key = identities[run.owner].key
        start, end = page.starts[run.first], end_of(page, run.last)
        yield Span(start, end, MentionKind.PERSON, run.certainty, run.detector, key, key, Rank.ON_FILE)
