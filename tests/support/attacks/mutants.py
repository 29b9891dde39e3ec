"""The defences taken away one at a time: without each, some attack gets further than it may.

Where another layer still stops it, the code tells: an UPDATE that rights no longer refuse (42501)
is refused by the lock (IR001).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text

from insurance_reviews.plugin import authorizer
from insurance_reviews.plugin.hardening.fence import GUARD_SCHEMA, source
from insurance_reviews.plugin.hardening.roles import OWNER_ROLE, execute
from support.attacks.attacker import POSTGRESQL, SQLITE
from support.attacks.cases import (
    APPLICATION,
    CONNECTION,
    OWNER,
    STRANGER,
    SUPERUSER,
    Case,
    Role,
)
from support.attacks.locked import LOCKED
from support.attacks.owners import MAINTENANCE
from support.attacks.siege import CASES, Besieged, become, outcome, stands
from support.hardened import APP_ROLE

#: What a mutant of the authorizer allows: by action, its two arguments and the database.
Test = Callable[[int, str | None, str | None, str | None], bool]

BY_NAME = {(case.role, case.name): case for case in CASES}
REVIEW = "insurance_reviews.insurance_reviews_review"
EVENT = "insurance_reviews"


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is taken away, and the case that must come out otherwise without it."""

    engine: str
    name: str
    role: Role
    case: str
    #: On PostgreSQL: what a superuser does under maintenance.
    statements: tuple[str, ...] = ()
    #: On SQLite: another authorizer.
    authorize: Callable[..., int] | None = None

    def __str__(self) -> str:
        return f"{self.engine}: {self.name}"

    @property
    def killer(self) -> Case:
        return BY_NAME[self.role, self.case]


def killed(siege: Besieged, mutant: Mutant) -> bool:
    """Whether the case comes out as it must not, the defence being gone."""
    case = mutant.killer
    if mutant.engine == SQLITE:
        with siege.connection_with(mutant.authorize) as attacker:
            return not stands(case, outcome(attacker, case))
    with siege.at_the_prompt(SUPERUSER) as attacker:
        connection = attacker.connection
        connection.execute(text(MAINTENANCE))
        for statement in mutant.statements:
            execute(connection, statement)
        connection.execute(text("SET insurance_reviews.maintenance = 'off'"))
        if case.role is not SUPERUSER:
            become(connection, case.role)
        return not stands(case, outcome(attacker, case))


def _postgresql(name: str, role: Role, case: str, *statements: str) -> Mutant:
    return Mutant(POSTGRESQL, name, role, case, statements)


def _given(right: str, table: str, role: str, case: str, to: Role = APPLICATION) -> Mutant:
    return _postgresql(f"{right} given on {table}", to, case, f"GRANT {right} ON {table} TO {role}")


def _rewritten(name: str, part: str, instead: str, role: Role, case: str) -> Mutant:
    """A part of a fence's function replaced."""
    function = f"{EVENT}_ddl"
    body = source(function)
    assert part in body, part
    return _postgresql(
        name,
        role,
        case,
        f"CREATE OR REPLACE FUNCTION {GUARD_SCHEMA}.{function}() RETURNS event_trigger "
        f"LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp "
        f"AS $m${body.replace(part, instead)}$m$",
    )


