"""Whether finding costs the same among a million reviews as among a thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from measure import compare
from places import ENGINES, Places
from report import Figure
from walls import BIG, FEW, MANY, MANY_QUICKLY, SMALL, filled

from insurance_reviews.plugin.queries.wall import WallQuery, read_wall
from support.world import World

Asked = Callable[[str], WallQuery]
#: What is looked for, and how many times the cost at a thousand it may take.
SEARCHES: dict[str, tuple[float, Asked]] = {
    "common word": (1.5, lambda sku: WallQuery(sku, q="理赔")),
    "one character": (1.5, lambda sku: WallQuery(sku, q="慢")),
    "two words": (1.5, lambda sku: WallQuery(sku, q="理赔 慢")),
    "phrase": (1.5, lambda sku: WallQuery(sku, q="投保时没有人说明")),
    "rare word": (1.5, lambda sku: WallQuery(sku, q="犹豫期")),
    "very rare word": (1.5, lambda sku: WallQuery(sku, q="受益人")),
    "not contained": (1.5, lambda sku: WallQuery(sku, q="太空飞船")),
    "ranked, common word": (3, lambda sku: WallQuery(sku, q="理赔", sort="relevant")),
    "ranked, two words": (3, lambda sku: WallQuery(sku, q="理赔 免赔额", sort="relevant")),
    "stage, score, word": (5, lambda sku: WallQuery(sku, stage="claim", score=2, q="理赔")),
    "topic, score": (5, lambda sku: WallQuery(sku, topic="claim_speed", score=1)),
    "topic, worst first": (5, lambda sku: WallQuery(sku, topic="service", sort="lowest")),
    "without words": (5, lambda sku: WallQuery(sku, has_text=False, stage="claim")),
    "answered (nobody is)": (5, lambda sku: WallQuery(sku, replied=True)),
    "word, but not another": (5, lambda sku: WallQuery(sku, q="理赔 -慢 -材料")),
}


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Every kind of search on both engines, with its total."""
    rounds, turns = (3, 20) if quick else (5, 60)
    for engine, title in ENGINES.items():
        many = (MANY_QUICKLY if quick else MANY)[engine]
        with places.world(engine) as world:
            yield filled(world, many, title)
            for name, (goal, asked) in SEARCHES.items():
                yield _search(world, f"search: {name}, {title}", goal, asked, rounds, turns)


def _search(world: World, title: str, goal: float, asked: Asked, rounds: int, turns: int) -> Figure:
    def reader(sku: str) -> Callable[[], None]:
        query = asked(sku)

        def read() -> None:
            with world.unit_of_work.reading() as session:
                read_wall(session, query)

        return read

    compared = compare(
        {"few": reader(SMALL), "many": reader(BIG)}, "few", rounds=rounds, turns=turns, title=title
    )
    many = compared["many"]
    page = world.read(lambda session: read_wall(session, asked(BIG)))
    return Figure(
        title,
        many.seconds * 1e3,
        "ms",
        many.ratio,
        many.low,
        many.high,
        goal=f"≤ {goal:g} ×",
        passed=many.ratio <= goal,
        note=f"of {FEW:,}: {compared['few'].seconds * 1e3:.2f} ms; finds "
        f"{page.total:,}{'' if page.total_is_exact else '+'}",
    )
