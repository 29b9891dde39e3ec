"""Worlds outside pytest: in files that are copied for every trial, and opened by any process."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from insurance_reviews import migrations
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.unit_of_work import UnitOfWork
from support.databases import DatabaseFactory
from support.postgres import postgres_server
from support.world import World, built_world, context_for, settings_for

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of one's own, gone at the end. Short, because sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="ir-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def databases_in(folder: Path) -> Iterator[DatabaseFactory]:
    """Migrated databases: SQLite's in ``folder``, PostgreSQL's on a server that starts if asked."""
    with ExitStack() as stack:

        @cache
        def admin_url() -> str:
            return stack.enter_context(postgres_server())

        yield DatabaseFactory(folder, admin_url, migrations.upgrade)


@contextmanager
def opened(url: str, state_dir: Path) -> Iterator[World]:
    """The world in the database at ``url``, as a process finds it that has just started."""
    settings = settings_for(url, state_dir)
    engine = make_engine(settings.database_url)
    try:
        yield World(settings, context_for(settings), UnitOfWork(engine))
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that holds a whole installation on SQLite."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "reviews.sqlite"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.database}"

    @property
    def state_dir(self) -> Path:
        return self.folder / "state"

    @contextmanager
    def opened(self) -> Iterator[World]:
        with opened(self.url, self.state_dir) as world:
            yield world

    def found(self, prepare: Callable[[World], None] = lambda world: None) -> None:
        """Make the installation, and let ``prepare`` happen in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        migrations.upgrade(self.url)
        with built_world(self.url, self.state_dir) as world:
            prepare(world)
        with closing(sqlite3.connect(self.database)) as connection:
            # What still stands in the write-ahead log would be missing from a copy.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def copied(self) -> Iterator[Place]:
        """A copy beside it, gone at the end."""
        folder = Path(tempfile.mkdtemp(prefix=f"{self.folder.name}-", dir=self.folder.parent))
        try:
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)
            yield Place(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
