"""What an application connection on SQLite may do, and that it may do all that it must."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from insurance_reviews.moderation.schema import PREFIX
from insurance_reviews.plugin import authorizer
from insurance_reviews.plugin.authorizer import SETTINGS
from insurance_reviews.plugin.database import make_engine, writing
from insurance_reviews.plugin.hardening.tables import APPEND_ONLY, ERASABLE, MUTABLE, rights
from insurance_reviews.plugin.schema import metadata
from support.attacks.scene import build_scene
from support.databases import DatabaseFactory
from support.world import built_world

#: An index as the search may have one.
SEARCH = f"{PREFIX}search_index_trial"


@pytest.fixture
def url(database_factory: DatabaseFactory) -> Iterator[str]:
    """A migrated SQLite database of the test's own."""
    with database_factory.fresh("sqlite") as url:
        yield url


@pytest.fixture
def ours(url: str) -> Iterator[Connection]:
    """A connection as the application's."""
    engine = make_engine(url)
    with writing(engine).connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def driver(ours: Connection) -> sqlite3.Connection:
    """The same without SQLAlchemy, for what must not run inside a transaction."""
    driver = ours.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def refused(connection: Connection, statement: str) -> str:
    with pytest.raises(DatabaseError) as refusal:
        connection.exec_driver_sql(statement)
    return str(refusal.value.orig)


# --- the list of tables ---------------------------------------------------------------------------


def test_every_table_is_in_exactly_one_class() -> None:
    """A new table is forgotten in none."""
    listed = [*APPEND_ONLY, *ERASABLE, *MUTABLE]
    assert sorted(listed) == sorted(name.removeprefix(PREFIX) for name in metadata.tables)


def test_rows_of_evidence_are_only_ever_added() -> None:
    for name in APPEND_ONLY:
        assert rights()[PREFIX + name] == {"INSERT"}
    assert rights()[f"{PREFIX}content"] == {"INSERT", "DELETE"}
    for name in MUTABLE:
        assert rights()[PREFIX + name] > {"INSERT"}


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_a_table_is_changed_as_its_class_allows(ours: Connection, name: str) -> None:
    """Asked before any row is: the tables are empty, so no trigger is involved."""
    column = next(iter(metadata.tables[name].columns)).name
    statements = {
        "UPDATE": f"UPDATE {name} SET {column} = {column} WHERE FALSE",
        "DELETE": f"DELETE FROM {name} WHERE FALSE",
    }
    for verb, statement in statements.items():
        if verb in rights()[name]:
            ours.exec_driver_sql(statement)
        else:
            assert refused(ours, statement) == "not authorized"


@pytest.mark.parametrize("pragma", sorted(SETTINGS))
def test_settings_can_be_asked_and_set_to_what_they_are(
    driver: sqlite3.Connection, pragma: str
) -> None:
    before = driver.execute(f"PRAGMA {pragma}").fetchall()
    driver.execute(f"PRAGMA {pragma} = {SETTINGS[pragma].lower()}")
    assert driver.execute(f"PRAGMA {pragma}").fetchall() == before


def test_connections_are_set_as_durability_and_the_locks_want_it(ours: Connection) -> None:
    found = {name: ours.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SETTINGS}
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
    }


@pytest.mark.parametrize("statement", ["VACUUM", "VACUUM INTO '/dev/null'"])
def test_nothing_is_written_to_another_file(driver: sqlite3.Connection, statement: str) -> None:
    """VACUUM attaches one; the erasure has a connection of its own for it."""
    with pytest.raises(sqlite3.DatabaseError, match=r"authorization denied|not authorized"):
        driver.execute(statement)


def test_every_connection_of_a_pool_is_authorized(url: str) -> None:
    engine = make_engine(url, pool_size=3)
    with engine.connect() as first, engine.connect() as second, writing(engine).connect() as third:
        for connection in (first, second, third):
            assert refused(connection, f"DROP TABLE {PREFIX}review") == "not authorized"
    engine.dispose()


