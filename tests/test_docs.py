"""What is not documented is not finished: each public name has its heading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import click
import pytest
from blinker import Signal

from insurance_reviews.plugin import signals
from insurance_reviews.plugin.api import ENDPOINTS
from insurance_reviews.plugin.api.endpoint import Endpoint
from insurance_reviews.plugin.cli import reviews_cli
from insurance_reviews.plugin.messages import FAULTS, PROBLEMS
from insurance_reviews.plugin.settings import PREFIX, Settings
from support.checkout import ROOT


def text_of(page: str) -> str:
    return (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")


def headings(page: str) -> list[str]:
    """The second-level headings of a page, in order."""
    return [line[3:] for line in text_of(page).splitlines() if line.startswith("## ")]


def commands(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for part, below in command.commands.items():
            yield from commands(below, f"{name} {part}")
    else:
        yield name


def test_each_setting_has_a_heading_and_each_heading_a_setting() -> None:
    assert headings("settings") == [f"`{PREFIX}{field.name.upper()}`" for field in fields(Settings)]


def test_each_error_has_a_heading() -> None:
    assert headings("errors") == [*(f"`{code}`" for code in sorted(PROBLEMS)), "Codes of fields"]


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_each_fault_of_a_field_is_listed(code: str) -> None:
    assert f"| `{code}` |" in text_of("errors")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_each_call_has_a_heading(endpoint: Endpoint) -> None:
    assert any(
        endpoint.method in heading and heading.rstrip("`").endswith(f" {endpoint.path}")
        for heading in headings("api")
    )


@pytest.mark.parametrize("command", sorted(commands(reviews_cli, "flask reviews")))
def test_each_command_has_a_heading(command: str) -> None:
    assert f"`{command}`" in headings("commands")


@pytest.mark.parametrize("name", [name for name in vars(signals) if name.islower()])
def test_each_signal_is_listed(name: str) -> None:
    """The module's other names are functions and modules."""
    if isinstance(getattr(signals, name), Signal):
        assert f"| `{name}` |" in text_of("commands")


def test_the_readme_leads_to_pages_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [part.split(")", 1)[0] for part in readme.split("](")[1:]]
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert missing == []
