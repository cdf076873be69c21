"""How the anonymiser's page shows the testimony: plain values with their words ready; templates only place them."""

from collections.abc import Iterable
from dataclasses import dataclass

from cases.contents import StatementContent
from cases.narrative import label_of
from cases.presentation import chip_kind
from publication.redaction import Piece


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
