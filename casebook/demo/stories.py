"""The invented testimonies of the demonstration, with the people in them as a street lawyer would type them in."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cases.contents import Profile

_FOLDER = Path(__file__).parent / "narratives"


@dataclass(frozen=True, slots=True)
class Story:
    """A testimony, its people, suggested kinds of violation, and the words in it that identify."""

    id: str
    language: str
    country: str
    title: str
    text: str
    people: tuple[Profile, ...]
    violations: tuple[str, ...]
    spans: tuple["Span", ...]

    @property
    def direct(self) -> tuple[str, ...]:
        """Every form of a direct identifier in the text."""
        return tuple(dict.fromkeys(span.text for span in self.spans if span.identifier == "DIRECT"))


@dataclass(frozen=True, slots=True)
class Span:
    """text[start:end] in Unicode code points; `identifier` is DIRECT or QUASI, `kind` such as PERSON or PHONE."""

    start: int
    end: int
    kind: str
    identifier: str
    text: str


@cache
def all_stories() -> dict[str, Story]:
    """The seven stories by their id, such as `n01_ru_planted`."""
    return {path.name.split(".")[0]: _read(path) for path in sorted(_FOLDER.glob("*.gold.json"))}


def _read(path: Path) -> Story:
    gold = json.loads(path.read_text(encoding="utf-8"))
    return Story(
        id=gold["id"],
        language=gold["language"],
        country=gold["country"],
        title=gold["title"],
        text=(_FOLDER / gold["text_file"]).read_text(encoding="utf-8"),
        people=tuple(_profile(identity) for identity in gold["identities"]),
        violations=tuple(gold["expected_violations"]),
        spans=tuple(
            Span(span["start"], span["end"], span["type"], span["identifier"], span["text"]) for span in gold["spans"]
        ),
    )


def _profile(identity: dict[str, Any]) -> Profile:
    names = ("aliases", "phones", "emails", "addresses", "documents", "handles", "vehicles")
    lists: dict[str, Any] = {name: tuple(identity[name]) for name in names}
    return Profile(
        role=identity["role"],
        given=identity["given"],
        patronymic=identity["patronymic"],
        family=identity["family"],
        **lists,
    )
