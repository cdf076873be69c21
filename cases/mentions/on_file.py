"""Phones, e-mails, documents, addresses, accounts and vehicles of the people on file, however they are written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .endings import name_stems
from .numbers import Digits
from .page import Page
from .records import Certainty, Identity, MentionKind
from .scripts import plain, text_skeletons
from .spans import Rank, Span
from .vehicles import plate_stem, spread
from .vocabulary import Topic, vocabulary
from .words import Shape, Word

_BETWEEN = r"[\s\u00a0().,:№#‐‑–/-]{0,3}"
_LATIN_TWINS = "abekmhopctyxi"
_CYRILLIC_TWINS = "авекмнорстухі"
_LOOKALIKES = {
    letter: f"[{latin}{cyrillic}{latin.upper()}{cyrillic.upper()}]"
    for latin, cyrillic in zip(_LATIN_TWINS, _CYRILLIC_TWINS, strict=True)
    for letter in (latin, cyrillic)
}
_NATIONAL = 9
_TOGETHER = re.compile(r"\d(?:[\s\u00a0().‐‑–/-]{0,3}\d){2,60}")
_CHUNK = re.compile(
    r"(?:[^\W\d_]{1,6}[-/]|[A-ZА-ЯІЇЄҐ]{1,4} ?)?[^\W_]*\d[^\W_]*"
    r"(?:[ \u00a0./-]{1,3}[^\W_]*\d[^\W_]*|[-/ ][^\W\d_]{1,3}(?![^\W_]))*"
)


def find_on_file(digits: Digits, identities: Sequence[Identity]) -> Iterator[Span]:
    """Everything on file but names."""
    page = digits.page
    runs = _runs_of_digits(page.text) if any(identity.phones or identity.documents for identity in identities) else []
    for identity in identities:
        yield from _phones(page, runs, identity)
        yield from _documents(page, runs, identity)
        yield from _exact(page, identity)
        yield from _vehicles(page, identity)
        for address in identity.addresses:
            yield from _addresses(page, identity, address)


def _span(identity: Identity, start: int, end: int, kind: MentionKind, certainty: Certainty, detector: str) -> Span:
    return Span(start, end, kind, certainty, detector, identity.key, identity.key, Rank.ON_FILE)


@dataclass(frozen=True)
class _Run:
    """Digits that stand together, and where each of them stands."""

    digits: str
    places: tuple[int, ...]

    def breaks_before(self, at: int) -> bool:
        """Whether digit number `at` does not follow the one before it directly."""
        return at in {0, len(self.places)} or self.places[at] - self.places[at - 1] > 1


def _runs_of_digits(text: str) -> list[_Run]:
    runs: list[_Run] = []
    for found in _TOGETHER.finditer(text):
        places = tuple(place for place in range(found.start(), found.end()) if text[place].isdigit())
        runs.append(_Run("".join(text[place] for place in places), places))
    return runs


def _phones(page: Page, runs: list[_Run], identity: Identity) -> Iterator[Span]:
    """A phone is known by its last nine digits: the country code, the 8 or the 0 before them may be written or not."""
    for phone in identity.phones:
        bare = "".join(filter(str.isdigit, phone))
        national = bare[-_NATIONAL:] if len(bare) > _NATIONAL + 1 else bare[-7:] if len(bare) > 7 else bare
        for run in runs if len(bare) >= 5 else ():
            at = run.digits.find(national)
            if at >= 0 and run.breaks_before(at + len(national)):
                start = run.places[0] if at <= 5 else run.places[at]
                yield _span(
                    identity,
                    _with_sign(page.text, start),
                    run.places[at + len(national) - 1] + 1,
                    MentionKind.PHONE,
                    Certainty.CERTAIN,
                    "number-on-file",
                )


def _with_sign(text: str, start: int) -> int:
    """A + or a bracket before the first digit belongs to the phone."""
    while start and text[start - 1] in "+(":
        start -= 1
    return start


def _documents(page: Page, runs: list[_Run], identity: Identity) -> Iterator[Span]:
    for document in identity.documents:
        for chunk in _CHUNK.findall(document):
            bare = "".join(filter(str.isalnum, chunk)).casefold()
            if sum(map(str.isdigit, bare)) < 3:
                continue
            for start, end in _in_runs(runs, bare) if bare.isdigit() else _spaced(page.text, bare, _BETWEEN):
                yield _span(identity, start, end, MentionKind.DOCUMENT, Certainty.CERTAIN, "number-on-file")


def _in_runs(runs: list[_Run], bare: str) -> Iterator[tuple[int, int]]:
    """Where digits stand in a row, however they are grouped."""
    for run in runs:
        at = run.digits.find(bare)
        if at >= 0 and run.breaks_before(at) and run.breaks_before(at + len(bare)):
            yield run.places[at], run.places[at + len(bare) - 1] + 1


def _spaced(text: str, bare: str, between: str) -> Iterator[tuple[int, int]]:
    """Where letters and digits stand in a row, in either alphabet, with little between them."""
    pattern = r"(?<![^\W_])" + between.join(_letter(char) for char in bare) + r"(?![^\W_])"
    return (found.span() for found in re.finditer(pattern, text, re.IGNORECASE))


def _letter(char: str) -> str:
    return _LOOKALIKES.get(char, re.escape(char))


def _exact(page: Page, identity: Identity) -> Iterator[Span]:
    """E-mails and account names, as typed."""
    for email in identity.emails:
        pattern = rf"(?<![\w.+-]){re.escape(email.strip())}(?![\w-])"
        for found in re.finditer(pattern, page.text, re.IGNORECASE) if email.strip() else ():
            yield _span(identity, *found.span(), MentionKind.EMAIL, Certainty.CERTAIN, "number-on-file")
    for handle in identity.handles:
        name = re.split(r"[/@]", handle.strip().rstrip("/"))[-1]
        for found in (
            re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", page.text, re.IGNORECASE) if len(name) >= 3 else ()
        ):
            start = _with_page(page.text, found.start())
            yield _span(identity, start, found.end(), MentionKind.HANDLE, Certainty.CERTAIN, "number-on-file")


_PAGE_BEFORE = re.compile(r"(?:(?:https?://)?[\w.-]{3,40}/@?|@)$", re.IGNORECASE)


def _with_page(text: str, start: int) -> int:
    """The @ or the web address before an account name belongs to it."""
    before = _PAGE_BEFORE.search(text, max(0, start - 60), start)
    return before.start() if before else start


def _vehicles(page: Page, identity: Identity) -> Iterator[Span]:
    for vehicle in identity.vehicles:
        plates = [chunk for chunk in re.split(r"[,;]", vehicle) if any(map(str.isdigit, chunk))]
        for plate in plates:
            yield from _plate(page, identity, plate)
        models = [chunk for chunk in re.split(r"[,;]", vehicle) if chunk not in plates]
        for model in models:
            yield from _model(page, identity, model)


def _plate(page: Page, identity: Identity, plate: str) -> Iterator[Span]:
    """The plate in either alphabet; on a line of its own on file it may follow the model without a comma."""
    shaped = re.search(r"(?:[^\W\d_]{1,3}[\s-]?)?\d[\w\s-]*$", plate.strip())
    bare = plate_stem(shaped[0] if shaped else plate)
    if sum(map(str.isdigit, bare)) < 2:
        return
    for first, last in _spaced(page.text, bare, r"[\s\u00a0-]{0,2}"):
        start, end = spread(page, first, last, page.word_at_or_after(first))
        yield _span(identity, start, end, MentionKind.VEHICLE, Certainty.CERTAIN, "number-on-file")


def _model(page: Page, identity: Identity, model: str) -> Iterator[Span]:
    """Make and model as on file, inflected or not, with a capital or in quotation marks."""
    names = [plain(word) for word in re.findall(r"[^\W\d_]{3,}", model)]
    names = [
        name
        for name in names
        if not vocabulary(page.language).topics(name) & (Topic.COLOUR | Topic.VEHICLE | Topic.PLATE)
    ]
    if not names:
        return
    stems = [name_stems(name, page.language) for name in names]
    starts = (index for word, places in page.forms if not stems[0].isdisjoint(word.stems) for index in places)
    for index in starts:
        if page.words[index].shape is Shape.LOWER and page.style(index) == 0:
            continue
        last = index
        while last - index + 1 < len(stems) and last + 1 < len(page.words) and page.gap(last) in {" ", "-", "\u00a0"}:
            if stems[last - index + 1].isdisjoint(page.words[last + 1].stems):
                break
            last += 1
        start, end = spread(page, page.starts[index], page.ends[last], index)
        whole = last - index + 1 == len(stems)
        certainty = Certainty.LIKELY if whole else Certainty.CHECK
        yield _span(identity, start, end, MentionKind.VEHICLE, certainty, "vehicle-on-file")


_NUMBER_OR_WORD = re.compile(r"\d+[^\W\d_]?(?![^\W\d_])|[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_STOP = re.compile(r"[^\s,.;:()№/«»„“\"-]")


def _addresses(page: Page, identity: Identity, address: str) -> Iterator[Span]:
    """Every place where the name of the street (or two other parts) stands, spread over the parts around it."""
    parts = _address_parts(page, address)
    if not parts.names:
        return
    starts = (
        index
        for word, places in page.forms
        if (word.shape is not Shape.LOWER or page.has_lower_lines) and _is_word_of(word, parts.names)
        for index in places
    )
    for index in starts:
        if _street_begins(page, index, parts):
            start, end, count, numbered = _spread_address(page, index, parts)
            if numbered or (count >= 2 and parts.whole_street(count)):
                certainty = Certainty.CERTAIN if numbered and count >= 1 else Certainty.LIKELY
                yield _span(identity, start, end, MentionKind.ADDRESS, certainty, "address-on-file")


class _Parts:
    """An address on file taken apart: names of the street, names of the settlement, numbers."""

    def __init__(self) -> None:
        self.names: list[frozenset[str]] = []
        self.settlement: list[frozenset[str]] = []
        self.numbers: set[str] = set()

    def whole_street(self, count: int) -> bool:
        return count >= len(self.names)


def _address_parts(page: Page, address: str) -> _Parts:
    parts = _Parts()
    words = vocabulary(page.language)
    for piece in re.split(r"[,;\n]", address):
        tokens = [plain(token) for token in _NUMBER_OR_WORD.findall(piece)]
        names = [token for token in tokens if not token[0].isdigit() and not _is_generic(words.topics(token), token)]
        numbered = any(token[0].isdigit() for token in tokens)
        street = any(words.topics(token) & Topic.STREET for token in tokens)
        settlement = any(words.topics(token) & Topic.SETTLEMENT for token in tokens) and not street
        parts.numbers.update(token for token in tokens if token[0].isdigit())
        stems = [frozenset(_forms(name, page.language)) for name in names]
        if settlement or not (street or numbered or not parts.names):
            parts.settlement += stems
        else:
            parts.names += stems
    return parts


def _forms(name: str, language: str) -> Iterator[str]:
    """Stems of a name and their skeletons, so that an address typed in another script is found too."""
    for stem in name_stems(name, language):
        yield stem
        if len(stem) >= 4:
            yield from text_skeletons(stem, language)


def _is_generic(topics: int, token: str) -> bool:
    return bool(topics & (Topic.STREET | Topic.DWELLING | Topic.SETTLEMENT)) or len(token) == 1


def _is_part(page: Page, index: int, stems: list[frozenset[str]]) -> bool:
    word = page.words[index]
    return (word.shape is not Shape.LOWER or page.style(index) != 0) and _is_word_of(word, stems)


def _is_word_of(word: Word, stems: list[frozenset[str]]) -> bool:
    if any(not wanted.isdisjoint(word.stems) for wanted in stems):
        return True
    heads = {skeleton[:2] for skeleton in word.whole_skeletons}
    sounding = [wanted for wanted in stems if any(form[:2] in heads for form in wanted)]
    return any(not wanted.isdisjoint(_long(word.skeletons)) for wanted in sounding)


def _long(skeletons: frozenset[str]) -> Iterator[str]:
    return (skeleton for skeleton in skeletons if len(skeleton) >= 4)


def _street_begins(page: Page, index: int, parts: _Parts) -> bool:
    return _is_part(page, index, parts.names) and not (
        index and page.gap(index - 1) == " " and _is_part(page, index - 1, parts.names)
    )


def _spread_address(page: Page, index: int, parts: _Parts) -> tuple[int, int, int, bool]:
    """The span around a street name, how many names of the address it holds, and whether a number of it is there."""
    end, count, numbered = _forward(page, index, parts)
    start, before = _backward(page, index, parts)
    return start, end, count, numbered or before


def _forward(page: Page, index: int, parts: _Parts) -> tuple[int, int, bool]:
    end, count, numbered, reached = page.ends[index], 1, False, page.ends[index]
    for found in _NUMBER_OR_WORD.finditer(page.text, page.ends[index], page.ends[index] + 120):
        if _STOP.search(page.text, reached, found.start()) or "\n" in page.text[reached : found.start()]:
            break
        token = plain(found[0])
        if token[0].isdigit():
            if token not in parts.numbers:
                break
            numbered, end = True, found.end()
        else:
            place = page.word_at_or_after(found.start())
            if (
                place < len(page.words)
                and page.starts[place] == found.start()
                and _is_part(page, place, parts.names + parts.settlement)
            ):
                count, end = count + 1, found.end()
            elif not _is_generic(vocabulary(page.language).topics(token), token):
                break
            elif vocabulary(page.language).topics(token) & Topic.STREET:
                end = found.end()
        reached = found.end()
    return end, count, numbered


def _backward(page: Page, index: int, parts: _Parts) -> tuple[int, bool]:
    start, numbered, reached = page.starts[index], False, page.starts[index]
    window = max(0, reached - 60)
    for found in reversed(list(_NUMBER_OR_WORD.finditer(page.text, window, reached))):
        if _STOP.search(page.text, found.end(), reached) or re.search(
            r"[\n;:]|\.\s+(?=[^\W\d_]{4})", page.text[found.end() : reached]
        ):
            break
        token = plain(found[0])
        place = page.word_at_or_after(found.start())
        if token[0].isdigit():
            if token not in parts.numbers:
                break
            numbered, start = True, found.start()
        elif (
            place < len(page.words)
            and page.starts[place] == found.start()
            and _is_part(page, place, parts.settlement + parts.names)
        ):
            start = found.start()
        elif not _is_generic(vocabulary(page.language).topics(token), token):
            break
        elif vocabulary(page.language).topics(token) & (Topic.STREET | Topic.SETTLEMENT | Topic.DWELLING):
            start = found.start()
        reached = found.start()
    return start, numbered
