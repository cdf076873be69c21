"""Surnames and patronymics by their endings, whoever bears them."""

from collections.abc import Iterable
from functools import lru_cache

from .given_names import is_given_name
from .scripts import ARMENIAN, CYRILLIC, GEORGIAN, LATIN, plain, script_of, text_skeletons, without_diacritics
from .tables import load_toml

_SHORTEST_ROOT = 2


@lru_cache(maxsize=16)
def _suffixes(name: str) -> tuple[str, ...]:
    words = {plain(word) for word in load_toml("people_words")["surname"].get(name, "").split()}
    if not name.endswith("cyrillic"):
        words |= {without_diacritics(word) for word in words}
    return tuple(words)


_SCRIPT_NAMES = {CYRILLIC: "cyrillic", LATIN: "latin"}


def surname_strength(word: str, stems: Iterable[str], language: str) -> int:
    """2 where the ending of a `plain` word says surname by itself, 1 where it may be one, 0 where nothing says so."""
    script = script_of(word)
    if script == ARMENIAN:
        return 2 if _ends(stems, _suffixes("armenian")) else 0
    if script == GEORGIAN:
        return _georgian_surname_strength(word, stems)
    name = _SCRIPT_NAMES.get(script)
    if name is None:
        return 0
    own = _suffixes(f"strong_{language}") if script == LATIN else ()
    if _ends(stems, (*_suffixes(f"strong_{name}"), *own)):
        return 2
    return 1 if _ends(stems, _suffixes(f"weak_{name}")) else 0


def is_patronymic(word: str, stems: Iterable[str], language: str) -> bool:
    """Сергеевна, Васильович, inflected or not. -овна ends adjectives too: there a given name must come before it."""
    if script_of(word) not in _SCRIPT_NAMES or len(word) < 6 or language == "en":
        return False
    female = _suffixes("patronymic_female")
    for stem in stems:
        if stem.endswith(_suffixes("patronymic_male")) and len(stem) >= 6:
            return True
        for suffix in female if stem.endswith(female) else ():
            root = stem[: len(stem) - len(suffix)]
            if stem.endswith(suffix) and is_given_name(root, (root,), text_skeletons(root, language), language):
                return True
    return False


def opens_as_surname(word: str) -> bool:
    """Whether a `plain` word that begins a sentence can hardly be anything but a surname in its base form."""
    return word.endswith(_suffixes("opening")) and len(word) >= 6


def _ends(stems: Iterable[str], suffixes: tuple[str, ...]) -> bool:
    return any(
        stem.endswith(suffix) and len(stem) - len(suffix) >= _SHORTEST_ROOT
        for stem in stems
        if stem.endswith(suffixes)
        for suffix in suffixes
    )


def _georgian_surname_strength(word: str, stems: Iterable[str]) -> int:
    """-შვილი and -ძე in any case are surnames; -ია, -ავა and others may be."""
    for stem in stems:
        root = stem.rstrip("იეა")
        if (root.endswith("შვილ") and len(root) >= 7) or (root.endswith("ძ") and len(root) >= 4 and stem != root):
            return 2
    if any(word.endswith(ending) and len(word) >= len(ending) + 4 for ending in ("ძის", "ძეს", "ძემ", "ძე")):
        return 2
    return 1 if len(word) >= 5 and any(stem.endswith(_suffixes("georgian_weak")) for stem in stems) else 0
