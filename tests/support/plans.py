"""What the engines' planners make of our reads, and what of that would grow with the reviews."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from insurance_reviews.plugin.search.rarity import RARE

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
#: Sorts of what one page shows, or of one product's counters.
FEW = 60
#: What narrows a search of SQLite's to the rows of one thing, or of those that one page shows.
IDENTIFYING = frozenset({"id", "item", "key", "review", "rowid", "report", "checkpoint"})


@contextmanager
def noted(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Every query of our tables that is run on ``engine`` within the block, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, values: Any, ___: object, many: bool) -> None:
        is_query = statement.lstrip().startswith(("SELECT", "WITH")) and not many
        # A process that starts also asks the engine's own catalogue.
        if is_query and "insurance_reviews_" in statement:
            seen.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def faults(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    """What in the plan of ``statement`` reads a whole table that grows, or sorts more than is
    shown."""
    judge = _judge_sqlite if connection.dialect.name == "sqlite" else _judge_postgresql
    return judge(connection, statement, values)


def _judge_sqlite(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    for step in plan:
        words = step.detail.split()
        if words[0] == "SCAN" and words[1].startswith("insurance_reviews_"):
            table = words[1].removeprefix("insurance_reviews_")
            # Of the index of tokens, "M" says that it is asked for some.
            if table not in SMALL and ("VIRTUAL" not in words or "M" not in words[-1]):
                yield step.detail
        if "TEMP B-TREE" in step.detail:
            beside = [other.detail for other in plan if other.parent == step.parent]
            yield from (f"{step.detail} of {each}" for each in beside if not _gives_few(each))
    # A plan does not tell that all rows of a range are counted.
    if "count(" in statement.lower() and "LIMIT" not in statement and "MATCH" not in statement:
        yield from (
            f"counting {step.detail}"
            for step in plan
            if step.detail.startswith("SEARCH") and not _gives_few(step.detail)
        )


def _gives_few(detail: str) -> bool:
    """Whether a step of a plan gives few rows whatever the number of reviews is, or none."""
    words = detail.split()
    if words[0] not in ("SCAN", "SEARCH"):
        return True
    if words[1].removeprefix("insurance_reviews_") in SORTED or words[1] == "json_each":
        return True
    narrowed = set(re.findall(r"(\w+)=\?", detail))
    return bool(narrowed & IDENTIFYING) or not words[1].startswith("insurance_reviews_")


def _judge_postgresql(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    plans = rows if isinstance(rows, list) else json.loads(rows)
    yield from faults_of_node(plans[0]["Plan"])


def faults_of_node(node: dict[str, Any]) -> Iterator[str]:
    """The faults of a node of PostgreSQL's plan, and of those below it."""
    kind, below = node["Node Type"], node.get("Plans", ())
    table = _table(node)
    if kind == "Seq Scan" and table not in SMALL:
        yield f"Seq Scan on {table}"
    if "Sort" in kind and not _is_few(below[0]):
        yield f"{kind} of {below[0]['Plan Rows']} rows"
    if kind == "Aggregate" and below[0]["Node Type"] != "Limit" and not _is_few(below[0]):
        yield f"Aggregate of {below[0]['Plan Rows']} rows"
    for each in below:
        yield from faults_of_node(each)


def _is_few(node: dict[str, Any]) -> bool:
    """Whether what is sorted is little: by itself, or as the index of tokens is asked for rare
    ones alone."""
    rows = node["Plan Rows"]
    is_of_tokens = node["Node Type"] == "Bitmap Heap Scan" and _table(node) == "search_index"
    return rows <= FEW or (is_of_tokens and rows <= RARE)


def _table(node: dict[str, Any]) -> str:
    return str(node.get("Relation Name", "")).removeprefix("insurance_reviews_")
