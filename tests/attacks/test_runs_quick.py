"""The long runs of ``make attack``, in short: by the same command, as samples."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runs.__main__ import INTERRUPTED, LACKING, REACHED
from runs.registry import RUNS, SUITES, load
from support.checkout import ROOT

RUNNER = [sys.executable, "-m", "runs"]


def environment(**changed: str) -> dict[str, str]:
    """This process's, in which the runs can be imported."""
    python_path = os.pathsep.join([str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": python_path, **changed}


def command(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """``python -m runs``, which wants to be its process's only thread."""
    return subprocess.run(
        [*RUNNER, *arguments],
        env=environment(**changed),
        capture_output=True,
        text=True,
        timeout=110,
    )


@pytest.mark.parametrize("name", [name for name in RUNS if name not in SUITES])
def test_a_sample_reaches_every_goal_or_says_what_it_lacks(name: str, tmp_path: Path) -> None:
    figures = tmp_path / "attack.json"
    done = command("--quick", "--only", name, "--json", str(figures))
    if missing := load(name).needs():
        assert done.returncode == LACKING
        assert [one for one in missing if f"{one}  (for {name})" not in done.stderr] == []
        assert not figures.exists()
        return
    assert done.returncode == REACHED, done.stdout + done.stderr
    [run] = json.loads(figures.read_text())["runs"]
    assert run["passed"]
    assert run["figures"]
    assert [figure for figure in run["figures"] if not figure["passed"]] == []
    assert run["name"] in done.stdout


def test_what_is_missing_is_said_before_anything_is_run(tmp_path: Path) -> None:
    """All at once, each with its remedy and the runs that want it."""
    done = command("--json", str(tmp_path / "attack.json"), PATH=str(tmp_path))
    assert done.returncode == LACKING
    assert "This machine lacks:" in done.stderr
    for remedy in ("apt-get install golang-go", "apt-get install strace"):
        assert remedy in done.stderr
    assert "(for foreign)" in done.stderr
    assert "(for durable-sqlite, durable-postgresql, faults)" in done.stderr
    assert not (tmp_path / "attack.json").exists()


def test_only_the_needs_of_what_is_asked_for_count(tmp_path: Path) -> None:
    done = command("--list", "--only", "kills-sqlite", PATH=str(tmp_path))
    assert (done.returncode, done.stdout.split()[0]) == (REACHED, "kills-sqlite")


def test_an_interrupted_run_takes_everything_away(tmp_path: Path) -> None:
    """Its processes, which say nothing any more, and its files."""
    place, figures = tmp_path / "place", tmp_path / "attack.json"
    place.mkdir()
    with subprocess.Popen(
        [*RUNNER, "--only", "kills-sqlite", "--json", str(figures)],
        env=environment(TMPDIR=str(place)),
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        while not list(place.glob("ir-*/place/reviews.sqlite-wal")):
            assert run.poll() is None
            time.sleep(0.05)
        time.sleep(1)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert (run.returncode, said.splitlines()[-1]) == (INTERRUPTED, "Interrupted.")
    assert list(place.iterdir()) == []
    assert not figures.exists()
