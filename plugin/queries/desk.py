"""What staff see: their reviews, and the reports with their state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session

from ...moderation import canonical
from ...moderation import schema as floor
from ...moderation.commitment import read_body
from ...moderation.texts import read_texts
from .. import schema
from .reviews import PublishedReview, complete, review_rows

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class DeskQuery:
    """Which reviews of the insurer to list; ``before`` is the entry of the last one shown."""

    insurer: str
    stage: str | None = None
    score: int | None = None
    unanswered: bool = False
    before: int | None = None


def list_desk(session: Session, query: DeskQuery) -> tuple[list[PublishedReview], int | None]:
    """A page of reviews, newest first, and the entry to continue before."""
    review, reply = schema.review, schema.reply
    statement = review_rows().where(floor.log.c.insurer == query.insurer)
    if query.stage is not None:
        statement = statement.where(review.c.stage == query.stage)
    if query.score is not None:
        statement = statement.where(review.c.score == query.score)
    if query.unanswered:
        statement = statement.where(~exists().where(reply.c.review == review.c.id))
    if query.before is not None:
        statement = statement.where(review.c.entry < query.before)
    rows = session.execute(statement.order_by(review.c.entry.desc()).limit(PAGE_SIZE + 1)).all()
    shown = rows[:PAGE_SIZE]
    following = shown[-1].entry if len(rows) > PAGE_SIZE else None
    return complete(session, shown), following


def count_unanswered(session: Session, insurer: str) -> int:
    """How many reviews of the insurer have no reply."""
    product = schema.product
    reviews = session.scalar(
        select(func.sum(schema.review_count.c.n)).join(product).where(product.c.insurer == insurer)
    )
    replied = session.scalar(
        select(func.sum(schema.reply_delay.c.n)).join(product).where(product.c.insurer == insurer)
    )
    return int(reviews or 0) - int(replied or 0)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The regulator's answer. ``note`` is private and may have been erased."""

    verdict: str
    note: str | None
    at: int


@dataclass(frozen=True, slots=True)
class FiledReport:
    """A report as compliance and the regulator see it."""

    id: str
    insurer: str
    insurer_name: str
    authority: str
    report_no: str
    filed_on: str
    ground: str
    reasons: str | None
    items: tuple[str, ...]
    reviews: tuple[str, ...]
    removed: tuple[str, ...]
    acknowledgements: tuple[Acknowledgement, ...]
    at: int
    index: int


def list_reports(
    session: Session,
    *,
    insurer: str | None = None,
    report_id: str | None = None,
    items: Sequence[str] | None = None,
    limit: int = 100,
) -> list[FiledReport]:
    """Reports, newest first: all, one insurer's, one, or those that name any of ``items``."""
    report, log = floor.report, floor.log
    statement = (
        select(report, log.c.insurer, schema.insurer.c.name.label("insurer_name"))
        .join(log, log.c.id == report.c.log)
        .join(schema.insurer, schema.insurer.c.slug == log.c.insurer)
    )
    if insurer is not None:
        statement = statement.where(log.c.insurer == insurer)
    if report_id is not None:
        statement = statement.where(report.c.id == report_id)
    if items is not None:
        named = select(floor.report_item.c.report).where(floor.report_item.c.item.in_(items))
        statement = statement.where(report.c.id.in_(named))
    rows = session.execute(
        statement.order_by(report.c.at.desc(), report.c.entry.desc()).limit(limit)
    ).all()
    return [_report(session, row) for row in rows]


def _report(session: Session, row: Row[Any]) -> FiledReport:
    items = tuple(canonical.loads(row._mapping[floor.report.c["items"]].encode()))
    removed = session.scalars(
        select(floor.removal.c.item).where(
            floor.removal.c.report == row.id, floor.removal.c.item.in_(items)
        )
    ).all()
    reasons = read_texts(session, [row.reasons_item])[row.reasons_item].text
    return FiledReport(
        id=row.id,
        insurer=row.insurer,
        insurer_name=row.insurer_name,
        authority=row.authority,
        report_no=row.report_no,
        filed_on=row.filed_on,
        ground=row.ground,
        reasons=reasons,
        items=items,
        reviews=tuple(reviews_of_items(session, items)),
        removed=tuple(removed),
        acknowledgements=_acknowledgements(session, row.id),
        at=row.at,
        index=row.entry,
    )


def _acknowledgements(session: Session, report_id: str) -> tuple[Acknowledgement, ...]:
    acknowledgement, content = floor.acknowledgement, floor.content
    rows = session.execute(
        select(acknowledgement.c.verdict, acknowledgement.c.at, content.c.body)
        .outerjoin(content, content.c.item == acknowledgement.c.note_item)
        .where(acknowledgement.c.report == report_id)
        .order_by(acknowledgement.c.entry)
    )
    return tuple(
        Acknowledgement(row.verdict, None if row.body is None else read_body(row.body)[1], row.at)
        for row in rows
    )


def reviews_of_items(session: Session, items: Sequence[str]) -> list[str]:
    """The reviews under which ``items`` (or what they are redactions of) were published."""
    first: dict[str, str] = {item: item for item in items}
    while earlier := session.execute(
        select(floor.removal.c.redacted_item, floor.removal.c.item).where(
            floor.removal.c.redacted_item.in_(list(first.values()))
        )
    ).all():
        before = {row.redacted_item: row.item for row in earlier}
        first = {item: before.get(current, current) for item, current in first.items()}
    wanted = list(first.values())
    found: set[str] = set(
        session.scalars(select(schema.review.c.id).where(schema.review.c.item.in_(wanted)))
    )
    for table in (schema.follow_up, schema.reply):
        found |= set(session.scalars(select(table.c.review).where(table.c.item.in_(wanted))))
    return sorted(found)