_RIGHTS = [
    *(
        _given(right, f"insurance_reviews.insurance_reviews_{locked.table}", APP_ROLE, case)
        for locked in LOCKED
        for right, case in (
            ("UPDATE", f"{locked.table}: UPDATE"),
            ("TRUNCATE", f"{locked.table}: TRUNCATE"),
            *((("DELETE", f"{locked.table}: DELETE"),) if locked.table != "content" else ()),
        )
        # TRUNCATE … CASCADE asks for the right on every table that refers to it.
        if not (right == "TRUNCATE" and locked.table not in ("cosignature", "report_item", "reply"))
    ),
    _given("UPDATE (score)", REVIEW, APP_ROLE, "review: UPDATE"),
    _given("TRIGGER", REVIEW, APP_ROLE, "a trigger"),
    _given(
        "REFERENCES",
        "insurance_reviews.insurance_reviews_content",
        APP_ROLE,
        "a foreign key that holds words",
    ),
    _given(
        "INSERT",
        "insurance_reviews.insurance_reviews_alembic_version",
        APP_ROLE,
        "a second revision",
    ),
    _given(
        "UPDATE",
        "insurance_reviews.insurance_reviews_alembic_version",
        APP_ROLE,
        "another revision",
    ),
    _given("CREATE", "SCHEMA insurance_reviews", APP_ROLE, "a table in our schema"),
    _given("EXECUTE", "FUNCTION insurance_reviews.review_no_update()", "PUBLIC", "call a lock"),
    *(
        _postgresql(
            f"{right} given to everybody on {table}",
            STRANGER,
            f"{way} {table}",
            "GRANT USAGE ON SCHEMA insurance_reviews TO PUBLIC",
            f"GRANT {right} ON insurance_reviews.insurance_reviews_{table} TO PUBLIC",
        )
        for table in ("holder_contact", "token", "content", "review", "outbox")
        for right, way in (("SELECT", "read"), ("DELETE", "delete from"), ("TRUNCATE", "truncate"))
        # Other tables refer to reviews, and the lock of words reads what a stranger may not read.
        if (right, table) not in {("TRUNCATE", "review"), ("DELETE", "content")}
    ),
    _postgresql(
        "the application owns a table",
        APPLICATION,
        "drop a trigger",
        f"ALTER TABLE {REVIEW} OWNER TO {APP_ROLE}",
    ),
    _postgresql(
        "the application is a member of the owner",
        APPLICATION,
        "act as the owner",
        f"GRANT {OWNER_ROLE} TO {APP_ROLE}",
    ),
    _postgresql(
        "the application may create roles",
        APPLICATION,
        "let the owner log in",
        f"GRANT {OWNER_ROLE} TO {APP_ROLE} WITH ADMIN OPTION",
        f"ALTER ROLE {APP_ROLE} CREATEROLE",
    ),
    _postgresql(
        "the application is a superuser",
        APPLICATION,
        "play the replica",
        f"ALTER ROLE {APP_ROLE} SUPERUSER",
    ),
]

_FENCE = [
    _postgresql(
        f"the event trigger on {event} gone",
        OWNER,
        case,
        f"DROP EVENT TRIGGER {EVENT}_{event}",
    )
    for event, case in (
        ("ddl", "review: DISABLE TRIGGER"),
        ("drop", "review: DROP TRIGGER"),
        ("rewrite", "rewrite the scores"),
    )
] + [
    _postgresql(
        f"the event trigger on {event} not ALWAYS",
        SUPERUSER,
        f"as a replica: {case}",
        f"ALTER EVENT TRIGGER {EVENT}_{event} ENABLE",
    )
    for event, case in (
        ("ddl", "DISABLE TRIGGER"),
        ("drop", "DROP TRIGGER"),
        ("rewrite", "rewrite the scores"),
    )
]

