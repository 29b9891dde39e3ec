"""``insurance-reviews-witness``, as somebody runs it who has never seen it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import click
import pytest
from click.testing import CliRunner, Result

from insurance_reviews.moderation.tlog.cosignature import CosignatureVerifier
from insurance_reviews.moderation.tlog.note import open_note
from insurance_reviews.moderation.witness.command import main
from support.checkout import ROOT
from support.witnesses import ORIGIN, Grown, run_witness, witness_process

from .conftest import Watched

LOG = Grown(6)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_witness_from_nothing(tmp_path: Path) -> None:
    """Made, told its log, served and asked, by real processes."""
    state = tmp_path / "w"
    vkey = run_witness("init", "--name", "witness.example/w1", "--state", str(state)).strip()
    assert run_witness("key", "--state", str(state)).strip() == vkey
    run_witness("log", "add", LOG.vkeys[0], "--state", str(state))
    with witness_process(state) as (address, _):
        request = Request(f"{address}/add-checkpoint", data=LOG.ask(0, 6))
        with urlopen(request, timeout=10) as answer:
            line = answer.read().decode()
    assert open_note(LOG.note(6) + line, CosignatureVerifier.parse(vkey)).verified
    assert "log.example/1: 6 entries, 20" in run_witness("log", "list", "--state", str(state))


def test_logs_are_added_listed_and_removed(watched: Watched) -> None:
    state = ("--state", watched.directory)
    assert run("log", "add", LOG.vkeys[0], *state).output == f"{ORIGIN}: followed already\n"
    assert run("log", "add", LOG.vkeys[0], "--origin", "x", *state).output == "x: follows\n"
    assert run("log", "list", *state).output == (
        f"{ORIGIN}: nothing cosigned\n  {LOG.vkeys[0]}\nx: nothing cosigned\n  {LOG.vkeys[0]}\n"
    )
    assert run("log", "remove", "x", *state).exit_code == 0
    refused = run("log", "remove", "x", *state)
    assert (refused.exit_code, refused.output) == (1, "Error: no such log or key: x\n")
    watched.cosigned(0, 3)
    assert run("log", "remove", ORIGIN, "--key", LOG.vkeys[0], *state).exit_code == 0
    assert "3 entries, 2026-09-21T14:13:20Z, no longer" in run("log", "list", *state).output


@pytest.mark.parametrize("key", ["x", "", "a+b+c", LOG.vkeys[0][:-4], LOG.vkeys[0] + "A"])
def test_a_key_that_is_none_is_refused(watched: Watched, key: str) -> None:
    refused = run("log", "add", "--state", watched.directory, "--", key)
    assert refused.exit_code == 1
    assert "give the line that the log's /key serves" in refused.output


def test_a_witness_s_key_is_no_log_s(watched: Watched) -> None:
    assert run("log", "add", watched.witness.vkey, "--state", watched.directory).exit_code == 1


def test_evidence_is_printed_whole(watched: Watched) -> None:
    state = ("--state", watched.directory)
    assert run("evidence", *state).output == ""
    watched.cosigned(0, 6)
    fork = Grown(8, "rewritten", 3)
    watched.ask(6, 6, fork)
    watched.ask(6, 8, fork)
    output = run("evidence", *state).output
    assert "FORK of log.example/1" in output
    assert "NOT PROVEN, log.example/1" in output
    for note in (watched.log.note(6), fork.note(6), fork.note(8)):
        assert note in output


@pytest.mark.parametrize("command", [["serve"], ["log", "list"], ["evidence"], ["key"]])
def test_without_a_witness_there_is_a_remedy(tmp_path: Path, command: list[str]) -> None:
    refused = run(*command, "--state", tmp_path)
    assert refused.exit_code == 1
    assert "insurance-reviews-witness init" in refused.output


def test_a_second_one_is_not_made(watched: Watched) -> None:
    refused = run("init", "--name", "witness.example/w2", "--state", watched.directory)
    assert (refused.exit_code, "already" in refused.output) == (1, True)


def test_the_state_may_be_named_by_the_environment(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSURANCE_REVIEWS_WITNESS_STATE", str(watched.directory))
    assert run("key").output.strip() == watched.witness.vkey


PAGE = (ROOT / "docs" / "witness.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line", [line.strip()[2:] for line in PAGE.splitlines() if line.lstrip().startswith("$ ")]
)
def test_the_commands_that_are_shown_exist(line: str) -> None:
    arguments = shlex.split(line)[1:]
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.commands[arguments.pop(0)]
    with command.make_context(line, arguments):
        pass


def test_every_command_is_in_the_reference() -> None:
    def names(group: click.Group, path: str) -> list[str]:
        return [
            name
            for short, command in group.commands.items()
            for name in (
                names(command, f"{path} {short}")
                if isinstance(command, click.Group)
                else [f"{path} {short}"]
            )
        ]

    missing = [name for name in names(main, str(main.name)) if f"| `{name}" not in PAGE]
    assert missing == []


def test_it_needs_neither_flask_nor_sqlalchemy() -> None:
    """A regulator installs a witness, not a shop."""
    source = (
        "import sys, insurance_reviews.moderation.witness.command, "
        "insurance_reviews.moderation.witness.app;"
        "print([name for name in ('flask', 'sqlalchemy', 'jinja2', 'insurance_reviews.plugin')"
        " if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "[]\n"
