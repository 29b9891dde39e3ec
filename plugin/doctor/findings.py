"""What the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: An error is evidence lost, changed or unprotected, or a service that cannot go on. Advice is what
#: a careful operator would do.
Severity = Literal["error", "advice"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``check`` names what was looked at; ``problem`` and ``remedy`` are sentences."""

    check: str
    severity: Severity
    problem: str
    remedy: str


def error(check: str, problem: str, remedy: str) -> Finding:
    """Something is wrong."""
    return Finding(check, "error", problem, remedy)


def advice(check: str, problem: str, remedy: str) -> Finding:
    """Something could be better."""
    return Finding(check, "advice", problem, remedy)
