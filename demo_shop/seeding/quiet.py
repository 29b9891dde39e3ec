"""Those who gave stars and no words, and those who were asked and said nothing.

Real walls consist mostly of them, so they are drawn by lot; nothing a person could read is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from insurance_reviews.demo_shop.catalogue import Stage, load
from insurance_reviews.demo_shop.stories import ASPECTS, OLDEST, Story

#: How many of a product's buyers rate, in proportion: car and travel insurance sell most.
POPULARITY = {
    "judeng-medical": 20,
    "songpan-critical": 9,
    "qingyan-auto": 24,
    "songpan-accident": 14,
    "judeng-travel": 21,
    "qingyan-home": 12,
}
STAGE_SHARES: dict[Stage, int] = {"underwriting": 50, "renewal": 22, "claim": 28}

#: Out of a hundred, how many give one star, two, … five. Whoever writes nothing is content more
#: often than whoever writes.
SCORES: dict[Stage, tuple[int, ...]] = {
    "underwriting": (3, 5, 13, 34, 45),
    "renewal": (4, 7, 19, 37, 33),
    "claim": (9, 8, 14, 27, 42),
}
#: The same where an insurer is better or worse than that (catalogue.toml: `character`).
OWN_SCORES: dict[tuple[str, Stage], tuple[int, ...]] = {
    ("qingyan", "claim"): (4, 5, 10, 28, 53),
    ("songpan", "renewal"): (8, 12, 24, 33, 23),
    ("songpan", "claim"): (8, 9, 18, 31, 34),
    ("judeng", "claim"): (15, 12, 16, 24, 33),
}
ANSWERED = (0.38, 0.64)


@dataclass(frozen=True, slots=True)
class Rating:
    """A policy event whose holder gave stars only, or (``score`` None) did not answer."""

    product: str
    stage: Stage
    ago: int
    delay: int
    score: int | None = None
    aspects: tuple[tuple[str, int], ...] = ()


def draw_ratings(number: int, random: Random) -> Iterator[Rating]:
    """``number`` reviews without words."""
    products = list(POPULARITY)
    for _ in range(number):
        (sku,) = random.choices(products, list(POPULARITY.values()))
        product = load().product(sku)
        (stage,) = random.choices(product.stages, [STAGE_SHARES[one] for one in product.stages])
        weights = OWN_SCORES.get((product.insurer, stage), SCORES[stage])
        (score,) = random.choices((1, 2, 3, 4, 5), weights)
        ago, delay = _days(random)
        yield Rating(sku, stage, ago, delay, score, _aspects(stage, score, random))


def draw_silence(answered: Iterable[Rating | Story], random: Random) -> Iterator[Rating]:
    """Those who did not answer, so many that each stage's coverage is one of real life."""
    counted = Counter((one.product, one.stage) for one in answered)
    for (sku, stage), reviews in sorted(counted.items()):
        invited = round(reviews / random.uniform(*ANSWERED))
        for _ in range(invited - reviews):
            yield Rating(sku, stage, *_days(random))


def _days(random: Random) -> tuple[int, int]:
    """How long ago, and how long after it: most answer within the week.

    They thin out towards today, so that the first page of a wall has something to read.
    """
    ago = 1 + int((OLDEST - 1) * random.random() ** 0.75)
    return ago, min(ago, int(random.expovariate(1 / 5)), 45)


def _aspects(stage: Stage, score: int, random: Random) -> tuple[tuple[str, int], ...]:
    if random.random() < 0.3:
        return ()
    names = [name for name in sorted(ASPECTS[stage]) if random.random() < 0.9]
    return tuple((name, min(5, max(1, score + random.choice((-1, 0, 0, 0, 1))))) for name in names)
