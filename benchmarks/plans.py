"""Whether the engines plan every public read by ranges of indexes, on the seeded tables themselves.

The tests ask the same of planners that are told of a million rows (``tests/plugin/test_plans.py``),
and judge by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterator

from measure import Progress
from places import ENGINES, PRODUCTS, Places
from report import Figure
from searches import SEARCHES
from seeds import SKU, seeded
from sqlalchemy import Connection
from walls import READS as WALLS

from insurance_reviews.moderation.schema import PREFIX as TABLES
from insurance_reviews.plugin.queries.wall import read_wall
from support.host import API, PREFIX, mounted
from support.plans import faults, noted
from support.world import World

#: A planner is right to read a table of so many pages: here a checkpoint stands for a thousand
#: reviews, and nothing is removed.
LITTLE = 16
PATHS = (
    f"{PREFIX}/products",
    f"{PREFIX}/products/{SKU}",
    f"{PREFIX}/products/{SKU}?q=理赔&sort=relevant",
    f"{PREFIX}/embed/wall?product={SKU}",
    f"{PREFIX}/embed/summary?product={SKU}&product={PRODUCTS['boshan']}",
    f"{PREFIX}/badge/{SKU}.svg",
    f"{PREFIX}/compare?stage=claim",
    f"{PREFIX}/sitemap.xml",
    f"{PREFIX}/log/anxin/",
    f"{PREFIX}/log/anxin/checkpoint",
    f"{PREFIX}/log/anxin/tile/0/000",
    f"{PREFIX}/log/anxin/tile/entries/000",
    f"{API}/products/{SKU}/reviews",
    f"{API}/products/{SKU}/summary",
)


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """The reads of all sections and of the public addresses, on both engines."""
    for engine, title in ENGINES.items():
        pair = yield from seeded(places, engine, quick=quick)
        with Progress(f"plans of {pair.size:,} reviews, {title}", 1):
            judged, found = _judged(pair.many)
        name = f"plans that scan or sort what grows, {pair.size:,} reviews, {title}"
        note = f"of {judged} statements" + "".join(f"; {fault}" for fault in found[:1])
        if quick:
            # A planner is right to scan a table of a few pages.
            yield Figure(name, len(found), "", note=f"{note}; no verdict on so few")
        else:
            yield Figure(name, len(found), "", goal="0", passed=not found, note=note, number=3)


def _judged(world: World) -> tuple[int, list[str]]:
    """How many statements were run, and the faults of their plans."""
    # To find the deep pages takes queries that no reader's request makes.
    walls = [doing(world) for doing in WALLS.values()]
    with noted(world.unit_of_work.engine) as seen:
        for read in walls:
            read()
        for _, query in SEARCHES.values():
            world.read(lambda session, query=query: read_wall(session, query))  # type: ignore[misc]
    with mounted(world) as host, noted(host.state.work.engine) as asked:
        client = host.client()
        for path in PATHS:
            answer = client.get(path)
            assert answer.status_code == 200, f"{path}: {answer.status}"
    # The same statement with other values may have another plan.
    statements = list({repr(one): one for one in [*seen, *asked]}.values())
    with world.unit_of_work.engine.connect() as connection:
        empty = _scans_of_little(connection)
        found = [
            f"{fault}: {' '.join(statement.split())[:120]}"
            for statement, values in statements
            for fault in faults(connection, statement, values)
            if fault not in empty
        ]
    return len(statements), found


def _scans_of_little(connection: Connection) -> frozenset[str]:
    """The faults that say no more than that a table is of a few pages, on PostgreSQL."""
    if connection.dialect.name != "postgresql":
        return frozenset()
    rows = connection.exec_driver_sql(
        f"SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages <= {LITTLE}"
    )
    return frozenset(f"Seq Scan on {row.relname.removeprefix(TABLES)}" for row in rows)
