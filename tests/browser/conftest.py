"""A served host for a real browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.databases import ENGINES, DatabaseFactory
from support.host import Host, issue_tokens, mounted
from support.live import serve
from support.world import TEXT, built_world

from .checking import Tall
from .watch import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from playwright.sync_api import Browser


@contextmanager
def served(
    chromium: Browser, database_factory: DatabaseFactory, state: Path, engine: str = "sqlite"
) -> Iterator[Site]:
    """The host's shop under an address of its own; what it wrote is checked at the end.

    On SQLite unless a test says otherwise: to a browser the engines are alike.
    """
    hosts: list[Host] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return hosts[0].app(environ, start_response)

    with (
        database_factory.fresh(engine) as url,
        built_world(url, state) as world,
        serve(app) as address,
    ):
        issue_tokens(world)
        with mounted(world, public_url=address) as host:
            hosts.append(host)
            yield Site(host, address, chromium)


@pytest.fixture
def site(chromium: Browser, database_factory: DatabaseFactory, tmp_path: Path) -> Iterator[Site]:
    """A site of the test's own."""
    with served(chromium, database_factory, tmp_path / "state") as site:
        yield site


@pytest.fixture(scope="module")
def lasting_site(
    chromium: Browser, database_factory: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site for all tests of a module, for looking at pages."""
    with served(chromium, database_factory, tmp_path_factory.mktemp("state")) as site:
        yield site


@contextmanager
def tall(
    chromium: Browser, database_factory: DatabaseFactory, state: Path, engine: str
) -> Iterator[Tall]:
    """A site with more entries than one tile has."""
    with served(chromium, database_factory, state, engine) as site:
        world = site.host.world
        first = world.submit(score=2, text=TEXT, display_name="王小明")
        for _ in range(130):
            world.submit(text=None)
        yield Tall(site.host, site.address, site.browser, first)


@pytest.fixture(scope="session")
def shelf(
    chromium: Browser, database_factory: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tall]:
    """The site on SQLite, for what does not depend on the engine."""
    with tall(chromium, database_factory, tmp_path_factory.mktemp("state"), "sqlite") as site:
        yield site


@pytest.fixture(scope="session")
def other_shelf(
    chromium: Browser, database_factory: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tall]:
    with tall(chromium, database_factory, tmp_path_factory.mktemp("state"), "postgresql") as site:
        yield site


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest) -> Tall:
    """The site on each engine in turn."""
    name = "shelf" if request.param == "sqlite" else "other_shelf"
    site: Tall = request.getfixturevalue(name)
    return site
