"""The machine: room on its disks, and the worker that should be running on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import schema
from ..settings import Settings
from .findings import Finding, advice, error

MEBIBYTE = 1024 * 1024
#: Free space below which a day's writes may fail, and below which to think of a larger disk.
TOO_LITTLE = 100 * MEBIBYTE
LITTLE = 1024 * MEBIBYTE
#: A job that has been due for so long says that no worker runs.
OVERDUE = timedelta(minutes=15)


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Where the database file and the state lie. A database server looks after its own disk."""
    places = {"STATE_DIR": settings.state_dir}
    if settings.database_url.get_backend_name() == "sqlite" and settings.database_url.database:
        places["the database"] = Path(settings.database_url.database).absolute().parent
    for name, place in places.items():
        free = shutil.disk_usage(_existing(place)).free
        problem = f"{free // MEBIBYTE} MiB are free where {name} lies"
        if free < TOO_LITTLE:
            yield error("disk", problem, "Make room: a full disk refuses every review.")
        elif free < LITTLE:
            yield advice("disk", problem, "Make room before it is full.")


def _existing(place: Path) -> Path:
    return place if place.exists() else _existing(place.parent)


def check_worker(session: Session, now: datetime) -> Iterator[Finding]:
    """Whether what is due gets done."""
    outbox = schema.outbox
    before = int((now - OVERDUE).timestamp())
    rows = session.execute(
        select(outbox.c.kind, func.count().label("n"))
        .where(outbox.c.done_at.is_(None), outbox.c.due_at < before)
        .group_by(outbox.c.kind)
        .order_by(outbox.c.kind)
    )
    for row in rows:
        yield advice(
            "worker",
            f"{row.n} jobs ({row.kind}) have been due for more than "
            f"{OVERDUE.seconds // 60} minutes",
            "Run the worker: flask reviews deliver --forever",
        )
