"""Defences that can only be taken away for good: each trial has a database of its own.

Each function takes its defence away and tells whether an attack then succeeds that was refused
before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from unittest.mock import patch

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from insurance_reviews.plugin import database
from insurance_reviews.plugin import fingerprint as schema_fingerprint
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.fingerprint import SchemaChanged
from insurance_reviews.plugin.hardening.roles import OWNER_ROLE
from support.attacks.attacker import POSTGRESQL, SQLITE
from support.databases import DatabaseFactory
from support.hardened import administer, connected, hardened_database

REFUSED = "is not permitted to log in"


def owner_without_login(factory: DatabaseFactory) -> bool:
    """The owner logs in. A role is the server's, so this is undone."""
    with hardened_database(factory) as made:
        before = _logs_in(made.of(OWNER_ROLE))
        administer(made.admin, f"ALTER ROLE {OWNER_ROLE} LOGIN")
        try:
            return not before and _logs_in(made.of(OWNER_ROLE))
        finally:
            administer(made.admin, f"ALTER ROLE {OWNER_ROLE} NOLOGIN")


def _logs_in(url: str) -> bool:
    try:
        with connected(url) as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as error:
        if REFUSED not in str(error):
            raise
        return False
    return True


def fingerprint(factory: DatabaseFactory) -> bool:
    """A file whose lock on scores was dropped is opened."""
    with factory.fresh(SQLITE) as url:
        with closing(sqlite3.connect(make_url(url).database or "")) as connection:
            connection.execute("DROP TRIGGER insurance_reviews_review_no_update")
        before = _opens(url)
        with patch.object(database, "verify_schema", return_value=True):
            return not before and _opens(url)


def fingerprint_of_names(factory: DatabaseFactory) -> bool:
    """A file is opened in which a trigger drops bad reviews and bears a name of the search index.

    Taken away is the rule that only the index's own tables are left out of the comparison.
    """
    names = "NOT GLOB 'insurance_reviews_search_index_*'"
    excused = f"{schema_fingerprint._OBJECTS} AND name {names} AND tbl_name {names}"
    with factory.fresh(SQLITE) as url:
        with closing(sqlite3.connect(make_url(url).database or "")) as connection:
            connection.execute(
                "CREATE TRIGGER insurance_reviews_search_index_zz BEFORE INSERT "
                "ON insurance_reviews_review WHEN NEW.score < 3 BEGIN SELECT RAISE(IGNORE); END"
            )
        before = _opens(url)
        with patch.object(schema_fingerprint, "_OBJECTS", excused):
            return not before and _opens(url)


def _opens(url: str) -> bool:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT * FROM insurance_reviews_review"))
    except SchemaChanged:
        return False
    finally:
        engine.dispose()
    return True


#: Engine → defence → its trial.
COMMITTED: Mapping[str, Mapping[str, Callable[[DatabaseFactory], bool]]] = {
    POSTGRESQL: {"the owner without login": owner_without_login},
    SQLITE: {
        "the fingerprint of the schema": fingerprint,
        "the fingerprint of what is called like the search index": fingerprint_of_names,
    },
}
