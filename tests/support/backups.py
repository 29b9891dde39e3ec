"""What tests of backups share: the same people on another database, and a log as it is mirrored."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from insurance_reviews.moderation.schema import log_entry
from insurance_reviews.moderation.tlog.tile import TILE_WIDTH, entries_path, format_bundle
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.unit_of_work import UnitOfWork

from .world import World, context_for, settings_for


@contextmanager
def moved(world: World, url: str, state: Path | None = None) -> Iterator[World]:
    """The same people and clock on the database at ``url``, with the keys and checkpoints in
    ``state``."""
    settings = settings_for(url, state or world.settings.state_dir)
    engine = make_engine(url)
    try:
        yield replace(
            world,
            settings=settings,
            context=context_for(settings),
            unit_of_work=UnitOfWork(engine),
            tampered=[],
        )
    finally:
        engine.dispose()


def mirror(world: World, folder: Path, insurer: str = "anxin") -> Path:
    """A log as a web server would hold it: its checkpoint and the bundles of its entries."""
    shutil.rmtree(folder, ignore_errors=True)
    ref = world.ref(insurer)
    leaves = world.read(
        lambda session: session.scalars(
            select(log_entry.c.leaf).where(log_entry.c.log == ref.id).order_by(log_entry.c.idx)
        ).all()
    )
    for start in range(0, len(leaves), TILE_WIDTH):
        part = leaves[start : start + TILE_WIDTH]
        path = folder / entries_path(start // TILE_WIDTH, len(part))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(format_bundle(part))
    kept = world.settings.state_dir / "checkpoints" / f"{insurer}.checkpoint"
    shutil.copy(kept, folder / "checkpoint")
    return folder
