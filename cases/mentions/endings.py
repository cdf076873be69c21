"""Case endings of names by language, and the stems they are put on.

`cuts` takes a word of a text apart into stem and ending; `name_stems` gives the stems that a name on file may show
when it is inflected: its nominative ending gone, fleeting vowels and consonant alternations applied. Both are
generous: what meets is compared with the few names on file, not with a dictionary.
"""

from collections.abc import Iterator
from functools import lru_cache

from .scripts import ARMENIAN, CYRILLIC, GEORGIAN, LATIN, script_of, without_diacritics
from .tables import load_toml

# The tables a language draws on: its own, and the Russian one where names are often inflected the Russian way.
_TABLES_OF_LANGUAGE: dict[str, tuple[str, ...]] = {
    "uk": ("uk", "ru"),
    "be": ("be", "ru"),
    "mk": ("bg", "sr_cyrillic"),
    "kk": ("kk", "ru"),
    "ky": ("ky", "ru"),
    "tg": ("tg", "ru"),
    "uz": ("uz_latin", "uz_cyrillic"),
    **dict.fromkeys(("sr", "hr", "bs", "cnr", "sh"), ("sr_latin", "sr_cyrillic")),
}
_TABLES_OF_SCRIPT = {CYRILLIC: ("ru", "uk"), LATIN: ("en",), GEORGIAN: ("ka",), ARMENIAN: ("hy",)}
_HOME_SCRIPT = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "kk", "ky", "tg"), CYRILLIC),
    "ka": GEORGIAN,
    "hy": ARMENIAN,
}
_TWO_SCRIPTS = frozenset({"uz", "sr", "bs", "cnr", "sh"})

# Stems end in one of these where the nominative ends in the other: Ольга/Ользі, Agnieszka/Agnieszce, Jānis/Jāņa.
_SOUTH_SLAVIC_ALTERNATIONS = (
    ("k", "c"),
    ("g", "z"),
    ("h", "s"),
    ("k", "č"),
    ("к", "ц"),
    ("г", "з"),
    ("х", "с"),
    ("к", "ч"),
)
_TURKIC_ALTERNATIONS = (("q", "ğ"), ("k", "ğ"), ("k", "y"), ("k", "g"), ("к", "г"), ("қ", "ғ"), ("п", "б"), ("p", "b"))
_ALTERNATIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "uk": (("к", "ц"), ("г", "з"), ("х", "с"), ("к", "ч")),
    "be": (("к", "ц"), ("г", "з"), ("х", "с"), ("т", "ц"), ("д", "дз"), ("к", "ч")),
    "pl": (
        *(("k", "c"), ("g", "dz"), ("ch", "sz"), ("h", "sz"), ("r", "rz"), ("t", "ci"), ("d", "dzi"), ("ł", "l")),
        *(("n", "ni"), ("s", "si"), ("z", "zi"), ("st", "ści"), ("ń", "ni"), ("ś", "si"), ("ź", "zi"), ("ć", "ci")),
        ("ą", "ę"),
        *(("siek", "śk"), ("niek", "ńk"), ("ciek", "ćk"), ("ziek", "źk")),
    ),
    **dict.fromkeys(
        ("cs", "sk"),
        (
            *(("k", "c"), ("h", "z"), ("g", "z"), ("ch", "š"), ("r", "ř"), ("k", "č"), ("t", "ť"), ("d", "ď")),
            *(("n", "ň"), ("ň", "n"), ("ť", "t"), ("ď", "d")),
        ),
    ),
    **dict.fromkeys(("sr", "hr", "bs", "cnr", "sl", "mk"), _SOUTH_SLAVIC_ALTERNATIONS),
    "lt": (("t", "č"), ("d", "dž")),
    "lv": (
        *(("n", "ņ"), ("l", "ļ"), ("c", "č"), ("s", "š"), ("z", "ž"), ("t", "š"), ("d", "ž"), ("b", "bj")),
        *(("p", "pj"), ("m", "mj"), ("v", "vj")),
    ),
    "et": (("k", "g"), ("p", "b"), ("t", "d"), ("kk", "k"), ("pp", "p"), ("tt", "t")),
    **dict.fromkeys(("az", "tr", "tk", "kk", "ky"), _TURKIC_ALTERNATIONS),
    "hy": (("ու", "վ"),),
}
_VOWELS = {
    CYRILLIC: "аеёиоуыэюяіїєәөұүӯӣйьъ",
    LATIN: "aeiouyąęėįųūāēīäöüõőűăâîəëáéíóúýıů",
    GEORGIAN: "აეიოუ",
    ARMENIAN: "աեէըիոօ",
}
_LONG_NOMINATIVES = {
    CYRILLIC: ("ий", "ый", "ой", "ая", "яя", "ій", "аў", "ые"),
    LATIN: ("ij", "iy", "yj", "ij"),
    GEORGIAN: (),
    ARMENIAN: ("ուհի",),
}
_BALTIC_NOMINATIVES = ("as", "is", "ys", "us", "ias", "ius", "ė", "es", "os", "s", "š")
_FLEETING = "еёоіэаеěeoaіъ"
_SPECIAL = {"лев": "льв", "любовь": "любв", "швець": "шевц", "швец": "шевц", "жнець": "женц"}


