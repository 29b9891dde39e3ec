"""How the engines answer public reads when the tables are large: by ranges of indexes, never by
reading a whole table, and never by sorting what an index could give in order.

The tables here are small; the planners are told that they hold a million rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, text

from insurance_reviews.moderation.cosignatures import Witnessed, keep_cosignature, newest_sizes
from support.host import PREFIX, Host
from support.world import World

MILLION = 1_000_000
#: Tables that do not grow with the reviews.
SMALL = frozenset(
    {
        "aspect_count",
        "alembic_version",
        "insurer",
        "invitation_count",
        "log",
        "log_key",
        "month_count",
        "product",
        "product_state",
        "removal_count",
        "reply_delay",
        "review_count",
        "search_state",
        "storefront",
        "storefront_grant",
        "token",
        "topic_count",
    }
)
#: Of these one checkpoint's are read, or the newest few.
SORTED = SMALL | {"cosignature"}
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
PATHS = (
    "/products",
    f"/api/v1/products/{SKU}/summary",
    f"/embed/summary?product={SKU}&product=boshan-motor",
    f"/badge/{SKU}.svg",
    "/compare?stage=claim",
    "/compare?stage=claim&kind=product",
    "/sitemap.xml",
    "/api/v1/insurers/anxin/reviews.jsonl",
    "/log/anxin/",
    "/log/anxin/checkpoint",
    "/log/anxin/tile/0/000.p/3",
    "/log/anxin/tile/entries/000.p/3",
    *(f"/embed/wall?product={SKU}&sort={order}&{some}" for order in ORDERS for some in FILTERS),
    f"/embed/wall?product={SKU}&sort=relevant&q=理赔",
)
#: Sorts of what one page shows, of one product's counters, or of the few rows that GIN left.
FEW = 60


@pytest.fixture(scope="module")
def large(lasting_host: Host) -> Host:
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
    return host


def _cosign(world: World) -> None:
    """A table without a page is read at once, whatever the statistics say."""
    ref = world.ref()
    size = {log.id: size for log, size in world.read(newest_sizes)}[ref.id]
    found = Witnessed("w.example", size, int(world.now.timestamp()))
    world.write(lambda session: keep_cosignature(session, ref, found, "— w.example x\n"))


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
def test_no_read_grows_with_the_number_of_reviews(large: Host, path: str) -> None:
    seen: list[tuple[str, Any]] = []
    engine = large.state.work.engine

    def note(_: object, __: object, statement: str, values: Any, ___: object, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")) and not many:
            seen.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    answer = large.app.test_client().get(PREFIX + path)
    assert answer.status_code == 200, answer.text[:500]
    event.remove(engine, "before_cursor_execute", note)
    assert seen, "nothing was read, or it was not seen"
    judge = _judge_sqlite if engine.dialect.name == "sqlite" else _judge_postgresql
    with engine.connect() as connection:
        found = {
            f"{fault}: {statement[:400]}"
            for statement, values in seen
            for fault in judge(connection, statement, values)
        }
    assert found == set()


def _judge_sqlite(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    for step in plan:
        words = step.detail.split()
        if words[0] == "SCAN" and words[1].startswith("insurance_reviews_"):
            table = words[1].removeprefix("insurance_reviews_")
            if table not in SMALL and "VIRTUAL" not in words:
                yield step.detail
        # Of what a page shows, and of counters, a sort is bounded: "IN" gives few rows.
        if "TEMP B-TREE" in step.detail and " IN (" not in statement and not _of_small(statement):
            yield step.detail


def _of_small(statement: str) -> bool:
    """Whether only tables are read of which few rows are."""
    names = {
        word.strip('"(),').partition(".")[0].removeprefix("insurance_reviews_")
        for word in statement.split()
        if word.strip('"(').startswith("insurance_reviews_")
    }
    return names <= SORTED


def _judge_postgresql(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    plans = rows if isinstance(rows, list) else json.loads(rows)
    yield from _faults(plans[0]["Plan"])


def _faults(node: dict[str, Any], *, limited: bool = False) -> Iterator[str]:
    table = node.get("Relation Name", "").removeprefix("insurance_reviews_")
    # Where most of the million match, counting up to a thousand ends after a few pages.
    if node["Node Type"] == "Seq Scan" and table not in SMALL and not limited:
        yield f"Seq Scan on {table}"
    if "Sort" in node["Node Type"] and not _is_few(node):
        yield f"{node['Node Type']} of {node['Plan Rows']} rows"
    for below in node.get("Plans", ()):
        yield from _faults(below, limited=node["Node Type"] == "Limit")


def _is_few(node: dict[str, Any]) -> bool:
    """Whether a sort has few rows to take, or what GIN found of a rare token."""
    below = node["Plans"][0]
    return below["Plan Rows"] <= FEW or below["Node Type"] in ("Bitmap Heap Scan", "Index Scan")
