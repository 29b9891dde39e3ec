"""The long runs of ``make attack``, in short: by the same command, as samples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from runs.__main__ import LACKING, REACHED
from runs.registry import RUNS, SUITES, load

from support.checkout import ROOT


def command(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """``python -m runs``, which wants to be its process's only thread."""
    python_path = os.pathsep.join([str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": python_path}
    if path is not None:
        environment["PATH"] = path
    return subprocess.run(
        [sys.executable, "-m", "runs", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
    )


@pytest.mark.parametrize("name", [name for name in RUNS if name not in SUITES])
def test_a_sample_reaches_every_goal(name: str, tmp_path: Path) -> None:
    if missing := load(name).needs():
        pytest.skip(f"this machine lacks {'; '.join(missing)}")
    figures = tmp_path / "attack.json"
    done = command("--quick", "--only", name, "--json", str(figures))
    assert done.returncode == REACHED, done.stdout + done.stderr
    [run] = json.loads(figures.read_text())["runs"]
    assert run["passed"]
    assert run["figures"]
    assert [figure for figure in run["figures"] if not figure["passed"]] == []
    assert run["name"] in done.stdout


def test_what_is_missing_is_said_before_anything_is_run(tmp_path: Path) -> None:
    """All at once, each with its remedy and the runs that want it."""
    done = command("--json", str(tmp_path / "attack.json"), path=str(tmp_path))
    assert done.returncode == LACKING
    assert "This machine lacks:" in done.stderr
    for remedy in ("apt-get install golang-go", "apt-get install strace"):
        assert remedy in done.stderr
    assert "(for foreign)" in done.stderr
    assert "(for durable-sqlite, durable-postgresql, faults)" in done.stderr
    assert not (tmp_path / "attack.json").exists()


def test_only_the_needs_of_what_is_asked_for_count(tmp_path: Path) -> None:
    done = command("--list", "--only", "kills-sqlite", path=str(tmp_path))
    assert (done.returncode, done.stdout.split()[0]) == (REACHED, "kills-sqlite")
