"""Every example in moderation's docstrings does what it shows.

They run under the installed names: collected as files, the modules would exist a second time.
"""

from __future__ import annotations

import doctest
import importlib

import pytest

from support.checkout import checkout_files

MODULES = [
    ".".join(["insurance_reviews", *name.with_suffix("").parts]).removesuffix(".__init__")
    for name in checkout_files()
    if name.parts[0] == "moderation" and name.suffix == ".py"
]


def attempted(module_name: str) -> int:
    results = doctest.testmod(importlib.import_module(module_name), raise_on_error=False)
    assert results.failed == 0
    return results.attempted


@pytest.mark.parametrize("module_name", MODULES)
def test_the_examples_hold(module_name: str) -> None:
    attempted(module_name)


def test_the_formats_have_examples() -> None:
    """A format's docstring is its specification, and a specification has examples."""
    formats = [name for name in MODULES if name.startswith("insurance_reviews.moderation.tlog.")]
    with_examples = [name for name in formats if attempted(name)]
    assert {name.rpartition(".")[2] for name in with_examples} >= {"checkpoint", "note", "merkle"}
