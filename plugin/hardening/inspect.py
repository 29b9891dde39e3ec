"""Whether the database still refuses what it should: for ``flask reviews doctor``.

Read with the application's own connection. An *error* is a lock that is missing, changed or
switched off, or a setting that loses what was acknowledged. An *advice* is what would stop more:
it is given on every PostgreSQL that was not hardened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Row, text

from ...moderation.locks import render, speaker
from ...moderation.schema import SCHEMA
from ..authorizer import SETTINGS
from ..facts import guards
from ..fingerprint import schema_differences
from .constraints import constraint_differences
from .fence import EVENTS, GUARD_SCHEMA, source
from .roles import verbs_of

HARDEN = "run flask reviews db harden --admin-url URL"
RESTORE = "find out who did this and why, and restore the database from before that"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it should be, and the remedy. Together they make one sentence."""

    level: Literal["error", "advice"]
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem}: {self.remedy}"


def inspect_database(connection: Connection) -> list[Finding]:
    """Everything that ``connection`` can see to be missing, on a migrated database."""
    if connection.dialect.name == "sqlite":
        return [*_sqlite_schema(connection), *_sqlite_settings(connection)]
    return [
        *inspect_triggers(connection),
        *inspect_tables(connection),
        *(Finding("error", found, RESTORE) for found in constraint_differences(connection)),
        *_server_settings(connection),
        *inspect_roles(connection),
        *inspect_fence(connection),
    ]


# --- SQLite ---------------------------------------------------------------------------------------


def _sqlite_schema(connection: Connection) -> Iterator[Finding]:
    for difference in schema_differences(connection):
        yield Finding("error", difference, RESTORE)


#: How SQLite answers what :data:`~insurance_reviews.plugin.authorizer.SETTINGS` ask for.
_ANSWERS = {"WAL": "wal", "FULL": "2", "ON": "1", "OFF": "0"}


def _sqlite_settings(connection: Connection) -> Iterator[Finding]:
    for name, wanted in SETTINGS.items():
        found = str(connection.exec_driver_sql(f"PRAGMA {name}").scalar())
        if found != _ANSWERS[wanted]:
            yield Finding(
                "error",
                f"SQLite's {name} is {found}, not {wanted}",
                "keep the file on a local disk, and use an SQLite that was built with this feature",
            )


# --- PostgreSQL: the locks ------------------------------------------------------------------------

_TRIGGERS = text(
    """
    SELECT t.tgname, c.relname, t.tgenabled::text, pg_get_triggerdef(t.oid),
      pn.nspname, p.proname, p.prosrc, p.prosecdef, p.proconfig, l.lanname
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace pn ON pn.oid = p.pronamespace
    JOIN pg_language l ON l.oid = p.prolang
    WHERE NOT t.tgisinternal AND c.relnamespace = to_regnamespace(:schema)
    """
)
_FUNCTION = re.compile(r"CREATE FUNCTION \w+\.(\w+)\(\).*?\$guard\$(.*)\$guard\$", re.DOTALL)
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+) ")


def inspect_triggers(connection: Connection) -> list[Finding]:
    """The locks on a PostgreSQL database beside those that this release ships."""
    found = {row.tgname: row for row in connection.execute(_TRIGGERS, {"schema": SCHEMA})}
    definitions, bodies = _shipped_triggers()
    return [
        *(
            Finding("error", f"the lock {name} is missing", RESTORE)
            for name in sorted(definitions.keys() - found.keys())
        ),
        *(
            Finding("error", f"the trigger {name} on {found[name].relname} is not ours", RESTORE)
            for name in sorted(found.keys() - definitions.keys())
        ),
        *(
            Finding("error", f"the lock {name} {wrong}", RESTORE)
            for name in sorted(found.keys() & definitions.keys())
            if (wrong := _wrong(found[name], definitions[name], bodies[name]))
        ),
    ]


