"""The fence: PostgreSQL's event triggers, which refuse to change what the locks are made of.

Row triggers stop whoever changes rows; the owner of a table could still disable them. Event
triggers belong to a superuser and stop the owner, and an unthinking superuser, too. They are
objects of the whole database, so they look at nothing but our two schemas: DDL elsewhere passes
after one look at what it touched. Their functions live in a schema of their own, which our
tables' owner does not own, or the owner could rewrite them.

Lifted is the fence only for a session that says so and belongs to who installed it (or to a
superuser); nobody else ever sees it open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...migrations import VERSION_TABLE
from ...moderation.schema import SCHEMA

GUARD_SCHEMA = f"{SCHEMA}_guard"
#: The setting by which an administrator's session says that it maintains our schema.
MAINTENANCE = f"{SCHEMA}.maintenance"

#: Event trigger → when it fires. Its function has the same name, in the guard schema.
EVENTS: Mapping[str, str] = {
    f"{SCHEMA}_ddl": "ddl_command_end",
    f"{SCHEMA}_drop": "sql_drop",
    f"{SCHEMA}_rewrite": "table_rewrite",
}

_MAINTAINED = f"""current_setting('{MAINTENANCE}', true) = 'on' AND pg_has_role(session_user,
    (SELECT nspowner FROM pg_namespace WHERE nspname = '{GUARD_SCHEMA}'), 'MEMBER')"""


def _ours(row: str) -> str:
    """Whether an object of the event is ours, or hangs on one ("trigger … on schema.table")."""
    return (
        f"({row}.schema_name IN ('{SCHEMA}', '{GUARD_SCHEMA}') OR {row}.object_identity ~ "
        f"'^{SCHEMA}(_guard)?$|( on | for ){SCHEMA}(_guard)?\\.[^ ]+$')"
    )


# What is elsewhere after the command, but hangs on our tables: their heirs, our tables and locks
# that were moved to another schema, and our schemas under another name.
_LINKED = f"""(CASE command.classid
      WHEN 'pg_class'::regclass THEN EXISTS (SELECT 1 FROM pg_inherits i
        JOIN pg_class p ON p.oid = i.inhparent
        WHERE i.inhrelid = command.objid AND p.relnamespace = ours)
        OR EXISTS (SELECT 1 FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = command.objid AND p.pronamespace = ours)
      WHEN 'pg_proc'::regclass THEN EXISTS (SELECT 1 FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgfoid = command.objid AND c.relnamespace = ours)
      WHEN 'pg_namespace'::regclass THEN ours IS NULL AND EXISTS (SELECT 1 FROM pg_class
        WHERE relname = '{VERSION_TABLE}' AND relnamespace = command.objid)
        OR to_regnamespace('{GUARD_SCHEMA}') IS NULL AND EXISTS (SELECT 1 FROM pg_proc
        WHERE proname = '{SCHEMA}_ddl' AND pronamespace = command.objid)
      ELSE FALSE END)"""

# What GRANT and its like touched is not told to event triggers. But they write the catalogue's
# rows anew, so a row of ours that this very transaction wrote is one. Savepoints have numbers of
# their own, later than the transaction's: of those (and of numbers that have come round again,
# 2^31 transactions on) the server says which are in progress, that is, ours.
_PRIVILEGES = f"""
  IF tg_tag IN ('GRANT', 'REVOKE', 'ALTER DEFAULT PRIVILEGES', 'DROP OWNED') THEN
    FOR later IN
      SELECT DISTINCT (c.x::text::bigint - top % 4294967296 + 6442450944) % 4294967296 - 2147483648
      FROM (SELECT xmin FROM pg_class WHERE relnamespace = ours
        UNION ALL SELECT a.xmin FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
          WHERE t.relnamespace = ours
        UNION ALL SELECT xmin FROM pg_proc WHERE pronamespace = ours
        UNION ALL SELECT xmin FROM pg_namespace WHERE oid = ours
        UNION ALL SELECT xmin FROM pg_default_acl WHERE defaclnamespace = ours) c(x)
    LOOP
      BEGIN
        touched := later = 0
          OR later > 0 AND pg_xact_status((top + later)::text::xid8) = 'in progress';
      EXCEPTION WHEN OTHERS THEN
        touched := FALSE;
      END;
      IF touched THEN
        RAISE EXCEPTION '% on {SCHEMA} refused', tg_tag USING ERRCODE = 'IR030';
      END IF;
    END LOOP;
  END IF;"""

_BODIES = {
    f"{SCHEMA}_ddl": f"""
DECLARE
  command record;
  later bigint;
  touched boolean;
  ours oid := to_regnamespace('{SCHEMA}');
  top bigint := coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0);
BEGIN
  IF {_MAINTAINED} THEN RETURN; END IF;
  FOR command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
    IF command.command_tag <> 'REINDEX' AND {_ours("command")} THEN
      RAISE EXCEPTION '% of % refused', command.command_tag, command.object_identity
        USING ERRCODE = 'IR030';
    END IF;
    IF {_LINKED} THEN
      RAISE EXCEPTION '% of % refused: it is linked to {SCHEMA}', command.command_tag,
        command.object_identity USING ERRCODE = 'IR030';
    END IF;
  END LOOP;{_PRIVILEGES}
END""",
    f"{SCHEMA}_drop": f"""
DECLARE
  dropped record;
BEGIN
  IF {_MAINTAINED} THEN RETURN; END IF;
  FOR dropped IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
    IF {_ours("dropped")} THEN
      RAISE EXCEPTION 'DROP of % refused', dropped.object_identity USING ERRCODE = 'IR031';
    END IF;
  END LOOP;
END""",
    f"{SCHEMA}_rewrite": f"""
BEGIN
  IF {_MAINTAINED} THEN RETURN; END IF;
  IF EXISTS (SELECT 1 FROM pg_class WHERE oid = pg_event_trigger_table_rewrite_oid()
      AND relnamespace = to_regnamespace('{SCHEMA}')) THEN
    RAISE EXCEPTION 'rewriting a table of {SCHEMA} is refused' USING ERRCODE = 'IR032';
  END IF;
END""",
}


def source(name: str) -> str:
    """The body of the function of the event trigger ``name``."""
    return _BODIES[name]


def fence_ddl(present: frozenset[str]) -> Iterator[str]:
    """The statements that put up the fence; ``present`` are the event triggers that exist."""
    yield f"CREATE SCHEMA IF NOT EXISTS {GUARD_SCHEMA}"
    yield f"REVOKE ALL ON SCHEMA {GUARD_SCHEMA} FROM PUBLIC"
    for name, event in EVENTS.items():
        function = f"{GUARD_SCHEMA}.{name}"
        yield (
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS event_trigger LANGUAGE plpgsql\n"
            f"SET search_path = pg_catalog, pg_temp AS $fence${source(name)}$fence$"
        )
        yield f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC"
        if name not in present:
            yield f"CREATE EVENT TRIGGER {name} ON {event} EXECUTE FUNCTION {function}()"
        # ALWAYS: also while a session plays the replica.
        yield f"ALTER EVENT TRIGGER {name} ENABLE ALWAYS"
