"""One product with few reviews and with very many, once per engine, for every section that asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

from crowd import fill
from measure import compare
from places import ENGINES, PRODUCTS, Pair, Places
from report import Figure
from sqlalchemy import create_engine

from insurance_reviews.plugin.queries.wall import WallQuery, read_wall
from support.world import World

SKU = PRODUCTS["anxin"]
FEW = 1_000
#: On the way to the last of these, each is looked at.
SIZES = (10_000, 100_000, 1_000_000)
SIZES_QUICKLY = (10_000,)
#: Up to this size all logs and counters are checked, which takes longer than writing them.
LARGEST_CHECKED = 20_000
GOAL = 1.2

#: A world to what is done in it, again and again.
Doing = Callable[[World], Callable[[], object]]


def small(places: Places, engine: str) -> Generator[Figure, None, World]:
    """The world with few reviews on ``engine``."""
    if (known := places.small.get(engine)) is not None:
        return known
    world = places.lasting(engine)
    fill(world, SKU, FEW, f"{FEW:,} reviews, {ENGINES[engine]}")
    settle(world)
    yield _checked(world, FEW, ENGINES[engine])
    places.small[engine] = world
    return world


def seeded(places: Places, engine: str, *, quick: bool) -> Generator[Figure, None, Pair]:
    """The pair on ``engine``; who asks first has it seeded, and what was measured on the way."""
    if (known := places.pairs.get(engine)) is not None:
        return known
    few = yield from small(places, engine)
    title, many, done = ENGINES[engine], places.lasting(engine), 0
    sizes = SIZES_QUICKLY if quick else SIZES
    pair = Pair(few, many, sizes[-1])
    for size in sizes:
        start = time.monotonic()
        fill(many, SKU, size - done, f"{size:,} reviews, {title}")
        seconds = time.monotonic() - start
        settle(many)
        note = f"{(size - done) / seconds:,.0f} /s"
        yield Figure(f"seeding from {done:,} to {size:,} reviews, {title}", seconds, "s", note=note)
        done = size
        if size <= LARGEST_CHECKED:
            yield _checked(many, size, title)
        if size < pair.size:
            rounds, turns = (3, 30) if quick else (5, 60)
            name = f"first page among {size:,}, {title}"
            yield beside(pair, name, _first_page, GOAL, rounds=rounds, turns=turns)
    places.pairs[engine] = pair
    return pair


def settle(world: World) -> None:
    """What the engine's own maintenance would have done by now."""
    # The application's own connections may not.
    engine = create_engine(world.settings.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    # SQLite reads its statistics when a connection is opened.
    world.unit_of_work.engine.dispose()


def beside(
    pair: Pair,
    title: str,
    doing: Doing,
    limit: float,
    *,
    rounds: int,
    turns: int,
    number: int = 3,
    note: str = "",
) -> Figure:
    """What the same takes among many as among few."""
    compared = compare(
        {"few": doing(pair.few), "many": doing(pair.many)},
        "few",
        rounds=rounds,
        turns=turns,
        title=title,
    )
    many = compared["many"]
    return Figure(
        title,
        many.seconds * 1e3,
        "ms",
        many.ratio,
        many.low,
        many.high,
        goal=f"≤ {limit:g} ×",
        note="; ".join(
            filter(None, [f"among {FEW:,}: {compared['few'].seconds * 1e3:.2f} ms", note])
        ),
        number=number,
    )


def _checked(world: World, size: int, title: str) -> Figure:
    """The crowd was written in bulk; the log must be as whole as any."""
    findings = world.findings()
    return Figure(
        f"findings of the full check at {size:,} reviews, {title}",
        len(findings),
        "",
        goal="0",
        passed=not findings,
        note=" ".join(findings[:1]),
    )


def _first_page(world: World) -> Callable[[], object]:
    def read() -> None:
        with world.unit_of_work.reading() as session:
            read_wall(session, WallQuery(SKU))

    return read
