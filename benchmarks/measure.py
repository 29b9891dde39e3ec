"""Measuring fairly: contenders take turns, so that whatever else the machine does hits them all."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Contenders = Mapping[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Compared:
    """A contender beside the base. Seconds; the ratio is the median over the rounds' ratios."""

    seconds: float
    ratio: float
    low: float
    high: float


def compare(
    contenders: Contenders, base: str, *, rounds: int, turns: int, title: str
) -> dict[str, Compared]:
    """Run the contenders in turn, ``turns`` times in each of ``rounds`` rounds.

    A round's figure is the median of its turns. A few turns before the first round fill caches.
    """
    medians: dict[str, list[float]] = {name: [] for name in contenders}
    with Progress(title, rounds * turns) as progress:
        for contender in contenders.values():
            for _ in range(max(3, turns // 10)):
                contender()
        gc.collect()
        for _ in range(rounds):
            taken: dict[str, list[float]] = {name: [] for name in contenders}
            for _ in range(turns):
                for name, contender in contenders.items():
                    start = time.perf_counter()
                    contender()
                    taken[name].append(time.perf_counter() - start)
                progress.step()
            for name, seconds in taken.items():
                medians[name].append(median(seconds))
    return {name: _compared(found, medians[base]) for name, found in medians.items()}


def _compared(found: Sequence[float], base: Sequence[float]) -> Compared:
    ratios = [ours / theirs for ours, theirs in zip(found, base, strict=True)]
    return Compared(median(found), median(ratios), min(ratios), max(ratios))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Progress:
    """A bar on the terminal, or one line where there is no terminal."""

    WIDTH = 30

    def __init__(self, title: str, total: int) -> None:
        self._title, self._total = title, max(1, total)
        self._done = self._shown = 0
        self._live = sys.stderr.isatty()
        self._start = time.monotonic()

    def __enter__(self) -> Progress:
        if not self._live:
            print(f"  {self._title} …", file=sys.stderr, flush=True)
        return self

    def step(self, steps: int = 1) -> None:
        """So many steps more are done."""
        self._done += steps
        filled = self.WIDTH * self._done // self._total
        if self._live and filled != self._shown:
            self._shown = filled
            bar = "█" * filled + "░" * (self.WIDTH - filled)
            print(f"\r\033[K  {bar} {self._title}", end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self._live:
            taken = time.monotonic() - self._start
            print(f"\r\033[K  {self._title}: {taken:.1f} s", file=sys.stderr, flush=True)
