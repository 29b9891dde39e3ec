"""No defence is idle: with each taken away, an attack gets further than it may."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from insurance_reviews.plugin import authorizer, database
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.fingerprint import SchemaChanged
from insurance_reviews.plugin.hardening.fence import EVENTS
from insurance_reviews.plugin.hardening.roles import OWNER_ROLE
from support.attacks.cases import CONNECTION
from support.attacks.mutants import BY_NAME, MUTANTS, Mutant, killed
from support.attacks.siege import Besieged
from support.databases import DatabaseFactory
from support.hardened import HardenedDatabase, administer, connected, hardened_database

Siege = Callable[[str], Besieged]


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_without_it_an_attack_gets_further(siege: Siege, mutant: Mutant) -> None:
    assert killed(siege(mutant.engine), mutant)


def test_mutants_have_names_of_their_own() -> None:
    names = Counter(str(mutant) for mutant in MUTANTS)
    assert [name for name, times in names.items() if times > 1] == []


def test_every_event_trigger_is_taken_away() -> None:
    names = {mutant.name for mutant in MUTANTS}
    for name in EVENTS:
        event = name.rpartition("_")[2]
        assert f"the event trigger on {event} gone" in names
        assert f"the event trigger on {event} not ALWAYS" in names


def test_every_refusal_of_the_authorizer_has_its_mutant() -> None:
    """What is attacked on a connection and refused by the authorizer alone."""
    attacked = {mutant.case for mutant in MUTANTS if mutant.role is CONNECTION}
    pragmas = {name for role, name in BY_NAME if role is CONNECTION and name.startswith("PRAGMA")}
    assert pragmas <= attacked
    actions = {
        value: name
        for name, value in vars(sqlite3).items()
        if name.startswith(("SQLITE_CREATE_", "SQLITE_DROP_", "SQLITE_ALTER", "SQLITE_ATTACH"))
    }
    for action in actions:
        assert authorizer.authorize(action, "x", "y", "main", None) == sqlite3.SQLITE_DENY


def test_an_owner_who_can_log_in_does(database_factory: DatabaseFactory) -> None:
    """A role is the server's, so this is committed, and undone."""

    def log_in(made: HardenedDatabase) -> None:
        with connected(made.of(OWNER_ROLE)) as connection:
            connection.execute(text("SELECT 1"))

    with hardened_database(database_factory) as made:
        with pytest.raises(DBAPIError, match="is not permitted to log in"):
            log_in(made)
        administer(made.admin, f"ALTER ROLE {OWNER_ROLE} LOGIN")
        try:
            log_in(made)
        finally:
            administer(made.admin, f"ALTER ROLE {OWNER_ROLE} NOLOGIN")


def test_without_the_fingerprint_a_changed_file_is_opened(
    database_factory: DatabaseFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a score can be changed on it, if the authorizer is gone as well."""
    with database_factory.fresh("sqlite") as url:
        with closing(sqlite3.connect(make_url(url).database or "")) as connection:
            connection.execute("DROP TRIGGER insurance_reviews_review_no_update")
        with pytest.raises(SchemaChanged):
            make_engine(url).connect()
        monkeypatch.setattr(database, "verify_schema", lambda *_: True)
        engine = make_engine(url)
        with engine.connect() as opened:
            opened.execute(text("SELECT * FROM insurance_reviews_review"))
        engine.dispose()
