"""Whether a submission costs the same into a product with a million reviews as with a thousand.

It writes, so it comes after the sections that only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from places import ENGINES, Places, invite
from report import Figure
from seeds import GOAL, SKU, beside, seeded
from submissions import submit

from support.world import World


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """One submission at a time, on both engines."""
    rounds, turns = (3, 20) if quick else (7, 100)

    def submitting(world: World) -> Callable[[], object]:
        # Some more for the turns before the first round.
        tokens = iter(invite(world, [SKU], (rounds + 1) * turns))
        return lambda: submit(world, next(tokens))

    for engine, title in ENGINES.items():
        pair = yield from seeded(places, engine, quick=quick)
        name = f"one submission among {pair.size:,}, {title}"
        yield beside(pair, name, submitting, GOAL, rounds=rounds, turns=turns, number=5)
