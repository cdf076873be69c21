"""People nobody typed in: names noticed by given name, patronymic, surname, initials, title and context.

A second net. Without a model it can't know every name; the screen therefore lists the capitalised words that stay.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from .known_names import NameIndex
from .page import LineStyle, Page
from .people import KnownPeople, end_of, is_initial_after, is_initial_before, joins, with_honorific, with_postposed
from .records import Certainty, Identity, MentionKind
from .spans import Span
from .surnames import opens_as_surname
from .vocabulary import Topic, word_set
from .words import Shape, Word

_AROUND = Topic.ORGANISATION | Topic.DISTRICT | Topic.STREET | Topic.SETTLEMENT
_INTRODUCED = re.compile(
    r"[ \u00a0]|,[ \u00a0]|[ \u00a0]?[:—–-][ \u00a0]?|[ \u00a0]?[«„“\"][ \u00a0]?|,? (?:по имени|named) "
)
_LONGEST_RUN = 5
# Endings of adjectives that begin the name of an authority: следователь Государственного бюро.
_ADJECTIVES = ("ного", "ної", "ной", "нага", "най", "nego", "nej", "nog", "noj")
_SHORT_STREETS = frozenset({"g", "st", "rd", "pl"})
_WELL_FOUNDED = frozenset({"patronymic", "given-name", "introduced", "initials"})
_TITLE_CASE_LANGUAGES = frozenset({"en"})


@dataclass(frozen=True, slots=True)
class Found:
    """Words first..last that look like the name of a stranger; `names` are the words that make the name."""

    first: int
    last: int
    certainty: Certainty
    detector: str
    names: tuple[int, ...]


class Strangers:
    """Finds names that nobody typed in among the words that `taken` leaves."""

    def __init__(self, page: Page, taken: set[int]) -> None:
        self.page = page
        self.taken = taken
        self.language = page.language

    def find(self) -> list[Found]:
        """What was noticed, in text order, each followed through the text in its other forms."""
        noticed = sorted(
            (*self._cased(), *self._caseless(), *self._nicknames()), key=lambda found: (found.first, -found.last)
        )
        separate: list[Found] = []
        for found in noticed:
            if self.taken.isdisjoint(range(found.first, found.last + 1)):
                self.taken.update(range(found.first, found.last + 1))
                separate.append(found)
        return sorted((*separate, *self._followed(separate)), key=lambda found: found.first)

    # Scripts with capitals

    def _cased(self) -> Iterator[Found]:
        for run in self._capital_runs():
            for piece in chain.from_iterable(map(self._in_short_pieces, self._pieces(run))):
                found = self._judge(piece)
                if found is not None:
                    yield found

    def _capital_runs(self) -> Iterator[list[int]]:
        """Words with capitals that stand side by side."""
        run: list[int] = []
        for place in sorted(self._capital_places()):
            if run and not (
                run[-1] == place - 1 and joins(self.page, place - 1) and "\n" not in self.page.gap(place - 1)
            ):
                yield run
                run = []
            run.append(place)
        if run:
            yield run

    def _capital_places(self) -> Iterator[int]:
        for word, places in self.page.forms:
            if word.shape in {Shape.TITLE, Shape.UPPER, Shape.INITIAL}:
                yield from (place for place in places if place not in self.taken)

    def _pieces(self, run: list[int]) -> Iterator[list[int]]:
        """A run without the words that are no names: it may fall into several pieces."""
        piece: list[int] = []
        for place in run:
            if self._may_be_name(place):
                piece.append(place)
            elif piece:
                yield piece
                piece = []
        if piece:
            yield piece

    def _in_short_pieces(self, piece: list[int]) -> Iterator[list[int]]:
        """A name has few words; a longer row of capitals is a list, each word of which is judged alone."""
        if len(piece) <= _LONGEST_RUN:
            yield piece
        else:
            yield from ([place] for place in piece)

    def _may_be_name(self, place: int) -> bool:
        word = self.page.words[place]
        if word.shape is Shape.INITIAL:
            return is_initial_before(self.page, place) or is_initial_after(self.page, place)
        if word.kept:
            return False
        if self.page.style(place) is LineStyle.UPPER:
            return self._may_be_name_among_capitals(place, word)
        if word.shape is Shape.UPPER and self.page.style(place) is LineStyle.NORMAL:
            return len(word.plain) >= 4 and not word.topics & Topic.NOT_A_NAME and self._beside_name(place)
        if word.is_given or word.is_patronymic:
            if word.topics & (Topic.ROLE | Topic.HONORIFIC | Topic.NAMING):
                return False
            return not word.topics & (Topic.MONTH | Topic.PLACE | Topic.CAPITALISED) or self._has_name_after(place)
        if word.topics & Topic.NOT_A_NAME or (word.topics & Topic.MAKE and not word.surname):
            return False
        return not (self.page.starts_sentence(place) and not self._opens_with_name(place))

    def _may_be_name_among_capitals(self, place: int, word: Word) -> bool:
        """In a line of capitals only what a list or an ending knows by itself, or a surname beside it."""
        if self._is_listed(word) or word.is_patronymic:
            return True
        if word.surname < 2 or word.topics & Topic.NOT_A_NAME:
            return False
        around = [
            p for p in (place - 1, place + 1) if 0 <= p < len(self.page.words) and joins(self.page, min(p, place))
        ]
        beside = any(self._is_listed(self.page.words[p]) or self.page.words[p].is_patronymic for p in around)
        return beside or bool(self.introduced_by(place))

    def _is_listed(self, word: Word) -> bool:
        listed = len(word.plain) >= 4 and word.is_listed
        return listed and not word.is_everyday and not word.topics & Topic.NOT_A_NAME

    def _has_name_after(self, place: int) -> bool:
        following = place + 1
        if following >= len(self.page.words) or not joins(self.page, place):
            return False
        word = self.page.words[following]
        return word.capital and (word.surname > 0 or word.is_patronymic)

    def _beside_name(self, place: int) -> bool:
        neighbours = [
            p for p in (place - 1, place + 1) if 0 <= p < len(self.page.words) and joins(self.page, min(p, place))
        ]
        return any(self.page.words[p].is_given and self.page.words[p].capital for p in neighbours)

    def _opens_with_name(self, place: int) -> bool:
        """A sentence may begin with a surname where a given name, patronymic or initials follow it."""
        word = self.page.words[place]
        if opens_as_surname(word.plain) and word.plain not in self.page.lower_words:
            return True
        following = place + 1
        if following >= len(self.page.words) or not joins(self.page, place):
            return False
        after = self.page.words[following]
        if word.surname and word.plain not in self.page.lower_words:
            return is_initial_after(self.page, following) or (after.capital and after.is_given)
        return False

    def _judge(self, piece: list[int]) -> Found | None:
        """Weigh the signs that a piece is a name."""
        piece = self._without_loose_initials(piece)
        names = [place for place in piece if self.page.words[place].shape is not Shape.INITIAL]
        if not names or self._is_title_of_something(piece):
            return None
        signs = _Signs(self, piece, names)
        certainty = signs.certainty()
        if certainty is None:
            return None
        first = with_honorific(self.page, piece[0])
        last = with_postposed(self.page, piece[-1])
        return Found(first, last, certainty, signs.detector(), tuple(names))

    def _without_loose_initials(self, piece: list[int]) -> list[int]:
        """Initials count only where they stand against a name."""
        initials = [self.page.words[place].shape is Shape.INITIAL for place in piece]
        if all(initials):
            return []
        if initials[-1] and not is_initial_after(self.page, piece[-1]):
            return piece[:-1]
        return piece

    def _is_title_of_something(self, piece: list[int]) -> bool:
        """Names of clubs, channels and cars stand in quotation marks; nicknames too, where a word says so."""
        return self.page.in_quotes(piece[0], piece[-1]) and not self.introduced_by(piece[0]) & Topic.NAMING

    def introduced_by(self, first: int) -> int:
        """What the words right before a name are; ranks before the rank count too."""
        topics = 0
        place = first - 1
        while place >= 0 and _INTRODUCED.fullmatch(self.page.gap(place)) and first - place <= 3:
            word = self.page.words[place]
            if not word.topics & (Topic.HONORIFIC | Topic.ROLE | Topic.NAMING):
                break
            topics |= word.topics
            place -= 1
        return topics

    def surroundings(self, first: int, last: int) -> int:
        """Organisation, place and street words right before and right after."""
        topics = 0
        if first and re.fullmatch(r"\.?[ \u00a0]?[«„“\"]?", self.page.gap(first - 1)):
            before = self.page.words[first - 1]
            short = len(before.plain) <= 2 and not self.page.gap(first - 1).startswith(".")
            if not short and not before.topics & (Topic.ROLE | Topic.HONORIFIC):
                topics |= before.topics
        if last + 1 < len(self.page.words) and re.fullmatch(r"[»“\"]?[ \u00a0-]", self.page.gap(last)):
            following = self.page.words[last + 1]
            if len(following.plain) >= 3 or (following.shape is Shape.LOWER and following.plain in _SHORT_STREETS):
                topics |= following.topics & (_AROUND & ~Topic.SETTLEMENT)
        return topics

    # Scripts without capitals: Georgian

    def _caseless(self) -> Iterator[Found]:
        if self.language != "ka":
            return
        for word, places in self.page.forms:
            if word.shape is not Shape.CASELESS or word.kept:
                continue
            strength = word.surname
            given = word.is_given
            for place in places if strength or given else ():
                found = self._judge_caseless(place, word, strength, given=given)
                if found is not None and place not in self.taken:
                    yield found

    def _judge_caseless(self, place: int, word: Word, strength: int, *, given: bool) -> Found | None:
        if strength and self._is_georgian_surname(place, word, strength):
            first = place - 1 if self._given_before(place) else place
            certainty = Certainty.LIKELY if strength == 2 or first < place else Certainty.CHECK
            return Found(first, place, certainty, "surname", tuple(range(first, place + 1)))
        introduced = self.introduced_by(place) & (Topic.ROLE | Topic.HONORIFIC | Topic.NAMING)
        if given and not word.topics & Topic.NOT_A_NAME:
            if word.is_everyday and not introduced:
                return None
            return Found(place, place, Certainty.LIKELY if introduced else Certainty.CHECK, "given-name", (place,))
        return None

    def _is_georgian_surname(self, place: int, word: Word, strength: int) -> bool:
        street = place + 1 < len(self.page.words) and self.page.words[place + 1].topics & Topic.STREET
        if street or word.topics & (Topic.NOT_A_NAME | Topic.PLACE):
            return False
        if strength == 2:
            return True
        return self._given_before(place) and self.page.words[place - 1].is_given

    def _given_before(self, place: int) -> bool:
        """The word before a surname is a given name: a known one, or any that a title introduces."""
        before = place - 1
        if before < 0 or before in self.taken or self.page.gap(before) not in {" ", "\u00a0"}:
            return False
        word = self.page.words[before]
        if word.shape is not Shape.CASELESS or word.kept:
            return False
        if word.is_given:
            return True
        titled = (
            before
            and self.page.words[before - 1].topics & (Topic.ROLE | Topic.HONORIFIC)
            and joins(self.page, before - 1)
        )
        return bool(titled) and not word.topics & Topic.NOT_A_NAME and word.plain.endswith(("ა", "ი", "ო", "ე", "უ"))

    # Nicknames

    def _nicknames(self) -> Iterator[Found]:
        """по кличке седой: the word after, whatever its case, in quotation marks or not."""
        for word, places in self.page.forms:
            if not (word.topics & Topic.NAMING and word.plain in word_set("people_words", "nickname")):
                continue
            for place in places:
                named = place + 1
                if named < len(self.page.words) and self._is_nickname(place, named):
                    yield Found(named, named, Certainty.CHECK, "nickname", (named,))

    def _is_nickname(self, place: int, named: int) -> bool:
        word = self.page.words[named]
        if not re.fullmatch(r"[ \u00a0]?[:—–-]?[ \u00a0]?[«„“\"]?", self.page.gap(place)) or len(word.plain) < 3:
            return False
        return not word.kept and not word.topics & (Topic.NAMING | Topic.ROLE) and named not in self.taken

    # The same stranger elsewhere in the text

    def _followed(self, noticed: Sequence[Found]) -> Iterator[Found]:
        likely = [
            found for found in noticed if found.certainty is not Certainty.CHECK and found.detector in _WELL_FOUNDED
        ]
        if not likely:
            return
        people = [self._as_identity(number, found) for number, found in enumerate(likely)]
        known = KnownPeople(self.page, NameIndex(people, self.language, inflected_only=True), people, strict=True)
        known.taken = self.taken
        for run in known.find():
            title = self.page.in_quotes(run.first, run.last) or self.surroundings(run.first, run.last) & _AROUND
            if not title:
                yield Found(run.first, run.last, Certainty.LIKELY, likely[run.owner].detector, run.names)

    def _as_identity(self, number: int, found: Found) -> Identity:
        words = [word.surface for word in map(self.page.words.__getitem__, found.names) if self._identifies(word)]
        return Identity(key=str(number), role="", family=" ".join(words))

    def _identifies(self, word: Word) -> bool:
        """Whether a word of a stranger's name is looked for on its own: not where it may be an ordinary word."""
        if len(word.plain) < 3 or word.plain in self.page.lower_words or word.is_everyday:
            return False
        return word.is_given or word.surname > 0 or len(word.plain) >= 5


