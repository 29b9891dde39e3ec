"""The interval of an average: what it promises, computed exactly, and its published parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import factorial, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.estimate import Interval, interval_of, is_small, quantile, rounded

#: How many of a hundred people of some populations would give 1, 2, … 5 stars.
POPULATIONS = {
    "usual": (9, 6, 12, 28, 45),
    "crowded": (2, 1, 2, 10, 85),
    "angry": (45, 25, 10, 8, 12),
    "split": (40, 5, 5, 5, 45),
}
histograms = st.fixed_dictionaries({score: st.integers(0, 500) for score in range(1, 6)}).filter(
    lambda histogram: any(histogram.values())
)


def outcomes(number: int, kinds: int = 5) -> Iterator[tuple[int, ...]]:
    """Every histogram of ``number`` reviews."""
    if kinds == 1:
        yield (number,)
        return
    for first in range(number + 1):
        for rest in outcomes(number - first, kinds - 1):
            yield (first, *rest)


def ends(histogram: Mapping[int, int]) -> Interval:
    found = interval_of(histogram)
    assert found is not None
    return found


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("number", [1, 2, 5, 10, 16])
def test_the_interval_holds_the_truth_as_often_as_it_says(population: str, number: int) -> None:
    """Summed over every sample that there can be: at least 95 times of 100."""
    shares = [each / 100 for each in POPULATIONS[population]]
    truth = sum(score * share for score, share in enumerate(shares, 1))
    covered = 0.0
    for counts in outcomes(number):
        interval = ends(dict(enumerate(counts, 1)))
        if float(interval.low) <= truth <= float(interval.high):
            pairs = zip(shares, counts, strict=True)
            covered += factorial(number) * prod(p**n / factorial(n) for p, n in pairs)
    assert covered >= 0.95


@given(histograms)
def test_it_lies_on_the_scale_around_the_average(histogram: dict[int, int]) -> None:
    total = sum(score * number for score, number in histogram.items())
    average = rounded(total, sum(histogram.values()))
    interval = ends(histogram)
    assert average is not None
    assert 1 <= interval.low <= average <= interval.high <= 5


@given(histograms, st.integers(2, 50))
def test_more_of_the_same_makes_it_no_wider(histogram: dict[int, int], times: int) -> None:
    few = ends(histogram)
    many = ends({score: times * number for score, number in histogram.items()})
    assert many.high - many.low <= few.high - few.low


def test_nothing_has_no_interval() -> None:
    assert interval_of({}) is None
    assert interval_of({1: 0, 5: 0}) is None


@pytest.mark.parametrize(
    ("degrees", "published"),
    # Abramowitz and Stegun, table 26.10, p. 990.
    [(2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (40, 2.021), (60, 2.000), (120, 1.980)],
)
def test_quantiles_are_the_published_ones(degrees: int, published: float) -> None:
    assert round(quantile(degrees), 3) == published


def test_quantiles_fall_without_a_step() -> None:
    found = [quantile(degrees) for degrees in range(2, 200)]
    assert found == sorted(found, reverse=True)


def test_small_samples_are_called_so() -> None:
    assert [is_small(count) for count in (0, 1, 29, 30)] == [False, True, True, False]
