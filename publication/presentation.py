"""The words and pieces of the anonymiser's page: plain values; templates only place them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.contents import StatementContent
from cases.narrative import label_of
from cases.presentation import chip_kind
from publication.quasi_identifiers import QuasiKind
from publication.redaction import Piece

QUASI_KINDS: Mapping[str, str | Promise] = {
    QuasiKind.DATE: _("Day or year"),
    QuasiKind.AGE: _("Age"),
    QuasiKind.PLACE: _("Place"),
    QuasiKind.ORGANISATION: _("Organisation"),
    QuasiKind.AMOUNT: _("Amount"),
    QuasiKind.OCCUPATION: _("Occupation"),
    QuasiKind.OTHER: _("Other"),
}


def placeholder(kind: str, language: str) -> str:
    """What stands where nothing more general is known: `[place]`, in the language of the testimony or in English."""
    with translation.override(language if language in dict(settings.LANGUAGES) else "en"):
        words: Mapping[str, str] = {
            QuasiKind.DATE: gettext("[day]"),
            QuasiKind.AGE: gettext("[age]"),
            QuasiKind.PLACE: gettext("[place]"),
            QuasiKind.ORGANISATION: gettext("[organisation]"),
            QuasiKind.AMOUNT: gettext("[amount]"),
            QuasiKind.OCCUPATION: gettext("[occupation]"),
        }
        return words.get(kind, gettext("[left out]"))


@dataclass(frozen=True, slots=True, repr=False)
class ShownPiece:
    """A stretch of the testimony: plain words, a marker's chip (`hue`), or something decided or to decide (`state`).

    `number` leads to the decision; `anchor` is set where the decision leads back to.
    """

    text: str
    hue: str = ""
    state: str = ""
    instead: str = ""
    number: int | None = None
    anchor: bool = False


def shown_pieces(pieces: Iterable[Piece], content: StatementContent, numbers: dict[str, int]) -> list[ShownPiece]:
    """Pieces ready to show; `numbers` are the numbers of the proposals by key."""
    shown: list[ShownPiece] = []
    seen: set[str] = set()
    for piece in pieces:
        shown.append(_shown(piece, content, numbers, seen))
        seen.add(piece.key)
    return shown


def _shown(piece: Piece, content: StatementContent, numbers: dict[str, int], seen: set[str]) -> ShownPiece:
    if piece.marker is not None and str(piece.marker) in content.markers:
        info = content.marker(piece.marker)
        return ShownPiece(label_of(info)[1:-1], hue=chip_kind(info.kind, info.role))
    if piece.state:
        number = numbers.get(piece.key)
        return ShownPiece(
            piece.text,
            state=piece.state,
            instead=piece.instead,
            number=number,
            anchor=number is not None and piece.key not in seen,
        )
    return ShownPiece(piece.text)
