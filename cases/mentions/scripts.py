"""Spelling that scripts and transliterations share: `plain` forms, and skeletons in which writings meet.

A skeleton is a coarse phonetic spelling in ASCII: Куликова, Kulikova, კულიკოვა and Կուլիկովա have the same one.
Capital letters of a skeleton stand for single sounds: S sh, J zh and dzh, C ts, Z dz; `c` is ch.
"""

import re
import unicodedata

CYRILLIC = "cyrillic"
LATIN = "latin"
GEORGIAN = "georgian"
ARMENIAN = "armenian"
OTHER = "other"

_APOSTROPHES = "'’ʼ`´ʻ‘‛′ʹ"
APOSTROPHE_CLASS = "[" + _APOSTROPHES + "]"

_PLAIN = str.maketrans({"ё": "е", "ı": "i", "\u0307": None, "‑": "-", "‐": "-"} | dict.fromkeys(_APOSTROPHES))

_LOOKALIKE_LATIN = "aeopcyxkmhtbi"
_LOOKALIKE_CYRILLIC = "аеорсухкмнтві"
_TO_CYRILLIC = str.maketrans(_LOOKALIKE_LATIN, _LOOKALIKE_CYRILLIC)
_TO_LATIN = str.maketrans(_LOOKALIKE_CYRILLIC, _LOOKALIKE_LATIN)
_HAS_CYRILLIC = re.compile("[\u0400-\u04ff]")
_HAS_LATIN = re.compile("[a-z]")


def script_of(word: str) -> str:
    """The script of the first letter of a word."""
    code = ord(word[0]) if word else 0
    if 0x0400 <= code <= 0x052F:
        return CYRILLIC
    if code < 0x02B0 or 0x1E00 <= code <= 0x1EFF:
        return LATIN
    if 0x10A0 <= code <= 0x10FF or 0x1C90 <= code <= 0x1CBF:
        return GEORGIAN
    if 0x0530 <= code <= 0x058F:
        return ARMENIAN
    return OTHER


def plain(word: str) -> str:
    """Lower case without apostrophes, ё as е, and Latin look-alikes inside a Cyrillic word made Cyrillic (or back)."""
    folded = word.casefold().translate(_PLAIN)
    if _HAS_CYRILLIC.search(folded) and _HAS_LATIN.search(folded):
        cyrillic = len(_HAS_CYRILLIC.findall(folded))
        return folded.translate(_TO_CYRILLIC if 2 * cyrillic >= len(folded) else _TO_LATIN)
    return folded


def without_diacritics(word: str) -> str:
    """Latin letters without their marks: Petravičienė, Petraviciene; ł, đ and ø too."""
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return bare.translate(_STROKED)


_STROKED = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ə": "e", "ħ": "h"})

_CYRILLIC_SOUNDS = str.maketrans(
    {
        **dict(zip("абвгґдезийклмнопрстуфхцыэ", "abvhhdeziiklmnoprstufhCie", strict=True)),
        **dict(zip("ғқңөұүһӣӯҳҷіўәѓќѕјљњћџђ", "hknouuhiuhJivahkZilncJJ", strict=True)),
        "є": "ie",
        "ё": "e",
        "ж": "J",
        "ї": "i",
        "ч": "c",
        "ш": "S",
        "щ": "Sc",
        "ъ": "",
        "ь": "",
        "ю": "iu",
        "я": "ia",
        "-": "",
        " ": "",
    }
)
_GEORGIAN_SOUNDS = str.maketrans(
    dict(
        zip(
            "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ-",
            "abhdevztiklmnopJrstupkhkScCZCchJhi",
            strict=True,
        )
    )
    | {"-": ""}
)
_ARMENIAN_SOUNDS = str.maketrans(
    {
        **dict(zip("աբգդեզէթժիլխծկհձղճմյն", "abhdezetJilhCkhZhcmin", strict=True)),
        **dict(zip("շոչպջռսվտրցւփքօֆ", "SocpJrsvtrCvpkof", strict=True)),
        "ը": "",
        "և": "ev",
        "-": "",
        "\u055b": "",
        "\u055c": "",
        "\u055e": "",
    }
)

