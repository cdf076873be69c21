"""Byte encodings that sealing, signatures and the ledger share: contexts and padding. Pure, no keys."""

from uuid import UUID

VERSION_LABEL = b"casebook/v1"
_LENGTH_BYTES = 4
_STEP = 64
_STEPPED_UP_TO = 256

Part = str | bytes | int | UUID


def ctx(label: str, *parts: Part) -> bytes:
    """Encode a label and its parts injectively: every part as u32 big-endian length followed by its bytes.

    Text is UTF-8, integers are u64 big-endian, UUIDs are their 16 bytes. Two different lists of parts of the same
    types never give the same bytes, so a context names exactly one place.
    """
    return b"".join(
        len(piece).to_bytes(_LENGTH_BYTES, "big") + piece
        for piece in (VERSION_LABEL, label.encode(), *map(_part_bytes, parts))
    )


def _part_bytes(part: Part) -> bytes:
    match part:
        case bytes():
            return part
        case str():
            return part.encode()
        case UUID():
            return part.bytes
        case int():
            return part.to_bytes(8, "big")


def padded_length(length: int) -> int:
    """Length in bytes after padding: 64-byte steps up to 256, above that Padmé (at most 12 % more).

    Padmé: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019.
    """
    if length <= _STEPPED_UP_TO:
        return max(_STEP, -(-length // _STEP) * _STEP)
    exponent = length.bit_length() - 1
    last_bits = exponent - exponent.bit_length()
    mask = (1 << last_bits) - 1
    return (length + mask) & ~mask


def pad(plaintext: bytes) -> bytes:
    """Prefix the u32 length and fill with zeros, so that only a size class shows."""
    framed = len(plaintext).to_bytes(_LENGTH_BYTES, "big") + plaintext
    return framed.ljust(padded_length(len(framed)), b"\0")


def unpad(padded: bytes) -> bytes:
    """Inverse of `pad`; raises ValueError when the frame is not one that `pad` makes."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    end = _LENGTH_BYTES + length
    if len(padded) != padded_length(end) or any(padded[end:]):
        raise ValueError("not a padded value")
    return padded[_LENGTH_BYTES:end]
