"""The migrations and the models make the same database, triggers and functions included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from insurance_reviews import migrations
from insurance_reviews.plugin.database import create_all, make_engine
from support.databases import DatabaseFactory

#: Object → its definition, in the words of the database.
Definitions = dict[str, str]

_SQLITE = """
SELECT type || ' ' || name, coalesce(sql, '') || ' on ' || tbl_name FROM sqlite_schema
"""

_POSTGRESQL = {
    "function": """
        SELECT oid::regprocedure::text, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'insurance_reviews'::regnamespace""",
    "trigger": """
        SELECT t.tgname::text, format('%s %s', t.tgenabled, pg_get_triggerdef(t.oid))
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relnamespace = 'insurance_reviews'::regnamespace""",
    "constraint": """
        SELECT format('%s.%s', conrelid::regclass, conname),
          format('%s %s', contype, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'insurance_reviews'::regnamespace""",
    "index": """
        SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'insurance_reviews'""",
    "relation": """
        SELECT relname::text, format('%s %s %s %s', relkind, relpersistence, relrowsecurity,
          reloptions)
        FROM pg_class WHERE relnamespace = 'insurance_reviews'::regnamespace""",
    "column": """
        SELECT format('%s.%s', c.relname, a.attname), format('%s %s %s %s %s %s %s', a.attnum,
          format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
          a.attcollation, pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'insurance_reviews'::regnamespace
          AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "rule": """
        SELECT rulename::text, definition FROM pg_rules WHERE schemaname = 'insurance_reviews'""",
}


def definitions(url: str) -> Definitions:
    """Everything of ours in the database, but for Alembic's own table."""
    with connected(url) as connection:
        if connection.dialect.name == "sqlite":
            rows = [(row[0], row[1]) for row in connection.execute(text(_SQLITE))]
        else:
            # Definitions name what is not on the path with its schema.
            connection.execute(text("SET search_path = pg_catalog"))
            rows = [
                (f"{kind} {row[0]}", row[1])
                for kind, query in _POSTGRESQL.items()
                for row in connection.execute(text(query))
            ]
    return {name: plain(sql) for name, sql in rows if "alembic_version" not in name}


def plain(sql: str) -> str:
    """A definition without the line ends and indents that a frozen file writes otherwise."""
    return " ".join(sql.split())


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def migrate(url: str) -> None:
    migrations.upgrade(url)


def create(url: str) -> None:
    engine = make_engine(url)
    create_all(engine)
    engine.dispose()


@pytest.fixture
def made(
    database_factory: DatabaseFactory, engine_name: str
) -> Callable[[Callable[[str], None]], Definitions]:
    """What a way of making the schema makes of an empty database."""

    def make(way: Callable[[str], None]) -> Definitions:
        with database_factory.empty(engine_name) as url:
            way(url)
            return definitions(url)

    return make


def test_create_all_and_upgrade_make_the_same_schema(
    made: Callable[[Callable[[str], None]], Definitions],
) -> None:
    """Tables, columns, constraints, indexes, functions and triggers, each by its definition."""
    migrated, created = made(migrate), made(create)
    assert sorted(migrated) == sorted(created)
    assert {name for name in migrated if migrated[name] != created[name]} == set()


def test_the_comparison_sees_the_locks(
    made: Callable[[Callable[[str], None]], Definitions], engine_name: str
) -> None:
    """A comparison that overlooked triggers would hold for ever."""
    found = made(migrate)
    triggers = [name for name in found if name.startswith("trigger ")]
    assert len(triggers) > 80
    if engine_name == "postgresql":
        functions = [name for name in found if name.startswith("function ")]
        assert len(functions) == len(triggers)
        assert all(found[name].startswith("A ") for name in triggers), "ENABLE ALWAYS"


def test_a_trigger_that_differs_is_seen(
    database_factory: DatabaseFactory, engine_name: str
) -> None:
    with database_factory.fresh(engine_name) as url:
        before = definitions(url)
        with connected(url) as connection:
            if engine_name == "sqlite":
                connection.execute(text("DROP TRIGGER insurance_reviews_review_no_update"))
            else:
                table = "insurance_reviews.insurance_reviews_review"
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER review_no_update"))
            connection.commit()
        assert definitions(url) != before


def test_a_schema_that_was_taken_down_and_put_up_again_is_the_same(
    made: Callable[[Callable[[str], None]], Definitions],
) -> None:
    def twice(url: str) -> None:
        migrations.upgrade(url)
        migrations.downgrade(url, "base")
        assert definitions(url) == {}
        migrations.upgrade(url)

    assert made(twice) == made(migrate)
