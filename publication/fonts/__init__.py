"""The typeface of every PDF, embedded: Latin, Greek, Cyrillic, Georgian and Armenian, in two weights.

Origin, licence and how the files were made: README.md in this folder.
"""

import unicodedata
from functools import cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "CasebookSans-Regular"
BOLD = "CasebookSans-Bold"
MISSING = "□"

_FOLDER = Path(__file__).parent
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_UNBREAKABLE_SPACES = frozenset("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}")


@cache
def character_widths(font: str) -> MappingProxyType[str, float]:
    """Advance width of every character `font` draws, in thousandths of the type size.

    The first call for a font reads its file and makes it known to reportlab under this name.
    """
    # One fixed set of options: no setting of this machine may change the bytes of a PDF.
    typeface = TTFont(font, BytesIO((_FOLDER / f"{font}.ttf").read_bytes()), asciiReadable=1, shapable=False)
    registerFont(typeface)
    return MappingProxyType({chr(code): width for code, width in typeface.face.charWidths.items()})


def legible(text: str) -> str:
    """`text` as the embedded fonts can show it, in NFC, with "\\n" as the only line break.

    Control and invisible formatting characters go; every breakable space becomes " ". A character without
    a glyph becomes its plain compatibility form ("𝐀" is "A") or else MISSING: one box each, never nothing.
    """
    text = unicodedata.normalize("NFC", "\n".join(text.splitlines()))
    unknown = set(text) - _drawable()
    if not unknown:
        return text
    return text.translate({ord(character): _substitute(character) for character in unknown})


@cache
def _drawable() -> frozenset[str]:
    known = character_widths(REGULAR).keys() & character_widths(BOLD).keys()
    return frozenset("\n") | {character for character in known if not _has_substitute(character)}


def _has_substitute(character: str) -> bool:
    category = unicodedata.category(character)
    breakable_space = category == "Zs" and character != " " and character not in _UNBREAKABLE_SPACES
    return category in _INVISIBLE or breakable_space


def _substitute(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs" or character == "\t":
        return " "
    if category == "Cs":
        return MISSING
    if category in _INVISIBLE or unicodedata.name(character, "").startswith("VARIATION SELECTOR"):
        return ""
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain and _drawable().issuperset(plain) else MISSING
