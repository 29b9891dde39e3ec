"""The stand-alone service."""

from __future__ import annotations

import os

import click

from ..settings import SettingError, read_settings


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--threads",
    default=4,
    show_default=True,
    type=click.IntRange(1, 256),
    help="Threads of each worker.",
)
def serve_command(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages and the API with granian."""
    from granian.constants import Interfaces
    from granian.server import Server

    try:
        # A worker would fail by a traceback, and granian would start the next one.
        read_settings(os.environ)
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    Server(
        "insurance_reviews.plugin.app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        # The path of an invitation holds its token: access logs are the proxy's, masked as
        # documented.
        log_access=False,
    ).serve()
