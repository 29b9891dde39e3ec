"""Each format module's docstring is its specification; its example is true."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "module", ["checkpoint", "cosignature", "encoding", "merkle", "note", "proof", "tile"]
)
def test_the_example_in_the_docstring_is_true(module: str) -> None:
    results = doctest.testmod(import_module(f"insurance_reviews.moderation.tlog.{module}"))
    assert results.failed == 0
    assert results.attempted > 0
