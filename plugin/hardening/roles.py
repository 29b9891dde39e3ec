"""PostgreSQL's roles: an owner who cannot log in, and the application, which owns nothing.

Everything here runs in the administrator's transaction (:mod:`.harden`) and may be run again at
any time: it ends in the same state. Only objects of our schema are touched, and the owner's role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from ...migrations import VERSION_TABLE
from ...moderation.schema import PREFIX, SCHEMA
from .tables import REWRITTEN, Verb, is_search, rights

OWNER_ROLE = f"{SCHEMA}_owner"
_REWRITTEN = frozenset(PREFIX + name for name in REWRITTEN)
Tell = Callable[[str], None]

_OWNED = text(
    """
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND c.relowner <> to_regrole(:owner)
    UNION ALL
    SELECT 'SEQUENCE', format('%I.%I', n.nspname, c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relkind = 'S' AND c.relowner <> to_regrole(:owner)
    UNION ALL
    SELECT 'ROUTINE', p.oid::regprocedure::text FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = :schema AND p.proowner <> to_regrole(:owner)
    """
)
_TABLES = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = :schema AND c.relkind IN ('r', 'p') ORDER BY 1"
)
#: Who else holds rights on our tables or schema: neither owner nor application nor everybody.
_OTHERS = text(
    """
    SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) acl
    WHERE n.nspname = :schema AND acl.privilege_type <> 'SELECT'
      AND acl.grantee NOT IN (0, to_regrole(:owner), to_regrole(:app))
    UNION
    SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_namespace n, aclexplode(n.nspacl) acl
    WHERE n.nspname = :schema AND acl.privilege_type <> 'USAGE'
      AND acl.grantee NOT IN (0, to_regrole(:owner), to_regrole(:app))
    """
)
_ACTS_AS = text(
    "SELECT pg_has_role(:owner, CASE WHEN current_setting('server_version_num')::int >= 160000 "
    "THEN 'SET' ELSE 'MEMBER' END)"
)


class CannotHarden(RuntimeError):
    """Something stands in the way; the message says what to do. Nothing was changed."""


def execute(connection: Connection, statement: str) -> None:
    """Run DDL as it is written: psycopg would read a percent sign as a parameter."""
    connection.exec_driver_sql(statement.replace("%", "%%"))


def quoted(connection: Connection, name: str) -> str:
    """``name`` as an identifier."""
    return connection.dialect.identifier_preparer.quote_identifier(name)


def check_app_role(connection: Connection, app: str, owner: str) -> None:
    """Raise :class:`CannotHarden` when ``app`` can be nobody whom rights restrain."""
    row = connection.execute(
        text(
            "SELECT rolsuper, rolcreaterole, rolname = session_user FROM pg_roles "
            "WHERE rolname = :app"
        ),
        {"app": app},
    ).one_or_none()
    role = quoted(connection, app)
    if row is None:
        raise CannotHarden(
            f"the role {app} does not exist: create it with "
            f"CREATE ROLE {role} LOGIN PASSWORD '…', and name it in DATABASE_URL or --app-role"
        )
    superuser, creates_roles, administers = row
    if superuser:
        raise CannotHarden(
            f"the role {app} is a superuser, whom no right restrains: create one of the "
            "application's own, and name it in DATABASE_URL or --app-role"
        )
    if app == owner or administers:
        raise CannotHarden(
            f"the role {app} cannot be the application, the owner and the administrator at once: "
            "create one of the application's own, and name it in DATABASE_URL or --app-role"
        )
    if creates_roles:
        raise CannotHarden(
            f"the role {app} may create roles, and so make itself the owner: "
            f"ALTER ROLE {role} NOCREATEROLE"
        )


def ensure_owner(connection: Connection, owner: str, tell: Tell) -> None:
    """The role that owns everything of ours and that nobody can log in as.

    Raises :class:`CannotHarden` when a role of that name is a superuser.
    """
    role = quoted(connection, owner)
    row = connection.execute(
        text("SELECT rolsuper, rolcanlogin FROM pg_roles WHERE rolname = :owner"), {"owner": owner}
    ).one_or_none()
    if row is None:
        execute(connection, f"CREATE ROLE {role} NOLOGIN NOCREATEDB NOCREATEROLE")
        tell(f"created the role {owner}, which cannot log in")
    elif row.rolsuper:
        raise CannotHarden(f"the role {owner} is a superuser: name another with --owner-role")
    elif row.rolcanlogin:
        execute(connection, f"ALTER ROLE {role} NOLOGIN")
        tell(f"the role {owner} can no longer log in")
    # A superuser may act as anybody; another administrator must be a member, and from
    # PostgreSQL 16 on, one who may SET ROLE: creating the role does not make him that.
    if not connection.scalar(_ACTS_AS, {"owner": owner}):
        execute(connection, f"GRANT {role} TO CURRENT_USER")
        tell(f"the administrator is now a member of {owner}")


def take_ownership(connection: Connection, owner: str, tell: Tell) -> None:
    """Let ``owner`` own the schema and all that is in it, creating the schema where needed."""
    role = quoted(connection, owner)
    found = connection.scalar(
        text("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = :schema"),
        {"schema": SCHEMA},
    )
    with _may_own_schemas(connection, role):
        if found is None:
            execute(connection, f"CREATE SCHEMA {SCHEMA} AUTHORIZATION {role}")
            tell(f"created the schema {SCHEMA}")
        elif found != owner:
            execute(connection, f"ALTER SCHEMA {SCHEMA} OWNER TO {role}")
            tell(f"{owner} now owns the schema {SCHEMA}")
    objects = connection.execute(_OWNED, {"schema": SCHEMA, "owner": owner}).all()
    for kind, name in objects:
        execute(connection, f"ALTER {kind} {name} OWNER TO {role}")
    if objects:
        tell(f"{owner} now owns {len(objects)} tables and functions")


@contextmanager
def _may_own_schemas(connection: Connection, role: str) -> Iterator[None]:
    """For a while, the right to own a schema, CREATE on the database.

    Only an administrator who is no superuser has to give it. It is taken back in the same
    transaction, so nobody ever sees it.
    """
    needed = not connection.scalar(
        text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    )
    database = quoted(connection, str(connection.scalar(text("SELECT current_database()"))))
    if needed:
        execute(connection, f"GRANT CREATE ON DATABASE {database} TO {role}")
    yield
    if needed:
        execute(connection, f"REVOKE CREATE ON DATABASE {database} FROM {role}")


def part(connection: Connection, app: str, owner: str, tell: Tell) -> None:
    """See to it that ``app`` cannot act as ``owner``. Raises :class:`CannotHarden`."""
    member = text("SELECT pg_has_role(:app, :owner, 'MEMBER')")
    roles = {"app": app, "owner": owner}
    if not connection.scalar(member, roles):
        return
    execute(connection, f"REVOKE {quoted(connection, owner)} FROM {quoted(connection, app)}")
    if connection.scalar(member, roles):
        raise CannotHarden(f"{app} is a member of {owner} by way of another role: take it out")
    tell(f"{app} is no longer a member of {owner}")


def set_rights(connection: Connection, app: str, owner: str, tell: Tell) -> None:
    """Give the application what its statements need, and nobody else anything but reading."""
    role = quoted(connection, app)
    others = connection.scalars(_OTHERS, {"schema": SCHEMA, "owner": owner, "app": app}).all()
    for statement in _revocations(role):
        execute(connection, statement)
    for name in others:
        for statement in _writing_revocations(quoted(connection, name)):
            execute(connection, statement)
        tell(f"{name} may read our tables, if it could, but no longer write to them")
    tables = list(connection.scalars(_TABLES, {"schema": SCHEMA}))
    for table in tables:
        verbs = ", ".join(["SELECT", *sorted(verbs_of(table))])
        execute(connection, f"GRANT {verbs} ON {SCHEMA}.{quoted(connection, table)} TO {role}")
    tell(f"{app} may read {len(tables)} tables, and write to each as it needs; PUBLIC nothing")
    if connection.scalar(text("SELECT current_setting('server_version_num')::int >= 170000")):
        words = [name for name in tables if is_search(name) or name in _REWRITTEN]
        for table in words:
            execute(connection, f"GRANT MAINTAIN ON {SCHEMA}.{quoted(connection, table)} TO {role}")
        tell(f"{app} may rewrite the {len(words)} tables that hold words, to erase for good")


def verbs_of(table: str) -> frozenset[Verb]:
    """What the application may do to the rows of ``table``, beside reading them."""
    if table == VERSION_TABLE:
        return frozenset()
    if is_search(table):
        return frozenset({"INSERT", "UPDATE", "DELETE"})
    return rights().get(table, frozenset())


def _revocations(role: str) -> Iterator[str]:
    for kind in ("TABLES", "SEQUENCES", "ROUTINES"):
        yield f"REVOKE ALL ON ALL {kind} IN SCHEMA {SCHEMA} FROM PUBLIC, {role}"
    yield f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC, {role}"
    yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}"


def _writing_revocations(role: str) -> Iterator[str]:
    yield (
        "REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER "
        f"ON ALL TABLES IN SCHEMA {SCHEMA} FROM {role}"
    )
    yield f"REVOKE CREATE ON SCHEMA {SCHEMA} FROM {role}"
