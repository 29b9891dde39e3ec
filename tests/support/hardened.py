"""A hardened PostgreSQL database: whose address is whose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import URL, Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.hardening.harden import harden
from insurance_reviews.plugin.hardening.inspect import Finding, inspect_database
from insurance_reviews.plugin.hardening.roles import OWNER_ROLE
from support.databases import DatabaseFactory

#: Roles belong to the server, so these are made once per server and stay.
APP_ROLE = "insurance_reviews_app"
#: Somebody else on the same server, with a database role of the host's.
STRANGER = "host_shop"


@dataclass(frozen=True, slots=True)
class HardenedDatabase:
    """The addresses of one database, as SQLAlchemy's URLs with everything in them."""

    admin: str

    @property
    def app(self) -> str:
        return self.of(APP_ROLE)

    def of(self, role: str) -> str:
        """The address of the database for ``role``."""
        return address(make_url(self.admin).set(username=role))


def address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def administer(url: str, *statements: str) -> None:
    """Run ``statements`` as the user of ``url``, each by itself."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def ensure_role(url: str, name: str, options: str = "LOGIN") -> str:
    """A role of ``name`` on the server at ``url``, made where it is missing; the name."""
    administer(
        url,
        f"DO $$ BEGIN IF to_regrole('{name}') IS NULL THEN CREATE ROLE {name}; END IF; END $$",
        f"ALTER ROLE {name} WITH NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS",
        f"ALTER ROLE {name} WITH {options}",
    )
    return name


@contextmanager
def hardened_database(factory: DatabaseFactory) -> Iterator[HardenedDatabase]:
    """A migrated and hardened database of one's own; it is gone afterwards."""
    with factory.fresh("postgresql") as url:
        for role in (APP_ROLE, STRANGER):
            ensure_role(url, role)
        harden(url, APP_ROLE, OWNER_ROLE)
        yield HardenedDatabase(url)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A plain connection for ``url``, rolled back at the end."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def inspected(url: str) -> list[Finding]:
    """What doctor sees on a connection as the application's."""
    engine = make_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return inspect_database(connection)


def sentences(url: str, level: str) -> list[str]:
    """The findings of one level."""
    return [str(finding) for finding in inspected(url) if finding.level == level]
