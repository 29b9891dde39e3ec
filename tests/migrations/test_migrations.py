"""Our history is our own: it never drops evidence, and never touches what is the host's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from insurance_reviews import migrations
from insurance_reviews.migrations import frozen
from insurance_reviews.plugin.backup.layout import DERIVED
from insurance_reviews.plugin.schema import removal_count, reply, topic_count
from support.world import TEXT, built_world


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def execute(url: str, *statements: str) -> None:
    with connected(url) as connection:
        for statement in statements:
            connection.execute(text(statement))


def value(url: str, query: str) -> object:
    with connected(url) as connection:
        return connection.scalar(text(query))


def tables(url: str) -> set[str]:
    with connected(url) as connection:
        names = set(inspect(connection).get_table_names())
        if connection.dialect.name == "postgresql":
            names |= set(inspect(connection).get_table_names(schema=migrations.SCHEMA))
        return names


def test_a_new_database_is_at_no_revision(empty_database_url: str) -> None:
    assert migrations.current(empty_database_url) is None


def test_an_upgrade_leads_to_the_head(empty_database_url: str) -> None:
    migrations.upgrade(empty_database_url)
    assert migrations.current(empty_database_url) == migrations.head()


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(database_url: str) -> None:
    before = tables(database_url)
    migrations.upgrade(database_url)
    assert tables(database_url) == before


def test_an_empty_installation_can_be_taken_down(database_url: str) -> None:
    migrations.downgrade(database_url, "base")
    assert tables(database_url) == {migrations.VERSION_TABLE}
    assert migrations.current(database_url) is None


def test_a_downgrade_that_would_drop_evidence_is_refused(database_url: str, tmp_path: Path) -> None:
    """One log with its first entry is enough. What can be computed again may go."""
    with built_world(database_url, tmp_path / "state") as world:
        world.submit()
        before = world.snapshot()
        with pytest.raises(RuntimeError, match="holds evidence"):
            migrations.downgrade(database_url, "base")
        assert migrations.current(database_url) == "0002"
        migrations.upgrade(database_url)
        after = world.snapshot()
        computed = {table.name for table in DERIVED}
        assert {name: rows for name, rows in after.items() if name not in computed} == {
            name: rows for name, rows in before.items() if name not in computed
        }


def test_what_was_removed_before_is_counted(database_url: str, tmp_path: Path) -> None:
    """Also a text that was redacted first and removed then, and a reply; no withdrawal."""
    with built_world(database_url, tmp_path / "state") as world:
        review, other = world.submit(), world.submit(product="boshan-motor")
        world.submit(score=5, text="拒赔，客服也不接电话。", aspects={"outcome": 1})
        world.remove(review, redacted="█" * len(TEXT))
        world.remove(review, world.report(review, ground="court_order").id)
        world.reply(other)
        replied = world.read(lambda session: session.scalar(select(reply.c.item)))
        world.remove(other, item=replied)
        world.withdraw(other)
        before = world.snapshot()
        counted = before[removal_count.name]
        spoken = {row for row in before[topic_count.name] if row[-1]}
        assert ("anxin-medical", "claim", "refusal", 1, 1) in spoken
        assert sorted(counted) == [
            ("anxin-medical", "court_order", 1),
            ("anxin-medical", "personal_data", 1),
            ("boshan-motor", "personal_data", 1),
        ]
        migrations.downgrade(database_url, "0003")
        assert removal_count.name not in tables(database_url)
        migrations.upgrade(database_url)
        after = world.snapshot()
        assert sorted(after[removal_count.name]) == sorted(counted)
        assert set(after[topic_count.name]) == spoken


def test_an_upgrade_that_fails_leaves_nothing(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DDL is part of the transaction on both engines: the next attempt starts afresh."""
    run = frozen.run_frozen

    def run_and_fail(revision: str) -> None:
        run(revision)
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(frozen, "run_frozen", run_and_fail)
        with pytest.raises(RuntimeError, match="power cut"):
            migrations.upgrade(empty_database_url)
    assert tables(empty_database_url) - {migrations.VERSION_TABLE} == set()
    assert migrations.current(empty_database_url) is None
    migrations.upgrade(empty_database_url)
    assert migrations.current(empty_database_url) == migrations.head()


