"""Reports as compliance and the regulator see them, a page in a fixed number of statements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, Select, case, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from ...moderation import canonical
from ...moderation import schema as floor
from ...moderation.commitment import read_body
from ...moderation.texts import TextState, read_texts
from .. import schema
from ..errors import Fault, InvalidInput, NotFound

ReportStatus = Literal["open", "acknowledged", "disputed"]
STATUSES: tuple[ReportStatus, ...] = ("open", "acknowledged", "disputed")
PAGE_SIZE = 20
_CURSOR = re.compile(r"(0|[1-9][0-9]{0,11})-(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The regulator's answer. ``note`` is private and may have been erased."""

    verdict: str
    note: str | None
    at: int


@dataclass(frozen=True, slots=True)
class ReportedText:
    """A text that a report names: what it was, where it stands, what has become of it."""

    item: str
    kind: str
    review: str
    state: TextState


@dataclass(frozen=True, slots=True)
class FiledReport:
    """A report with its texts and answers. ``reasons`` are private and may have been erased."""

    id: str
    insurer: str
    insurer_name: str
    authority: str
    report_no: str
    filed_on: str
    ground: str
    reasons: str | None
    texts: tuple[ReportedText, ...]
    acknowledgements: tuple[Acknowledgement, ...]
    at: int
    index: int


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """Which reports to list: one insurer's or all, by the latest answer. ``before`` is the cursor
    of the page before."""

    insurer: str | None = None
    status: ReportStatus | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page, newest first; ``next`` is the cursor of the following one."""

    reports: tuple[FiledReport, ...]
    next: str | None


_latest_verdict = (
    select(floor.acknowledgement.c.verdict)
    .where(floor.acknowledgement.c.report == floor.report.c.id)
    .order_by(floor.acknowledgement.c.entry.desc())
    .limit(1)
    .correlate(floor.report)
    .scalar_subquery()
)


def list_reports(session: Session, query: ReportQuery) -> ReportPage:
    """The page of ``query``. Raises :class:`InvalidInput` for a cursor that is none of ours."""
    report, log = floor.report, floor.log
    statement = _report_rows()
    if query.insurer is not None:
        statement = statement.where(log.c.insurer == query.insurer)
    if query.status == "open":
        statement = statement.where(_latest_verdict.is_(None))
    elif query.status is not None:
        statement = statement.where(_latest_verdict == query.status)
    # Times are floored to the hour and every log counts its own entries: only all three together
    # tell two reports apart.
    key = tuple_(report.c.at, report.c.log, report.c.entry)
    if query.before is not None:
        match = _CURSOR.fullmatch(query.before)
        if match is None:
            raise InvalidInput({"before": Fault("cursor")})
        statement = statement.where(key < tuple(map(int, match.groups())))
    newest_first = (report.c.at.desc(), report.c.log.desc(), report.c.entry.desc())
    rows = session.execute(statement.order_by(*newest_first).limit(PAGE_SIZE + 1)).all()
    shown = rows[:PAGE_SIZE]
    following = None
    if len(rows) > PAGE_SIZE:
        following = f"{shown[-1].at}-{shown[-1].log}-{shown[-1].entry}"
    return ReportPage(tuple(complete(session, shown)), following)


def reports_about(session: Session, items: Sequence[str]) -> list[FiledReport]:
    """Every report that names one of ``items`` (of one insurer), newest first."""
    report = floor.report
    named = select(floor.report_item.c.report).where(floor.report_item.c.item.in_(items))
    rows = session.execute(
        _report_rows().where(report.c.id.in_(named)).order_by(report.c.entry.desc())
    ).all()
    return complete(session, rows)


def find_report(session: Session, report_id: str) -> FiledReport:
    """One report. Raises :class:`NotFound`."""
    rows = session.execute(_report_rows().where(floor.report.c.id == report_id)).all()
    if not rows:
        raise NotFound("no such report")
    return complete(session, rows)[0]


def count_reports(session: Session, insurer: str | None = None) -> dict[ReportStatus, int]:
    """How many reports wait for an answer, and how many have which as their latest."""
    status = func.coalesce(_latest_verdict, "open").label("status")
    reports = select(status).select_from(floor.report)
    if insurer is not None:
        reports = reports.join(floor.log, floor.log.c.id == floor.report.c.log).where(
            floor.log.c.insurer == insurer
        )
    listed = reports.subquery()
    counted = select(listed.c.status, func.count().label("n")).group_by(listed.c.status)
    found = {row.status: int(row.n) for row in session.execute(counted)}
    return {status: found.get(status, 0) for status in STATUSES}


@dataclass(frozen=True, slots=True)
class RemovalCounts:
    """How many texts are gone on a report, and of how many passages are."""

    removed: int
    redacted: int


def count_removals(session: Session, insurer: str) -> RemovalCounts:
    """The insurer's removals; a text that was redacted again and again is one text.

    Reasons and notes that were erased are none: nobody could ever read them.
    """
    removal, later = floor.removal, aliased(floor.removal)
    whole = removal.c.redacted_item.is_(None)
    row = session.execute(
        select(
            func.sum(case((whole, 1), else_=0)).label("removed"),
            func.sum(case((~whole & later.c.item.is_(None), 1), else_=0)).label("redacted"),
        )
        .select_from(removal)
        .join(floor.log, floor.log.c.id == removal.c.log)
        .join(floor.item, floor.item.c.id == removal.c.item)
        .outerjoin(later, later.c.item == removal.c.redacted_item)
        .where(
            floor.log.c.insurer == insurer,
            floor.item.c.kind != "reasons",
            removal.c.report.is_not(None),
        )
    ).one()
    return RemovalCounts(removed=int(row.removed or 0), redacted=int(row.redacted or 0))


def complete(session: Session, rows: Sequence[Row[Any]]) -> list[FiledReport]:
    """The reports of ``rows`` in their order, with reasons, texts and answers.

    The number of statements does not depend on the number of rows; each redaction of a redacted
    text costs two more, for all rows together.
    """
    if not rows:
        return []
    named = {row.id: tuple(canonical.loads(row.reported_items.encode())) for row in rows}
    items = sorted({item for listed in named.values() for item in listed})
    states = read_texts(session, [*items, *(row.reasons_item for row in rows)])
    places = _places_of(session, items)
    answers = _acknowledgements(session, list(named))
    return [
        FiledReport(
            id=row.id,
            insurer=row.insurer,
            insurer_name=row.insurer_name,
            authority=row.authority,
            report_no=row.report_no,
            filed_on=row.filed_on,
            ground=row.ground,
            reasons=states[row.reasons_item].text,
            texts=tuple(ReportedText(item, *places[item], states[item]) for item in named[row.id]),
            acknowledgements=tuple(answers.get(row.id, ())),
            at=row.at,
            index=row.entry,
        )
        for row in rows
    ]


def _report_rows() -> Select[Any]:
    report, log = floor.report, floor.log
    return (
        select(
            report.c.id,
            report.c.log,
            report.c.entry,
            report.c.at,
            report.c["items"].label("reported_items"),
            report.c.authority,
            report.c.report_no,
            report.c.filed_on,
            report.c.ground,
            report.c.reasons_item,
            log.c.insurer,
            schema.insurer.c.name.label("insurer_name"),
        )
        .join(log, log.c.id == report.c.log)
        .join(schema.insurer, schema.insurer.c.slug == log.c.insurer)
    )


def _acknowledgements(
    session: Session, reports: Sequence[str]
) -> Mapping[str, list[Acknowledgement]]:
    acknowledgement, content = floor.acknowledgement, floor.content
    rows = session.execute(
        select(
            acknowledgement.c.report,
            acknowledgement.c.verdict,
            acknowledgement.c.at,
            content.c.body,
        )
        .outerjoin(content, content.c.item == acknowledgement.c.note_item)
        .where(acknowledgement.c.report.in_(reports))
        .order_by(acknowledgement.c.entry)
    )
    found: dict[str, list[Acknowledgement]] = {}
    for row in rows:
        note = None if row.body is None else read_body(row.body)[1]
        found.setdefault(row.report, []).append(Acknowledgement(row.verdict, note, row.at))
    return found


def _places_of(session: Session, items: Sequence[str]) -> dict[str, tuple[str, str]]:
    """item → (kind, review): as what, and under which review, the item (or what it is a redaction
    of) was published."""
    first = {item: item for item in items}
    while earlier := session.execute(
        select(floor.removal.c.redacted_item, floor.removal.c.item).where(
            floor.removal.c.redacted_item.in_(set(first.values()))
        )
    ).all():
        before = {row.redacted_item: row.item for row in earlier}
        first = {item: before.get(current, current) for item, current in first.items()}
    published = set(first.values())
    review = schema.review
    found = {
        row.item: ("review", row.id)
        for row in session.execute(
            select(review.c.item, review.c.id).where(review.c.item.in_(published))
        )
    }
    for kind, table in (("follow_up", schema.follow_up), ("reply", schema.reply)):
        for row in session.execute(
            select(table.c.item, table.c.review).where(table.c.item.in_(published))
        ):
            found[row.item] = (kind, row.review)
    return {item: found[origin] for item, origin in first.items()}