class _Signs:
    """The signs of a name in one piece of a run."""

    def __init__(self, strangers: Strangers, piece: list[int], names: list[int]) -> None:
        self._strangers = strangers
        self._page = strangers.page
        self._language = strangers.language
        self._piece = piece
        self._names = names
        self._words = [self._page.words[place] for place in names]

    @cached_property
    def given(self) -> bool:
        return any(word.is_given for word in self._words)

    @cached_property
    def patronymic(self) -> bool:
        return any(word.is_patronymic for word in self._words)

    @cached_property
    def surname(self) -> int:
        return max(word.surname for word in self._words)

    @cached_property
    def initials(self) -> bool:
        return len(self._piece) > len(self._names)

    @cached_property
    def introduced(self) -> int:
        return self._strangers.introduced_by(self._piece[0])

    @cached_property
    def begins(self) -> bool:
        return self._page.starts_sentence(self._piece[0])

    def detector(self) -> str:
        if self.patronymic:
            return "patronymic"
        if self.introduced:
            return "introduced"
        if self.given:
            return "given-name"
        return "initials" if self.initials else "surname" if self.surname else "capitalised"

    def certainty(self) -> Certainty | None:
        """LIKELY, CHECK, or None where the signs don't reach."""
        around = self._strangers.surroundings(self._piece[0], self._piece[-1]) & _AROUND
        several = len(self._names) >= 2
        if self.patronymic and (several or self.given or not around):
            return Certainty.LIKELY
        if around and not (several and self.given and self.surname):
            return None
        if self.introduced & (Topic.HONORIFIC | Topic.NAMING):
            return Certainty.LIKELY
        if self.initials:
            return self._of_initials()
        if several:
            return self._of_several()
        return self._of_one(self._words[0])

    def _of_initials(self) -> Certainty | None:
        """И. П. Горбенко, but not "в корпусе Б. Потом": one initial before a word that signs nothing says little."""
        if self.surname or self.given or len(self._piece) - len(self._names) >= 2:
            return Certainty.LIKELY
        word = self._words[0]
        after_initial = self._page.words[self._piece[0]].shape is Shape.INITIAL
        if word.plain in self._page.lower_words or len(word.plain) < 4:
            return None
        return Certainty.CHECK if after_initial else Certainty.LIKELY

    def _of_several(self) -> Certainty | None:
        if self.given or self.surname == 2:
            return Certainty.LIKELY
        if self.introduced & Topic.ROLE or self.surname:
            return (
                Certainty.CHECK if self._language in _TITLE_CASE_LANGUAGES and not self.introduced else Certainty.LIKELY
            )
        ordinary = any(word.plain in self._page.lower_words for word in self._words)
        if self._language in _TITLE_CASE_LANGUAGES or self.begins or ordinary:
            return None
        return Certainty.CHECK

    def _of_one(self, word: Word) -> Certainty | None:
        ordinary = word.plain in self._page.lower_words
        if self.given:
            if self.introduced & Topic.ROLE:
                return Certainty.LIKELY
            if self.begins or ordinary:
                uncertain = ordinary or word.is_everyday or len(word.plain) < 4
                return None if uncertain or not word.is_listed else Certainty.LIKELY
            return Certainty.LIKELY
        if self.introduced & Topic.ROLE and not ordinary and (self.surname or not word.plain.endswith(_ADJECTIVES)):
            return Certainty.LIKELY if self.surname else Certainty.CHECK
        if self.surname == 2 and not ordinary:
            return Certainty.CHECK if self.begins else Certainty.LIKELY
        return None