_CLAUSES = [
    _rewritten(
        "maintenance for whoever says so",
        "AND pg_has_role(session_user,",
        "AND true OR pg_has_role(session_user,",
        OWNER,
        "maintenance by the owner",
    ),
    _rewritten(
        "rights are not looked at",
        "tg_tag IN ('GRANT', ",
        "tg_tag IN (",
        OWNER,
        "give UPDATE to the application",
    ),
    _rewritten(
        "savepoints are not looked at",
        "OR later > 0",
        "OR later > 9e18",
        OWNER,
        "give in a savepoint",
    ),
    _rewritten(
        "columns' rights are not looked at",
        "UNION ALL SELECT a.xmin FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid\n"
        "          WHERE t.relnamespace = ours",
        "",
        OWNER,
        "give UPDATE of a column",
    ),
    _rewritten(
        "functions' rights are not looked at",
        "UNION ALL SELECT xmin FROM pg_proc WHERE pronamespace = ours",
        "",
        OWNER,
        "give a lock to everybody",
    ),
    _rewritten(
        "the schema's rights are not looked at",
        "UNION ALL SELECT xmin FROM pg_namespace WHERE oid = ours",
        "",
        OWNER,
        "give the schema to everybody",
    ),
    _rewritten(
        "rights to come are not looked at",
        "UNION ALL SELECT xmin FROM pg_default_acl WHERE defaclnamespace = ours",
        "",
        OWNER,
        "rights on what is to come",
    ),
    _rewritten(
        "heirs are not looked at",
        "FROM pg_inherits i",
        "FROM pg_inherits i JOIN (SELECT 1 WHERE false) f ON true",
        OWNER,
        "review: INHERITS",
    ),
    _rewritten(
        "moved tables are not looked at",
        "WHERE t.tgrelid = command.objid",
        "WHERE false",
        SUPERUSER,
        "another schema",
    ),
    _rewritten(
        "moved locks are not looked at",
        "WHERE t.tgfoid = command.objid",
        "WHERE false",
        SUPERUSER,
        "a lock in another schema",
    ),
    _rewritten(
        "a renamed schema is not looked at",
        "ours IS NULL AND",
        "false AND",
        SUPERUSER,
        "rename the schema",
    ),
    _rewritten(
        "a renamed guard schema is not looked at",
        f"to_regnamespace('{GUARD_SCHEMA}') IS NULL AND",
        "false AND",
        SUPERUSER,
        "rename the guard schema",
    ),
    _postgresql(
        "the owner owns the guard schema",
        OWNER,
        "maintenance by the owner",
        f"ALTER SCHEMA {GUARD_SCHEMA} OWNER TO {OWNER_ROLE}",
    ),
]

_ALWAYS = [
    _postgresql(
        f"the locks of {locked.table} not ALWAYS",
        SUPERUSER,
        f"{locked.table}: UPDATE as a replica",
        f"ALTER TABLE insurance_reviews.insurance_reviews_{locked.table} "
        f"ENABLE TRIGGER {locked.table}_no_update",
    )
    for locked in LOCKED
]

# --- SQLite ---------------------------------------------------------------------------------------


def _allowing(
    test: Test,
) -> Callable[..., int]:
    """The authorizer without one of its rules."""

    def authorize(
        action: int, first: str | None, second: str | None, database: str | None, by: str | None
    ) -> int:
        if test(action, first, second, database):
            return sqlite3.SQLITE_OK
        return authorizer.authorize(action, first, second, database, by)

    return authorize


def _sqlite(name: str, case: str, test: Test) -> Mutant:
    return Mutant(SQLITE, name, CONNECTION, case, authorize=_allowing(test))


def _action(code: int) -> Test:
    return lambda action, *_: action == code


def _write(code: int, table: str) -> Test:
    name = f"insurance_reviews_{table}"
    return lambda action, first, *_: (action, first) == (code, name)


def _schema(*codes: int) -> Test:
    """Some change of the schema, with the writes to its rows."""
    tables = ("sqlite_master", "sqlite_temp_master")
    return lambda action, first, *_: (
        action in codes or (action in authorizer.WRITES and first in tables)
    )


def _pragma(name: str) -> Test:
    return lambda action, first, *_: (action, first) == (sqlite3.SQLITE_PRAGMA, name)


