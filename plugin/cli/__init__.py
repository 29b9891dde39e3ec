"""The command line: ``flask reviews …`` inside a host, ``insurance-reviews …`` stand-alone."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import ScriptInfo

from .backup import backup_command, erase_command, restore_command
from .catalogue import insurer_group, product_group, storefront_group, token_group
from .database import db_group
from .doctor import doctor_command
from .exchange import export_command, import_command
from .figures import figures_group
from .keys import key_group
from .reports import report_group
from .search import search_group
from .serve import serve_command
from .worker import deliver_command

COMMANDS: tuple[click.Command, ...] = (
    db_group,
    insurer_group,
    product_group,
    storefront_group,
    token_group,
    key_group,
    report_group,
    figures_group,
    search_group,
    deliver_command,
    doctor_command,
    erase_command,
    backup_command,
    restore_command,
    export_command,
    import_command,
)


@click.group(name="reviews")
def reviews_cli() -> None:
    """Insurance reviews: database, catalogue, tokens, worker."""


@click.group(name="insurance-reviews")
@click.pass_context
def main(context: click.Context) -> None:
    """The stand-alone service. Settings come from the environment: INSURANCE_REVIEWS_…"""
    context.obj = ScriptInfo(create_app=_create_app)


def _create_app() -> Flask:
    from ..app import create_app

    return create_app()


for _command in COMMANDS:
    reviews_cli.add_command(_command)
    main.add_command(_command)
main.add_command(serve_command)
