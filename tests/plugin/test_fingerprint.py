"""A SQLite file whose locks were changed is not opened."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import create_engine, make_url, text

from insurance_reviews import migrations
from insurance_reviews.moderation.schema import PREFIX
from insurance_reviews.plugin import InsuranceReviews, fingerprint
from insurance_reviews.plugin.cli import reviews_cli
from insurance_reviews.plugin.database import REVISION, make_engine
from insurance_reviews.plugin.fingerprint import SchemaChanged, schema_differences, shipped
from support.databases import DatabaseFactory

GUARD = f"{PREFIX}review_no_update"


@pytest.fixture
def url(database_factory: DatabaseFactory) -> Iterator[str]:
    """A migrated SQLite database of the test's own."""
    with database_factory.fresh("sqlite") as url:
        yield url


def by_hand(url: str, script: str) -> None:
    """What the owner of the file does to it."""
    with closing(sqlite3.connect(make_url(url).database or "")) as connection:
        connection.executescript(script)


def opened(url: str) -> None:
    """Open the database as the application does, and read from it."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(text(f"SELECT count(*) FROM {PREFIX}review"))
    finally:
        engine.dispose()


def differences(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = schema_differences(connection)
    engine.dispose()
    return found


def test_a_migrated_database_is_as_shipped(url: str) -> None:
    assert differences(url) == []
    opened(url)


def test_what_is_shipped_has_a_fingerprint_of_its_own() -> None:
    objects = sorted(shipped(), key=repr)
    assert fingerprint.fingerprint(objects) == fingerprint.shipped_fingerprint()
    assert fingerprint.fingerprint(reversed(objects)) == fingerprint.shipped_fingerprint()
    assert fingerprint.fingerprint(objects[1:]) != fingerprint.shipped_fingerprint()


CHANGES = {
    "a trigger dropped": (f"DROP TRIGGER {GUARD}", f"the trigger {GUARD} is missing"),
    "a trigger that does nothing": (
        f"DROP TRIGGER {GUARD}; CREATE TRIGGER {GUARD} BEFORE UPDATE ON {PREFIX}review "
        "WHEN FALSE BEGIN SELECT RAISE(ABORT, 'IR001 review: UPDATE refused'); END",
        f"the trigger {GUARD} was changed",
    ),
    "a trigger added under a name of its own": (
        f"CREATE TRIGGER helpful AFTER INSERT ON {PREFIX}review BEGIN "
        f"DELETE FROM {PREFIX}outbox; END",
        "the trigger helpful was added",
    ),
    "a trigger under a name of the search index": (
        f"CREATE TRIGGER {PREFIX}search_index_zz BEFORE INSERT ON {PREFIX}review "
        "WHEN NEW.score < 3 BEGIN SELECT RAISE(IGNORE); END",
        f"the trigger {PREFIX}search_index_zz was added",
    ),
    "a trigger under a name of one of its tables": (
        f"CREATE TRIGGER {PREFIX}search_index_data BEFORE INSERT ON {PREFIX}review "
        "WHEN NEW.score < 3 BEGIN SELECT RAISE(IGNORE); END",
        f"the trigger {PREFIX}search_index_data was added",
    ),
    "a trigger on a table written in capitals": (
        f"CREATE TRIGGER helpful BEFORE INSERT ON {PREFIX.upper()}REVIEW "
        "WHEN NEW.score < 3 BEGIN SELECT RAISE(IGNORE); END",
        "the trigger helpful was added",
    ),
    "a trigger on a table of the search index": (
        f"CREATE TRIGGER helpful AFTER INSERT ON {PREFIX}search_index_data "
        f"BEGIN DELETE FROM {PREFIX}outbox; END",
        "the trigger helpful was added",
    ),
    "a trigger on Alembic's table": (
        f"CREATE TRIGGER helpful AFTER UPDATE ON {migrations.VERSION_TABLE} "
        f"BEGIN DELETE FROM {PREFIX}outbox; END",
        "the trigger helpful was added",
    ),
    "a table that keeps what was removed": (
        f"CREATE TABLE {PREFIX}search_index_stash (body TEXT); "
        f"CREATE TRIGGER {PREFIX}search_index_keep BEFORE DELETE ON {PREFIX}content "
        f"BEGIN INSERT INTO {PREFIX}search_index_stash VALUES (OLD.body); END",
        f"the table {PREFIX}search_index_stash was added",
    ),
    "an index on a table of the search index": (
        f"CREATE INDEX {PREFIX}search_index_more ON {PREFIX}search_index_data (block)",
        f"the index {PREFIX}search_index_more was added",
    ),
    "another search index": (
        f"CREATE VIRTUAL TABLE {PREFIX}search_index_x USING fts5(body)",
        f"the table {PREFIX}search_index_x_content was added",
    ),
    "a view in the place of a table of the search index": (
        f"ALTER TABLE {PREFIX}search_index RENAME TO elsewhere; "
        f"CREATE VIEW {PREFIX}search_index_data AS SELECT * FROM elsewhere_data",
        f"the view {PREFIX}search_index_data was added",
    ),
    "a column added": (
        f"ALTER TABLE {PREFIX}review ADD COLUMN hidden INTEGER",
        f"the table {PREFIX}review was changed",
    ),
    "an index dropped": (
        f"DROP INDEX ix_{PREFIX}review_product",
        f"the index ix_{PREFIX}review_product is missing",
    ),
    "a table added": (
        f"CREATE TABLE {PREFIX}verdict (id TEXT)",
        f"the table {PREFIX}verdict was added",
    ),
    "a view in a table's place": (
        f"ALTER TABLE {PREFIX}reply_delay RENAME TO elsewhere; "
        f"CREATE VIEW {PREFIX}reply_delay AS SELECT * FROM elsewhere",
        f"the view {PREFIX}reply_delay was added",
    ),
    "the schema written by hand": (
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, "
        f"'BEFORE UPDATE', 'BEFORE INSERT') WHERE name = '{GUARD}'",
        f"the trigger {GUARD} was changed",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_schema_is_seen_and_not_opened(url: str, change: str) -> None:
    """The refusal names the object and what to do."""
    script, sentence = CHANGES[change]
    by_hand(url, script)
    assert sentence in differences(url)
    with pytest.raises(SchemaChanged) as refusal:
        opened(url)
    assert sentence in refusal.value.differences
    assert sentence in str(refusal.value)
    assert "restore the database" in str(refusal.value)


def test_it_stays_refused(url: str) -> None:
    """Not only the first connection of an engine is."""
    by_hand(url, f"DROP TRIGGER {GUARD}")
    engine = make_engine(url)
    for _ in range(2):
        with pytest.raises(SchemaChanged):
            engine.connect()
    engine.dispose()


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE orders (id INTEGER); CREATE INDEX orders_id ON orders (id)",
        "CREATE TABLE orders (id INTEGER); CREATE TRIGGER orders_log AFTER INSERT ON orders "
        "BEGIN SELECT 1; END",
        "CREATE TABLE insurance (id INTEGER); CREATE VIEW insurance_all AS SELECT * FROM insurance",
        "ANALYZE",
    ],
)
def test_what_is_not_ours_may_stand_beside_it(url: str, script: str) -> None:
    by_hand(url, script)
    assert differences(url) == []
    opened(url)


def test_a_database_of_another_revision_is_not_looked_at(url: str) -> None:
    """It may be older or newer than this code; ``/healthz`` and ``db check`` say so."""
    by_hand(
        url,
        f"UPDATE {migrations.VERSION_TABLE} SET version_num = 'other'; DROP TRIGGER {GUARD}",
    )
    opened(url)


def test_an_empty_database_can_be_opened_and_migrated(
    database_factory: DatabaseFactory,
) -> None:
    """One engine sees both: the check waits until there is something to check."""
    with database_factory.empty("sqlite") as url:
        engine = make_engine(url)
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        migrations.upgrade(url)
        by_hand(url, f"DROP TRIGGER {GUARD}")
        engine.dispose()
        with pytest.raises(SchemaChanged):
            engine.connect()
        engine.dispose()


def test_a_process_that_runs_outlives_a_migration(url: str) -> None:
    """It looked once; the new schema is the next process's."""
    engine = make_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    by_hand(url, f"CREATE TABLE {PREFIX}of_the_next_release (id TEXT)")
    with engine.connect() as first, engine.connect() as second:
        assert [each.scalar(text("SELECT 1")) for each in (first, second)] == [1, 1]
    engine.dispose()


