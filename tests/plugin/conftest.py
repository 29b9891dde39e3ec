"""Hardened databases, and one that is not. All are PostgreSQL's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.databases import DatabaseFactory
from support.hardened import (
    APP_ROLE,
    STRANGER,
    HardenedDatabase,
    ensure_role,
    hardened_database,
)


@pytest.fixture
def hardened(database_factory: DatabaseFactory) -> Iterator[HardenedDatabase]:
    """A hardened database of the test's own."""
    with hardened_database(database_factory) as made:
        yield made


@pytest.fixture(scope="module")
def lasting_hardened(database_factory: DatabaseFactory) -> Iterator[HardenedDatabase]:
    """A hardened database for tests that undo what they do."""
    with hardened_database(database_factory) as made:
        yield made


@pytest.fixture
def unhardened_url(database_factory: DatabaseFactory) -> Iterator[str]:
    """A migrated database that was not hardened, as its superuser."""
    with database_factory.fresh("postgresql") as url:
        ensure_role(url, APP_ROLE)
        ensure_role(url, STRANGER)
        yield url
