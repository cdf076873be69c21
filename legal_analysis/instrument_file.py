"""The list of instruments that the project ships, read into plain values. Nothing here writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "reference" / "instruments.json"


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """One version of an article. Without dates of its own it is in force since its instrument is."""

    ref: str
    heading_en: str
    heading_ru: str
    category: str
    in_force_from: date | None
    in_force_until: date | None


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """An instrument as the file has it; `columns` are those of the model of the same name."""

    code: str
    columns: Mapping[str, Any]
    articles: tuple[ArticleFacts, ...]


def read_instruments(path: Path = SHIPPED) -> list[InstrumentFacts]:
    """Every instrument of the file, in its order. Raises OSError, ValueError or KeyError for a file that is not one."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return [_instrument(record, compiled=data["compiled"]) for record in data["instruments"]]


def _instrument(record: Mapping[str, Any], *, compiled: str) -> InstrumentFacts:
    columns = {
        "title_en": record["title"],
        "title_ru": record["title_ru"] or "",
        "kind": record["kind"],
        "system": record["system"],
        "adopted": record["adopted"] or "",
        "in_force": record["entered_into_force"] or "",
        "body": record["body"] or "",
        "complaint": record["complaint"],
        "confidence": record["confidence"],
        "note": record["note"] or "",
        "sources": record["sources"],
        "as_of": compiled,
    }
    since = _day(columns["in_force"]) or (_day(columns["adopted"]) if not columns["in_force"] else None)
    return InstrumentFacts(record["code"], columns, tuple(_article(each, since) for each in record["articles"]))


def _article(record: Mapping[str, Any], since: date | None) -> ArticleFacts:
    begins, ends = record.get("in_force_from"), record.get("in_force_until")
    return ArticleFacts(
        ref=record["ref"],
        heading_en=record["heading"],
        heading_ru=record["heading_ru"] or "",
        category=record["category"],
        in_force_from=date.fromisoformat(begins) if begins else since,
        in_force_until=date.fromisoformat(ends) if ends else None,
    )


def _day(words: str) -> date | None:
    """The day that the words give, or None where they give no single day (`1999 / 2022`, `2019-03`)."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None