def _joined(layers: list[str]) -> set[str]:
    """Every way to take one ending of each layer in turn; "-" is the empty ending."""
    built = {""}
    for layer in layers:
        pieces = ["" if piece == "-" else piece for piece in layer.split()]
        built = {stem + piece for stem in built for piece in pieces}
    return built


@lru_cache(maxsize=64)
def _table(name: str) -> frozenset[str]:
    table = load_toml("endings").get(name, {})
    return frozenset(table.get("endings", "").split()) | (_joined(table["layers"]) if "layers" in table else set())


@lru_cache(maxsize=64)
def endings_for(language: str, script: str) -> frozenset[str]:
    """The endings (the empty one left out) that a word of `script` may carry in a text of `language`."""
    at_home = _HOME_SCRIPT.get(language, LATIN) == script or language in _TWO_SCRIPTS
    tables = _TABLES_OF_LANGUAGE.get(language, (language,)) if at_home else _TABLES_OF_SCRIPT.get(script, ())
    if script == LATIN and _HOME_SCRIPT.get(language) == CYRILLIC:
        tables = (*tables, "cyrillic_in_latin")
    endings = {ending for table in tables for ending in _table(table) if ending and script_of(ending) == script}
    if script == LATIN:
        endings |= {without_diacritics(ending) for ending in endings} | _table("en")
    return frozenset(endings)


@lru_cache(maxsize=64)
def _by_length(language: str, script: str) -> tuple[tuple[int, frozenset[str]], ...]:
    lengths: dict[int, set[str]] = {}
    for ending in endings_for(language, script):
        lengths.setdefault(len(ending), set()).add(ending)
    return tuple((length, frozenset(lengths[length])) for length in sorted(lengths))


def cuts(word: str, language: str) -> tuple[str, ...]:
    """Stems of a `plain` word, the longest first, the whole word included.

    A stem of two letters may lose an ending of three letters at most, so that short names stay themselves.
    """
    stems = [word]
    size = len(word)
    for length, endings in _by_length(language, script_of(word)):
        stem = size - length
        if stem < 2 or (stem == 2 and length > 3):
            break
        if word[stem:] in endings:
            stems.append(word[:stem])
    return tuple(stems)


def _fleeting(stem: str, vowels: str) -> Iterator[str]:
    """Павел/Павл, Marek/Mark, Aleksandar/Aleksandr."""
    if len(stem) >= 4 and stem[-1] not in vowels and stem[-2] in _FLEETING and stem[-3] not in vowels:
        yield stem[:-2] + stem[-1]
    if len(stem) >= 5 and stem[-2:] in {"ел", "ек", "ок", "ец"} and stem[-3] in vowels:
        yield stem[:-2] + "й" + stem[-1]
    if len(stem) >= 4 and stem.endswith("ець"):
        yield stem[:-3] + "ц"
    if len(stem) >= 4 and stem[-1] not in vowels and stem[-2] == "і":
        yield stem[:-2] + "о" + stem[-1]
        yield stem[:-2] + "е" + stem[-1]


def _alternated(stem: str, language: str) -> Iterator[str]:
    for ending, replacement in _ALTERNATIONS.get(language, ()):
        if stem.endswith(ending):
            yield stem[: len(stem) - len(ending)] + replacement


_AGGLUTINATING = frozenset({"az", "tr", "tk", "uz", "kk", "ky", "tg", "et"})


def _drops_vowel(name: str, script: str, language: str) -> bool:
    """Whether the last vowel of a name gives way to endings: Анна, Анны; but Günel, Айша and Kai keep theirs."""
    if script == GEORGIAN:
        return len(name) >= 5 or name[-1] == "ი"
    if language in _AGGLUTINATING:
        return len(name) >= 5 and name.endswith(("ова", "ева", "ина", "ая", "ova", "eva", "ina", "й", "ь"))
    return language != "hy" or len(name) >= 5


def name_stems(name: str, language: str) -> frozenset[str]:
    """Stems that a `plain` name on file may show in a text of `language`; the name itself is among them."""
    script = script_of(name)
    vowels = _VOWELS.get(script, "")
    stems = {name}
    if name in _SPECIAL:
        stems.add(_SPECIAL[name])
    if name[-1] in vowels and _drops_vowel(name, script, language):
        stems.add(name[:-1])
    nominatives = _LONG_NOMINATIVES.get(script, ())
    if script == LATIN and language in {"lt", "lv"}:
        nominatives += _BALTIC_NOMINATIVES
    for nominative in nominatives:
        if name.endswith(nominative):
            stems.add(name[: len(name) - len(nominative)])
    for stem in tuple(stems):
        stems.update(_fleeting(stem, vowels))
    for stem in tuple(stems):
        stems.update(_alternated(stem, language))
    if script == GEORGIAN and len(name) >= 6 and name.endswith("ელი"):
        stems.add(name[:-3] + "ლ")
    return frozenset(stem for stem in stems if len(stem) >= 2)
