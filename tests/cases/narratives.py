"""The demonstration narratives with their gold spans, as the tests read them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import casebook.demo
from cases.mentions import Identity, Mention, find_mentions
from cases.mentions.scripts import plain
from cases.mentions.vocabulary import Topic, vocabulary

FOLDER = Path(casebook.demo.__file__).parent / "narratives"
NAMES = tuple(sorted(path.name.removesuffix(".gold.json") for path in FOLDER.glob("*.gold.json")))


@dataclass(frozen=True)
class GoldSpan:
    """A span that a person marked; `direct` ones must be lifted."""

    start: int
    end: int
    type: str
    direct: bool
    entity: str
    text: str


@dataclass(frozen=True)
class Narrative:
    """A story, the people typed in at its intake, and its gold spans."""

    name: str
    language: str
    text: str
    identities: tuple[Identity, ...]
    spans: tuple[GoldSpan, ...]
    not_on_file: frozenset[str]

    def mentions(self) -> list[Mention]:
        return find_mentions(self.text, self.identities, language=self.language)


def read_narrative(name: str) -> Narrative:
    gold = json.loads((FOLDER / f"{name}.gold.json").read_text(encoding="utf-8"))
    return Narrative(
        name=name,
        language=gold["language"],
        text=(FOLDER / gold["text_file"]).read_text(encoding="utf-8"),
        identities=tuple(map(_identity, gold["identities"])),
        spans=tuple(_span(span) for span in gold["spans"]),
        not_on_file=frozenset(gold["not_on_file"]),
    )


def _identity(typed: dict[str, Any]) -> Identity:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in typed.items()}
    key = ",".join(fields.pop("entity"))
    del fields["language"]
    return Identity(key=key, **fields)


def _span(span: dict[str, Any]) -> GoldSpan:
    direct = span["identifier"] == "DIRECT"
    return GoldSpan(span["start"], span["end"], span["type"], direct, span["entity"], span["text"])


def covered(mentions: list[Mention]) -> set[int]:
    """Offsets that mentions cover."""
    return {place for mention in mentions for place in range(mention.start, mention.end)}


def uncovered(text: str, start: int, end: int, cover: set[int]) -> str:
    """Letters and digits of text[start:end] that are not covered."""
    return "".join(text[place] for place in range(start, end) if text[place].isalnum() and place not in cover)


def wrong_words(text: str, cover: set[int], gold: set[int], language: str) -> list[str]:
    """Covered words that touch no gold span; ranks and forms of address don't count."""
    topics = vocabulary(language).topics
    return [
        word[0]
        for word in re.finditer(r"\w+", text)
        if word.start() in cover
        and gold.isdisjoint(range(word.start(), word.end()))
        and not topics(plain(word[0])) & Topic.HONORIFIC
    ]
