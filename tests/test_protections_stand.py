"""Every protection that `make protections` takes away still stands where it says, and its tests are there."""

import ast

import pytest

from tests.protections import _ROOT, PROTECTIONS, Protection


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda each: each.what)
def test_it_stands_where_it_says(protection: Protection) -> None:
    text = (_ROOT / protection.file).read_text(encoding="utf-8")
    assert protection.with_it in text
    if protection.file.endswith(".py"):
        ast.parse(text.replace(protection.with_it, protection.without_it))
    for each in protection.tests.split():
        if each.startswith("tests/"):
            path, _, name = each.partition("::")
            assert (_ROOT / path).exists(), each
            assert not name or name in _names_in(path), each


def _names_in(path: str) -> set[str]:
    lines = (_ROOT / path).read_text(encoding="utf-8").splitlines()
    return {line.split("(")[0].removeprefix("def ") for line in lines if line.startswith("def test_")}
