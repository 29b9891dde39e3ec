"""The database's schema."""

from __future__ import annotations

import click

from ... import migrations
from ..current import get_state
from .common import in_app


def _url() -> str:
    return get_state().settings.database_url.render_as_string(hide_password=False)


@click.group("db")
def db_group() -> None:
    """Migrations of our own tables; the host's are never touched."""


@db_group.command("upgrade")
@in_app
def upgrade() -> None:
    """Bring the database to this release's schema."""
    before = migrations.current(_url())
    migrations.upgrade(_url())
    after = migrations.current(_url())
    click.echo(f"schema {after}" + ("" if before == after else f" (was {before or 'empty'})"))


@db_group.command("check")
@in_app
def check() -> None:
    """Exit with 1 when the database is not at this release's schema."""
    current, wanted = migrations.current(_url()), migrations.head()
    if current != wanted:
        raise click.ClickException(
            f"the schema is {current or 'empty'}, not {wanted}: run flask reviews db upgrade"
        )
    click.echo(f"schema {current}")
