"""Word tables of the mention detectors, kept as text so that people who know a language can mend them."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

_HERE = files(__package__)


@lru_cache(maxsize=8)
def load_toml(name: str) -> dict[str, Any]:
    """The table `name`.toml; its first level is a language or a topic."""
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


def load_lines(name: str) -> list[list[str]]:
    """The words of each line of `name`.txt; lines that start with # are left out."""
    text = (_HERE / f"{name}.txt").read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]
