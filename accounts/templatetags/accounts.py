"""Template tags of accounts: the square that an authenticator app scans, and keys in groups of four."""

from dataclasses import dataclass

import qrcode  # type: ignore[import-untyped]
from django import template

from accounts.models import User
from accounts.views.incoming import asks_device_code

register = template.Library()
_QUIET_ZONE = 4


@dataclass(frozen=True, slots=True, repr=False)
class Square:
    """A QR code as an SVG path: one unit a module, `size` units wide with the quiet zone of ISO/IEC 18004."""

    size: int
    path: str


@register.simple_tag
def square(text: str) -> Square:
    code = qrcode.QRCode(border=_QUIET_ZONE)
    code.add_data(text)
    matrix = code.get_matrix()
    dark = [(x, y) for y, line in enumerate(matrix) for x, is_dark in enumerate(line) if is_dark]
    return Square(len(matrix), "".join(f"M{x} {y}h1v1h-1z" for x, y in dark))


@register.simple_tag(takes_context=True)
def device_code_asked(context: template.Context) -> bool:
    """Whether the passphrase of whoever looks at this page opens nothing without the device code."""
    request = context["request"]
    return isinstance(request.user, User) and asks_device_code(request)


@register.filter
def in_fours(text: str) -> str:
    """`ABCDEFGH` as `ABCD EFGH`, to be typed from a page."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