def mounted(url: str, folder: Path) -> Flask:
    app = Flask("shop")
    settings = {
        "DATABASE_URL": url,
        "PUBLIC_URL": "https://shop.example",
        "STATE_DIR": str(folder),
        "POLICY_KEY": "a1" * 32,
        "INVITATION_KEY": "b2" * 32,
    }
    InsuranceReviews().init_app(
        app, {f"INSURANCE_REVIEWS_{name}": value for name, value in settings.items()}
    )
    return app


def test_the_application_answers_503_and_the_commands_say_why(url: str, tmp_path: Path) -> None:
    by_hand(url, f"DROP TRIGGER {GUARD}")
    app = mounted(url, tmp_path)
    client = app.test_client()
    health = client.get("/reviews/healthz")
    assert health.status_code == 503
    assert "is missing" in health.json["problem"]  # type: ignore[index]
    answer = client.get("/reviews/api/v1/products/anxin-medical/reviews")
    assert (answer.status_code, answer.json["code"]) == (503, "log-unsigned")  # type: ignore[index]
    with app.app_context():
        result = CliRunner().invoke(reviews_cli, ["token", "list"])
        check = CliRunner().invoke(reviews_cli, ["db", "check"])
    assert result.exit_code == 1
    assert f"the trigger {GUARD} is missing" in result.output
    assert check.exit_code == 0


def test_the_look_is_short(url: str) -> None:
    """Once per process, after the shipped schema is known (fastest of five)."""

    def timed(work: Callable[[], object]) -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    shipped()
    with closing(sqlite3.connect(make_url(url).database or "")) as connection:
        took = min(timed(lambda: fingerprint.verify_schema(connection, REVISION)) for _ in range(5))
    assert took < 0.005
