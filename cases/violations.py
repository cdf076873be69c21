"""The list of kinds of violation, perpetrators and evidence that the project ships, read once."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

_FILE = Path(__file__).parent / "reference" / "violations.json"


@dataclass(frozen=True, slots=True)
class Violation:
    """A kind of violation: labels, definition, provisions it usually touches (`ECHR:3`), evidence to look for."""

    code: str
    group: str
    subgroup: str
    label_en: str
    label_ru: str
    definition: str
    articles: tuple[str, ...]
    perpetrators: tuple[str, ...]
    evidence: tuple[str, ...]
    women_specific: bool
    urgent_action_en: str
    urgent_action_ru: str
    core: bool

    @property
    def label(self) -> str:
        return self.label_ru if get_language() == "ru" else self.label_en

    @property
    def urgent_action(self) -> str:
        """What cannot wait, in a few words; empty where nothing is more urgent than usual."""
        return self.urgent_action_ru if get_language() == "ru" else self.urgent_action_en


@dataclass(frozen=True, slots=True)
class Term:
    """A bilingual word of one of the dictionaries."""

    code: str
    en: str
    ru: str

    def __str__(self) -> str:
        return self.ru if get_language() == "ru" else self.en


@cache
def _data() -> dict[str, object]:
    data: dict[str, object] = json.loads(_FILE.read_text(encoding="utf-8"))
    return data


@cache
def _nodes() -> dict[str, dict[str, object]]:
    nodes = _data()["nodes"]
    assert isinstance(nodes, list)  # noqa: S101 (the shipped file is ours)
    return {node["id"]: node for node in nodes}


@cache
def all_violations() -> dict[str, Violation]:
    """Every leaf of the list by its code, in the order of the file."""
    return {code: _leaf(node) for code, node in _nodes().items() if node["level"] == 3}


def _leaf(node: dict[str, object]) -> Violation:
    subgroup = str(node["parent"])
    return Violation(
        code=str(node["id"]),
        group=str(_nodes()[subgroup]["parent"]),
        subgroup=subgroup,
        label_en=str(node["label_en"]),
        label_ru=str(node["label_ru"]),
        definition=str(node["definition"]),
        articles=_texts(node, "articles"),
        perpetrators=_texts(node, "perpetrators"),
        evidence=_texts(node, "evidence"),
        women_specific=bool(node["women_specific"]),
        urgent_action_en=str(node["urgent_action"] or ""),
        urgent_action_ru=str(node.get("urgent_action_ru") or ""),
        core=bool(node["core"]),
    )


def _texts(node: dict[str, object], name: str) -> tuple[str, ...]:
    value = node.get(name)
    return tuple(map(str, value)) if isinstance(value, list) else ()


@cache
def _dictionary(name: str) -> dict[str, Term]:
    entries = _data()[name]
    assert isinstance(entries, dict)  # noqa: S101 (the shipped file is ours)
    return {code: Term(code, words["en"], words["ru"]) for code, words in entries.items()}


def perpetrator_kinds() -> dict[str, Term]:
    return _dictionary("perpetrators")


def evidence_kinds() -> dict[str, Term]:
    return _dictionary("evidence")


def group_label(code: str) -> str:
    """The label of a group or subgroup in the active language."""
    node = _nodes()[code]
    return str(node["label_ru"] if get_language() == "ru" else node["label_en"])