def _shipped_triggers() -> tuple[dict[str, str], dict[str, str]]:
    """Each trigger's definition and its function's body, as the lock generator writes them."""
    definitions: dict[str, str] = {}
    bodies: dict[str, str] = {}
    for statement in render(guards(), speaker("postgresql")):
        if function := _FUNCTION.match(statement):
            bodies[function[1]] = _lines(function[2])
        elif trigger := _TRIGGER.match(statement):
            definitions[trigger[1]] = _words(statement)
    return definitions, bodies


def _wrong(row: Row[tuple[object, ...]], definition: str, body: str) -> str | None:
    """What is wrong with a trigger, or ``None``."""
    if row.tgenabled != "A":
        return "is switched off, or off for replicas"
    function = (row.nspname, row.proname, row.prosecdef, row.lanname, row.proconfig)
    expected = (SCHEMA, row.tgname, False, "plpgsql", ["search_path=pg_catalog, pg_temp"])
    if _words(row.pg_get_triggerdef) != definition or function != expected:
        return "was changed"
    return "was rewritten" if _lines(row.prosrc) != body else None


def _words(statement: str) -> str:
    # A session whose search_path names our schema sees functions without it.
    return " ".join(statement.split()).replace(f"FUNCTION {SCHEMA}.", "FUNCTION ")


def _lines(body: str) -> str:
    """A body without the spaces at line ends that the frozen migrations do not keep."""
    return "\n".join(line.rstrip() for line in body.strip().splitlines())


_ODDITIES = text(
    """
    SELECT format('the rule %s on %s rewrites what is asked of the table', r.rulename, c.relname)
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE c.relnamespace = to_regnamespace(:schema) AND r.rulename <> '_RETURN'
    UNION ALL
    SELECT format('row-level security on %s may hide rows', relname) FROM pg_class
    WHERE relnamespace = to_regnamespace(:schema) AND relrowsecurity
    UNION ALL
    SELECT format('the table %s puts its rows under %s', i.inhrelid::regclass, c.relname)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind = 'r'
    ORDER BY 1
    """
)


def inspect_tables(connection: Connection) -> list[Finding]:
    """What makes a table show other rows than it holds."""
    problems = connection.scalars(_ODDITIES, {"schema": SCHEMA})
    return [Finding("error", problem, RESTORE) for problem in problems]


_SERVER = {
    "fsync": ({"on"}, "set fsync = on in postgresql.conf"),
    "full_page_writes": ({"on"}, "set full_page_writes = on in postgresql.conf"),
    "synchronous_commit": (
        {"on", "remote_write", "remote_apply"},
        "take synchronous_commit out of the role's or the database's settings",
    ),
}


def _server_settings(connection: Connection) -> Iterator[Finding]:
    for name, (good, remedy) in _SERVER.items():
        found = connection.scalar(text("SELECT current_setting(:name)"), {"name": name})
        if found not in good:
            yield Finding(
                "error",
                f"PostgreSQL's {name} is {found}",
                f"a power cut loses reviews; {remedy}",
            )


# --- PostgreSQL: roles and the fence --------------------------------------------------------------

