"""What is to leave the house once the transaction stands: queued with it, delivered by the worker.

A payload names facts, never a person: the address is looked up when the mail is written, and is
gone when the contact is. After delivery the payload is purged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from ..moderation.ids import new_id
from . import schema

#: Waits between attempts in seconds; after the last the job stays, marked with its error.
BACKOFF = (60, 300, 1800, 7200, 86_400)


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to deliver."""

    id: str
    kind: str
    payload: Mapping[str, str]
    attempts: int


def enqueue(session: Session, kind: str, payload: Mapping[str, str], now: datetime) -> None:
    """Queue a job in the caller's transaction."""
    seconds = int(now.timestamp())
    session.execute(
        insert(schema.outbox),
        {
            "id": new_id("ob"),
            "kind": kind,
            "payload": json.dumps(payload, sort_keys=True),
            "created_at": seconds,
            "due_at": seconds,
            "attempts": 0,
        },
    )


def due_jobs(session: Session, now: datetime, *, limit: int = 100) -> list[Job]:
    """The jobs whose time has come, oldest first."""
    outbox = schema.outbox
    rows = session.execute(
        select(outbox.c.id, outbox.c.kind, outbox.c.payload, outbox.c.attempts)
        .where(outbox.c.done_at.is_(None), outbox.c.due_at <= int(now.timestamp()))
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
    )
    return [Job(row.id, row.kind, json.loads(row.payload), row.attempts) for row in rows]


def mark_done(session: Session, job: Job, now: datetime) -> None:
    """The job is delivered; its payload goes."""
    session.execute(
        update(schema.outbox)
        .where(schema.outbox.c.id == job.id)
        .values(done_at=int(now.timestamp()), payload=None, error=None)
    )


def mark_failed(session: Session, job: Job, error: str, now: datetime) -> None:
    """The attempt failed: try again later, or give up after the last."""
    seconds = int(now.timestamp())
    last = job.attempts >= len(BACKOFF)
    session.execute(
        update(schema.outbox)
        .where(schema.outbox.c.id == job.id)
        .values(
            attempts=job.attempts + 1,
            error=error[:500],
            due_at=seconds if last else seconds + BACKOFF[job.attempts],
            done_at=seconds if last else None,
            # Given up: what it was about must not stay longer than what was delivered.
            payload=None if last else schema.outbox.c.payload,
        )
    )


def pending(session: Session) -> int:
    """How many jobs wait."""
    return session.scalar(select(func.count()).where(schema.outbox.c.done_at.is_(None))) or 0