def test_offline_sql_is_refused_with_the_command_to_run(empty_database_url: str) -> None:
    """Frozen SQL differs by engine, and evidence is looked for before anything is dropped."""
    config = migrations._config(empty_database_url)
    with pytest.raises(RuntimeError, match="flask reviews db upgrade"):
        command.upgrade(config, "head", sql=True)


def test_the_history_has_one_head_and_no_branches() -> None:
    scripts = ScriptDirectory.from_config(migrations._config("sqlite://"))
    assert len(scripts.get_heads()) == 1
    assert all(not script.is_branch_point for script in scripts.walk_revisions())


def test_every_revision_carries_its_sql_for_both_engines() -> None:
    scripts = ScriptDirectory.from_config(migrations._config("sqlite://"))
    folder = Path(frozen.__file__).parent / "versions"
    for script in scripts.walk_revisions():
        for engine in ("sqlite", "postgresql"):
            statements = (folder / f"{script.revision}_{engine}.sql").read_text("utf-8")
            assert re.search(r"^CREATE ", statements, re.MULTILINE)


# --- beside a host --------------------------------------------------------------------------------

ENVIRONMENT = """
from alembic import context
from sqlalchemy import create_engine

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
"""

REVISION = """
from alembic import op
import sqlalchemy as sa

revision = "{revision}"
down_revision = {down_revision}
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("{table}", sa.Column("number", sa.Text, primary_key=True))


def downgrade():
    op.drop_table("{table}")
"""


@pytest.fixture
def host(tmp_path: Path, empty_database_url: str) -> Config:
    """A host application's own migrations, of two revisions, whose first bears our number."""
    folder = tmp_path / "host"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(dedent(ENVIRONMENT), "utf-8")
    for revision, down_revision, table in (
        ("0001", None, "orders"),
        ("0002", "0001", "log"),
    ):
        script = REVISION.format(revision=revision, down_revision=repr(down_revision), table=table)
        (folder / "versions" / f"{revision}.py").write_text(dedent(script), "utf-8")
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = empty_database_url
    return config


def host_version(url: str) -> object:
    return value(url, "SELECT version_num FROM alembic_version")


def test_the_hosts_history_and_ours_never_meet(host: Config, empty_database_url: str) -> None:
    """Whoever comes first, each version table moves by its own commands only."""
    command.upgrade(host, "0001")
    migrations.upgrade(empty_database_url)
    command.upgrade(host, "0002")
    assert host_version(empty_database_url) == "0002"
    assert migrations.current(empty_database_url) == migrations.head()
    migrations.downgrade(empty_database_url, "base")
    assert host_version(empty_database_url) == "0002"
    migrations.upgrade(empty_database_url)
    command.downgrade(host, "0001")
    assert host_version(empty_database_url) == "0001"
    assert migrations.current(empty_database_url) == migrations.head()


def test_the_hosts_rows_are_as_they_were(host: Config, empty_database_url: str) -> None:
    """Also in tables whose names a careless program might take for its own."""
    command.upgrade(host, "head")
    execute(
        empty_database_url,
        "INSERT INTO orders VALUES ('A-1')",
        "INSERT INTO log VALUES ('entry')",
    )
    migrations.upgrade(empty_database_url)
    migrations.downgrade(empty_database_url, "base")
    assert value(empty_database_url, "SELECT number FROM orders") == "A-1"
    assert value(empty_database_url, "SELECT number FROM log") == "entry"
    assert {"orders", "log", "alembic_version"} <= tables(empty_database_url)


def test_everything_of_ours_bears_our_name(empty_database_url: str) -> None:
    """In PostgreSQL's case, it also lives in our schema, and nothing in the host's."""
    migrations.upgrade(empty_database_url)
    with connected(empty_database_url) as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
            names = list(connection.scalars(text(query)))
            assert [name for name in names if "insurance_reviews_" not in name] == []
        else:
            query = (
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            )
            assert list(connection.scalars(text(query))) == []


def test_the_database_keeps_refusing_after_the_migration(database_url: str, tmp_path: Path) -> None:
    """What was migrated, not created, has its locks."""
    with built_world(database_url, tmp_path / "state") as world:
        review = world.submit()
        schema = "insurance_reviews." if world.settings.database_url.drivername != "sqlite" else ""
        statement = f"UPDATE {schema}insurance_reviews_review SET score = 5"
        with pytest.raises(DBAPIError, match="review: UPDATE refused"):
            execute(database_url, statement)
        assert world.own(review).id == review.id