def spans_of_strangers(page: Page, found: Iterable[Found]) -> Iterator[Span]:
    """Found strangers as spans; those that share a name have one stem."""
    people = _SamePeople(page)
    for each in found:
        start, end = page.starts[each.first], end_of(page, each.last)
        stem = people.stem_of(each)
        yield Span(start, end, MentionKind.PERSON, each.certainty, each.detector, stem)


class _SamePeople:
    """Tells strangers apart by the stems of their names: a later, shorter mention joins an earlier, fuller one."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._people: list[list[frozenset[str]]] = []
        self._by_stem: dict[str, list[int]] = {}

    def stem_of(self, found: Found) -> str:
        names = [self._stems(place) for place in found.names]
        for number in self._candidates(names):
            if self._same(names, self._people[number]):
                return f"person {number}"
        number = len(self._people)
        self._people.append(names)
        for stems in names:
            for stem in stems:
                self._by_stem.setdefault(stem, []).append(number)
        return f"person {number}"

    def _stems(self, place: int) -> frozenset[str]:
        word = self._page.words[place]
        stems = frozenset(stem for stem in word.stems if len(stem) >= 3 and len(word.plain) - len(stem) <= 4)
        return stems or frozenset((word.plain,))

    def _candidates(self, names: list[frozenset[str]]) -> list[int]:
        numbers = {number for stems in names for stem in stems for number in self._by_stem.get(stem, ())[:20]}
        return sorted(numbers)

    def _same(self, names: list[frozenset[str]], others: list[frozenset[str]]) -> bool:
        fewer, more = (names, others) if len(names) <= len(others) else (others, names)
        return all(any(stems & wanted for wanted in more) for stems in fewer)