_ME = text(
    """
    SELECT current_user AS name, r.rolsuper, r.rolcreaterole, o.rolname AS owner, o.rolcanlogin,
      pg_has_role(n.nspowner, 'MEMBER') OR EXISTS (SELECT 1 FROM pg_class c
        WHERE c.relnamespace = n.oid AND pg_has_role(c.relowner, 'MEMBER')) AS owns,
      has_schema_privilege(n.oid, 'CREATE') AS creates
    FROM pg_namespace n JOIN pg_roles o ON o.oid = n.nspowner, pg_roles r
    WHERE n.nspname = :schema AND r.rolname = current_user
    """
)
_RIGHTS = text(
    """
    SELECT c.relname, v.verb, CASE WHEN v.verb IN ('INSERT', 'UPDATE', 'REFERENCES', 'SELECT')
      THEN has_any_column_privilege(c.oid, v.verb) ELSE has_table_privilege(c.oid, v.verb) END
    FROM pg_class c, unnest(CAST(:verbs AS text[])) v(verb)
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'p') ORDER BY 1, 2
    """
)
_PUBLIC = text(
    """
    SELECT c.relname FROM pg_class c, aclexplode(c.relacl) acl
    WHERE c.relnamespace = to_regnamespace(:schema) AND acl.grantee = 0
    UNION SELECT p.proname || '()' FROM pg_proc p,
      aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
    WHERE p.pronamespace = to_regnamespace(:schema) AND acl.grantee = 0
    ORDER BY 1
    """
)
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def inspect_roles(connection: Connection) -> list[Finding]:
    """Whether the connection's user may do more than the application needs, or less."""
    me = connection.execute(_ME, {"schema": SCHEMA}).one_or_none()
    if me is None:
        return [Finding("error", f"there is no schema {SCHEMA}", "run flask reviews db upgrade")]
    if me.rolsuper:
        problem = f"{me.name} is a superuser, whom no right restrains"
        return [Finding("advice", problem, f"create a role of its own: {HARDEN}")]
    findings = []
    if me.owns:
        findings.append(_advice(f"{me.name} owns our tables, or may act as their owner"))
    else:
        findings += _grants(connection, me.name)
    if me.creates and not me.owns:
        findings.append(_advice(f"{me.name} may create objects in the schema {SCHEMA}"))
    if me.rolcreaterole:
        findings.append(_advice(f"{me.name} may create roles, and so make itself the owner"))
    if me.rolcanlogin:
        findings.append(_advice(f"{me.owner}, who owns our tables, can log in"))
    if public := list(connection.scalars(_PUBLIC, {"schema": SCHEMA})):
        findings.append(_advice(f"everybody has rights on {_some(public)}"))
    return findings


def _grants(connection: Connection, user: str) -> Iterator[Finding]:
    found = connection.execute(_RIGHTS, {"schema": SCHEMA, "verbs": list(_VERBS)})
    more: dict[str, list[str]] = {}
    less: dict[str, list[str]] = {}
    for table, verb, has in found:
        needed = verb == "SELECT" or verb in verbs_of(table)
        if has != needed:
            (more if has else less).setdefault(verb, []).append(table)
    for verb, tables in more.items():
        yield _advice(f"{user} has the right {verb} on {_some(tables)} and does not need it")
    for verb, tables in less.items():
        yield Finding("error", f"{user} lacks the right {verb} on {_some(tables)}", HARDEN)


_EVENT_TRIGGERS = text(
    "SELECT e.evtname, e.evtenabled::text AS enabled, e.evtevent, n.nspname, p.prosrc "
    "FROM pg_event_trigger e "
    "JOIN pg_proc p ON p.oid = e.evtfoid JOIN pg_namespace n ON n.oid = p.pronamespace "
    "WHERE e.evtname = ANY(:names)"
)


def inspect_fence(connection: Connection) -> list[Finding]:
    """Whether the event triggers stand as this release makes them."""
    rows = connection.execute(_EVENT_TRIGGERS, {"names": list(EVENTS)})
    found = {row.evtname: row for row in rows}
    if not found:
        return [_advice("there is no fence of event triggers around our schema")]
    findings = []
    for name, event in EVENTS.items():
        row = found.get(name)
        if row is None:
            findings.append(Finding("error", f"the event trigger {name} is missing", HARDEN))
        elif row.enabled != "A":
            findings.append(Finding("error", f"the event trigger {name} is off", HARDEN))
        elif (row.nspname, row.evtevent, row.prosrc) != (GUARD_SCHEMA, event, source(name)):
            findings.append(Finding("error", f"the event trigger {name} was changed", HARDEN))
    return findings


def _advice(problem: str) -> Finding:
    return Finding("advice", problem, HARDEN)


def _some(names: list[str]) -> str:
    """The first few of ``names``."""
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
