"""The fixtures of ``conftest.py`` keep what they promise to the other tests."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from insurance_reviews.plugin.database import make_engine
from support.databases import DatabaseFactory
from support.sessions import unauthorized, undone

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from playwright.sync_api import Browser


def build_one_table(url: str) -> None:
    """A template small enough to count what it costs."""
    execute(url, "CREATE TABLE word (spelling TEXT)", "INSERT INTO word VALUES ('批单')")


def execute(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def words(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = list(connection.scalars(text("SELECT spelling FROM word ORDER BY spelling")))
    engine.dispose()
    return found


@pytest.fixture
def factory(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseFactory:
    built: list[str] = []

    def build_once(url: str) -> None:
        assert built == [], "the template is built once, then copied"
        built.append(url)
        build_one_table(url)

    return DatabaseFactory(
        tmp_path, lambda: str(request.getfixturevalue("pg_admin_url")), build_once
    )


def test_each_fresh_database_is_a_copy_of_the_template(
    factory: DatabaseFactory, engine_name: str
) -> None:
    """What one test writes, the next one does not see."""
    with factory.fresh(engine_name) as url:
        execute(url, "INSERT INTO word VALUES ('保单')")
        assert words(url) == ["保单", "批单"]
    with factory.fresh(engine_name) as url:
        assert words(url) == ["批单"]


def test_two_fresh_databases_live_side_by_side(factory: DatabaseFactory, engine_name: str) -> None:
    with factory.fresh(engine_name) as one, factory.fresh(engine_name) as other:
        execute(one, "DELETE FROM word")
        assert words(one) == []
        assert words(other) == ["批单"]


def test_an_empty_database_has_no_table(factory: DatabaseFactory, engine_name: str) -> None:
    with factory.empty(engine_name) as url:
        engine = create_engine(url)
        assert inspect(engine).get_table_names() == []
        engine.dispose()


def test_a_database_is_gone_afterwards_even_with_a_connection_open(
    factory: DatabaseFactory, engine_name: str, tmp_path: Path
) -> None:
    before = {*tmp_path.iterdir()}
    with factory.empty(engine_name) as url:
        engine = create_engine(url)
        connection = engine.connect()
        connection.execute(text("SELECT 1"))
    connection.invalidate()
    engine.dispose()
    if engine_name == "sqlite":
        assert before == {*tmp_path.iterdir()}
    else:
        with pytest.raises(OperationalError, match="does not exist"):
            words(url)


def test_a_units_session_is_undone_even_where_it_commits(
    factory: DatabaseFactory, engine_name: str
) -> None:
    # Our connections on PostgreSQL look into our schema only.
    word = {"sqlite": "main.word", "postgresql": "public.word"}[engine_name]
    with factory.fresh(engine_name) as url:
        engine = make_engine(url)
        with undone(engine) as session, unauthorized(session.connection()):
            session.execute(text(f"INSERT INTO {word} VALUES ('保单')"))
            session.commit()
            session.execute(text(f"INSERT INTO {word} VALUES ('赔付')"))
            session.rollback()
            assert session.scalar(text(f"SELECT count(*) FROM {word}")) == 2
        engine.dispose()
        assert words(url) == ["批单"]


def test_an_unknown_engine_is_named(factory: DatabaseFactory) -> None:
    with (
        pytest.raises(ValueError, match="'mysql'; known are sqlite, postgresql"),
        factory.empty("mysql"),
    ):
        pass


def greet(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return ["<!doctype html><title>你好</title><p>保单持有人".encode()]


def test_a_live_server_answers_until_the_test_ends(
    live_server: Callable[[WSGIApplication], str],
) -> None:
    with urllib.request.urlopen(live_server(greet)) as response:
        assert response.status == 200
        assert "保单持有人" in response.read().decode()


def test_chromium_reads_a_page_of_ours(
    chromium: Browser, live_server: Callable[[WSGIApplication], str]
) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(live_server(greet))
        assert page.title() == "你好"
