"""The specifications in the docstrings and in the documentation have examples that are true."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

LOG_FORMAT = Path(__file__).parents[3] / "docs" / "log-format.md"


@pytest.mark.parametrize(
    "module", ["checkpoint", "cosignature", "encoding", "keys", "merkle", "note", "proof", "tile"]
)
def test_the_example_in_the_docstring_is_true(module: str) -> None:
    results = doctest.testmod(import_module(f"insurance_reviews.moderation.tlog.{module}"))
    assert results.failed == 0
    assert results.attempted > 0


def test_the_examples_in_the_documentation_are_true() -> None:
    results = doctest.testfile(str(LOG_FORMAT), module_relative=False, encoding="utf-8")
    assert results.failed == 0
    assert results.attempted > 0
