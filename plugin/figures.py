"""Counters, kept in the transaction of the fact that they count.

Every figure here can be recomputed from the log; ``check_figures`` does so. Averages and
histograms come from the cube of product × stage × score × has-text, coverage from the invitations
that the log holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from itertools import groupby
from typing import Any

from sqlalchemy import Insert, Table, case, func, select
from sqlalchemy.orm import Session

from ..moderation import canonical
from ..moderation.log import HOUR
from ..moderation.prepared import insertion
from ..moderation.schema import removal
from ..moderation.schema import report as floor_report
from . import schema
from .search.keys import REVIEW_KEY
from .search.topics import rating_of


def dialect_insert(table: Table, dialect: str) -> Any:
    """The engine's own INSERT, which knows ON CONFLICT."""
    # The module of the engine in use only: the other one is slow to load.
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


def adding(table: Table, dialect: str) -> Insert:
    """INSERT a row, or add its values to the counters that stand under its key already."""
    statement = dialect_insert(table, dialect)
    values = [column for column in table.c if not column.primary_key]
    added: Insert = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={column.name: column + statement.excluded[column.name] for column in values},
    )
    return added


_invitations = insertion(schema.invitation_count, adding)
_reviews = insertion(schema.review_count, adding)
_aspects = insertion(schema.aspect_count, adding)
_delays = insertion(schema.reply_delay, adding)
_months = insertion(schema.month_count, adding)
_topics = insertion(schema.topic_count, adding)
_removals = insertion(schema.removal_count, adding)
_state = insertion(schema.product_state, adding)

#: Product, stage, topic, and the stars that the review gave to it.
TopicKey = tuple[str, str, str, int]

_ADDED = {
    schema.invitation_count: _invitations,
    schema.review_count: _reviews,
    schema.aspect_count: _aspects,
    schema.reply_delay: _delays,
    schema.month_count: _months,
    schema.topic_count: _topics,
    schema.removal_count: _removals,
    schema.product_state: _state,
}


def count_invitation(session: Session, product: str, stage: str) -> None:
    """One more invitation: the ground on which coverage stands, which walls show."""
    _invitations.run(session, {"product": product, "stage": stage, "n": 1})
    touch(session, product)


def count_review(
    session: Session,
    product: str,
    stage: str,
    score: int,
    has_text: bool,
    aspects: Mapping[str, int],
    month: str,
) -> None:
    """One more review; ``month`` is that of the experience, ``YYYY-MM``."""
    key = {"product": product, "stage": stage}
    _reviews.run(session, {**key, "score": score, "has_text": int(has_text), "n": 1})
    if aspects:
        _aspects.run(
            session,
            *(
                {**key, "aspect": aspect, "n": 1, "total": value}
                for aspect, value in sorted(aspects.items())
            ),
        )
    _months.run(session, {**key, "month": month, "n": 1, "total": score})


def count_topics(session: Session, counted: Mapping[TopicKey, int]) -> None:
    """So many more, or fewer, reviews that speak of topics."""
    names = schema.topic_count.primary_key.columns.keys()
    # Two writers who take the same rows in another order would wait for each other.
    rows = [
        {**dict(zip(names, key, strict=True)), "n": n} for key, n in sorted(counted.items()) if n
    ]
    if rows:
        _topics.run(session, *rows)


def count_first_reply(session: Session, product: str, submitted_at: int, replied_at: int) -> None:
    """One more review that got an answer, after so many hours."""
    hours = (replied_at - submitted_at) // HOUR
    _delays.run(session, {"product": product, "hours": hours, "n": 1})


def count_removal(session: Session, product: str, ground: str) -> None:
    """One more text that went on a report, or passages of it."""
    _removals.run(session, {"product": product, "ground": ground, "n": 1})
    touch(session, product, removals=1)


def touch(session: Session, product: str, *, removals: int = 0, withdrawals: int = 0) -> None:
    """Something visible about ``product`` changed; ``removals`` and ``withdrawals`` count texts."""
    counted = {"revision": 1, "removals": removals, "withdrawals": withdrawals}
    _state.run(session, {"product": product, **counted})


