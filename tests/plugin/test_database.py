"""Which schema the code works with."""

from __future__ import annotations

from insurance_reviews import migrations
from insurance_reviews.plugin.database import REVISION, create_all, is_migrated, make_engine


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
