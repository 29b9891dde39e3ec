"""The database's schema, and who may do what with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from ... import migrations
from ..current import get_state
from ..hardening.harden import Hardened, harden, is_hardened, migrate
from ..hardening.roles import OWNER_ROLE, CannotHarden
from .common import in_app
from .search import complete_index

ADMIN_URL = "INSURANCE_REVIEWS_ADMIN_URL"


@click.group("db")
def db_group() -> None:
    """Migrations of our own tables, and their roles; the host's are never touched."""


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _current(url: URL) -> str | None:
    return migrations.current(_text(url))


def _administrators(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of what an administrator does, on PostgreSQL."""
    for option in (
        click.option(
            "--owner-role",
            default=OWNER_ROLE,
            metavar="NAME",
            help=f"Who shall own our tables, and cannot log in. Default: {OWNER_ROLE}.",
        ),
        click.option(
            "--app-role",
            metavar="NAME",
            help="Whom the application connects as. Default: the user of DATABASE_URL.",
        ),
        click.option(
            "--admin-url",
            envvar=ADMIN_URL,
            metavar="URL",
            help="The same database, as a superuser or as its owner who may create roles. "
            f"May also be given as {ADMIN_URL}.",
        ),
    ):
        command = option(command)
    return command


@db_group.command("upgrade")
@_administrators
@in_app
def upgrade(admin_url: str | None, app_role: str | None, owner_role: str) -> None:
    """Bring the database to this release's schema.

    With --admin-url on PostgreSQL also `flask reviews db harden`, before anybody uses it.
    """
    url = get_state().settings.database_url if admin_url is None else _admin(admin_url)
    before = _current(url)
    if admin_url is not None:
        with _explained():
            migrate(url, owner_role)
    elif before != migrations.head():
        _refuse_if_hardened()
        migrations.upgrade(_text(url))
    after = _current(url)
    click.echo(f"schema {after}" + ("" if before == after else f" (was {before or 'empty'})"))
    if admin_url is not None:
        _harden(url, app_role, owner_role)
    complete_index(get_state())


@db_group.command("harden")
@_administrators
@in_app
def harden_command(admin_url: str | None, app_role: str | None, owner_role: str) -> None:
    """Let PostgreSQL refuse what the application never does, and changes of our locks."""
    if admin_url is None:
        raise click.ClickException(
            "name an administrator's address of the database with --admin-url: the application's "
            "own role must not be able to do this"
        )
    _harden(_admin(admin_url), app_role, owner_role)


@db_group.command("check")
@in_app
def check() -> None:
    """Exit with 1 when the database is not at this release's schema."""
    current, wanted = _current(get_state().settings.database_url), migrations.head()
    if current != wanted:
        raise click.ClickException(
            f"the schema is {current or 'empty'}, not {wanted}: run flask reviews db upgrade"
        )
    click.echo(f"schema {current}")


def _admin(given: str) -> URL:
    """The administrator's address, which must be one of the application's own database."""
    ours = get_state().settings.database_url
    if ours.get_backend_name() != "postgresql":
        raise click.ClickException(
            "SQLite has no roles, so there is nothing for an administrator to do: its connections "
            "refuse what the application never does by themselves. Run it without --admin-url"
        )
    try:
        url = make_url(given)
    except ArgumentError as error:
        raise click.ClickException(
            "--admin-url is no database URL: use postgresql+psycopg://…"
        ) from error
    if url.get_backend_name() != "postgresql":
        raise click.ClickException("--admin-url is no PostgreSQL: use postgresql+psycopg://…")
    if url.database != ours.database:
        raise click.ClickException(
            f"--admin-url names the database {url.database}, and DATABASE_URL {ours.database}: "
            "name the same one"
        )
    return url.set(drivername="postgresql+psycopg")


def _harden(url: URL, app_role: str | None, owner_role: str) -> None:
    """Harden, and say what was done and what was not. Exit with 1 when something is missing."""
    with _explained():
        result = harden(url, app_role or _own_role(), owner_role)
    _tell(result)
    if result.missing:
        raise click.ClickException(f"{len(result.missing)} things are missing")
    click.echo("hardened")


def _tell(result: Hardened) -> None:
    for sentence in result.done:
        click.echo(f"done: {sentence}")
    for sentence in result.could_not:
        click.echo(f"could not: {sentence}", err=True)
    for sentence in result.missing:
        click.echo(f"missing: {sentence}", err=True)


def _own_role() -> str:
    """The application's role: the user of its address, or whom the server takes it for."""
    state = get_state()
    if name := state.settings.database_url.username:
        return name
    with state.work.reading() as session:
        return str(session.scalar(text("SELECT current_user")))


def _refuse_if_hardened() -> None:
    with get_state().work.engine.connect() as connection:
        if is_hardened(connection):
            raise click.ClickException(
                "the database is hardened, so the application cannot change its schema: run "
                "flask reviews db upgrade --admin-url URL with an administrator's address, "
                "which also gives the application its rights on what is new"
            )


@contextmanager
def _explained() -> Iterator[None]:
    """What stands in an administrator's way, as a sentence."""
    try:
        yield
    except CannotHarden as error:
        raise click.ClickException(str(error)) from error
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        raise click.ClickException(
            f"the administrator could not: {reason}. Nothing of this step was changed"
        ) from error
