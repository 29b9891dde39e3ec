"""Which schema the code works with."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from insurance_reviews import migrations
from insurance_reviews.plugin.database import REVISION, create_all, is_migrated, make_engine
from support.world import World


def test_the_code_works_with_the_newest_migration() -> None:
    assert migrations.head() == REVISION


def test_a_migrated_database_is_migrated(database_url: str) -> None:
    engine = make_engine(database_url)
    assert is_migrated(engine)
    engine.dispose()


def test_tables_without_a_version_are_not(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    assert not is_migrated(engine)
    create_all(engine)
    assert not is_migrated(engine)
    engine.dispose()


def test_errors_quote_no_parameters(database_url: str) -> None:
    """They would carry names and contacts into the application's log."""
    assert make_engine(database_url).hide_parameters


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_connection_that_can_only_read_is_not_kept(world: World) -> None:
    """SQLite opens a file for reading only when opening it for writing has failed, and says so at
    the first write. The next writer gets another connection."""
    world.submit()
    with world.unit_of_work.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_authorizer(None)
        driver.execute("PRAGMA query_only = ON")
    with pytest.raises(OperationalError, match="readonly"):
        world.submit()
    world.submit()
