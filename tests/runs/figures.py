"""What the runs found: a table for people, JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One goal and what was found. Both are words with their numbers in them."""

    goal: str
    value: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A run that has ended; ``seconds`` is how long it took."""

    name: str
    figures: tuple[Figure, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        return all(figure.passed for figure in self.figures)


#: Characters of a finding in the table.
LONGEST = 120
HEADINGS = ("run", "goal", "figure", "", "time")


def counted(number: int, thing: str, things: str | None = None) -> str:
    """``1 bad entry``, ``2,000 bad entries``."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def none_of(bad: Sequence[str], goal: str, value: str) -> Figure:
    """A figure that passes when nothing is ``bad``; else its value counts and names the first."""
    if not bad:
        return Figure(goal, value, True)
    first = " ".join(bad[0].split())[:LONGEST]
    return Figure(goal, f"{value}; BAD: {len(bad):,}, first: {first}", False)


def table(runs: Sequence[Done]) -> str:
    """One row per figure; the name and the time of a run stand in its first row."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    for done in runs:
        for number, figure in enumerate(done.figures):
            name, taken = (done.name, f"{done.seconds:,.0f} s") if number == 0 else ("", "")
            rows.append((name, figure.goal, figure.value, verdict(figure.passed), taken))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * wide for wide in widths))
    return "\n".join(lines)


def verdict(passed: bool) -> str:
    return "PASS" if passed else "FAIL"


def write_json(path: Path, runs: Sequence[Done], *, full: bool) -> None:
    """Keep the figures, and on what they were found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "full": full,
        "passed": all(done.passed for done in runs),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "cores": len(os.sched_getaffinity(0)),
        "runs": [{**asdict(done), "passed": done.passed} for done in runs],
    }
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