def test_an_answer_that_is_no_answer_refuses() -> None:
    """An action that a later SQLite may ask about is not allowed before somebody thought of it."""
    assert authorizer.authorize(9999, "x", "y", "main", None) == sqlite3.SQLITE_DENY


# --- what must work -------------------------------------------------------------------------------


def test_a_whole_world_happens_under_it(url: str, tmp_path: Path) -> None:
    """Invitations, reviews, replies, reports, removals, redactions, withdrawals and the checks."""
    with built_world(url, tmp_path / "state") as world:
        build_scene(world)
        assert world.findings() == []


def test_erasure_reaches_the_file(url: str, tmp_path: Path) -> None:
    """The words are in no byte of the file after a checkpoint, and nothing else is needed."""
    word = "罕见词鑫淼焱垚"
    with built_world(url, tmp_path / "state") as world:
        review = world.submit(text=f"这段话里有{word}。")
        world.remove(review)
        engine = world.unit_of_work.engine
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file = Path(str(engine.url.database))
        found = [path for path in file.parent.glob(f"{file.name}*") if path.is_file()]
        assert file in found
        assert [path for path in found if word.encode() in path.read_bytes()] == []


@pytest.fixture
def search(url: str) -> Iterator[Engine]:
    """Our engine on a file in which a migration has made one more search index since."""
    engine = make_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE {SEARCH} USING fts5(body)")
    yield engine
    engine.dispose()


def test_a_full_text_index_works(search: Engine) -> None:
    """FTS5 writes its shadow tables, asks for ``data_version`` and sweeps up after itself."""
    table = SEARCH
    with writing(search).begin() as connection:
        for number in range(300):
            connection.execute(
                text(f"INSERT INTO {table} (rowid, body) VALUES (:n, :body)"),
                {"n": number, "body": f"理赔 很慢 number{number}"},
            )
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE rowid < 250")
        connection.exec_driver_sql(f"UPDATE {table} SET body = '理赔 很快' WHERE rowid = 299")
    with writing(search).begin() as connection:
        for command in ("optimize", "rebuild", "integrity-check"):
            connection.exec_driver_sql(f"INSERT INTO {table} ({table}) VALUES ('{command}')")
        connection.exec_driver_sql(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', 16)")
    query = f"SELECT rowid, bm25({table}) FROM {table} WHERE {table} MATCH :word ORDER BY rank"
    with search.connect() as first, search.connect() as second:
        for connection in (first, second):
            assert len(connection.execute(text(query), {"word": "很慢"}).all()) == 49
            (found,) = connection.execute(text(query), {"word": "很快"})
            assert found[0] == 299


def test_two_connections_see_each_others_index(search: Engine) -> None:
    """The second one's FTS5 looks at ``data_version`` to know that its structure is stale."""
    table = SEARCH
    match = text(f"SELECT count(*) FROM {table} WHERE {table} MATCH '慢'")
    with search.connect() as reader:
        assert reader.scalar(match) == 0
        reader.rollback()
        with writing(search).begin() as writer:
            writer.exec_driver_sql(f"INSERT INTO {table} VALUES ('慢')")
        assert reader.scalar(match) == 1


def test_a_lawful_pragma_of_every_kind(driver: sqlite3.Connection) -> None:
    for statement in (
        "PRAGMA data_version",
        "PRAGMA busy_timeout = 50",
        f"PRAGMA table_info({PREFIX}review)",
        "PRAGMA integrity_check",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        f"SELECT * FROM pragma_foreign_key_list('{PREFIX}review')",
        "SELECT * FROM json_each('[1]')",
    ):
        driver.execute(statement)


def test_prepared_statements_are_asked_for_once(url: str, tmp_path: Path) -> None:
    """A submission that is like the one before asks next to nothing."""
    asked: list[int] = []

    def counting(action: int, *more: str | None) -> int:
        asked.append(action)
        return authorizer.authorize(action, *more)

    with built_world(url, tmp_path / "state") as world:
        with world.unit_of_work.engine.connect() as connection:
            connection.connection.driver_connection.set_authorizer(counting)  # type: ignore[union-attr]
        for _ in range(8):
            world.submit()
        asked.clear()
        world.submit()
        assert len(asked) < 20
