"""A product's figures as the log gives them, at any size; and the shown ones beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..estimate import interval_of, is_small, rounded
from .entries import HOUR, STAGES
from .findings import CannotCheck
from .replay import Replay

Figures = dict[str, Any]

_SCORES: Final = (1, 2, 3, 4, 5)
#: How many months a trend goes back, the newest one with a review included.
_MONTHS: Final = 24
_REVIEWS: Final = """
SELECT stage, score, count(*) FROM review WHERE product = ? AND entry < ? GROUP BY stage, score
"""
#: The aspects of one product at all its stages: of ours, a stage has a handful.
_MOST_ASPECTS: Final = 1_000
_ASPECTS: Final = f"""
SELECT v.stage, a.key, count(*), sum(a.value) FROM review v, json_each(v.aspects) a
WHERE v.product = ? AND v.entry < ? GROUP BY v.stage, a.key LIMIT {_MOST_ASPECTS + 1}
"""
_NEWEST: Final = "SELECT max(experienced) FROM review WHERE product = ? AND entry < ?"
_EXPERIENCED: Final = """
SELECT stage, experienced, count(*), sum(score) FROM review
WHERE product = ? AND entry < ? AND experienced > ?
GROUP BY stage, experienced ORDER BY experienced
"""
_INVITATIONS: Final = """
SELECT stage, count(*) FROM invitation WHERE product = ? AND entry < ? GROUP BY stage
"""
_REPLIED: Final = """
FROM review v JOIN reply p ON p.review = v.id AND p.version = 1 AND p.entry < :size
WHERE v.product = :product AND v.entry < :size
"""
_DELAY: Final = f"""
SELECT (p.at - v.at) / {HOUR} AS hours {_REPLIED} ORDER BY hours LIMIT 1 OFFSET :middle
"""
_REMOVALS: Final = """
SELECT count(*) FROM removal r JOIN text t ON t.item = r.item JOIN review v ON v.id = t.review
WHERE r.author IS NULL AND r.entry < ? AND v.product = ?
"""
_CHANGES: Final = """
SELECT entry FROM review WHERE product = :product AND entry >= :old AND entry < :new
UNION SELECT entry FROM invitation WHERE product = :product AND entry >= :old AND entry < :new
UNION SELECT p.entry FROM reply p JOIN review v ON v.id = p.review
WHERE v.product = :product AND p.entry >= :old AND p.entry < :new
UNION SELECT r.entry FROM removal r JOIN text t ON t.item = r.item JOIN review v ON v.id = t.review
WHERE v.product = :product AND r.entry >= :old AND r.entry < :new
ORDER BY 1 DESC LIMIT 1000
"""
_PRODUCTS: Final = """
SELECT product FROM review WHERE entry < :size UNION SELECT product FROM invitation
WHERE entry < :size ORDER BY 1
"""


def products(replay: Replay, size: int) -> Iterator[str]:
    """The products that the log knows."""
    for (sku,) in replay.ask(_PRODUCTS, {"size": size}):
        yield sku


def moments(replay: Replay, product: str, old: int, new: int) -> Iterator[int]:
    """The sizes from ``old`` to ``new`` at which the product's figures may differ: ``new``
    first."""
    yield new
    if old < new:
        values = {"product": product, "old": old, "new": new}
        yield from [entry for (entry,) in replay.ask(_CHANGES, values)]


def figures(replay: Replay, product: str, size: int) -> Figures:
    """The figures of ``product`` as of ``size``, in the form of ``GET …/summary``."""
    place = (product, size)
    histograms: dict[str, dict[int, int]] = {}
    for stage, score, number in replay.ask(_REVIEWS, place):
        histograms.setdefault(stage, {})[score] = number
    aspects: dict[str, Figures] = {}
    rated = replay.ask(_ASPECTS, place).fetchall()
    if len(rated) > _MOST_ASPECTS:
        raise CannotCheck(f"{product} was rated in more than {_MOST_ASPECTS} aspects", "too-large")
    for stage, aspect, number, total in rated:
        aspects.setdefault(stage, {})[aspect] = {
            "average": rounded(total, number),
            "count": number,
        }
    eligible = dict(replay.ask(_INVITATIONS, place))
    [newest] = replay.one(_NEWEST, place) or [None]
    first = _month_before(newest or "0000-01", _MONTHS)
    trend = _trend(replay.ask(_EXPERIENCED, (*place, first)))
    overall = {
        score: sum(histogram.get(score, 0) for histogram in histograms.values())
        for score in _SCORES
    }
    replied, median = _replies(replay, product, size)
    removed = replay.one(_REMOVALS, (size, product))
    count = sum(overall.values())
    return {
        **_scores(overall),
        "months": trend.get(None, []),
        "stages": {
            stage: _stage(
                histograms.get(stage, {}),
                aspects.get(stage, {}),
                eligible.get(stage, 0),
                trend.get(stage, []),
            )
            for stage in STAGES
        },
        "replies": {"rate": rounded(replied, count, "0.0001"), "median_hours": median},
        "removals": removed[0] if removed else 0,
    }


def differences(expected: Figures, shown: object) -> list[tuple[str, object, object]]:
    """``(figure, log, shown)`` for each figure that differs.

    A stage may be left out while nothing ever happened in it. Members that no log gives, such as
    topics, are left alone.
    """
    if not isinstance(shown, Mapping):
        return [("summary", "an object", shown)]
    found: list[tuple[str, object, object]] = []
    stages = shown.get("stages")
    if isinstance(stages, Mapping):
        listed = {stage: stages.get(stage, _NOTHING) for stage in STAGES}
        found += [
            (f"stages.{stage}", "no such stage", stages[stage])
            for stage in stages
            if stage not in STAGES
        ]
        shown = {**shown, "stages": listed}
    _compare("", expected, shown, found)
    return found


def _compare(
    name: str, expected: object, shown: object, found: list[tuple[str, object, object]]
) -> None:
    if isinstance(expected, dict) and isinstance(shown, Mapping):
        keys = [*expected]
        if name.endswith(".aspects"):
            keys += [key for key in shown if key not in expected]
        for key in keys:
            part = f"{name}.{key}" if name else str(key)
            _compare(part, expected.get(key, _MISSING), shown.get(key, _MISSING), found)
    elif isinstance(expected, list) and isinstance(shown, list) and len(expected) == len(shown):
        for number, pair in enumerate(zip(expected, shown, strict=True)):
            _compare(f"{name}[{number}]", *pair, found)
    elif not _same(expected, shown):
        found.append((name, expected, shown))


def _same(expected: object, shown: object) -> bool:
    """Numbers by value (4.5 is 4.50), and nothing else for a number."""
    if isinstance(shown, bool) != isinstance(expected, bool) or (expected is None) != (
        shown is None
    ):
        return False
    return bool(expected == shown)


def _scores(histogram: Mapping[int, int]) -> Figures:
    count = sum(histogram.values())
    total = sum(score * number for score, number in histogram.items())
    interval = interval_of(histogram)
    return {
        "average": rounded(total, count),
        "interval": interval and {"low": interval.low, "high": interval.high},
        "count": count,
        "small_sample": is_small(count),
        "histogram": {str(score): histogram.get(score, 0) for score in _SCORES},
    }


def _stage(
    histogram: Mapping[int, int], aspects: Figures, eligible: int, months: list[Figures]
) -> Figures:
    count = sum(histogram.values())
    return {
        **_scores(histogram),
        "aspects": aspects,
        "eligible": eligible,
        "coverage": rounded(count, eligible, "0.0001"),
        "months": months,
    }


_MISSING: Final = "nothing at all"
_NOTHING: Final = _stage({}, {}, 0, [])


def _trend(rows: Iterable[tuple[str, str, int, int]]) -> dict[str | None, list[Figures]]:
    """The months of each stage, and under ``None`` those of all."""
    sums: dict[str | None, dict[str, tuple[int, int]]] = {}
    for stage, month, number, total in rows:
        for kept in (stage, None):
            counted, score = sums.setdefault(kept, {}).get(month, (0, 0))
            sums[kept][month] = counted + number, score + total
    return {
        stage: [
            {"month": month, "average": rounded(total, number), "count": number}
            for month, (number, total) in months.items()
        ]
        for stage, months in sums.items()
    }


def _month_before(month: str, number: int) -> str:
    """``YYYY-MM``, so many months before; months are ordered as their texts are."""
    year, _, month_of_year = month.partition("-")
    passed = max(12 * int(year) + int(month_of_year) - 1 - number, -1)
    return f"{passed // 12:04}-{passed % 12 + 1:02}" if passed >= 0 else ""


def _replies(replay: Replay, product: str, size: int) -> tuple[int, int | None]:
    """How many reviews were answered, and after how many hours the middle one (the lower of
    two)."""
    values = {"product": product, "size": size}
    [replied] = replay.one(f"SELECT count(*) {_REPLIED}", values) or [0]
    median = replay.one(_DELAY, {**values, "middle": (replied - 1) // 2}) if replied else None
    return replied, None if median is None else median[0]