_PRAGMAS = {
    case.name: case.name.split()[1]
    for case in CASES
    if case.role is CONNECTION and case.name.startswith("PRAGMA ")
}
_AUTHORIZER = [
    *(
        _sqlite(f"{verb} of {locked.table}", f"{locked.table}: {verb}", _write(code, locked.table))
        for locked in LOCKED
        for verb, code in (("UPDATE", sqlite3.SQLITE_UPDATE), ("DELETE", sqlite3.SQLITE_DELETE))
        if (verb, locked.table) != ("DELETE", "content")
    ),
    *(
        _sqlite(f"{verb} of the revision", case, _write(code, "alembic_version"))
        for verb, code, case in (
            ("UPDATE", sqlite3.SQLITE_UPDATE, "another revision"),
            ("INSERT", sqlite3.SQLITE_INSERT, "a second revision"),
            ("DELETE", sqlite3.SQLITE_DELETE, "no revision"),
        )
    ),
    *(
        _sqlite(
            f"{verb} of the host's",
            case,
            lambda action, first, *_, code=code: (action, first) == (code, "host_orders"),
        )
        for verb, code, case in (
            ("INSERT", sqlite3.SQLITE_INSERT, "a table of the host"),
            ("UPDATE", sqlite3.SQLITE_UPDATE, "a change of the host's"),
            ("DELETE", sqlite3.SQLITE_DELETE, "a loss of the host's"),
        )
    ),
    *(_sqlite(case, case, _pragma(name)) for case, name in _PRAGMAS.items()),
    _sqlite("CREATE TABLE", "a table", _schema(sqlite3.SQLITE_CREATE_TABLE)),
    _sqlite("CREATE VIEW", "a view", _schema(sqlite3.SQLITE_CREATE_VIEW)),
    _sqlite(
        "CREATE INDEX", "an index", _schema(sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_REINDEX)
    ),
    _sqlite("CREATE TRIGGER", "review: CREATE TRIGGER", _schema(sqlite3.SQLITE_CREATE_TRIGGER)),
    _sqlite(
        "CREATE TEMP TABLE",
        "a temporary table in front of the removals",
        _schema(sqlite3.SQLITE_CREATE_TEMP_TABLE),
    ),
    _sqlite(
        "CREATE TEMP TRIGGER", "a temporary trigger", _schema(sqlite3.SQLITE_CREATE_TEMP_TRIGGER)
    ),
    _sqlite("CREATE TEMP VIEW", "a temporary view", _schema(sqlite3.SQLITE_CREATE_TEMP_VIEW)),
    _sqlite(
        "CREATE VIRTUAL TABLE",
        "a virtual table",
        _schema(sqlite3.SQLITE_CREATE_VTABLE, sqlite3.SQLITE_CREATE_TABLE),
    ),
    _sqlite(
        "DROP TABLE",
        "content: DROP TABLE",
        lambda action, first, *_: (
            action
            in (sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_DROP_TRIGGER, sqlite3.SQLITE_DELETE)
        ),
    ),
    _sqlite("DROP TRIGGER", "drop a trigger", _schema(sqlite3.SQLITE_DROP_TRIGGER)),
    _sqlite("DROP INDEX", "drop an index", _schema(sqlite3.SQLITE_DROP_INDEX)),
    _sqlite("ALTER TABLE", "a new column", _schema(sqlite3.SQLITE_ALTER_TABLE)),
    _sqlite("ATTACH", "another file", _action(sqlite3.SQLITE_ATTACH)),
    _sqlite("DETACH", "let go of a file", _action(sqlite3.SQLITE_DETACH)),
    _sqlite("REINDEX", "count anew", _action(sqlite3.SQLITE_REINDEX)),
    _sqlite(
        "ANALYZE",
        "statistics",
        _schema(sqlite3.SQLITE_ANALYZE, sqlite3.SQLITE_CREATE_TABLE),
    ),
    *(
        _sqlite(
            f"the function {name}",
            case,
            lambda action, _, second, __, name=name: (  # type: ignore[misc]
                (action, second) == (sqlite3.SQLITE_FUNCTION, name)
            ),
        )
        for name, case in (("load_extension", "an extension"), ("fts3_tokenizer", "a tokenizer"))
    ),
]

MUTANTS: tuple[Mutant, ...] = (*_RIGHTS, *_FENCE, *_CLAUSES, *_ALWAYS, *_AUTHORIZER)
