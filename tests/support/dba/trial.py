"""One copy of the scene for each trial: forge in it, look with the shop's own doctor, verify."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from insurance_reviews.moderation.verify import live
from insurance_reviews.moderation.verify.fetch import Fetch
from insurance_reviews.moderation.verify.outcome import Options, Outcome
from insurance_reviews.moderation.verify.run import verify
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.doctor.examine import examine
from insurance_reviews.plugin.unit_of_work import UnitOfWork
from support.copies import STATE, Copies
from support.host import Host, mounted
from support.verifying import SITE
from support.world import World, context_for, settings_for

from .break_in import forge
from .forgery import Forge
from .ledger import Ledger
from .scene import INSURER, Outside, Scene, build_scene

OUTSIDE = "outside"


class Originals:
    """The scene on each engine, built when it is first asked for, and copies of it.

    ``folder`` must be short, ``pg_admin_url`` gives a superuser's URL of a PostgreSQL.
    """

    def __init__(self, folder: Path, pg_admin_url: Callable[[], str]) -> None:
        self._scenes: dict[str, Scene] = {}
        self._copies = Copies(folder, pg_admin_url, self._build)

    def _build(self, world: World, folder: Path) -> None:
        outside = Outside(folder / OUTSIDE)
        outside.folder.mkdir()
        engine_name = world.settings.database_url.get_backend_name()
        self._scenes[engine_name] = build_scene(world, outside)

    @contextmanager
    def copied(self, engine_name: str) -> Iterator[Trial]:
        """A copy of one's own, gone at the end."""
        with self._copies.copied(engine_name) as (url, folder):
            yield Trial(url, folder, self._scenes[engine_name])


@dataclass(frozen=True, slots=True)
class Trial:
    """An installation with everything that its operator has, and what others keep beside it."""

    url: str
    folder: Path
    scene: Scene

    @property
    def state_dir(self) -> Path:
        return self.folder / STATE

    @property
    def outside(self) -> Outside:
        return Outside(self.folder / OUTSIDE)

    @contextmanager
    def world(self) -> Iterator[World]:
        """The people of the scene, who go on honestly."""
        settings = settings_for(self.url, self.state_dir)
        engine = make_engine(self.url)
        try:
            yield World(settings, context_for(settings), UnitOfWork(engine), self.scene.now)
        finally:
            engine.dispose()

    @contextmanager
    def host(self) -> Iterator[Host]:
        """The shop, newly started on what stands in the database."""
        with self.world() as world, mounted(world) as host:
            yield host

    def forge(self, *forgeries: Forge) -> None:
        """Let the operator do all of this, and cover it up."""

        def change(ledger: Ledger) -> None:
            for forgery in forgeries:
                forgery(ledger, self.scene)

        forge(self.url, self.state_dir, INSURER, change)

    def verify(self, fetch: Fetch, **options: Any) -> Outcome:
        """The verifier with the key that everybody knows. Evidence goes into the folder."""
        given = Options(key=self.scene.key, url=SITE, evidence=self.folder)
        return verify_at_once(replace(given, **options), fetch)


def verify_at_once(options: Options, fetch: Fetch) -> Outcome:
    """The verifier, which need not wait here for copies that lag behind: there are none."""
    with patch.object(live, "PAUSE", 0.0):
        return verify(options, fetch)


def diagnose(host: Host) -> list[str]:
    """What the operator's own doctor finds wrong."""
    diagnosis = examine(host.state, lambda title: nullcontext(lambda done, total: None))
    return [one.problem for one in diagnosis.findings if one.severity == "error"]
