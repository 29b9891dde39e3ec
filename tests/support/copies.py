"""An installation that is prepared once on each engine, and copied whenever one is wanted."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from insurance_reviews import migrations

from .databases import DatabaseFactory
from .world import World, built_world

STATE = "state"


class Copies:
    """``prepare`` fills the world, and may put files into the folder that is copied with it.

    ``folder`` must be short, ``pg_admin_url`` gives a superuser's URL of a PostgreSQL.
    """

    def __init__(
        self,
        folder: Path,
        pg_admin_url: Callable[[], str],
        prepare: Callable[[World, Path], object],
    ) -> None:
        self._folder = folder
        self._prepare = prepare
        self._databases = DatabaseFactory(folder, pg_admin_url, self._build)

    def _build(self, url: str) -> None:
        migrations.upgrade(url)
        folder = self._folder / make_url(url).get_backend_name()
        folder.mkdir()
        with built_world(url, folder / STATE) as world:
            self._prepare(world, folder)

    @contextmanager
    def copied(self, engine_name: str) -> Iterator[tuple[str, Path]]:
        """The URL of the database and the folder of a copy; both are gone at the end."""
        with self._databases.fresh(engine_name) as url:
            folder = Path(tempfile.mkdtemp(prefix="copy-", dir=self._folder))
            try:
                shutil.copytree(self._folder / engine_name, folder, dirs_exist_ok=True)
                yield url, folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
