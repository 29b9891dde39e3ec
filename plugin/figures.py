"""Counters, kept in the transaction of the fact that they count.

Every figure here can be recomputed from the log; ``check_figures`` does so. Averages and
histograms come from the cube of product × stage × score × has-text, coverage from the invitations
that the log holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib import import_module

from sqlalchemy import Insert, Table, case, func, insert, select
from sqlalchemy.orm import Session

from ..moderation import canonical
from ..moderation.log import HOUR
from ..moderation.prepared import insertion
from ..moderation.schema import removal
from . import schema


def adding(table: Table, dialect: str) -> Insert:
    """INSERT a row, or add its values to the counters that stand under its key already."""
    # The module of the engine in use only: the other one is slow to load.
    statement = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
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
_state = insertion(schema.product_state, adding)

_ADDED = {
    schema.invitation_count: _invitations,
    schema.review_count: _reviews,
    schema.aspect_count: _aspects,
    schema.reply_delay: _delays,
    schema.product_state: _state,
}


def count_invitation(session: Session, product: str, stage: str) -> None:
    """One more invitation: the ground on which coverage stands."""
    _invitations.run(session, {"product": product, "stage": stage, "n": 1})


def count_review(
    session: Session,
    product: str,
    stage: str,
    score: int,
    has_text: bool,
    aspects: Mapping[str, int],
) -> None:
    """One more review."""
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


def count_first_reply(session: Session, product: str, submitted_at: int, replied_at: int) -> None:
    """One more review that got an answer, after so many hours."""
    hours = (replied_at - submitted_at) // HOUR
    _delays.run(session, {"product": product, "hours": hours, "n": 1})


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
    for table, counted in _recount(session).items():
        if table is schema.product_state:
            none = {(sku,): (0, 0) for sku in session.scalars(select(schema.product.c.sku))}
            counted = {key: (revision, *counts) for key, counts in {**none, **counted}.items()}
        names = [*table.primary_key.columns.keys()]
        names += [column.name for column in table.c if not column.primary_key]
        rows = [dict(zip(names, (*key, *counts), strict=True)) for key, counts in counted.items()]
        if rows:
            session.execute(insert(table), rows)


def mend_figures(session: Session) -> int:
    """Set every counter to what the facts say; how many were wrong.

    The caller holds the lock of every log, so that no fact comes in between.
    """
    mended, products = 0, set()
    for table, counted in _recount(session).items():
        names = list(table.primary_key.columns.keys())
        values = [c.name for c in table.c if not c.primary_key and c.name != "revision"]
        stored = _stored(session, table)
        for key in stored.keys() | counted.keys():
            none = (0,) * len(values)
            difference = [
                right - wrong  # type: ignore[operator]
                for right, wrong in zip(counted.get(key, none), stored.get(key, none), strict=True)
            ]
            if not any(difference):
                continue
            row = dict(zip([*names, *values], [*key, *difference], strict=True))
            if table is schema.product_state:
                row["revision"] = 0
            _ADDED[table].run(session, row)
            products.add(row["product"])
            mended += 1
    for product in products:
        touch(session, str(product))
    return mended


Key = tuple[object, ...]


def _recount(session: Session) -> dict[Table, dict[Key, Key]]:
    """Every table of counters, as the facts have it."""
    return {
        schema.review_count: _review_counts(session),
        schema.aspect_count: _aspect_counts(session),
        schema.invitation_count: _invitation_counts(session),
        schema.reply_delay: _reply_delays(session),
        schema.product_state: _removal_counts(session),
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
        try:
            values = canonical.loads(aspects.encode())
        except canonical.NotCanonicalError:
            # The check of the log says which row was bent; here its aspects are missing.
            continue
        for aspect, value in values.items():
            number[product, stage, aspect] += 1
            total[product, stage, aspect] += value
    return {key: (number[key], total[key]) for key in number}


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


def _removal_counts(session: Session) -> dict[Key, Key]:
    """Removals and withdrawals of published texts by product; a redacted item leads back to its
    first."""
    rows = session.execute(
        select(removal.c.item, removal.c.redacted_item, removal.c.author_key)
    ).all()
    before = {row.redacted_item: row.item for row in rows if row.redacted_item is not None}
    counts: Counter[tuple[object, bool]] = Counter()
    for row in rows:
        first = row.item
        while first in before:
            first = before[first]
        if (sku := product_of_item(session, first)) is not None:
            counts[sku, row.author_key is not None] += 1
    return {(sku,): (counts[sku, False], counts[sku, True]) for sku, _ in counts}


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
