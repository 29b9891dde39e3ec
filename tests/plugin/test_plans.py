"""How the engines answer public reads when the tables are large: by ranges of indexes, never by
reading a whole table, and never by sorting what an index could give in order.

The tables here are small; the planners are told that they hold a million rows.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from insurance_reviews.moderation.cosignatures import Witnessed, keep_cosignature, newest_sizes
from support.host import PREFIX, Host
from support.plans import SMALL, faults, faults_of_node, noted
from support.world import World

MILLION = 1_000_000
SKU = "anxin-medical"
ORDERS = ("newest", "oldest", "highest", "lowest")
FILTERS = (
    "",
    "stage=claim",
    "score=4",
    "stage=claim&score=4",
    "since=2025-01&until=2030-12",
    "has_text=yes",
    "replied=yes&stage=claim",
    "followed_up=no",
    "topic=refusal&score=4",
    "aspect=speed:2",
    "q=赔",
    "q=理赔",
    "q=免赔额没有说明 -慢",
    "q=理赔&stage=claim&score=4&replied=no",
)
#: Of each order, a page in the middle.
AFTER = {
    "newest": "n-{middle}",
    "oldest": "o-{middle}",
    "highest": "h4-{middle}",
    "lowest": "l2-{middle}",
}
API = "/api/v1"
PATHS = (
    "/products",
    f"/products/{SKU}",
    f"/products/{SKU}?q=理赔&sort=oldest&after=o-{{middle}}",
    f"/frame/wall?product={SKU}",
    "/r/{review}",
    "/r/{review}/receipt",
    "/r/{review}/receipt.json",
    "/r/{review}/verify",
    f"{API}/products",
    f"{API}/products/{SKU}/summary",
    f"{API}/products/{SKU}/reviews",
    f"{API}/products/{SKU}/reviews?limit=50&stage=claim&after=n-{{middle}}",
    f"{API}/reviews/{{review}}",
    f"{API}/reviews/{{review}}/receipt",
    f"/embed/summary?product={SKU}&product=boshan-motor",
    f"/badge/{SKU}.svg",
    "/compare?stage=claim",
    "/compare?stage=claim&by=insurer&sort=average",
    "/compare?stage=claim&by=product",
    f"{API}/compare?stage=claim&by=product&insurer=anxin",
    # Not its chunks: each is as many entries as a file may have, more than there are here.
    "/sitemap.xml",
    "/sitemap-products.xml",
    f"{API}/insurers/anxin/reviews.jsonl",
    "/log/anxin/",
    "/log/anxin/checkpoint",
    "/log/anxin/tile/0/000.p/3",
    "/log/anxin/tile/entries/000.p/3",
    *(f"/embed/wall?product={SKU}&sort={order}&{some}" for order in ORDERS for some in FILTERS),
    *(
        f"/embed/wall?product={SKU}&sort={order}&{some}&after={AFTER[order]}"
        for order in ORDERS
        for some in FILTERS
    ),
    f"/embed/wall?product={SKU}&sort=relevant&q=理赔",
    f"/embed/wall?product={SKU}&sort=relevant&q=理赔&limit=2&after=r-{{newest}}-0-2",
    f"/embed/wall?product={SKU}&sort=relevant&q=理赔&after=r-{{middle}}-0-0",
)


@dataclass
class Large:
    """A host, and what its addresses are completed with."""

    host: Host
    names: dict[str, Any]


@pytest.fixture(scope="module")
def large(lasting_host: Host) -> Large:
    """A shop whose planner believes in a million reviews."""
    host, world = lasting_host, lasting_host.world
    for number in range(12):
        review = world.submit(
            score=1 + number % 5, text=f"第{number}次理赔，免赔额没有说明。", aspects={"speed": 2}
        )
    world.follow_up(review, "还在等")
    world.reply(review, "抱歉")
    world.submit(product="boshan-motor", text=None)
    gone = world.submit(text="张三骗人", confirm_personal_data=True)
    report = world.report(gone).id
    world.remove(gone, report)
    world.acknowledge(report, note="已核实")
    _cosign(world)
    engine = create_engine(world.settings.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        if engine.dialect.name == "sqlite":
            _pretend_on_sqlite(connection)
        else:
            _pretend_on_postgresql(connection)
    engine.dispose()
    # Statistics are read when a connection is opened.
    host.state.work.engine.dispose()
    entry = review.entry.index
    return Large(host, {"review": review.id, "newest": entry, "middle": entry // 2})


def _cosign(world: World) -> None:
    """A table without a page is read at once, whatever the statistics say."""
    ref = world.ref()
    size = {log.id: size for log, size in world.read(newest_sizes)}[ref.id]
    found = Witnessed("w.example", size, int(world.now.timestamp()))
    world.write(
        lambda session: keep_cosignature(
            session, ref, found, f"— w.example {b64encode(bytes(76)).decode()}\n"
        )
    )


def _pretend_on_sqlite(connection: Connection) -> None:
    rows = connection.exec_driver_sql("SELECT rowid, tbl, stat FROM sqlite_stat1").all()
    for row in rows:
        if row.tbl.removeprefix("insurance_reviews_") in SMALL:
            continue
        total, *rest = row.stat.split()
        factor = MILLION / int(total)
        numbers = [MILLION, *(1 if each == "1" else round(int(each) * factor) for each in rest)]
        connection.exec_driver_sql(
            "UPDATE sqlite_stat1 SET stat = ? WHERE rowid = ?",
            (" ".join(map(str, numbers)), row.rowid),
        )


def _pretend_on_postgresql(connection: Connection) -> None:
    tables = connection.execute(
        text(
            "SELECT relname, greatest(1, pg_relation_size(oid) / 8192)::int AS pages "
            "FROM pg_class WHERE relkind = 'r' AND relnamespace = 'insurance_reviews'::regnamespace"
        )
    ).all()
    for table in tables:
        if table.relname.removeprefix("insurance_reviews_") in SMALL:
            continue
        # The planner takes the rows per page of the statistics times the pages that there are.
        connection.execute(
            text(
                "SELECT pg_restore_relation_stats('schemaname', 'insurance_reviews', "
                "'relname', CAST(:name AS text), 'relpages', CAST(:pages AS int), "
                "'reltuples', CAST(:rows AS real))"
            ),
            {"name": table.relname, "pages": table.pages, "rows": MILLION},
        )


@pytest.mark.parametrize("path", PATHS)
def test_no_read_grows_with_the_number_of_reviews(large: Large, path: str) -> None:
    engine = large.host.state.work.engine
    with noted(engine) as seen:
        answer = large.host.app.test_client().get(PREFIX + path.format(**large.names))
        assert answer.status_code == 200, answer.text[:500]
    assert seen, "nothing was read, or it was not seen"
    with engine.connect() as connection:
        found = {
            f"{fault}: {statement[:400]}"
            for statement, values in seen
            for fault in faults(connection, statement, values)
        }
    assert found == set()


REVIEW, INDEX = "insurance_reviews_review", "insurance_reviews_search_index"


@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT id FROM {REVIEW} ORDER BY author LIMIT 10",
        f"SELECT id FROM {REVIEW} WHERE author = 'x'",
        f"SELECT id FROM {REVIEW} WHERE author = 'x' LIMIT 10",
        f"SELECT id FROM {REVIEW} WHERE product = '{SKU}' ORDER BY author LIMIT 10",
        f"SELECT id FROM {REVIEW} WHERE product IN ('{SKU}', 'x') ORDER BY author LIMIT 10",
        f"SELECT id FROM {REVIEW} WHERE product = '{SKU}' AND log IN (1, 2) "
        "ORDER BY author LIMIT 10",
        f"SELECT author, count(*) FROM {REVIEW} WHERE product = '{SKU}' GROUP BY author",
        f"SELECT DISTINCT author FROM {REVIEW} WHERE product = '{SKU}'",
        f"SELECT count(*) FROM {REVIEW}",
        f"SELECT count(*) FROM {REVIEW} WHERE product = '{SKU}'",
        f"SELECT tokens FROM {INDEX} LIMIT 10 OFFSET 500000",
    ],
)
def test_what_grows_is_a_fault(large: Large, statement: str) -> None:
    """The judges are not blind."""
    with large.host.state.work.engine.connect() as connection:
        assert list(faults(connection, statement, ()))


def test_a_sort_of_what_the_index_of_tokens_finds_is_a_fault_unless_it_is_little() -> None:
    scan = {"Node Type": "Bitmap Heap Scan", "Relation Name": INDEX, "Plan Rows": 5_000}
    sort = {"Node Type": "Sort", "Plan Rows": 10, "Plans": [scan]}
    assert list(faults_of_node(sort)) == []
    assert list(faults_of_node({**sort, "Plans": [{**scan, "Plan Rows": 900_000}]}))
    assert list(faults_of_node({**sort, "Plans": [{**scan, "Relation Name": REVIEW}]}))
