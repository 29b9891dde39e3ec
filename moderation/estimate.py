"""What scores come to, and how far that can be trusted: an average, and its 95 % interval from the
histogram alone.

The interval is Student's over the reviews *and two imagined ones, one at each end of the scale*.
The plain one, mean ± t·s/√n, fails where it matters: five reviews of five stars each have no
variance, and it calls their average exact. Scores crowd at the ends of their scale, so a few of
them often agree by chance. Agresti and Coull's remedy for proportions, to add successes and
failures before computing the plain interval (*The American Statistician* 52 (1998), 119-126; one
of each by Agresti and Caffo, 54 (2000), 280-288), is here taken to a scale of five.
``docs/figures.md`` has the formula for those who recompute it, and how often the interval holds
the truth, which the tests compute exactly.

>>> interval_of({1: 0, 2: 0, 3: 0, 4: 0, 5: 5})
Interval(low=Decimal('3.03'), high=Decimal('5.00'))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from math import sqrt

LOWEST, HIGHEST = 1, 5
#: Fewer reviews than this are called a small sample. With scores spread as they usually are
#: (a standard deviation around 1.4) the interval of 30 is a whole star wide.
SMALL = 30
#: The 97.5 % quantile of the normal distribution.
_Z = 1.959963984540054
#: That of Student's t with 2, 3, … 29 degrees of freedom, as every table of it has them.
_T = (
    *(4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.30600, 2.26216, 2.22814, 2.20099),
    *(2.17881, 2.16037, 2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596, 2.07961),
    *(2.07387, 2.06866, 2.06390, 2.05954, 2.05553, 2.05183, 2.04841, 2.04523),
)
#: The terms of the expansion that goes on from there.
_TERMS: tuple[float, ...] = (
    (_Z**3 + _Z) / 4,
    (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / 96,
    (3 * _Z**7 + 19 * _Z**5 + 17 * _Z**3 - 15 * _Z) / 384,
    (79 * _Z**9 + 776 * _Z**7 + 1482 * _Z**5 - 1920 * _Z**3 - 945 * _Z) / 92160,
)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the average of all who could have written lies, by 95 %: both ends rounded outwards
    to two decimals, within the scale."""

    low: Decimal
    high: Decimal

    def overlaps(self, other: Interval) -> bool:
        """Whether the two have a value in common."""
        return self.low <= other.high and other.low <= self.high


def interval_of(histogram: Mapping[int, int]) -> Interval | None:
    """The interval of the average of ``histogram`` (score → number); ``None`` without reviews."""
    if not any(histogram.values()):
        return None
    number, total, squares = 2, LOWEST + HIGHEST, LOWEST**2 + HIGHEST**2
    for score, count in histogram.items():
        number += count
        total += count * score
        squares += count * score * score
    mean = total / number
    # The sums are whole numbers: nothing is lost by subtracting, however many reviews there are.
    error = sqrt((number * squares - total * total) / (number - 1)) / number
    half = quantile(number - 1) * error
    return Interval(
        _rounded(max(mean - half, LOWEST), ROUND_FLOOR),
        _rounded(min(mean + half, HIGHEST), ROUND_CEILING),
    )


def quantile(degrees: int) -> float:
    """The 97.5 % quantile of Student's t with ``degrees`` ≥ 2 of freedom.

    From 30 on by the expansion 26.7.5 of Abramowitz and Stegun, *Handbook of Mathematical
    Functions* (1964), p. 949, whose error is then below one in a million.
    """
    if degrees < len(_T) + 2:
        return _T[degrees - 2]
    found = _Z
    for power, term in enumerate(_TERMS, start=1):
        found += term / degrees**power
    return found


def rounded(total: int, count: int, step: str = "0.01") -> Decimal | None:
    """total ÷ count to ``step``, half up; ``None`` when there is nothing to divide by."""
    if count == 0:
        return None
    return (Decimal(total) / count).quantize(Decimal(step), ROUND_HALF_UP)


def is_small(count: int) -> bool:
    """Whether ``count`` reviews are a small sample."""
    return 0 < count < SMALL


def _rounded(value: float, way: str) -> Decimal:
    # Nine decimals first, so that a value that is meant to lie on a hundredth does.
    return Decimal(f"{value:.9f}").quantize(_CENT, way)
