"""Attacks as those who own things: PostgreSQL's owner and superuser, and the owner of a file.

The locks and the fence stop the owner of the tables, and a superuser who does not say that he
means it. One who does gets through, as does whoever may write to the file: those ways are listed
here by name, and each is seen afterwards.
"""

from __future__ import annotations

from support.attacks.attacker import Attacker, Run
from support.attacks.cases import FILE_OWNER, OWNER, SUPERUSER, Case, bypasses, refused
from support.attacks.locked import LOCKED, Locked, on_engine

MAINTENANCE = "SET insurance_reviews.maintenance = 'on'"
FORGE = "UPDATE $review SET score = 5 WHERE id = :review"


def _run(locked: Locked, *statements: str) -> Run:
    def run(a: Attacker) -> None:
        *before, strike = statements
        for statement in before:
            a.sql(statement)
        a.strike(on_engine(strike, a), **locked.placed(strike, a.scene))

    return run


def _enter(locked: Locked) -> list[Case]:
    table, where = locked.table, locked.where
    update = f"UPDATE ${table} SET {locked.change} WHERE {where}"
    ways: dict[str, tuple[tuple[str, ...], str]] = {
        "UPDATE": ((update,), "IR001"),
        "UPDATE as a replica": (
            ("SET LOCAL session_replication_role = replica", update),
            "IR001",
        ),
        "DELETE": ((f"DELETE FROM ${table} WHERE {where}",), "IR001 IR008"),
        "TRUNCATE": ((f"TRUNCATE ${table} CASCADE",), "IR001"),
        "DISABLE TRIGGER": ((f"ALTER TABLE ${table} DISABLE TRIGGER USER",), "IR030"),
        "ENABLE REPLICA TRIGGER": (
            (f"ALTER TABLE ${table} ENABLE REPLICA TRIGGER {table}_no_update",),
            "IR030",
        ),
        "DROP TRIGGER": ((f"DROP TRIGGER {table}_no_update ON ${table}",), "IR031"),
        "DROP TABLE": ((f"DROP TABLE ${table} CASCADE",), "IR031"),
        "RENAME": ((f"ALTER TABLE ${table} RENAME TO elsewhere",), "IR030"),
        "INHERITS": ((f"CREATE TEMP TABLE more () INHERITS (${table})",), "IR030"),
        "RULE": ((f"CREATE RULE r AS ON DELETE TO ${table} DO INSTEAD NOTHING",), "IR030"),
    }
    return [
        Case(role, f"{table}: {way}", _run(locked, *sql), "refused", frozenset(codes.split()))
        for role in (OWNER, SUPERUSER)
        for way, (sql, codes) in ways.items()
        # To play the replica is a superuser's right.
        if not (role is OWNER and "replica" in way)
    ]


CASES: list[Case] = [case for locked in LOCKED for case in _enter(locked)]