def check_figures(session: Session) -> list[str]:
    """Recompute every counter from the facts; what differs, in words. Nothing means all is well."""
    findings = []
    for table, counted in _recount(session).items():
        stored = _stored(session, table)
        for key in sorted(stored.keys() | counted.keys(), key=str):
            if stored.get(key) != counted.get(key):
                findings.append(
                    f"{table.name} {key}: stored {stored.get(key)}, recomputed {counted.get(key)}"
                )
    return findings


def rebuild_figures(session: Session, revision: int) -> None:
    """Fill the empty counters from the facts; every product begins at ``revision``."""
    products = session.scalars(select(schema.product.c.sku)).all()
    if products:
        begin = {"revision": revision, "removals": 0, "withdrawals": 0}
        _state.run(session, *({"product": sku, **begin} for sku in products))
    _mend(session)


def mend_figures(session: Session) -> int:
    """Set every counter to what the facts say; how many were wrong.

    The caller holds the lock of every log, so that no fact comes in between.
    """
    products = _mend(session)
    for product in set(products):
        touch(session, str(product))
    return len(products)


def _mend(session: Session) -> list[object]:
    """Correct what is wrong, and leave revisions alone; the product of each wrong counter."""
    products = []
    for table, counted in _recount(session).items():
        names = list(table.primary_key.columns.keys())
        values = [c.name for c in table.c if not c.primary_key and c.name != "revision"]
        stored = _stored(session, table)
        none = (0,) * len(values)
        rows = []
        for key in sorted(stored.keys() | counted.keys(), key=str):
            difference = [
                right - wrong  # type: ignore[operator]
                for right, wrong in zip(counted.get(key, none), stored.get(key, none), strict=True)
            ]
            if any(difference):
                rows.append(dict(zip([*names, *values], [*key, *difference], strict=True)))
        if table is schema.product_state:
            rows = [{**row, "revision": 0} for row in rows]
        if rows:
            _ADDED[table].run(session, *rows)
        products += [row["product"] for row in rows]
    return products


Key = tuple[object, ...]


def _recount(session: Session) -> dict[Table, dict[Key, Key]]:
    """Every table of counters, as the facts have it."""
    return {
        schema.review_count: _review_counts(session),
        schema.aspect_count: _aspect_counts(session),
        schema.invitation_count: _invitation_counts(session),
        schema.reply_delay: _reply_delays(session),
        schema.month_count: _month_counts(session),
        schema.topic_count: _topic_counts(session),
        **_removal_counts(session),
    }


def _stored(session: Session, table: Table) -> dict[Key, Key]:
    """The counters of ``table`` by key; a product's revision is no figure and is left out."""
    names = list(table.primary_key.columns.keys())
    values = [c.name for c in table.c if not c.primary_key and c.name != "revision"]
    found = {}
    for row in session.execute(select(table)).mappings():
        counted = tuple(row[value] for value in values)
        if any(counted):
            found[tuple(row[name] for name in names)] = counted
    return found


def _review_counts(session: Session) -> dict[Key, Key]:
    review = schema.review
    has_text = case((review.c.item.is_(None), 0), else_=1)
    rows = session.execute(
        select(review.c.product, review.c.stage, review.c.score, has_text, func.count()).group_by(
            review.c.product, review.c.stage, review.c.score, has_text
        )
    )
    return {tuple(row[:4]): (row[4],) for row in rows}


def _aspect_counts(session: Session) -> dict[Key, Key]:
    number: Counter[Key] = Counter()
    total: Counter[Key] = Counter()
    review = schema.review
    rows = session.execute(
        select(review.c.product, review.c.stage, review.c.aspects).execution_options(yield_per=1000)
    )
    for product, stage, aspects in rows:
        for aspect, value in _aspects_in(aspects).items():
            number[product, stage, aspect] += 1
            total[product, stage, aspect] += value
    return {key: (number[key], total[key]) for key in number}


