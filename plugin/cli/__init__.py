"""The command line: ``flask reviews …`` inside a host, ``insurance-reviews …`` stand-alone."""

from __future__ import annotations

import os

import click
from flask import Flask
from flask.cli import FlaskGroup

from .catalogue import insurer_group, product_group, storefront_group, token_group
from .database import db_group
from .exchange import export_command, import_command
from .worker import deliver_command, doctor_command


@click.group(name="reviews")
def reviews_cli() -> None:
    """Insurance reviews: database, catalogue, tokens, worker."""


for _command in (
    db_group,
    insurer_group,
    product_group,
    storefront_group,
    token_group,
    deliver_command,
    doctor_command,
    export_command,
    import_command,
):
    reviews_cli.add_command(_command)


@click.group(
    name="insurance-reviews",
    cls=FlaskGroup,
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
    create_app=lambda: _create_app(),
)
def main() -> None:
    """The stand-alone service. Settings come from the environment: INSURANCE_REVIEWS_…"""


def _create_app() -> Flask:
    from ..app import create_app

    return create_app()


@main.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 256))
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages and the API with granian."""
    from granian.constants import Interfaces
    from granian.server import Server

    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    Server(
        "insurance_reviews.plugin.app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        # The path of an invitation holds its token: access logs are the proxy's, masked as
        # documented.
        log_access=False,
    ).serve()