# Letters with marks that sound the same in every Latin spelling of the region.
_LATIN_MARKED = {
    **dict.fromkeys("áàâãåāăä", "a"),
    **dict.fromkeys("éèêëěėēę", "e"),
    **dict.fromkeys("íìîïīįýȳ", "i"),
    **dict.fromkeys("óòôõöőøō", "o"),
    **dict.fromkeys("úùûüűůūų", "u"),
    "ə": "a",
    "ą": "a",
    "č": "c",
    "ć": "c",
    "ç": "c",
    "š": "S",
    "ş": "S",
    "ș": "S",
    "ś": "S",
    "ž": "J",
    "ź": "z",
    "ż": "J",
    "đ": "J",
    "ď": "d",
    "ğ": "h",
    "ģ": "h",
    "ķ": "k",
    "ļ": "l",
    "ł": "l",
    "ľ": "l",
    "ĺ": "l",
    "ñ": "n",
    "ń": "n",
    "ň": "n",
    "ņ": "n",
    "ř": "rJ",
    "ŕ": "r",
    "ŗ": "r",
    "ť": "t",
    "ţ": "C",
    "ț": "C",
    "ŭ": "v",
    "ß": "s",
    "w": "v",
    "q": "k",
    "x": "ks",
    "y": "i",
    "g": "h",
    "-": "",
    " ": "",
}
_GENERAL = {
    "shch": "Sc",
    "tsch": "c",
    "sch": "S",
    "tch": "c",
    "dzh": "J",
    "sh": "S",
    "zh": "J",
    "kh": "h",
    "gh": "h",
    "ch": "c",
    "ts": "C",
    "tz": "C",
    "dj": "J",
    "dž": "J",
    "ph": "f",
    "th": "t",
    "ck": "k",
    "qu": "kv",
    "dz": "Z",
    "yo": "e",
}
_SLAVIC = {"dž": "J", "ch": "h", "dz": "Z", "j": "i", "c": "C", "šč": "Sc"}
_POLISH = {
    "szcz": "Sc",
    "sz": "S",
    "cz": "c",
    "rz": "J",
    "dż": "J",
    "dź": "J",
    "ch": "h",
    "dz": "Z",
    "ó": "u",
    "ą": "on",
    "ę": "en",
    "j": "i",
    "c": "C",
    "ci": "c",
    "si": "S",
    "zi": "z",
}
_ROMANIAN = {
    "che": "ke",
    "chi": "ki",
    "ghe": "he",
    "ghi": "hi",
    "ce": "ce",
    "ci": "ci",
    "ge": "Je",
    "gi": "Ji",
    "c": "k",
    "j": "J",
    "x": "ks",
}
_HUNGARIAN = {
    "ccs": "c",
    "cs": "c",
    "dzs": "J",
    "zs": "J",
    "sz": "s",
    "s": "S",
    "gy": "d",
    "ny": "n",
    "ty": "t",
    "ly": "i",
    "cz": "C",
    "tz": "C",
    "c": "C",
    "j": "i",
}
_TURKIC = {
    "sh": "S",
    "ch": "c",
    "c": "J",
    "j": "J",
    "x": "h",
    "q": "k",
    "yo": "e",
}
_ALBANIAN = {
    "xh": "J",
    "zh": "J",
    "sh": "S",
    "dh": "d",
    "th": "t",
    "gj": "h",
    "q": "c",
    "ç": "c",
    "x": "Z",
    "c": "C",
    "j": "i",
}

_SCHEMES: dict[str, dict[str, str]] = {
    "general": _GENERAL | {"j": "J", "c": "k"},
    "general-jc": _GENERAL | {"j": "i", "c": "C"},
    "general-jk": _GENERAL | {"j": "i", "c": "k"},
    "general-jch": _GENERAL | {"j": "i", "c": "c", "s": "s"},
    "slavic": _SLAVIC,
    "polish": _POLISH,
    "romanian": _ROMANIAN,
    "hungarian": _HUNGARIAN,
    "turkic": _TURKIC,
    "turkic-q": _TURKIC | {"q": "h", "ə": "e", "x": "h"},
    "albanian": _ALBANIAN,
}
_SCHEME_OF_LANGUAGE = {
    **dict.fromkeys(("sr", "hr", "bs", "cnr", "sl", "cs", "sk", "lt", "lv", "et", "mk", "bg"), "slavic"),
    **dict.fromkeys(("az", "tr", "uz", "tk", "kk", "ky"), "turkic"),
    "pl": "polish",
    "ro": "romanian",
    "hu": "hungarian",
    "sq": "albanian",
}
_GENERAL_SCHEMES = ("general", "general-jc", "general-jk", "general-jch")


