"""The only two ways in which words leave: a report that names them, or their author's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from . import canonical
from .commitment import Words, author_of
from .errors import (
    AuthorKeyMismatch,
    Fault,
    InvalidInput,
    RegulatorReportRequired,
    TextRemoved,
    UnknownItem,
)
from .ids import new_id
from .log import Entry, LogRef, Logs, LogWriter
from .redaction import RedactionError, masks_of
from .schema import acknowledgement, content, item, removal, report, report_item
from .texts import TextState, read_text


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal and its entry; ``redacted_item`` holds the text that took the old one's place."""

    item: str
    entry: Entry
    redacted_item: str | None


def remove(
    session: Session,
    logs: Logs,
    ref: LogRef,
    item_id: str,
    report_id: str | None,
    redacted_text: str | None,
    now: datetime,
) -> Removal:
    """Remove the words of ``item_id`` on ``report_id``, whole or by putting a redaction in their
    place.

    Raises :class:`UnknownItem`, :class:`TextRemoved`, :class:`RegulatorReportRequired` when the
    report is missing, unknown or not about this text, and :class:`InvalidInput` for a text that
    is no redaction.
    """
    state = _present(session, ref, item_id)
    if report_id is None or not _names(session, ref, report_id, item_id):
        raise RegulatorReportRequired(
            "file the regulator report about this text first, then remove it on that report"
        )
    redaction = None if redacted_text is None else _redaction(state, redacted_text)
    with logs.writing(session, ref, now) as writer:
        if redaction is None:
            entry = _append(session, writer, item_id, report_id=report_id)
        else:
            entry = _append_redaction(session, writer, state, report_id, *redaction)
        session.execute(delete(content).where(content.c.item == item_id))
    return Removal(item_id, entry, redaction[0] if redaction else None)


def withdraw(
    session: Session, logs: Logs, ref: LogRef, items: Sequence[str], author_key: str, now: datetime
) -> list[Removal]:
    """Remove the words of ``items`` by their author's key, which the log then shows to everybody.

    Raises :class:`AuthorKeyMismatch` unless the key is that of each item's author, and
    :class:`TextRemoved` when none of the words is left.
    """
    try:
        author = author_of(author_key)
    except ValueError as error:
        raise AuthorKeyMismatch(str(error)) from error
    owners = session.execute(
        select(item.c.id, item.c.author, content.c.item)
        .outerjoin(content, content.c.item == item.c.id)
        .where(item.c.id.in_(items), item.c.log == ref.id)
        .order_by(item.c.entry)
    ).all()
    if any(owner.author != author for owner in owners):
        raise AuthorKeyMismatch("this is not the key that was given with the receipt")
    present = [owner.id for owner in owners if owner.item is not None]
    if not present:
        raise TextRemoved("no words of yours are left here")
    removals = []
    with logs.writing(session, ref, now) as writer:
        for name in present:
            entry = _append(session, writer, name, author_key=author_key)
            session.execute(delete(content).where(content.c.item == name))
            removals.append(Removal(name, entry, None))
    return removals


def _present(session: Session, ref: LogRef, item_id: str) -> TextState:
    owner = session.scalar(select(item.c.log).where(item.c.id == item_id))
    state = read_text(session, item_id)
    if owner != ref.id or state is None:
        raise UnknownItem("no such text belongs to this insurer")
    if state.item != item_id or state.text is None:
        raise TextRemoved("this text is gone already")
    return state


def _names(session: Session, ref: LogRef, report_id: str, item_id: str) -> bool:
    named = select(report_item.c.report).where(
        report_item.c.report == report_id,
        report_item.c.item == item_id,
        report_item.c.log == ref.id,
    )
    reasons = select(report.c.id).where(
        report.c.id == report_id, report.c.reasons_item == item_id, report.c.log == ref.id
    )
    notes = select(acknowledgement.c.report).where(
        acknowledgement.c.report == report_id, acknowledgement.c.note_item == item_id
    )
    return session.scalar(named.union(reasons, notes)) is not None


def _redaction(state: TextState, redacted_text: str) -> tuple[str, Words, list[list[int]]]:
    assert state.text is not None, "only present texts are redacted"
    assert state.name is not None, "a present text has its name"
    redacted_text = redacted_text.replace("\r\n", "\n")
    try:
        masks = masks_of(state.text, redacted_text)
    except RedactionError as error:
        raise InvalidInput({"redacted_text": Fault("redaction", {"reason": str(error)})}) from error
    return new_id("it"), Words(state.name, redacted_text), masks


def _append(
    session: Session,
    writer: LogWriter,
    item_id: str,
    *,
    report_id: str | None = None,
    author_key: str | None = None,
) -> Entry:
    fields = {"item": item_id, "report": report_id, "author_key": author_key, "redacted": None}
    entry = writer.append("text.removed", fields)
    session.execute(insert(removal), {**entry.columns, **fields, "redacted_item": None})
    return entry


def _append_redaction(
    session: Session,
    writer: LogWriter,
    state: TextState,
    report_id: str,
    redacted_item: str,
    words: Words,
    masks: list[list[int]],
) -> Entry:
    """The new words must stand before the old ones go: the locks compare them."""
    redacted = {"item": redacted_item, "commitment": words.commitment, "masks": masks}
    fields = {"item": state.item, "report": report_id, "author_key": None}
    entry = writer.append("text.removed", {**fields, "redacted": redacted})
    session.execute(
        insert(item),
        {
            "id": redacted_item,
            "log": entry.log.id,
            "entry": entry.index,
            "kind": "redacted",
            "commitment": words.commitment,
            "author": state.author,
        },
    )
    session.execute(
        insert(removal),
        {
            **entry.columns,
            **fields,
            "redacted": canonical.dumps(redacted).decode(),
            "redacted_item": redacted_item,
        },
    )
    session.execute(
        insert(content), {"item": redacted_item, "salt": words.salt, "body": words.body}
    )
    return entry
