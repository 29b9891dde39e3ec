"""Hardening a PostgreSQL database: ``flask reviews db harden`` and ``db upgrade --admin-url``.

The administrator's connection does it, in one transaction: either all of it stands, or nothing was
changed. Only event triggers may be missing, because many managed servers give nobody the right to
create them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from ... import migrations
from ...moderation.schema import SCHEMA
from .fence import EVENTS, MAINTENANCE, fence_ddl
from .inspect import inspect_fence, inspect_triggers
from .roles import (
    CannotHarden,
    check_app_role,
    ensure_owner,
    execute,
    part,
    quoted,
    set_rights,
    take_ownership,
)


@dataclass(slots=True)
class Hardened:
    """What was done, what could not be done and may be, and what is missing and may not be."""

    done: list[str] = field(default_factory=list)
    could_not: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def harden(admin_url: URL | str, app_role: str, owner_role: str) -> Hardened:
    """Give the database at ``admin_url`` its roles, its rights and its fence.

    ``admin_url`` is of a superuser, or of a role that may create roles and owns the database.
    Raises :class:`CannotHarden`, with nothing changed, and what the driver raises.
    """
    result = Hardened()
    with _administering(admin_url) as engine, engine.begin() as connection:
        execute(connection, f"SET LOCAL {MAINTENANCE} = 'on'")
        execute(connection, "SET LOCAL search_path = pg_catalog")
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": _VERSIONS}) is None:
            raise CannotHarden(
                "the database is not migrated: run flask reviews db upgrade --admin-url URL"
            )
        check_app_role(connection, app_role, owner_role)
        ensure_owner(connection, owner_role, result.done.append)
        take_ownership(connection, owner_role, result.done.append)
        part(connection, app_role, owner_role, result.done.append)
        execute(connection, f"SET LOCAL ROLE {quoted(connection, owner_role)}")
        set_rights(connection, app_role, owner_role, result.done.append)
        _enable_triggers(connection, result)
        execute(connection, "RESET ROLE")
        _fence(connection, result)
        result.missing += [str(finding) for finding in inspect_triggers(connection)]
    return result


INSUFFICIENT_PRIVILEGE = "42501"
_VERSIONS = f"{SCHEMA}.{migrations.VERSION_TABLE}"


def migrate(admin_url: URL | str, owner_role: str) -> None:
    """Bring the database to this release's schema as an administrator.

    The fence is open for the migrating session alone, and closed again when that ends, however it
    ends. On a database that is hardened, or empty, the owner makes the objects.
    """
    url = _plain(admin_url)
    with _administering(admin_url) as engine:
        with engine.connect() as connection:
            owner = connection.scalar(
                text("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = :schema"),
                {"schema": SCHEMA},
            )
        if owner is None:
            with engine.begin() as connection:
                ensure_owner(connection, owner_role, _silent)
                take_ownership(connection, owner_role, _silent)
    role = owner_role if owner in (None, owner_role) else None
    migrations.upgrade(url, maintenance=MAINTENANCE, role=role)


def is_hardened(connection: Connection) -> bool:
    """Whether the user of ``connection`` needs an administrator to change our schema."""
    if connection.dialect.name != "postgresql":
        return False
    return bool(
        connection.scalar(
            text(
                "SELECT coalesce(NOT has_schema_privilege(n.oid, 'CREATE'), FALSE) OR EXISTS "
                "(SELECT 1 FROM pg_event_trigger WHERE evtname = ANY(:fence)) "
                "FROM pg_namespace n WHERE n.nspname = :schema"
            ),
            {"schema": SCHEMA, "fence": list(EVENTS)},
        )
    )


def _silent(_: str) -> None: ...


def _plain(url: URL | str) -> str:
    return url if isinstance(url, str) else url.render_as_string(hide_password=False)


def _enable_triggers(connection: Connection, result: Hardened) -> None:
    """Locks must hold for a session that plays the replica, too."""
    rows = connection.execute(
        text(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE c.relnamespace = to_regnamespace(:schema) AND NOT t.tgisinternal "
            "AND t.tgenabled <> 'A' ORDER BY 1, 2"
        ),
        {"schema": SCHEMA},
    ).all()
    for table, trigger in rows:
        name = f"{SCHEMA}.{quoted(connection, table)}"
        execute(
            connection, f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {quoted(connection, trigger)}"
        )
        result.done.append(f"enabled the trigger {trigger} again")


def _fence(connection: Connection, result: Hardened) -> None:
    present = connection.scalars(
        text("SELECT evtname FROM pg_event_trigger WHERE evtname = ANY(:names)"),
        {"names": list(EVENTS)},
    )
    try:
        with connection.begin_nested():
            for statement in fence_ddl(frozenset(present)):
                execute(connection, statement)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
        result.could_not.append(
            f"the fence of event triggers: {str(error.orig).splitlines()[0]}. The locks and the "
            "rights stand; whoever acts as the owner could still change the locks, and doctor "
            "would say so"
        )
    else:
        result.done.append(f"the fence of event triggers stands around the schema {SCHEMA}")
        result.missing += [str(finding) for finding in inspect_fence(connection)]


@contextmanager
def _administering(url: URL | str) -> Iterator[Engine]:
    """An engine for the administrator alone."""
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    try:
        yield engine
    finally:
        engine.dispose()