APP = "insurance_reviews_app"
for _role in (OWNER, SUPERUSER):
    CASES += refused(
        _role,
        "IR030",
        {
            "rewrite a lock": (
                "CREATE OR REPLACE FUNCTION review_no_update() RETURNS trigger LANGUAGE plpgsql "
                "AS 'BEGIN RETURN NEW; END'"
            ),
            "alter a lock": "ALTER FUNCTION review_no_update() RESET ALL",
            "rename a lock": "ALTER TRIGGER review_no_update ON $review RENAME TO a",
            "a trigger of one's own": (
                "CREATE TRIGGER a BEFORE UPDATE ON $review FOR EACH ROW "
                "EXECUTE FUNCTION suppress_redundant_updates_trigger()"
            ),
            "replace a trigger": (
                "CREATE OR REPLACE TRIGGER review_no_update BEFORE UPDATE OF id ON $review "
                "FOR EACH ROW EXECUTE FUNCTION review_no_update()"
            ),
            "row security": "ALTER TABLE $review ENABLE ROW LEVEL SECURITY",
            "a policy": "CREATE POLICY p ON $review USING (false)",
            "a default": "ALTER TABLE $review ALTER COLUMN score SET DEFAULT 5",
            "a column": "ALTER TABLE $review ADD COLUMN hidden int",
            "an index": "CREATE INDEX ON $review (experienced)",
            "statistics": "CREATE STATISTICS s ON score, stage FROM $review",
            "a comment": "COMMENT ON TABLE $review IS 'x'",
            "a type in our schema": "CREATE TYPE insurance_reviews.more AS ENUM ('a')",
            "a view in our schema": "CREATE VIEW insurance_reviews.more AS SELECT 1",
            "give UPDATE to the application": f"GRANT UPDATE ON $review TO {APP}",
            "give UPDATE of a column": f"GRANT UPDATE (score) ON $review TO {APP}",
            "give all to everybody": (
                "GRANT ALL ON ALL TABLES IN SCHEMA insurance_reviews TO PUBLIC"
            ),
            "give the schema to everybody": "GRANT ALL ON SCHEMA insurance_reviews TO PUBLIC",
            "give a lock to everybody": "GRANT EXECUTE ON FUNCTION review_leaf() TO PUBLIC",
            "take INSERT from the application": f"REVOKE INSERT ON $review FROM {APP}",
            "give in a savepoint": (
                "CREATE TEMP TABLE first (id int)",
                "SAVEPOINT s",
                f"GRANT UPDATE ON $review TO {APP}",
            ),
            "rights on what is to come": (
                "ALTER DEFAULT PRIVILEGES IN SCHEMA insurance_reviews GRANT ALL ON TABLES TO PUBLIC"
            ),
        },
    )
    CASES += refused(
        _role,
        "IR032",
        {
            "rewrite the scores": "ALTER TABLE $review ALTER COLUMN score TYPE int USING 5",
            "rewrite the leaves": (
                "ALTER TABLE $log_entry ALTER COLUMN leaf TYPE bytea USING decode('00', 'hex')"
            ),
            "a column with values": (
                "ALTER TABLE $review ADD COLUMN hidden text DEFAULT gen_random_uuid()::text"
            ),
        },
    )
    CASES += refused(
        _role,
        "IR031",
        {
            "drop a column": "ALTER TABLE $review DROP COLUMN channel",
            "drop a constraint": (
                "ALTER TABLE $review DROP CONSTRAINT ck_insurance_reviews_review_score_range"
            ),
            "drop an index": "DROP INDEX ix_insurance_reviews_review_score",
            "drop a lock": "DROP FUNCTION review_no_update() CASCADE",
            "drop the schema": "DROP SCHEMA insurance_reviews CASCADE",
        },
    )
CASES += refused(
    OWNER,
    "IR030",
    {
        "maintenance by the owner": (
            MAINTENANCE,
            "ALTER TABLE $review DISABLE TRIGGER review_no_update",
        ),
        "another owner": "ALTER TABLE $review OWNER TO CURRENT_USER",
    },
)
CASES += refused(OWNER, "IR031", {"drop all that is owned": "DROP OWNED BY CURRENT_USER CASCADE"})
CASES += refused(
    OWNER,
    "42501",
    {
        "play the replica": "SET session_replication_role = replica",
        "be the superuser": "SET ROLE postgres",
        "rename the schema": "ALTER SCHEMA insurance_reviews RENAME TO other",
        "give the tables away": f"REASSIGN OWNED BY CURRENT_USER TO {APP}",
        "rename the guard schema": "ALTER SCHEMA insurance_reviews_guard RENAME TO other",
        "be the application": f"SET ROLE {APP}",
        "lend the name": f"GRANT insurance_reviews_owner TO {APP}",
        "log in": "ALTER ROLE insurance_reviews_owner LOGIN",
        "switch the fence off": "ALTER EVENT TRIGGER insurance_reviews_ddl DISABLE",
        "drop the fence": "DROP EVENT TRIGGER insurance_reviews_drop",
        "rewrite the fence": (
            "CREATE OR REPLACE FUNCTION insurance_reviews_guard.insurance_reviews_ddl() "
            "RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
        ),
        "drop the guard schema": "DROP SCHEMA insurance_reviews_guard CASCADE",
        "the catalogue of triggers": "UPDATE pg_trigger SET tgenabled = 'D'",
        "the catalogue of rights": "UPDATE pg_class SET relacl = NULL",
    },
)
CASES += refused(
    SUPERUSER,
    "IR030 IR031",
    {
        "another owner": f"ALTER TABLE $review OWNER TO {APP}",
        "a lock in another schema": "ALTER FUNCTION review_no_update() SET SCHEMA public",
        "rename the guard schema": "ALTER SCHEMA insurance_reviews_guard RENAME TO other",
        "drop all that is owned": "DROP OWNED BY insurance_reviews_owner CASCADE",
        "take all from the application": f"DROP OWNED BY {APP}",
        "rename the schema": "ALTER SCHEMA insurance_reviews RENAME TO other",
        "another schema": "ALTER TABLE $review SET SCHEMA public",
    },
)

