"""Reports to the regulator about texts, and what the regulator answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from . import canonical
from .commitment import Words
from .errors import (
    AlreadyAcknowledged,
    Fault,
    InvalidInput,
    ReportExists,
    TextRemoved,
    UnknownItem,
    UnknownReport,
)
from .ids import new_id
from .log import Entry, LogRef, Logs
from .plain_text import TextFault, clean
from .schema import acknowledgement, content, item, log, log_entry, report, report_item
from .texts import publish

GROUNDS = ("personal_data", "unlawful_content", "defamation", "court_order", "other")
VERDICTS = ("acknowledged", "disputed")
MAX_ITEMS = 200
MAX_REPORT_NO = 64
MAX_AUTHORITY = 100
MAX_REASONS = 5_000


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """A report as somebody states it, before it is checked."""

    items: Sequence[str]
    authority: str
    report_no: str
    filed_on: date
    ground: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Report:
    """A filed report and its entry in the log."""

    id: str
    entry: Entry


def file_report(
    session: Session, logs: Logs, ref: LogRef, draft: ReportDraft, now: datetime
) -> Report:
    """Record that ``draft`` was sent to the regulator.

    Raises :class:`InvalidInput` for a bad field, :class:`UnknownItem`, :class:`TextRemoved` for a
    text that is gone already and :class:`ReportExists` for the same number on the same text.
    """
    draft = _checked(draft)
    days = _publication_days(session, ref, draft.items)
    _check_date(draft.filed_on, max(days), now)
    _refuse_duplicate(session, ref, draft)
    name = new_id("rp")
    reasons, reasons_item = Words("", draft.reasons), new_id("it")
    with logs.writing(session, ref, now) as writer:
        fields = {
            "items": list(draft.items),
            "authority": draft.authority,
            "report_no": draft.report_no,
            "filed_on": draft.filed_on.isoformat(),
            "ground": draft.ground,
            "reasons": reasons.commitment,
        }
        entry = writer.append("report.filed", {"report": name, **fields})
        publish(session, entry, "reasons", reasons_item, reasons)
        session.execute(
            insert(report),
            {
                **entry.columns,
                **fields,
                "id": name,
                "items": canonical.dumps(list(draft.items)).decode(),
                "reasons_item": reasons_item,
            },
        )
        session.execute(
            insert(report_item),
            [
                {
                    "report": name,
                    "item": reported,
                    "log": ref.id,
                    "authority": draft.authority,
                    "report_no": draft.report_no,
                }
                for reported in draft.items
            ],
        )
    return Report(name, entry)


def acknowledge(
    session: Session, logs: Logs, report_id: str, verdict: str, note: str | None, now: datetime
) -> Entry:
    """Record the regulator's verdict on a report. A later, different verdict stands beside the
    first.

    Raises :class:`InvalidInput`, :class:`UnknownReport` or :class:`AlreadyAcknowledged`.
    """
    faults: dict[str, Fault] = {}
    if verdict not in VERDICTS:
        faults["verdict"] = Fault("choice", {"choices": ", ".join(VERDICTS)})
    try:
        note = clean(note or "", longest=MAX_REASONS) or None
    except TextFault as error:
        faults["note"] = error.fault
    if faults:
        raise InvalidInput(faults)
    row = session.execute(
        select(log.c.id, log.c.insurer, log.c.origin)
        .join(report, report.c.log == log.c.id)
        .where(report.c.id == report_id)
    ).one_or_none()
    if row is None:
        raise UnknownReport("there is no such report")
    ref = LogRef(row.id, row.insurer, row.origin)
    logs.hold(session, ref)
    latest = session.scalar(
        select(acknowledgement.c.verdict)
        .where(acknowledgement.c.report == report_id)
        .order_by(acknowledgement.c.entry.desc())
        .limit(1)
    )
    if latest == verdict:
        raise AlreadyAcknowledged("this verdict is on record already")
    words, note_item = (None, None) if note is None else (Words("", note), new_id("it"))
    commitment = words.commitment if words else None
    with logs.writing(session, ref, now) as writer:
        entry = writer.append(
            "report.acknowledged", {"report": report_id, "verdict": verdict, "note": commitment}
        )
        if words is not None and note_item is not None:
            publish(session, entry, "reasons", note_item, words)
        session.execute(
            insert(acknowledgement),
            {
                **entry.columns,
                "report": report_id,
                "verdict": verdict,
                "note": commitment,
                "note_item": note_item,
            },
        )
    return entry


def private_items(session: Session, ref: LogRef, report_id: str) -> list[str]:
    """The items of a report's reasons and of its answers' notes whose words still stand.

    Raises :class:`UnknownReport` for a report of another log.
    """
    reasons = session.scalar(
        select(report.c.reasons_item).where(report.c.id == report_id, report.c.log == ref.id)
    )
    if reasons is None:
        raise UnknownReport("there is no such report")
    notes = session.scalars(
        select(acknowledgement.c.note_item).where(
            acknowledgement.c.report == report_id, acknowledgement.c.note_item.is_not(None)
        )
    )
    present = select(content.c.item).where(content.c.item.in_([reasons, *notes]))
    return sorted(session.scalars(present))


def _checked(draft: ReportDraft) -> ReportDraft:
    faults: dict[str, Fault] = {}
    texts: dict[str, str] = {}
    for name, value, longest in (
        ("authority", draft.authority, MAX_AUTHORITY),
        ("report_no", draft.report_no, MAX_REPORT_NO),
        ("reasons", draft.reasons, MAX_REASONS),
    ):
        try:
            texts[name] = clean(value, longest=longest, shortest=1, lines=name == "reasons")
        except TextFault as error:
            faults[name] = error.fault
    if draft.ground not in GROUNDS:
        faults["ground"] = Fault("choice", {"choices": ", ".join(GROUNDS)})
    items = sorted(set(draft.items))
    if not items:
        faults["items"] = Fault("required")
    elif len(items) > MAX_ITEMS:
        faults["items"] = Fault("too-many", {"limit": MAX_ITEMS})
    if faults:
        raise InvalidInput(faults)
    return ReportDraft(items=items, filed_on=draft.filed_on, ground=draft.ground, **texts)


def _publication_days(session: Session, ref: LogRef, items: Sequence[str]) -> list[date]:
    rows = {
        row.id: row
        for row in session.execute(
            select(item.c.id, log_entry.c.leaf, content.c.item)
            .join(log_entry, (log_entry.c.log == item.c.log) & (log_entry.c.idx == item.c.entry))
            .outerjoin(content, content.c.item == item.c.id)
            .where(item.c.id.in_(items), item.c.log == ref.id, item.c.kind != "reasons")
        )
    }
    days = []
    for name in items:
        if name not in rows:
            raise UnknownItem("no such text belongs to this insurer")
        if rows[name].item is None:
            raise TextRemoved("this text is gone already: there is nothing left to report")
        days.append(datetime.fromtimestamp(canonical.loads(rows[name].leaf)["at"], UTC).date())
    return days


def _check_date(filed_on: date, published: date, now: datetime) -> None:
    first, last = published - timedelta(days=1), now.astimezone(UTC).date() + timedelta(days=1)
    if not first <= filed_on <= last:
        raise InvalidInput(
            {
                "filed_on": Fault(
                    "date-range", {"first": first.isoformat(), "last": last.isoformat()}
                )
            }
        )


def _refuse_duplicate(session: Session, ref: LogRef, draft: ReportDraft) -> None:
    filed = session.execute(
        select(report_item.c.report, report_item.c.item).where(
            report_item.c.log == ref.id,
            report_item.c.authority == draft.authority,
            report_item.c.report_no == draft.report_no,
            report_item.c.item.in_(draft.items),
        )
    ).first()
    if filed is not None:
        raise ReportExists(
            f"report {draft.report_no} to {draft.authority} is on record for this text",
            report=filed.report,
        )
