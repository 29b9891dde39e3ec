"""Attacks as the application: with its role on PostgreSQL, on its own connection on SQLite."""

from __future__ import annotations

from support.attacks.attacker import Attacker, Run
from support.attacks.cases import APPLICATION, CONNECTION, STRANGER, Case, Role, refused
from support.attacks.locked import LOCKED, Locked, on_engine

#: Refused by rights, before a row is looked at.
DENIED = {APPLICATION: "42501", CONNECTION: "AUTH"}


def _ways(locked: Locked) -> dict[Role, dict[str, str]]:
    """Every way to change a row that stands, by role."""
    table, where = locked.table, locked.where
    insert = f"INSERT INTO ${table} SELECT * FROM ${table} WHERE {where}"
    both = {
        "UPDATE": f"UPDATE ${table} SET {locked.change} WHERE {where}",
        "DELETE": f"DELETE FROM ${table} WHERE {where}",
        "INSERT … ON CONFLICT DO UPDATE": (
            f"{insert} ON CONFLICT ({locked.key}) DO UPDATE SET {locked.change}"
        ),
        "DROP TABLE": f"DROP TABLE ${table}",
        "ALTER TABLE … RENAME": f"ALTER TABLE ${table} RENAME TO elsewhere",
    }
    merge = f"MERGE INTO ${table} t USING (SELECT 1) s ON {where} WHEN MATCHED THEN"
    return {
        APPLICATION: both
        | {
            "TRUNCATE": f"TRUNCATE ${table} CASCADE",
            "MERGE … UPDATE": f"{merge} UPDATE SET {locked.change}",
            "MERGE … DELETE": f"{merge} DELETE",
            "SELECT … FOR UPDATE": f"SELECT 1 FROM ${table} WHERE {where} FOR UPDATE",
            "DISABLE TRIGGER": f"ALTER TABLE ${table} DISABLE TRIGGER USER",
        },
        CONNECTION: both
        | {
            "UPDATE OR REPLACE": f"UPDATE OR REPLACE ${table} SET {locked.change} WHERE {where}",
            "REPLACE INTO": insert.replace("INSERT", "REPLACE", 1),
            "CREATE TRIGGER": (
                f"CREATE TRIGGER more AFTER INSERT ON ${table} BEGIN DELETE FROM $content; END"
            ),
        },
    }


def _run(locked: Locked, statement: str) -> Run:
    def run(a: Attacker) -> None:
        a.strike(on_engine(statement, a), **locked.placed(statement, a.scene))

    return run


def _codes(locked: Locked, role: Role, way: str) -> frozenset[str]:
    """Words may be deleted, once they are removed; REPLACE is an INSERT to the authorizer."""
    if locked.table == "content" and way in ("DELETE", "MERGE … DELETE"):
        return frozenset({"IR008"})
    if way == "REPLACE INTO":
        return frozenset({"IR002", *locked.again})
    return frozenset({DENIED[role]})


CASES: list[Case] = [
    Case(role, f"{locked.table}: {way}", _run(locked, sql), "refused", _codes(locked, role, way))
    for locked in LOCKED
    for role, ways in _ways(locked).items()
    for way, sql in ways.items()
]

