"""What was measured, beside what it should be: a table for people, JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement, ``value`` in ``unit``.

    ``ratio`` compares it with a base of the same run, ``low`` and ``high`` are its least and
    greatest over the rounds. ``goal`` is in words; ``passed`` is ``None`` where there is none.
    """

    name: str
    value: float
    unit: str
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    goal: str | None = None
    passed: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """PASS, or how the goal was missed."""
        if self.passed is None:
            return ""
        return "PASS" if self.passed else "MISSED"

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} ×"
        spread = "" if self.low is None else f"{self.low:.2f} – {self.high:.2f}"
        return (
            self.name,
            f"{number(self.value)} {self.unit}",
            ratio,
            spread,
            self.goal or "",
            self.verdict,
            self.note,
        )


HEADINGS = ("what", "figure", "ratio", "spread", "goal", "", "")


def number(value: float) -> str:
    """Three significant digits, or all of a whole number."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns."""
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True))
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * wide for wide in widths))
    return "\n".join(line.rstrip() for line in lines)


def width(text: str) -> int:
    """Columns of a terminal; Chinese characters take two."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def write_json(path: Path, figures: Sequence[Figure], *, quick: bool) -> None:
    """Keep the figures, and on what they were measured."""
    path.parent.mkdir(exist_ok=True)
    measured = {
        "quick": quick,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "cores": len(os.sched_getaffinity(0)),
        "figures": [asdict(figure) for figure in figures],
    }
    path.write_text(json.dumps(measured, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
