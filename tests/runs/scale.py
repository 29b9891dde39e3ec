"""How far a run goes: for a minute in the tests, or to the figures that are promised."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

#: Seconds between two lines of progress.
INTERVAL = 10.0


@dataclass(frozen=True, slots=True)
class Scale:
    """``full`` reaches the promised figures; otherwise a run takes a sample of them."""

    full: bool

    def pick(self, quick: T, full: T) -> T:
        """One of the two, by the scale."""
        return full if self.full else quick


QUICK = Scale(full=False)
FULL = Scale(full=True)


def steps(title: str, things: Iterable[T], total: int | None = None) -> Iterator[T]:
    """Go through ``things`` and say every ten seconds how far it has come."""
    if total is None:
        assert isinstance(things, Sized), "say how many there are"
        total = len(things)
    begun = said = time.monotonic()
    for done, thing in enumerate(things):
        if (now := time.monotonic()) - said >= INTERVAL:
            said = now
            say(f"{title}: {done:,} of {total:,}, {now - begun:.0f} s")
        yield thing


def say(line: str) -> None:
    """One line of progress."""
    print(f"  {line}", file=sys.stderr, flush=True)