def _compile(scheme: dict[str, str]) -> tuple[re.Pattern[str], dict[str, str]]:
    table = _LATIN_MARKED | scheme
    pattern = "|".join(sorted(map(re.escape, table), key=len, reverse=True))
    return re.compile(pattern), table


_COMPILED = {name: _compile(scheme) for name, scheme in _SCHEMES.items()}
_DOUBLE = re.compile(r"(.)\1+")
_GLIDE = re.compile(r"i+(?=[aeou])")
_JOINED = (("tc", "c"), ("dJ", "J"), ("dz", "Z"), ("ts", "C"))


def _latin_sounds(word: str, scheme: str) -> str:
    pattern, table = _COMPILED[scheme]
    return pattern.sub(lambda found: table[found[0]], word)


def _finish(sounds: str) -> str:
    """Join split affricates and doubled letters; drop glides, except in words too short to spare them."""
    for pair, single in _JOINED:
        if pair in sounds:
            sounds = sounds.replace(pair, single)
    sounds = _DOUBLE.sub(r"\1", sounds)
    if "i" not in sounds:
        return sounds
    slim = _GLIDE.sub("", sounds)
    if len(slim) < len(sounds):
        slim = _DOUBLE.sub(r"\1", slim)
    return slim if len(slim) >= 4 else sounds


def _cyrillic_skeletons(word: str) -> set[str]:
    skeletons = {_finish(word.translate(_CYRILLIC_SOUNDS))}
    if "щ" in word:
        skeletons.add(_finish(word.replace("щ", "шт").translate(_CYRILLIC_SOUNDS)))
        skeletons.add(_finish(word.replace("щ", "ш").translate(_CYRILLIC_SOUNDS)))
    return skeletons


def _georgian_skeletons(word: str) -> set[str]:
    sounds = word.translate(_GEORGIAN_SOUNDS)
    skeletons = {_finish(sounds)}
    if "ფ" in word:
        skeletons.add(_finish(word.replace("ფ", "f").translate(_GEORGIAN_SOUNDS)))
    return skeletons


def _armenian_skeletons(word: str) -> set[str]:
    joined = word.replace("ու", "u")
    if joined.startswith("ո"):
        joined = "վ" + joined
    skeletons = {_finish(joined.translate(_ARMENIAN_SOUNDS))}
    if joined.startswith("հ"):
        skeletons.add(_finish(joined[1:].translate(_ARMENIAN_SOUNDS)))
    return skeletons


def text_skeletons(word: str, language: str) -> frozenset[str]:
    """The few skeletons of a `plain` word as it stands in a text of `language`."""
    script = script_of(word)
    if script == CYRILLIC:
        return frozenset((_finish(word.translate(_CYRILLIC_SOUNDS)),))
    if script == GEORGIAN:
        return frozenset(_georgian_skeletons(word))
    if script == ARMENIAN:
        return frozenset((next(iter(_armenian_skeletons(word))),))
    if script != LATIN:
        return frozenset((word,))
    own = _SCHEME_OF_LANGUAGE.get(language)
    schemes = (*(("general-jk",) if "j" in word else ()), *((own,) if own else ()), "general")
    return frozenset(_finish(_latin_sounds(word, scheme)) for scheme in schemes)


def name_skeletons(name: str) -> frozenset[str]:
    """Every skeleton that a `plain` name on file may have, whatever language its letters follow."""
    script = script_of(name)
    if script == CYRILLIC:
        return frozenset(_cyrillic_skeletons(name))
    if script == GEORGIAN:
        return frozenset(_georgian_skeletons(name))
    if script == ARMENIAN:
        return frozenset(_armenian_skeletons(name))
    if script != LATIN:
        return frozenset((name,))
    skeletons = {_finish(_latin_sounds(name, scheme)) for scheme in _SCHEMES}
    bare = without_diacritics(name)
    if bare != name:
        skeletons |= {_finish(_latin_sounds(bare, scheme)) for scheme in _GENERAL_SCHEMES}
    return frozenset(skeletons)
