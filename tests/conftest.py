"""Fixtures for all tests: the two engines, the browser, a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.chromium import find_chromium, launch_arguments
from support.databases import ENGINES, DatabaseFactory
from support.live import serve
from support.postgres import postgres_server
from support.sessions import undone

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from playwright.sync_api import Browser
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from support.host import Host
    from support.world import World


@pytest.fixture(scope="session")
def pg_admin_url() -> Iterator[str]:
    """A superuser's URL of this test process's own PostgreSQL.

    Every pytest-xdist worker has one of its own, because roles belong to the server, not to a
    database: two workers may harden their databases at the same time.
    """
    with postgres_server(in_memory=True) as url:
        yield url


@pytest.fixture(scope="session")
def database_factory(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> DatabaseFactory:
    """Makes migrated (``fresh``) and ``empty`` databases for an engine's name."""

    def migrate(url: str) -> None:
        from insurance_reviews import migrations

        migrations.upgrade(url)

    # Asked for by name, so that tests on SQLite alone start no PostgreSQL.
    def admin_url() -> str:
        url: str = request.getfixturevalue("pg_admin_url")
        return url

    return DatabaseFactory(tmp_path_factory.mktemp("databases"), admin_url, migrate)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(database_factory: DatabaseFactory, engine_name: str) -> Iterator[str]:
    """A migrated database of the test's own, on each engine in turn."""
    with database_factory.fresh(engine_name) as url:
        yield url


@pytest.fixture
def empty_database_url(database_factory: DatabaseFactory, engine_name: str) -> Iterator[str]:
    """A database without any table, of the test's own, on each engine in turn."""
    with database_factory.empty(engine_name) as url:
        yield url


@pytest.fixture(scope="session")
def shared_engine(database_factory: DatabaseFactory) -> Iterator[Callable[[str], Engine]]:
    """An engine's name to an engine of ours, on a database that stays as it was migrated."""
    from insurance_reviews.plugin.database import make_engine, writing

    with ExitStack() as stack:

        @cache
        def connect(engine_name: str) -> Engine:
            engine = make_engine(stack.enter_context(database_factory.fresh(engine_name)))
            stack.callback(engine.dispose)
            return writing(engine)

        yield connect


@pytest.fixture
def session(shared_engine: Callable[[str], Engine], engine_name: str) -> Iterator[Session]:
    """For units: a session on each engine in turn, undone afterwards even where code commits."""
    with undone(shared_engine(engine_name)) as session:
        yield session


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """Insurers, products and a shop on each engine; logs and counters are checked at the end."""
    from support.world import built_world

    with built_world(database_url, tmp_path / "state") as world:
        yield world


@pytest.fixture
def host(world: World) -> Iterator[Host]:
    """Somebody else's shop that has mounted the reviews in ``world``; everybody has a token."""
    from support.host import issue_tokens, mounted

    issue_tokens(world)
    with mounted(world) as host:
        yield host


@pytest.fixture(scope="module", params=ENGINES)
def lasting_host(
    request: pytest.FixtureRequest,
    database_factory: DatabaseFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    """Like ``host``, for all tests of a module: for the many that are refused and write nothing."""
    from support.host import issue_tokens, mounted
    from support.world import built_world

    state = tmp_path_factory.mktemp("state")
    with database_factory.fresh(request.param) as url, built_world(url, state) as world:
        issue_tokens(world)
        with mounted(world) as host:
            yield host


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running Chromium. Tests open contexts of their own in it, and close them."""
    from playwright.sync_api import sync_playwright

    executable = find_chromium()
    assert executable is not None, "no Chromium; `make test` gets one, or see support/chromium.py"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=launch_arguments())
        yield browser
        browser.close()


@pytest.fixture
def live_server() -> Iterator[Callable[[WSGIApplication], str]]:
    """``live_server(app)`` serves an application until the test ends; it returns the address."""
    with ExitStack() as servers:
        yield lambda app: servers.enter_context(serve(app))
