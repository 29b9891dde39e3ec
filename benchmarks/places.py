"""Where things are measured: migrated databases on both engines, with a small world in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice
from pathlib import Path
from types import TracebackType

from sqlalchemy import URL
from sqlalchemy.orm import Session

from insurance_reviews import migrations
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.services import catalogue
from insurance_reviews.plugin.services.policy_events import record_policy_event
from insurance_reviews.plugin.unit_of_work import UnitOfWork
from support.databases import DatabaseFactory
from support.postgres import postgres_server
from support.world import SHOP, World, context_for, settings_for

ROOT = Path(__file__).resolve().parent.parent
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
#: Insurer → its product here.
PRODUCTS = {"anxin": "anxin-medical", "boshan": "boshan-motor", "chunhe": "chunhe-travel"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The same product in two databases of one engine: with few reviews, and with ``size``.

    In one database the two would share every index, and what the larger one makes slower would
    not show.
    """

    few: World
    many: World
    size: int


class Places:
    """Makes worlds, each in a database of its own, and takes them away at the end.

    SQLite's files lie in the checkout and not where temporary files go, which may be memory: what
    is measured includes the disk's answer.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        #: What is seeded already, by engine: all sections read the same million.
        self.pairs: dict[str, Pair] = {}
        self.small: dict[str, World] = {}

    def __enter__(self) -> Places:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @cached_property
    def folder(self) -> Path:
        """A folder on the checkout's disk."""
        build = ROOT / "build"
        build.mkdir(exist_ok=True)
        made = tempfile.TemporaryDirectory(prefix="bench-", dir=build)
        return Path(self._stack.enter_context(made))

    @cached_property
    def _databases(self) -> DatabaseFactory:
        # Started when it is first asked for, and kept until the end.
        def admin_url() -> str:
            return self._postgres_url

        return DatabaseFactory(self.folder, admin_url, migrations.upgrade)

    @cached_property
    def _postgres_url(self) -> str:
        return self._stack.enter_context(postgres_server())

    @contextmanager
    def world(self, engine: str) -> Iterator[World]:
        """Three insurers with one product each and a shop, in a fresh database on ``engine``."""
        state = Path(tempfile.mkdtemp(prefix="state-", dir=self.folder))
        with self._databases.fresh(engine) as url, opened(url, state) as world:
            world.write(lambda session: _found(session, world))
            yield world

    def lasting(self, engine: str) -> World:
        """Such a world, until the end."""
        return self._stack.enter_context(self.world(engine))


@contextmanager
def opened(url: URL | str, state: Path) -> Iterator[World]:
    """The world in the database at ``url``, for this process."""
    settings = settings_for(str(url), state)
    engine = make_engine(url)
    try:
        yield World(settings, context_for(settings), UnitOfWork(engine))
    finally:
        engine.dispose()


def _found(session: Session, world: World) -> None:
    for insurer, sku in PRODUCTS.items():
        catalogue.add_insurer(session, world.context, insurer, insurer, world.now)
        catalogue.add_product(session, sku, insurer, sku, world.now)
    catalogue.add_storefront(session, SHOP, SHOP, world.now, insurers=list(PRODUCTS))


def invite(world: World, skus: Sequence[str], number: int) -> list[str]:
    """Tokens of ``number`` new invitations, for the products in turn; one transaction."""

    def work(session: Session) -> list[str]:
        return [_token(session, world, sku) for sku in islice(cycle(skus), number)]

    return world.write(work)


def _token(session: Session, world: World, sku: str) -> str:
    invited = record_policy_event(session, world.context, SHOP, world.event(sku), world.now)
    assert invited.token is not None
    return invited.token
