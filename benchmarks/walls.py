"""Whether what is read of a product costs the same with a million reviews as with a thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle

from places import ENGINES, Places
from report import Figure
from seeds import GOAL, SKU, Doing, beside, seeded
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insurance_reviews.moderation.cosignatures import entry_witnessed
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.queries.reviews import find_review
from insurance_reviews.plugin.queries.summary import read_summary
from insurance_reviews.plugin.queries.wall import WallQuery, read_wall
from insurance_reviews.plugin.schema import STAGES
from insurance_reviews.plugin.services.catalogue import find_product
from support.world import World

#: The page that so much of the wall lies before.
DEPTH = 0.99
#: So many reviews are read by their own addresses in turn.
LINKED = 50

Page = Callable[[Session], WallQuery]


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Every kind of page, a review by its own address, and the figures; on both engines."""
    rounds, turns = (3, 10) if quick else (7, 100)
    for engine, title in ENGINES.items():
        pair = yield from seeded(places, engine, quick=quick)
        for name, doing in READS.items():
            yield beside(pair, f"{name}, {title}", doing, GOAL, rounds=rounds, turns=turns)


def _page(page: Page) -> Doing:
    def reader(world: World) -> Callable[[], None]:
        query = world.read(page)

        def read() -> None:
            with world.unit_of_work.reading() as session:
                shown = read_wall(session, query)
                read_summary(session, SKU, STAGES)
            assert shown.reviews, f"{query} is empty"

        return read

    return reader


def _permalink(world: World) -> Callable[[], None]:
    """What ``/r/<review>`` reads, of reviews from the middle of the log."""
    review = schema.review
    middle = world.read(_count) // 2
    statement = select(review.c.id).where(review.c.product == SKU).order_by(review.c.entry)
    ids = world.read(lambda s: s.scalars(statement.offset(middle).limit(LINKED)).all())
    turn = cycle(ids)

    def read() -> None:
        with world.unit_of_work.reading() as session:
            found = find_review(session, next(turn))
            find_product(session, found.product)
            entry_witnessed(session, found.insurer, found.index)

    return read


def _summary(world: World) -> Callable[[], None]:
    def read() -> None:
        with world.unit_of_work.reading() as session:
            read_summary(session, SKU, STAGES)

    return read


def _count(session: Session) -> int:
    review = schema.review
    statement = select(func.count()).select_from(review).where(review.c.product == SKU)
    return session.scalar(statement) or 0


def _behind(session: Session, left: int) -> int:
    """The entry of the review behind which only ``left`` of the wall are left, newest first."""
    review = schema.review
    statement = select(review.c.entry).where(review.c.product == SKU)
    entry: int = session.scalars(statement.order_by(review.c.entry).offset(left).limit(1)).one()
    return entry


def _deep(session: Session) -> int:
    return _behind(session, round(_count(session) * (1 - DEPTH)))


PAGES: dict[str, Page] = {
    "first page": lambda _: WallQuery(SKU),
    "deep page": lambda session: WallQuery(SKU, after=f"n-{_deep(session)}"),
    "last page": lambda session: WallQuery(SKU, after=f"n-{_behind(session, 10)}"),
    "oldest first": lambda _: WallQuery(SKU, sort="oldest"),
    "one stage": lambda _: WallQuery(SKU, stage="claim"),
    "one score": lambda _: WallQuery(SKU, score=2),
    "one stage and score": lambda _: WallQuery(SKU, stage="claim", score=2),
    "highest first": lambda _: WallQuery(SKU, sort="highest"),
    "lowest first": lambda _: WallQuery(SKU, sort="lowest"),
    "deep in highest": lambda session: WallQuery(SKU, sort="highest", after=f"h3-{_deep(session)}"),
}
READS: dict[str, Doing] = {
    **{name: _page(page) for name, page in PAGES.items()},
    "one review by its address": _permalink,
    "summary": _summary,
}
