"""The stand-alone service."""

from __future__ import annotations

import os

import click
from sqlalchemy.exc import DBAPIError

from ...moderation.errors import ModerationError
from ...moderation.log import all_logs, check_all_kept
from ..fingerprint import SchemaChanged
from ..search.segment import segmenter
from ..settings import SettingError, Settings, read_settings
from ..state import build_context, build_work


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
@click.option(
    "--preload-segmenter",
    is_flag=True,
    help="Load the dictionary before the workers start, not with the first text each gets.",
)
def serve_command(
    host: str, port: int, workers: int, threads: int, preload_segmenter: bool
) -> None:
    """Serve the pages and the API with granian."""
    from granian.constants import Interfaces
    from granian.server import Server

    try:
        # A worker would fail by a traceback, and granian would start the next one.
        settings = read_settings(os.environ)
        _look(settings)
    except (SettingError, ModerationError, SchemaChanged) as error:
        raise click.ClickException(str(error)) from error
    if preload_segmenter:
        segmenter(settings.state_dir)
    factory = "create_ready_app" if preload_segmenter else "create_app"
    Server(
        f"insurance_reviews.plugin.app:{factory}",
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


def _look(settings: Settings) -> None:
    """Refuse to start on a database that has lost what was signed, or without the logs' keys."""
    work, logs = build_work(settings), build_context(settings).logs
    try:
        kept = logs.kept.all()
        with work.reading() as session:
            check_all_kept(session, kept)
            for ref in all_logs(session):
                logs.keys.signers(ref.insurer)
    except DBAPIError:
        # Not there yet, or not migrated: /healthz says which, and may be waited for.
        return
    finally:
        work.engine.dispose()
