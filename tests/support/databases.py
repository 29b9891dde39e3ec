"""Fresh databases for tests, on both engines.

The schema is built once per engine and test process, by the migrations. Every test that commits
gets its own copy of it: a file copy on SQLite, ``CREATE DATABASE … TEMPLATE`` on PostgreSQL. That
takes milliseconds, and no test can see what another one wrote.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from secrets import token_hex

import psycopg
from sqlalchemy import make_url

ENGINES = ("sqlite", "postgresql")


class DatabaseFactory:
    """Makes databases and takes them away again.

    ``folder`` holds the SQLite files. ``pg_admin_url`` is called when PostgreSQL is first asked
    for, and returns a superuser's URL of any database there. ``build_template`` turns the empty
    database at a URL into a migrated one, and leaves no connection open.
    """

    def __init__(
        self,
        folder: Path,
        pg_admin_url: Callable[[], str],
        build_template: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._pg_admin_url = pg_admin_url
        self._build_template = build_template
        self._templates: dict[str, str] = {}
        # Two factories may share one server.
        self._names = (f"test_{token_hex(4)}_{number}" for number in count(1))

    @contextmanager
    def fresh(self, engine_name: str) -> Iterator[str]:
        """The URL of a migrated database of one's own; it is gone afterwards."""
        template = self._template(engine_name)
        with self._created(engine_name, template) as url:
            yield url

    @contextmanager
    def empty(self, engine_name: str) -> Iterator[str]:
        """The URL of a database without any table; it is gone afterwards."""
        with self._created(engine_name, None) as url:
            yield url

    def _template(self, engine_name: str) -> str:
        """The name of the migrated template: a file on SQLite, a database on PostgreSQL."""
        if engine_name not in self._templates:
            name = next(self._names)
            url = self._create(engine_name, name, None)
            self._build_template(url)
            self._freeze(engine_name, name)
            self._templates[engine_name] = name
        return self._templates[engine_name]

    @contextmanager
    def _created(self, engine_name: str, template: str | None) -> Iterator[str]:
        name = next(self._names)
        url = self._create(engine_name, name, template)
        try:
            yield url
        finally:
            self._drop(engine_name, name)

    def _create(self, engine_name: str, name: str, template: str | None) -> str:
        if engine_name == "sqlite":
            path = self._sqlite_path(name)
            if template is not None:
                shutil.copy(self._sqlite_path(template), path)
            return f"sqlite:///{path}"
        if engine_name == "postgresql":
            self._administer(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
            admin = make_url(self._pg_admin_url())
            return admin.set(database=name).render_as_string(hide_password=False)
        raise ValueError(f"unknown engine {engine_name!r}; known are {', '.join(ENGINES)}")

    def _freeze(self, engine_name: str, name: str) -> None:
        """Make sure that a copy of the template is the whole of it."""
        if engine_name == "sqlite":
            with closing(sqlite3.connect(self._sqlite_path(name))) as connection:
                # Whatever still stands in the write-ahead log would be missing from a file copy.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            self._administer(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")

    def _drop(self, engine_name: str, name: str) -> None:
        if engine_name == "sqlite":
            for suffix in ("", "-wal", "-shm", "-journal"):
                self._sqlite_path(name).with_name(f"{name}.sqlite{suffix}").unlink(missing_ok=True)
        else:
            # A pool may still hold connections; they are the test's business, not the next one's.
            self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _sqlite_path(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite"

    def _administer(self, statement: str) -> None:
        url = make_url(self._pg_admin_url()).set(drivername="postgresql")
        conninfo = url.render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement)