REMOVAL = "insurance_reviews_removal"
CASES += refused(
    APPLICATION,
    "42501",
    {
        "act as the owner": "SET ROLE insurance_reviews_owner",
        "be the owner": "SET SESSION AUTHORIZATION insurance_reviews_owner",
        "be the superuser": "SET SESSION AUTHORIZATION postgres",
        "play the replica": "SET session_replication_role = replica",
        "turn off row security": "ALTER TABLE $review FORCE ROW LEVEL SECURITY",
        "a policy": "CREATE POLICY p ON $review USING (false)",
        "a rule": "CREATE RULE r AS ON INSERT TO $review DO INSTEAD NOTHING",
        "a trigger": (
            "CREATE TRIGGER t BEFORE INSERT ON $review FOR EACH ROW "
            "EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
        "drop a trigger": "DROP TRIGGER review_no_update ON $review",
        "another type": "ALTER TABLE $review ALTER COLUMN score TYPE text USING '5'",
        "drop a column": "ALTER TABLE $review DROP COLUMN score",
        "drop a constraint": "ALTER TABLE $review DROP CONSTRAINT pk_insurance_reviews_review",
        "another owner": "ALTER TABLE $review OWNER TO CURRENT_USER",
        "the owner's role to oneself": "GRANT insurance_reviews_owner TO CURRENT_USER",
        "let the owner log in": "ALTER ROLE insurance_reviews_owner LOGIN",
        "make oneself a superuser": "ALTER ROLE CURRENT_USER SUPERUSER",
        "make a superuser": "CREATE ROLE another SUPERUSER",
        "rewrite a lock": (
            "CREATE OR REPLACE FUNCTION review_no_update() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RETURN NEW; END'"
        ),
        "alter a lock": "ALTER FUNCTION review_no_update() RESET ALL",
        "call a lock": "SELECT review_no_update()",
        "a table in our schema": "CREATE TABLE insurance_reviews.more (id int)",
        "a function in our schema": (
            "CREATE FUNCTION insurance_reviews.more() RETURNS int LANGUAGE sql AS 'SELECT 1'"
        ),
        "a table that inherits": "CREATE TEMP TABLE more () INHERITS ($review)",
        "an index": "CREATE INDEX ON $review (score)",
        "statistics": "CREATE STATISTICS s ON score, stage FROM $review",
        "a comment": "COMMENT ON TABLE $review IS 'x'",
        "drop the schema": "DROP SCHEMA insurance_reviews CASCADE",
        "rename the schema": "ALTER SCHEMA insurance_reviews RENAME TO other",
        "own the schema": "ALTER SCHEMA insurance_reviews OWNER TO CURRENT_USER",
        "drop the guard schema": "DROP SCHEMA insurance_reviews_guard CASCADE",
        "rewrite the fence": (
            "CREATE OR REPLACE FUNCTION insurance_reviews_guard.insurance_reviews_ddl() "
            "RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
        ),
        "switch the fence off": "ALTER EVENT TRIGGER insurance_reviews_ddl DISABLE",
        "drop the fence": "DROP EVENT TRIGGER insurance_reviews_drop",
        "another fence": (
            "CREATE EVENT TRIGGER e ON sql_drop "
            "EXECUTE FUNCTION insurance_reviews_guard.insurance_reviews_drop()"
        ),
        "maintenance by the application": (
            "SET insurance_reviews.maintenance = 'on'",
            "ALTER TABLE $review DISABLE TRIGGER review_no_update",
        ),
        "the catalogue of triggers": "UPDATE pg_trigger SET tgenabled = 'D'",
        "the catalogue of tables": "UPDATE pg_class SET relowner = 0",
        "the catalogue of roles": "UPDATE pg_authid SET rolsuper = true",
        "another revision": "UPDATE $alembic_version SET version_num = '0000'",
        "a second revision": "INSERT INTO $alembic_version VALUES ('0000')",
        "a program": "COPY (SELECT 1) TO PROGRAM 'cat'",
        "a file of the server": "COPY $log_key FROM '/etc/passwd'",
        "read a file of the server": "SELECT pg_read_file('/etc/passwd')",
        "lock everybody out": "LOCK TABLE $review IN ACCESS EXCLUSIVE MODE",
        "a foreign key that holds words": (
            "CREATE TABLE host.holds (item text REFERENCES $content (item))"
        ),
        "change and insert in one": (
            "WITH w AS (UPDATE $review SET score = 5 RETURNING *) SELECT * FROM w"
        ),
        "a setting for all": "ALTER DATABASE postgres SET synchronous_commit = off",
    },
)
CASES += refused(
    APPLICATION,
    "IR008",
    {
        "a temporary table in front of the removals": (
            f"CREATE TEMP TABLE {REMOVAL} (item text, redacted_item text)",
            f"INSERT INTO pg_temp.{REMOVAL} VALUES (:item, NULL)",
            "SET LOCAL search_path = pg_temp, insurance_reviews",
            "DELETE FROM insurance_reviews.$content WHERE item = :item",
        ),
        "an operator in front": (
            "CREATE FUNCTION pg_temp.yes(text, text) RETURNS bool LANGUAGE sql AS 'SELECT true'",
            "SET LOCAL search_path = pg_temp, insurance_reviews, pg_catalog",
            "DELETE FROM $content WHERE item = :item",
        ),
    },
)
# Without the right to give rights away GRANT would only warn; but it writes to the catalogue.
CASES += refused(
    APPLICATION,
    "IR030",
    {
        "all tables to oneself": (
            "GRANT ALL ON ALL TABLES IN SCHEMA insurance_reviews TO CURRENT_USER"
        ),
    },
)
# Only from 17 on is there such a setting.
CASES += refused(
    APPLICATION, "42501 42704", {"turn off event triggers": "SET event_triggers = off"}
)
CASES += refused(
    STRANGER,
    "42501",
    {
        f"{way} {table}": f"{sql} insurance_reviews.${table}"
        for table in ("holder_contact", "token", "content", "review", "outbox")
        for way, sql in (
            ("read", "SELECT * FROM"),
            ("delete from", "DELETE FROM"),
            ("truncate", "TRUNCATE"),
        )
    },
)
CASES += refused(
    CONNECTION,
    "AUTH",
    {
        "a table": "CREATE TABLE more (id INTEGER)",
        "a temporary table in front of the removals": f"CREATE TEMP TABLE {REMOVAL} (item TEXT)",
        "a temporary trigger": (
            "CREATE TEMP TRIGGER t AFTER INSERT ON $review BEGIN DELETE FROM $content; END"
        ),
        "a temporary view": f"CREATE TEMP VIEW {REMOVAL} AS SELECT 1",
        "a view": "CREATE VIEW more AS SELECT 1",
        "an index": "CREATE INDEX i ON $review (score)",
        "a virtual table": "CREATE VIRTUAL TABLE more USING fts5(body)",
        "a search index": "CREATE VIRTUAL TABLE $search USING fts5(body)",
        "drop a trigger": "DROP TRIGGER $review_no_update",
        "drop an index": "DROP INDEX ix_$review_product",
        "a new column": "ALTER TABLE $review ADD COLUMN hidden INTEGER",
        "rename a column": "ALTER TABLE $review RENAME COLUMN score TO stars",
        "drop a column": "ALTER TABLE $review DROP COLUMN channel",
        "another file": "ATTACH ':memory:' AS other",
        "let go of a file": "DETACH main",
        "count anew": "REINDEX",
        "statistics": "ANALYZE",
        "another revision": "UPDATE $alembic_version SET version_num = '0000'",
        "a second revision": "INSERT INTO $alembic_version VALUES ('0000')",
        "no revision": "DELETE FROM $alembic_version",
        "a table of the host": "INSERT INTO host_orders VALUES (1)",
        "a change of the host's": "UPDATE host_orders SET id = 2",
        "a loss of the host's": "DELETE FROM host_orders",
        **{
            f"PRAGMA {pragma}": f"PRAGMA {pragma}"
            for pragma in (
                "writable_schema = ON",
                "writable_schema = RESET",
                "foreign_keys = OFF",
                "recursive_triggers = OFF",
                "trusted_schema = ON",
                "secure_delete = OFF",
                "secure_delete = FAST",
                "synchronous = OFF",
                "synchronous = NORMAL",
                "journal_mode = DELETE",
                "journal_mode = OFF",
                "journal_mode = MEMORY",
                "ignore_check_constraints = ON",
                "defer_foreign_keys = ON",
                "read_uncommitted = ON",
                "locking_mode = EXCLUSIVE",
                "wal_autocheckpoint = 0",
                "schema_version = 1",
                "user_version = 1",
                "application_id = 1",
                "legacy_alter_table = ON",
                "auto_vacuum = FULL",
                "incremental_vacuum",
                "optimize",
                "cell_size_check = OFF",
                "mmap_size = 0",
                "max_page_count = 1",
                "temp_store_directory = '/tmp'",
                "case_sensitive_like = ON",
                "query_only = ON",
            )
        },
    },
)
# What a build of SQLite does not have needs no refusal.
CASES += refused(
    CONNECTION,
    "FUNCTION no",
    {
        "an extension": "SELECT load_extension('x')",
        "a tokenizer": "SELECT fts3_tokenizer('simple')",
    },
)
# SQLite itself refuses some of these, before it asks.
CASES += refused(
    CONNECTION,
    "AUTH SCHEMA",
    {
        "rows of the schema": "DELETE FROM sqlite_schema WHERE type = 'trigger'",
        "new rows of the schema": "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 2, '')",
        "a change of the schema's rows": (
            "UPDATE sqlite_schema SET sql = '' WHERE name = 'insurance_reviews_review_no_update'"
        ),
    },
)
