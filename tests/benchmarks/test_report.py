"""What ``make bench`` says of a figure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from report import GOALS, Figure, coverage, table, write_json


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("a", 5.0, "ms"), ""),
        (Figure("a", 5.0, "ms", 1.2, goal="≤ 1.2 ×"), "PASS"),
        (Figure("a", 5.0, "ms", 1.5, goal="≤ 1.2 ×"), "MISSED by 25 %"),
        (Figure("a", 5.0, "ms", 1.2006, goal="≤ 1.2 ×"), "MISSED by 0.05 %"),
        (Figure("a", 50.0, "/s", 0.6, goal="≥ 0.8 ×"), "MISSED by 25 %"),
        (Figure("a", 1_500, "rows", goal="≤ 1,000 rows"), "MISSED by 50 %"),
        (Figure("a", 3, "", goal="≤ 7"), "PASS"),
        (Figure("a", 3, "", goal="≤ 7", passed=False), "MISSED"),
        (Figure("a", 2, "", goal="0", passed=False), "MISSED"),
        (Figure("a", 0, "", goal="0", passed=True), "PASS"),
    ],
)
def test_a_missed_goal_says_by_how_much(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


def test_every_goal_is_told_of_by_its_number() -> None:
    figures = [
        Figure("a wall", 1.0, "/s", 0.9, goal="≥ 0.8 ×", number=1),
        Figure("a 304", 1.0, "/s", 0.4, goal="≥ 0.8 ×", number=1),
        Figure("only for the eye", 1.0, "/s", number=2),
    ]
    lines = coverage(figures).splitlines()
    assert [line.partition(",")[0] for line in lines] == [f"Goal {number}" for number in GOALS]
    assert lines[0].endswith("1 of 2 PASS; a 304 (MISSED by 50 %)")
    assert lines[1].endswith("not measured")


def test_programs_are_told_what_people_are(tmp_path: Path) -> None:
    figure = Figure("a wall", 1.0, "/s", 0.4, goal="≥ 0.8 ×", number=1)
    write_json(tmp_path / "bench.json", [figure], quick=True)
    written = json.loads((tmp_path / "bench.json").read_text("utf-8"))["figures"][0]
    assert (written["reached"], written["verdict"]) == (False, "MISSED by 50 %")
    assert written["verdict"] in table([figure])