def _aspects_in(text: str) -> dict[str, int]:
    try:
        aspects: dict[str, int] = canonical.loads(text.encode())
    except canonical.NotCanonicalError:
        # The check of the log says which row was bent; here its aspects are missing.
        return {}
    return aspects


def _invitation_counts(session: Session) -> dict[Key, Key]:
    invitation = schema.invitation
    rows = session.execute(
        select(invitation.c.product, invitation.c.stage, func.count()).group_by(
            invitation.c.product, invitation.c.stage
        )
    )
    return {(row[0], row[1]): (row[2],) for row in rows}


def _reply_delays(session: Session) -> dict[Key, Key]:
    review, reply = schema.review, schema.reply
    hours = (reply.c.at - review.c.at) // HOUR
    rows = session.execute(
        select(review.c.product, hours, func.count())
        .join(reply, (reply.c.review == review.c.id) & (reply.c.version == 1))
        .group_by(review.c.product, hours)
    )
    return {(row[0], row[1]): (row[2],) for row in rows}


def _month_counts(session: Session) -> dict[Key, Key]:
    review = schema.review
    rows = session.execute(
        select(
            review.c.product,
            review.c.stage,
            review.c.experienced,
            func.count(),
            func.sum(review.c.score),
        ).group_by(review.c.product, review.c.stage, review.c.experienced)
    )
    return {tuple(row[:3]): (row[3], int(row[4])) for row in rows}


def _topic_counts(session: Session) -> dict[Key, Key]:
    """By the topics that each text was found to speak of when it was written, and by the stars that
    its review gave to them."""
    review, part = schema.review, schema.search_part
    rows = session.execute(
        select(
            part.c.key,
            review.c.product,
            review.c.stage,
            review.c.score,
            review.c.aspects,
            part.c.topics,
        )
        .select_from(part)
        .join(review, part.c.key == REVIEW_KEY)
        .where(part.c.kind != "reply", part.c.topics != "")
        .order_by(part.c.key)
        .execution_options(yield_per=1000)
    )
    counted: Counter[Key] = Counter()
    for about, texts in groupby(rows, key=lambda row: tuple(row[:5])):
        _, product, stage, score, given = about
        aspects = _aspects_in(given)
        for topic in {topic for text in texts for topic in text.topics.split()}:
            counted[product, stage, topic, rating_of(topic, score, aspects)] += 1
    return {key: (n,) for key, n in counted.items()}


def _removal_counts(session: Session) -> dict[Table, dict[Key, Key]]:
    """Removals and withdrawals of published texts by product, and removals by their ground; a
    redacted item leads back to its first."""
    gone, report = removal.c, floor_report.c
    rows = session.execute(
        select(gone.item, gone.redacted_item, gone.author_key, report.ground).outerjoin(
            floor_report, report.id == gone.report
        )
    ).all()
    before = {row.redacted_item: row.item for row in rows if row.redacted_item is not None}
    counts: Counter[tuple[object, bool]] = Counter()
    grounds: Counter[Key] = Counter()
    for row in rows:
        first = row.item
        while first in before:
            first = before[first]
        if (sku := product_of_item(session, first)) is not None:
            counts[sku, row.author_key is not None] += 1
            if row.ground is not None:
                grounds[sku, row.ground] += 1
    return {
        schema.removal_count: {key: (n,) for key, n in grounds.items()},
        schema.product_state: {
            (sku,): (counts[sku, False], counts[sku, True]) for sku, _ in counts
        },
    }


def product_of_item(session: Session, item: str) -> str | None:
    """The product under which an item was published first; ``None`` for the reasons of a report."""
    review, follow_up, reply = schema.review, schema.follow_up, schema.reply
    for statement in (
        select(review.c.product).where(review.c.item == item),
        select(review.c.product).join(follow_up).where(follow_up.c.item == item),
        select(review.c.product).join(reply).where(reply.c.item == item),
    ):
        if (sku := session.scalar(statement)) is not None:
            return str(sku)
    return None
