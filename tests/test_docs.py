"""What is not documented is not finished: each public name has its heading."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields

import click
import jsonschema_rs
import pytest
from blinker import Signal

from insurance_reviews.plugin import signals
from insurance_reviews.plugin.api import ENDPOINTS
from insurance_reviews.plugin.api.endpoint import Endpoint
from insurance_reviews.plugin.api.shapes import COMPONENTS
from insurance_reviews.plugin.cli import main, reviews_cli
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


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_each_code_of_a_call_is_listed(endpoint: Endpoint) -> None:
    assert [code for code in endpoint.errors if f"errors.md#{code}" not in section(endpoint)] == []


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_the_examples_of_a_call_are_right(endpoint: Endpoint) -> None:
    """What stands after "Body:" is taken, and the last example could be an answer."""
    bodies, others = examples(section(endpoint))
    assert len(bodies) == (endpoint.body is not None)
    for body in bodies:
        assert endpoint.body is not None
        endpoint.body.model_validate_json(body)
        assert set(json.loads(body)) == set(endpoint.body.model_fields)
    for answer in others:
        schema = {**endpoint.answer, "components": {"schemas": COMPONENTS}}
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(
            json.loads(answer)
        )
    if endpoint.media_type == "application/json" and endpoint.answer and endpoint.body:
        assert others


def section(endpoint: Endpoint) -> str:
    """What ``docs/api.md`` says of a call."""
    [found] = [
        part
        for part in text_of("api").split("\n## ")
        if endpoint.method in part.split("\n")[0]
        and part.split("\n")[0].rstrip("`").endswith(f" {endpoint.path}")
    ]
    return found


def examples(text: str) -> tuple[list[str], list[str]]:
    """The JSON examples in ``text``: bodies, and all others."""
    found = re.findall(r"(Body:\n\n)?```json\n(.*?)```", text, re.DOTALL)
    return [block for body, block in found if body], [block for body, block in found if not body]


@pytest.mark.parametrize(
    ("page", "line"),
    [
        (path.name, line[2:])
        for path in [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(("$ flask reviews", "$ insurance-reviews "))
    ],
)
def test_the_commands_that_are_shown_exist(page: str, line: str) -> None:
    """With these arguments and options; what stands in capitals is the reader's to fill in."""
    words = shlex.split(line, comments=True)
    arguments = words[2:] if words[0] == "flask" else words[1:]
    command: click.Command = reviews_cli if words[0] == "flask" else main
    while isinstance(command, click.Group):
        command = command.commands[arguments.pop(0)]
    # A choice in the reference, {a|b}; a file of the reader's.
    arguments = [part.strip("{}").split("|")[0] for part in arguments]
    files = [name for name in arguments if name == "EVENTS" or name.endswith(".jsonl")]
    arguments = [os.devnull if name in files else name for name in arguments]
    with command.make_context(line, arguments):
        pass


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
