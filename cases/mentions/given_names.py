"""Given names of the region: forms and diminutives that name one person, and names by which strangers are noticed.

Not a directory of names: a name that is missing here is still found when somebody typed it in, and strangers are
also noticed by surname, patronymic, title and context. Scripts meet through skeletons, so that a name written here
in Cyrillic is known in Latin letters too.
"""

from collections.abc import Iterable
from functools import lru_cache

from .endings import name_stems
from .scripts import CYRILLIC, LATIN, name_skeletons, plain, script_of
from .tables import load_lines


@lru_cache(maxsize=1)
def _groups_by_name() -> dict[str, tuple[frozenset[str], ...]]:
    by_name: dict[str, list[frozenset[str]]] = {}
    for line in load_lines("same_names"):
        group = frozenset(map(plain, line))
        for name in group:
            by_name.setdefault(name, []).append(group)
    return {name: tuple(groups) for name, groups in by_name.items()}


@lru_cache(maxsize=1)
def _groups_by_skeleton() -> dict[str, tuple[frozenset[str], ...]]:
    by_skeleton: dict[str, list[frozenset[str]]] = {}
    for name, groups in _groups_by_name().items():
        for skeleton in name_skeletons(name):
            by_skeleton.setdefault(skeleton, []).extend(groups)
    return {skeleton: tuple(groups) for skeleton, groups in by_skeleton.items()}


_PET_ENDINGS = ("ька", "енька", "юша", "юха", "юня", "уля", "очка", "ечка", "ушка", "ик")


def pet_names(name: str) -> frozenset[str]:
    """Pet forms that Russian and Ukrainian make of a short `plain` name: Катя, Катюха, Катенька."""
    if script_of(name) != CYRILLIC or not 3 <= len(name) <= 5 or not name.endswith(("я", "а")):
        return frozenset()
    return frozenset(name[:-1] + ending for ending in _PET_ENDINGS)


def related_names(name: str) -> frozenset[str]:
    """Other forms of a `plain` given name: its diminutives, its full form, its form in other languages."""
    groups = _groups_by_name().get(name)
    if groups is None:
        by_skeleton = _groups_by_skeleton()
        groups = tuple(group for key in name_skeletons(name) for group in by_skeleton.get(key, ()))
    related = frozenset().union(*groups) if groups else frozenset()
    return related - {name}


@lru_cache(maxsize=64)
def _stems_of_script(script: str, language: str) -> frozenset[str]:
    return frozenset(
        stem
        for name in _all_names()
        if script_of(name) == script
        for stem in (name_stems(name, language) if language != "en" else (name,))
        if len(stem) >= 3 or stem == name
    )


@lru_cache(maxsize=1)
def _all_names() -> frozenset[str]:
    listed = (plain(name) for line in load_lines("given_names") for name in line)
    return frozenset(listed) | frozenset(_groups_by_name())


@lru_cache(maxsize=1)
def _skeletons_of_names() -> frozenset[str]:
    """Skeletons of the names in Cyrillic and Latin letters, by which the other script knows them."""
    return frozenset(
        skeleton
        for name in _all_names()
        if script_of(name) == CYRILLIC
        for skeleton in name_skeletons(name)
        if len(skeleton) >= 4
    )


def is_given_name(word: str, stems: Iterable[str], skeletons: Iterable[str], language: str) -> bool:
    """Whether a `plain` word with these stems and skeletons may be a given name, or a Cyrillic one in Latin letters."""
    if not _stems_of_script(script_of(word), language).isdisjoint(stems):
        return True
    return script_of(word) == LATIN and not _skeletons_of_names().isdisjoint(skeletons)


def is_listed_name(word: str) -> bool:
    """Whether a `plain` word is a listed given name in its base form."""
    return word in _all_names()


def is_everyday_word(word: str) -> bool:
    """Whether a `plain` word that looks like a name also has an everyday meaning: Вера, Rasa, Will."""
    return word in _everyday_words()


@lru_cache(maxsize=1)
def _everyday_words() -> frozenset[str]:
    return frozenset(plain(word) for line in load_lines("everyday_names") for word in line)
