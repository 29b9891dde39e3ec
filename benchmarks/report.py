"""What was measured, beside what it should be: a table for people, JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

#: The numbered goals of docs/performance.md.
GOALS = {
    1: "kept walls, 304",
    2: "walls and lists that have to be made",
    3: "reads among a million reviews",
    4: "lists beside Isso",
    5: "submissions",
    6: "the verifier, tiles of the log",
    7: "start and memory",
}
#: A goal that is a bound: on the ratio where it is in ×, else on the value.
_BOUND = re.compile(r"([≤≥]) ([\d.,]+)(?: (\S+))?$")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement, ``value`` in ``unit``.

    ``ratio`` compares it with a base of the same run, ``low`` and ``high`` are its least and
    greatest over the rounds. ``goal`` is in words, best as a bound (``≤ 1.2 ×``, ``≥ 300 /s``), by
    which the figure is judged; ``passed`` says what else there is to be known, or what the bound
    does not say. ``number`` is that of the goal among :data:`GOALS`.
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
    number: int | None = None

    @property
    def gap(self) -> float | None:
        """By which share of its bound the figure is beyond it, negative within it; ``None``
        without a bound other than zero."""
        bound = _BOUND.match(self.goal or "")
        if bound is None:
            return None
        sign, limit, unit = bound[1], float(bound[2].replace(",", "")), bound[3]
        measured = self.ratio if unit == "×" else self.value
        if measured is None or not limit:
            return None
        return measured / limit - 1 if sign == "≤" else 1 - measured / limit

    @property
    def reached(self) -> bool | None:
        """Whether the goal was; ``None`` where there is none."""
        if self.gap is None or self.passed is False:
            return self.passed
        return self.gap <= 0

    @property
    def verdict(self) -> str:
        """PASS, or by how much the goal was missed."""
        if self.reached is None:
            return ""
        if self.reached:
            return "PASS"
        if self.gap is None or self.gap <= 0:
            return "MISSED"
        percent = 100 * self.gap
        # What was missed by less than one percent was missed all the same.
        return f"MISSED by {percent:.0f} %" if percent >= 1 else f"MISSED by {percent:.2g} %"

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} ×"
        spread = "" if self.low is None else f"{self.low:.2f} – {self.high:.2f}"
        return (
            "" if self.number is None else str(self.number),
            self.name,
            f"{number(self.value)} {self.unit}",
            ratio,
            spread,
            self.goal or "",
            self.verdict,
            self.note,
        )


HEADINGS = ("goal", "what", "figure", "ratio", "spread", "should be", "", "")


def coverage(figures: Sequence[Figure]) -> str:
    """One line per numbered goal: that all its figures reached it, which did not, or that none
    was measured."""
    lines = []
    for goal, title in GOALS.items():
        judged = [f for f in figures if f.number == goal and f.reached is not None]
        missed = [f"{f.name} ({f.verdict})" for f in judged if not f.reached]
        found = f"{len(judged) - len(missed)} of {len(judged)} PASS" if judged else "not measured"
        lines.append(f"Goal {goal}, {title}: " + "; ".join([found, *missed]))
    return "\n".join(lines)


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
        "figures": [
            {**asdict(figure), "reached": figure.reached, "verdict": figure.verdict}
            for figure in figures
        ],
    }
    path.write_text(json.dumps(measured, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
