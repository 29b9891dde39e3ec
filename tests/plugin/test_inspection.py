"""What doctor sees of the locks, the rights, the fence and the settings."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from insurance_reviews.moderation.schema import SCHEMA
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.hardening.constraints import shipped
from insurance_reviews.plugin.hardening.fence import GUARD_SCHEMA, MAINTENANCE
from insurance_reviews.plugin.hardening.harden import harden, is_hardened
from insurance_reviews.plugin.hardening.inspect import inspect_database
from insurance_reviews.plugin.hardening.roles import OWNER_ROLE
from support.databases import DatabaseFactory
from support.hardened import (
    APP_ROLE,
    HardenedDatabase,
    administer,
    connected,
    inspected,
    sentences,
)

REVIEW = f"{SCHEMA}.insurance_reviews_review"


SEEN = {
    "error": {
        f"ALTER TABLE {REVIEW} DISABLE TRIGGER review_no_update": (
            "the lock review_no_update is switched off"
        ),
        f"ALTER TABLE {REVIEW} ENABLE TRIGGER review_leaf": "the lock review_leaf is switched off",
        f"DROP TRIGGER review_no_delete ON {REVIEW}": "the lock review_no_delete is missing",
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.review_no_update() RETURNS trigger LANGUAGE plpgsql "
        "SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NEW; END'": (
            "the lock review_no_update was rewritten"
        ),
        f"ALTER FUNCTION {SCHEMA}.review_leaf() RESET ALL": "the lock review_leaf was changed",
        f"CREATE OR REPLACE TRIGGER review_no_update BEFORE UPDATE OF id ON {REVIEW} FOR EACH ROW "
        f"EXECUTE FUNCTION {SCHEMA}.review_no_update()": "the lock review_no_update",
        f"CREATE TRIGGER helpful BEFORE INSERT ON {REVIEW} FOR EACH ROW "
        f"EXECUTE FUNCTION {SCHEMA}.review_leaf()": (
            "the trigger helpful on insurance_reviews_review is not ours"
        ),
        f"CREATE RULE hide AS ON UPDATE TO {REVIEW} DO INSTEAD NOTHING": "the rule hide",
        f"ALTER TABLE {REVIEW} ENABLE ROW LEVEL SECURITY": "row-level security",
        f"CREATE TABLE public.more () INHERITS ({REVIEW})": "puts its rows under",
        f"ALTER TABLE {REVIEW} DROP CONSTRAINT uq_insurance_reviews_review_invitation": (
            "the constraint uq_insurance_reviews_review_invitation of insurance_reviews_review "
            "is missing"
        ),
        f"ALTER TABLE {REVIEW} DROP CONSTRAINT ck_insurance_reviews_review_score_range, "
        "ADD CONSTRAINT ck_insurance_reviews_review_score_range CHECK (score >= 1 OR score <= 5)": (
            "the constraint ck_insurance_reviews_review_score_range of insurance_reviews_review "
            "was changed"
        ),
        f"ALTER TABLE {REVIEW} DROP CONSTRAINT ck_insurance_reviews_review_text_pair, "
        "ADD CONSTRAINT ck_insurance_reviews_review_text_pair "
        "CHECK ((item IS NULL) = (commitment IS NULL)) NOT VALID": (
            "the constraint ck_insurance_reviews_review_text_pair of insurance_reviews_review "
            "was changed"
        ),
        f"ALTER TABLE {REVIEW} DROP CONSTRAINT fk_insurance_reviews_review_invitation": (
            "the constraint fk_insurance_reviews_review_invitation of insurance_reviews_review "
            "is missing"
        ),
        f"ALTER TABLE {REVIEW} DROP CONSTRAINT fk_insurance_reviews_review_item, "
        "ADD CONSTRAINT fk_insurance_reviews_review_item FOREIGN KEY (item) "
        f"REFERENCES {SCHEMA}.insurance_reviews_item (id) ON DELETE SET NULL": (
            "the constraint fk_insurance_reviews_review_item of insurance_reviews_review "
            "was changed"
        ),
        f"ALTER TABLE {REVIEW} DISABLE TRIGGER ALL": (
            "the foreign key fk_insurance_reviews_review_invitation of insurance_reviews_review "
            "is switched off"
        ),
        f"ALTER TABLE {SCHEMA}.insurance_reviews_invitation DISABLE TRIGGER ALL": (
            "the foreign key fk_insurance_reviews_invitation_event of "
            "insurance_reviews_invitation is switched off"
        ),
        f"CREATE UNIQUE INDEX one_each ON {REVIEW} (score)": (
            "the unique index one_each of insurance_reviews_review is not ours"
        ),
        f"ALTER TABLE {REVIEW} ADD CONSTRAINT praise CHECK (score > 3) NOT VALID": (
            "the constraint praise of insurance_reviews_review is not ours"
        ),
        f"ALTER TABLE {REVIEW} ALTER COLUMN author DROP NOT NULL": (
            "the column author of insurance_reviews_review was changed"
        ),
        f"ALTER TABLE {REVIEW} ALTER COLUMN score SET DEFAULT 5": (
            "the column score of insurance_reviews_review was changed"
        ),
        f"ALTER TABLE {REVIEW} ADD COLUMN hidden integer": (
            "the column hidden of insurance_reviews_review is not ours"
        ),
        f"DROP TABLE {SCHEMA}.insurance_reviews_reply_delay": (
            "the column hours of insurance_reviews_reply_delay is missing"
        ),
        "ALTER EVENT TRIGGER insurance_reviews_ddl DISABLE": (
            "the event trigger insurance_reviews_ddl is off"
        ),
        "ALTER EVENT TRIGGER insurance_reviews_ddl ENABLE": (
            "the event trigger insurance_reviews_ddl is off"
        ),
        "DROP EVENT TRIGGER insurance_reviews_drop": (
            "the event trigger insurance_reviews_drop is missing"
        ),
        f"CREATE OR REPLACE FUNCTION {GUARD_SCHEMA}.insurance_reviews_drop() RETURNS event_trigger "
        "LANGUAGE plpgsql AS 'BEGIN END'": "the event trigger insurance_reviews_drop was changed",
        f"REVOKE INSERT ON {REVIEW} FROM {APP_ROLE}": "lacks the right INSERT",
    },
    "advice": {
        f"GRANT UPDATE ON {REVIEW} TO {APP_ROLE}": "has the right UPDATE on",
        f"GRANT UPDATE (score) ON {REVIEW} TO {APP_ROLE}": "has the right UPDATE on",
        f"GRANT TRIGGER, TRUNCATE ON {REVIEW} TO {APP_ROLE}": "has the right TRIGGER on",
        f"GRANT CREATE ON SCHEMA {SCHEMA} TO {APP_ROLE}": "may create objects",
        f"GRANT SELECT ON {REVIEW} TO PUBLIC": "everybody has rights on insurance_reviews_review",
        f"GRANT EXECUTE ON FUNCTION {SCHEMA}.review_leaf() TO PUBLIC": "everybody has rights on",
        f"ALTER TABLE {REVIEW} OWNER TO {APP_ROLE}": "owns our tables",
        f"ALTER ROLE {OWNER_ROLE} LOGIN": "can log in",
        f"ALTER ROLE {APP_ROLE} CREATEROLE": "may create roles",
    },
}


@pytest.mark.parametrize(
    ("level", "statement", "sentence"),
    [
        pytest.param(level, statement, sentence, id=sentence)
        for level, cases in SEEN.items()
        for statement, sentence in cases.items()
    ],
)
def test_what_an_administrator_undid_is_seen(
    lasting_hardened: HardenedDatabase, level: str, statement: str, sentence: str
) -> None:
    with connected(lasting_hardened.admin) as connection:
        for each in (
            f"SET {MAINTENANCE} = 'on'",
            statement,
            f"SET SESSION AUTHORIZATION {APP_ROLE}",
        ):
            connection.execute(text(each))
        everything = inspect_database(connection)
    found = [each for each in everything if sentence in str(each)]
    assert found, everything
    assert {each.level for each in found} == {level}
    assert all(": run " in str(each) or "restore" in str(each) for each in found)


def test_what_everybody_may_see_is_seen_again_by_hardening(hardened: HardenedDatabase) -> None:
    """Rights and switches are put back; a lock that is not ours any more is said to be missing."""
    administer(
        hardened.admin,
        f"SET {MAINTENANCE} = 'on'",
        f"GRANT ALL ON {REVIEW} TO {APP_ROLE}, PUBLIC",
        f"ALTER TABLE {REVIEW} DISABLE TRIGGER review_no_update",
        "DROP EVENT TRIGGER insurance_reviews_drop",
        "ALTER EVENT TRIGGER insurance_reviews_ddl DISABLE",
    )
    result = harden(hardened.admin, APP_ROLE, OWNER_ROLE)
    assert "enabled the trigger review_no_update again" in result.done
    assert result.missing == []
    assert inspected(hardened.app) == []
    administer(
        hardened.admin, f"SET {MAINTENANCE} = 'on'", f"DROP TRIGGER review_no_update ON {REVIEW}"
    )
    (missing,) = harden(hardened.admin, APP_ROLE, OWNER_ROLE).missing
    assert "the lock review_no_update is missing" in missing


def test_a_server_that_forgets_is_seen(lasting_hardened: HardenedDatabase) -> None:
    engine = make_engine(lasting_hardened.app, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET synchronous_commit = off"))
        (finding,) = inspect_database(connection)
    assert finding.level == "error"
    assert "synchronous_commit is off" in str(finding)


def test_a_superuser_is_advised_not_to_be_one(unhardened_url: str) -> None:
    advice = sentences(unhardened_url, "advice")
    assert any("is a superuser" in sentence for sentence in advice)
    assert sentences(unhardened_url, "error") == []


def test_every_condition_has_a_form_that_is_understood() -> None:
    """What is written here is compared with what PostgreSQL makes of it."""
    checks = {name: demand for name, demand in shipped().items() if name.name.startswith("ck_")}
    assert len(checks) > 30
    for demand in checks.values():
        assert not re.search(r"BETWEEN| IN |LIKE|CASE|::", demand), demand


def test_an_empty_database_is_told_to_be_migrated(database_factory: DatabaseFactory) -> None:
    with database_factory.empty("postgresql") as url:
        assert "there is no schema" in " ".join(sentences(url, "error"))


def test_sqlite_is_inspected_too(database_factory: DatabaseFactory) -> None:
    with database_factory.fresh("sqlite") as url:
        assert inspected(url) == []
        bare = create_engine(url, poolclass=NullPool)
        with bare.connect() as connection:
            connection.exec_driver_sql("DROP TRIGGER insurance_reviews_review_no_update")
            found = inspect_database(connection)
    assert any("foreign_keys is 0" in str(each) for each in found)
    assert any("insurance_reviews_review_no_update is missing" in str(each) for each in found)
    assert {each.level for each in found} == {"error"}


def test_is_hardened(lasting_hardened: HardenedDatabase, unhardened_url: str) -> None:
    for url, expected in (
        (lasting_hardened.app, True),
        (lasting_hardened.admin, True),
        (unhardened_url, False),
    ):
        with connected(url) as connection:
            assert is_hardened(connection) is expected
