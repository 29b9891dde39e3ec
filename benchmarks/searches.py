"""Whether finding costs the same among a million reviews as among a thousand, and at how many
rows a search looks at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from places import ENGINES, Places
from report import Figure, number
from seeds import SKU, Doing, beside, seeded
from sqlalchemy.orm import Session

from insurance_reviews.plugin.queries.wall import WallPage, WallQuery, read_wall
from support.world import World

#: What is looked for, and how many times the cost at a thousand it may take.
SEARCHES: dict[str, tuple[float, WallQuery]] = {
    "common word": (1.5, WallQuery(SKU, q="理赔")),
    "one character": (1.5, WallQuery(SKU, q="慢")),
    "two words": (1.5, WallQuery(SKU, q="理赔 慢")),
    "phrase": (1.5, WallQuery(SKU, q="投保时没有人说明")),
    "rare word": (1.5, WallQuery(SKU, q="犹豫期")),
    "very rare word": (1.5, WallQuery(SKU, q="受益人")),
    "not contained": (1.5, WallQuery(SKU, q="太空飞船")),
    "ranked, common word": (3, WallQuery(SKU, q="理赔", sort="relevant")),
    "ranked, two words": (3, WallQuery(SKU, q="理赔 免赔额", sort="relevant")),
    "stage, score, word": (5, WallQuery(SKU, stage="claim", score=2, q="理赔")),
    "topic, score": (5, WallQuery(SKU, topic="claim_speed", score=1)),
    "topic, worst first": (5, WallQuery(SKU, topic="service", sort="lowest")),
    "aspect": (5, WallQuery(SKU, aspect="speed:1")),
    "aspect, topic, score": (5, WallQuery(SKU, aspect="attitude:5", topic="service", score=4)),
    "without words": (5, WallQuery(SKU, has_text=False, stage="claim")),
    "answered": (5, WallQuery(SKU, replied=True)),
    "answered, worst first, word": (5, WallQuery(SKU, replied=True, sort="lowest", q="慢")),
    "followed up, not answered": (5, WallQuery(SKU, followed_up=True, replied=False)),
    "one month, word": (5, WallQuery(SKU, since="2026-03", until="2026-03", q="理赔")),
    "one month, answered": (5, WallQuery(SKU, since="2026-03", until="2026-03", replied=True)),
    "word, but not another": (5, WallQuery(SKU, q="理赔 -慢 -材料")),
}
#: Common tokens keep a search to three places of the log, of 32,768 entries each (decision 13):
#: PostgreSQL may fetch all that stands there.
MOST_ROWS = 100_000
#: SQLite counts the steps of its machine, not rows. Of at most 5,000 texts (the same decision), and
#: of what counting takes, each is some twenty steps; its index ends early where tokens meet.
MOST_STEPS = 200_000
_EVERY = 100


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Every kind of search on both engines, with its total."""
    rounds, turns = (3, 4) if quick else (5, 60)
    for engine, title in ENGINES.items():
        pair = yield from seeded(places, engine, quick=quick)
        for name, (limit, query) in SEARCHES.items():
            few, many = (_page(world, query) for world in (pair.few, pair.many))
            yield beside(
                pair,
                f"search: {name}, {title}",
                _reader(query),
                limit,
                rounds=rounds,
                turns=turns,
                note=f"shows {len(few.reviews)} and {len(many.reviews)}, finds {many.total:,}"
                f"{'' if many.total_is_exact else '+'}",
            )
        yield _bound(pair.many, engine)


def _page(world: World, query: WallQuery) -> WallPage:
    return world.read(lambda session: read_wall(session, query))


def _reader(query: WallQuery) -> Doing:
    def reader(world: World) -> Callable[[], object]:
        return lambda: _page(world, query)

    return reader


def _bound(world: World, engine: str) -> Figure:
    """The search that looks at most, and at how much."""
    count, most, unit = {
        "sqlite": (_steps, MOST_STEPS, "steps"),
        "postgresql": (_rows, MOST_ROWS, "rows"),
    }[engine]
    looked = {name: count(world, query) for name, (_, query) in SEARCHES.items()}
    worst = max(looked, key=lambda name: looked[name])
    return Figure(
        f"{unit} that one search takes at most, {ENGINES[engine]}",
        looked[worst],
        unit,
        goal=f"≤ {number(most)} {unit}",
        note=f"{worst}; the middle one {number(sorted(looked.values())[len(looked) // 2])}",
        number=3,
    )


def _rows(world: World, query: WallQuery) -> int:
    """The rows that PostgreSQL fetched for a page of ``query``, as it counts them itself."""

    def work(session: Session) -> int:
        read_wall(session, query)
        found = session.connection().exec_driver_sql(
            "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) "
            "FROM pg_stat_xact_user_tables"
        )
        return int(found.scalar_one() or 0)

    return world.read(work)


def _steps(world: World, query: WallQuery) -> int:
    """The steps that SQLite's machine took for a page of ``query``, to the nearest hundred."""
    counted = 0

    def step() -> int:
        nonlocal counted
        counted += _EVERY
        return 0

    def work(session: Session) -> None:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(step, _EVERY)
        try:
            read_wall(session, query)
        finally:
            driver.set_progress_handler(None, 0)

    world.read(work)
    return counted