REPLICA = "SET LOCAL session_replication_role = replica"
for _codes, _name, _sql in (
    ("IR030", "DISABLE TRIGGER", "ALTER TABLE $review DISABLE TRIGGER review_no_update"),
    ("IR031", "DROP TRIGGER", "DROP TRIGGER review_no_update ON $review"),
    ("IR032", "rewrite the scores", "ALTER TABLE $review ALTER COLUMN score TYPE int USING 5"),
):
    CASES += refused(SUPERUSER, _codes, {f"as a replica: {_name}": (REPLICA, _sql)})

CASES += bypasses(
    SUPERUSER,
    [
        (
            "maintenance, DISABLE TRIGGER",
            "a superuser who says that he maintains the schema is believed: db upgrade needs it",
            (MAINTENANCE, "ALTER TABLE $review DISABLE TRIGGER review_no_update", FORGE),
        ),
        (
            "maintenance, and the trigger is put back",
            "no trace is left in the schema: the row no longer equals its log entry",
            (
                MAINTENANCE,
                "ALTER TABLE $review DISABLE TRIGGER review_no_update",
                FORGE,
                "ALTER TABLE $review ENABLE ALWAYS TRIGGER review_no_update",
            ),
        ),
        (
            "maintenance, a lock rewritten",
            "the same right",
            (
                MAINTENANCE,
                "CREATE OR REPLACE FUNCTION review_no_update() RETURNS trigger LANGUAGE plpgsql "
                "AS 'BEGIN RETURN NEW; END'",
                FORGE,
            ),
        ),
        (
            "maintenance, a review for each second use of an invitation",
            "the same right",
            (
                MAINTENANCE,
                "ALTER TABLE $review DROP CONSTRAINT uq_insurance_reviews_review_invitation",
            ),
        ),
        (
            "the event trigger switched off",
            "event triggers do not guard event triggers, and a superuser owns them",
            (
                "ALTER EVENT TRIGGER insurance_reviews_drop DISABLE",
                "DROP TRIGGER review_no_update ON $review",
                FORGE,
            ),
        ),
        (
            "the event trigger dropped",
            "the same",
            (
                "DROP EVENT TRIGGER insurance_reviews_ddl",
                "ALTER TABLE $review DISABLE TRIGGER review_no_update",
                FORGE,
            ),
        ),
        (
            "the fence rewritten",
            "it is asked when the command has ended, and by then answers as rewritten",
            (
                "CREATE OR REPLACE FUNCTION insurance_reviews_guard.insurance_reviews_ddl() "
                "RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
                "ALTER TABLE $review DISABLE TRIGGER review_no_update",
                FORGE,
            ),
        ),
        (
            "the guard schema dropped",
            "its event triggers go with it before they are asked",
            (
                "DROP SCHEMA insurance_reviews_guard CASCADE",
                "ALTER TABLE $review DISABLE TRIGGER review_no_update",
                FORGE,
            ),
        ),
        (
            "the tables given to the application",
            "REASSIGN OWNED fires no event trigger",
            (f"REASSIGN OWNED BY insurance_reviews_owner TO {APP}",),
        ),
        (
            "pg_trigger written by hand",
            "a superuser may write to the catalogue, which no event trigger sees",
            (
                "UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'review_no_update'",
                # So that the server reads the table's triggers again.
                "UPDATE pg_class SET relhastriggers = true "
                "WHERE oid = 'insurance_reviews_review'::regclass",
                FORGE,
            ),
        ),
        (
            "the owner's role given to the application",
            "roles belong to the server, and no event trigger sees what is done to them",
            (f"GRANT insurance_reviews_owner TO {APP}",),
        ),
        (
            "the application made a superuser",
            "the same",
            (f"ALTER ROLE {APP} SUPERUSER",),
        ),
        (
            "the owner let in",
            "the same",
            ("ALTER ROLE insurance_reviews_owner LOGIN",),
        ),
    ],
)
CASES += bypasses(
    FILE_OWNER,
    [
        (
            "DROP TRIGGER",
            "whoever may write to the file may change its schema",
            ("DROP TRIGGER $review_no_update", FORGE),
        ),
        (
            "DROP TABLE",
            "its implicit DELETE fires no trigger",
            ("DROP TABLE $content",),
        ),
        (
            "a table renamed, and a view in its place",
            "the same right",
            (
                "ALTER TABLE $reply_delay RENAME TO elsewhere",
                "CREATE VIEW $reply_delay AS SELECT * FROM elsewhere",
            ),
        ),
        (
            "a trigger of one's own",
            "the same right",
            ("CREATE TRIGGER more AFTER INSERT ON $review BEGIN DELETE FROM $outbox; END",),
        ),
        (
            "a trigger of one's own, called like the search index",
            "the same right",
            (
                "CREATE TRIGGER $search_index_zz BEFORE INSERT ON $review WHEN NEW.score < 3 "
                "BEGIN SELECT RAISE(IGNORE); END",
            ),
        ),
        (
            "a trigger of one's own, on a table written in capitals",
            "the same right",
            (
                "CREATE TRIGGER more BEFORE INSERT ON INSURANCE_REVIEWS_REVIEW "
                "WHEN NEW.score < 3 BEGIN SELECT RAISE(IGNORE); END",
            ),
        ),
        (
            "a trigger of one's own, on a table of the search index",
            "the same right",
            (
                "CREATE TRIGGER more AFTER INSERT ON $search_index_data "
                "BEGIN DELETE FROM $outbox; END",
            ),
        ),
        (
            "a table that keeps what is removed, called like the search index",
            "the same right",
            (
                "CREATE TABLE $search_index_stash (body TEXT)",
                "CREATE TRIGGER $search_index_keep BEFORE DELETE ON $content "
                "BEGIN INSERT INTO $search_index_stash VALUES (OLD.body); END",
            ),
        ),
        (
            "writable_schema: triggers deleted",
            "the schema is rows of a table",
            (
                "PRAGMA writable_schema = ON",
                "DELETE FROM sqlite_schema WHERE name = 'insurance_reviews_review_no_update'",
                "PRAGMA writable_schema = RESET",
                FORGE,
            ),
        ),
        (
            "writable_schema: a trigger rewritten",
            "the same",
            (
                "PRAGMA writable_schema = ON",
                "UPDATE sqlite_schema SET sql = replace(sql, 'BEFORE UPDATE', 'AFTER INSERT') "
                "WHERE name = 'insurance_reviews_follow_up_no_update'",
                "PRAGMA writable_schema = RESET",
                "UPDATE $follow_up SET at = at + 3600",
            ),
        ),
    ],
)


def _put_back(a: Attacker) -> None:
    name = "insurance_reviews_review_no_update"
    lock = a.value("SELECT sql FROM sqlite_schema WHERE name = :name", name=name)
    a.sql(f"DROP TRIGGER {name}")
    a.strike(FORGE, review=a.scene.review.id)
    a.connection.exec_driver_sql(lock)


CASES.append(
    Case(
        FILE_OWNER,
        "DROP TRIGGER, and the trigger is put back",
        _put_back,
        "bypass",
        why="no trace is left in the schema: the row no longer equals its log entry",
    )
)
