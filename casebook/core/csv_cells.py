"""Tables as CSV that no spreadsheet takes for formulas. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would compute it (OWASP, "CSV Injection")."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def csv_file(rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as RFC 4180 writes them, every cell quoted and safe, in UTF-8 with the mark that spreadsheets expect."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
