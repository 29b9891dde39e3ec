"""What witnesses put under a log's checkpoints: kept, added to the notes, and asked about.

A cosignature is kept once for each checkpoint and witness, in the order of the log: the primary
key (log, size, name) answers every question here from one of its ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, bindparam, func, insert, select, union_all
from sqlalchemy.orm import Session

from .log import LogRef
from .prepared import query
from .schema import cosignature, log, log_checkpoint

#: A witness that is not among so many of the newest cosignatures is not looked for any further.
RECENT = 2000


@dataclass(frozen=True, slots=True)
class Witnessed:
    """That the witness ``name`` vouched for the first ``size`` entries, ``at`` POSIX seconds."""

    name: str
    size: int
    at: int


def _of_newest() -> Select[str, int, int]:
    """All cosignatures of the newest cosigned checkpoint. Built once: every wall runs it."""
    c = cosignature.c
    number = select(log.c.id).where(log.c.insurer == bindparam("insurer")).scalar_subquery()
    newest = select(func.max(c.size)).where(c.log == number).scalar_subquery()
    return (
        select(c.name, c.size, c.at).where(c.log == number, c.size == newest).order_by(c.at, c.name)
    )


_last_witnessed = query(_of_newest())


def last_witnessed(session: Session, insurer: str) -> list[Witnessed]:
    """Who vouched for the newest checkpoint of an insurer's log that anybody vouched for."""
    rows = _last_witnessed.fetch(session, {"insurer": insurer})
    return [Witnessed(row.name, row.size, row.at) for row in rows]


def entry_witnessed(
    session: Session, insurer: str, index: int
) -> tuple[list[Witnessed], list[Witnessed]]:
    """Who vouched first for entry ``index`` of an insurer's log, and who did so last.

    Each vouched for a checkpoint as a whole: the first that covers the entry, and the newest.
    """
    c = cosignature.c
    number = select(log.c.id).where(log.c.insurer == insurer).scalar_subquery()
    covering = (c.log == number, c.size > index)
    # Looked up one by one; with OR, SQLite would read all that lies between the two.
    ends = union_all(*(select(end(c.size)).where(*covering) for end in (func.min, func.max)))
    rows = session.execute(
        select(c.name, c.size, c.at)
        .where(c.log == number, c.size.in_(ends))
        .order_by(c.size, c.at, c.name)
    )
    found = [Witnessed(name, size, at) for name, size, at in rows]
    return (
        [one for one in found if one.size == found[0].size],
        [one for one in found if one.size == found[-1].size],
    )


def recent_witnesses(session: Session, ref: LogRef) -> list[Witnessed]:
    """The newest cosignature of each witness, newest first, among the :data:`RECENT` newest."""
    c = cosignature.c
    recent = (
        select(c.name, c.size, c.at)
        .where(c.log == ref.id)
        # Both backwards, as the primary key lies.
        .order_by(c.size.desc(), c.name.desc())
        .limit(RECENT)
        .subquery()
    )
    newest, at = func.max(recent.c.size), func.max(recent.c.at)
    rows = session.execute(
        select(recent.c.name, newest, at)
        .group_by(recent.c.name)
        .order_by(newest.desc(), at.desc(), recent.c.name)
    )
    return [Witnessed(name, size, at) for name, size, at in rows]


def newest_checkpoint(session: Session, ref: LogRef) -> str:
    """The newest checkpoint of the log, with the cosignatures that it has so far."""
    size = select(func.max(log_checkpoint.c.size)).where(log_checkpoint.c.log == ref.id)
    note = _with_lines(session, ref, size)
    assert note is not None, "a log opens with a checkpoint"
    return note


def witnessed_checkpoint(session: Session, ref: LogRef, *, covering: int = 0) -> str | None:
    """The newest checkpoint with cosignatures, with them; ``None`` if none covers that entry."""
    size = select(func.max(cosignature.c.size)).where(
        cosignature.c.log == ref.id, cosignature.c.size > covering
    )
    return _with_lines(session, ref, size)


def _with_lines(session: Session, ref: LogRef, size: Select[int]) -> str | None:
    checkpoint, c = log_checkpoint.c, cosignature.c
    rows = session.execute(
        select(checkpoint.note, c.line)
        .outerjoin(cosignature, (c.log == checkpoint.log) & (c.size == checkpoint.size))
        .where(checkpoint.log == ref.id, checkpoint.size == size.scalar_subquery())
        .order_by(c.name)
    ).all()
    return rows[0].note + "".join(row.line or "" for row in rows) if rows else None


def newest_sizes(session: Session) -> list[tuple[LogRef, int]]:
    """Every log with the size of its newest checkpoint; 0 where somebody took them all away."""
    newest = select(func.max(log_checkpoint.c.size)).where(log_checkpoint.c.log == log.c.id)
    size = func.coalesce(newest.scalar_subquery(), 0)
    rows = session.execute(select(log.c.id, log.c.insurer, log.c.origin, size).order_by(log.c.id))
    return [(LogRef(number, insurer, origin), found) for number, insurer, origin, found in rows]


def cosigned_size(session: Session, ref: LogRef, name: str) -> int:
    """The size of the newest checkpoint that the witness ``name`` cosigned; 0 before the first."""
    c = cosignature.c
    found = session.scalar(
        select(c.size).where(c.log == ref.id, c.name == name).order_by(c.size.desc()).limit(1)
    )
    return found or 0


def keep_cosignature(session: Session, ref: LogRef, found: Witnessed, line: str) -> bool:
    """Keep the signature line of a witness under our checkpoint, newline and all.

    False if this witness's line is there already. The caller has verified it.
    """
    c = cosignature.c
    one = select(c.at).where(c.log == ref.id, c.size == found.size, c.name == found.name)
    if session.scalar(one) is not None:
        return False
    session.execute(
        insert(cosignature),
        {
            "log": ref.id,
            "size": found.size,
            "name": found.name,
            "at": found.at,
            "line": line,
        },
    )
    return True
