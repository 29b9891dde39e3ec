"""Whether a page of a product's wall costs the same with a million reviews as with a thousand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from crowd import fill
from measure import compare
from places import ENGINES, PRODUCTS, Places
from report import Figure
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from insurance_reviews.plugin import schema
from insurance_reviews.plugin.queries.summary import read_summary
from insurance_reviews.plugin.queries.wall import WallQuery, read_wall
from insurance_reviews.plugin.schema import STAGES
from support.world import World

GOAL = 1.2
FEW = 1_000
MANY = {"sqlite": 1_000_000, "postgresql": 1_000_000}
MANY_QUICKLY = {"sqlite": 100_000, "postgresql": 20_000}
#: The page that so much of the wall lies before.
DEPTH = 0.99

SMALL, BIG = PRODUCTS["boshan"], PRODUCTS["anxin"]
Page = Callable[[Session, str], WallQuery]


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Every kind of page on both engines."""
    rounds, turns = (3, 30) if quick else (7, 100)
    for engine, title in ENGINES.items():
        many = (MANY_QUICKLY if quick else MANY)[engine]
        with places.world(engine) as world:
            yield filled(world, many, title)
            for name, page in PAGES.items():
                yield _page(world, f"{name}, {title}", page, rounds, turns)


def filled(world: World, many: int, title: str) -> Figure:
    """Two products, one with few reviews and one with many."""
    start = time.monotonic()
    fill(world, SMALL, FEW, f"{FEW:,} reviews, {title}")
    fill(world, BIG, many, f"{many:,} reviews, {title}")
    _analyze(world)
    return Figure(f"seeding {many:,} reviews, {title}", time.monotonic() - start, "s")


def _analyze(world: World) -> None:
    """What the engine's own maintenance would have done by now."""
    # The application's own connections may not.
    engine = create_engine(world.settings.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _page(world: World, title: str, page: Page, rounds: int, turns: int) -> Figure:
    def reader(sku: str) -> Callable[[], None]:
        query = world.read(lambda session: page(session, sku))

        def read() -> None:
            with world.unit_of_work.reading() as session:
                shown = read_wall(session, query)
                read_summary(session, sku, STAGES)
            assert shown.reviews, f"{title} of {sku} is empty"

        return read

    compared = compare(
        {"few": reader(SMALL), "many": reader(BIG)}, "few", rounds=rounds, turns=turns, title=title
    )
    many = compared["many"]
    return Figure(
        title,
        many.seconds * 1e3,
        "ms",
        many.ratio,
        many.low,
        many.high,
        goal=f"≤ {GOAL:g} ×",
        passed=many.ratio <= GOAL,
        note=f"of {FEW:,} reviews: {compared['few'].seconds * 1e3:.2f} ms",
    )


def _deep(session: Session, sku: str) -> int:
    """The entry of the review behind which only a hundredth of the wall is left."""
    review = schema.review
    entries = select(review.c.entry).where(review.c.product == sku)
    total = session.scalar(select(func.count()).select_from(entries.subquery())) or 0
    entry: int = session.scalars(
        entries.order_by(review.c.entry.desc()).offset(int(DEPTH * total)).limit(1)
    ).one()
    return entry


PAGES: dict[str, Page] = {
    "first page": lambda _, sku: WallQuery(sku),
    "deep page": lambda session, sku: WallQuery(sku, after=f"n-{_deep(session, sku)}"),
    "oldest first": lambda _, sku: WallQuery(sku, sort="oldest"),
    "one stage": lambda _, sku: WallQuery(sku, stage="claim"),
    "one score": lambda _, sku: WallQuery(sku, score=2),
    "one stage and score": lambda _, sku: WallQuery(sku, stage="claim", score=2),
    "highest first": lambda _, sku: WallQuery(sku, sort="highest"),
    "lowest first": lambda _, sku: WallQuery(sku, sort="lowest"),
    "deep in highest": lambda session, sku: WallQuery(
        sku, sort="highest", after=f"h3-{_deep(session, sku)}"
    ),
}
