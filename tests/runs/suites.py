"""Runs that are tests already: pytest makes them, and its report is counted."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from support.checkout import ROOT

from .figures import Figure, counted, none_of
from .places import temporary_folder


def suite(goal: str, tests: Sequence[str], *options: str) -> Figure:
    """Make ``tests`` (paths below ``tests/``); the figure passes when all do, and none is
    skipped."""
    with temporary_folder() as folder:
        report = folder / "report.xml"
        paths = [str(ROOT / "tests" / name) for name in tests]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, f"--junitxml={report}", *options, *paths],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            print(done.stdout, file=sys.stderr)
        if not report.exists():
            return Figure(goal, f"pytest ends with {done.returncode}", False)
        return _figure(goal, report)


def _figure(goal: str, report: Path) -> Figure:
    cases = list(ET.parse(report).iter("testcase"))
    bad = [
        f"{case.get('name')} ({outcome.tag})"
        for case in cases
        for outcome in case
        if outcome.tag in {"failure", "error", "skipped"}
    ]
    if not cases:
        bad = ["there is no such test"]
    return none_of(bad, goal, f"{counted(len(cases), 'test')}, {len(bad):,} bad")
