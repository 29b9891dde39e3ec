"""``insurance-reviews-witness``: make a witness, say which logs it follows, and serve it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from ..tlog.errors import MalformedError
from ..tlog.note import Verifier
from .home import create_witness, open_witness
from .state import StateError
from .witness import Witness

_STATE = click.option(
    "--state",
    "directory",
    required=True,
    envvar="INSURANCE_REVIEWS_WITNESS_STATE",
    type=click.Path(path_type=Path, file_okay=False),
    help="The witness's directory. Or set INSURANCE_REVIEWS_WITNESS_STATE.",
)


@click.group(name="insurance-reviews-witness")
def main() -> None:
    """A witness of transparency logs (c2sp.org/tlog-witness)."""


@main.command("init")
@click.option("--name", required=True, help="The witness's name, such as witness.example/w1.")
@_STATE
def init_command(name: str, directory: Path) -> None:
    """Make a key and an empty memory, and print the witness's public key."""
    try:
        witness = create_witness(directory, name)
    except (MalformedError, StateError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(witness.vkey)


@main.command("key")
@_STATE
def key_command(directory: Path) -> None:
    """Print the witness's public key."""
    click.echo(_open(directory).vkey)


@main.group("log")
def log_group() -> None:
    """The logs that the witness follows."""


@log_group.command("add")
@click.argument("vkey")
@click.option("--origin", help="The log's origin, where that is not the name of its key.")
@_STATE
def add_command(vkey: str, origin: str | None, directory: Path) -> None:
    """Follow the log that signs with VKEY. A second key of a log is one it changes to."""
    try:
        key = Verifier.parse(vkey.strip())
    except MalformedError as error:
        raise click.ClickException(f"{error}: give the line that the log's /key serves") from error
    added = _open(directory).state.follow(origin or key.name, key.format())
    click.echo(f"{origin or key.name}: {'follows' if added else 'followed already'}")


@log_group.command("list")
@_STATE
def list_command(directory: Path) -> None:
    """List the logs, their keys, and the newest checkpoint cosigned of each."""
    for log in _open(directory).state.logs():
        head = log.head
        newest = "nothing cosigned" if head is None else f"{head.size} entries, {_time(head.at)}"
        click.echo(f"{log.origin}: {newest}{'' if log.vkeys else ', no longer followed'}")
        for vkey in log.vkeys:
            click.echo(f"  {vkey}")


@log_group.command("remove")
@click.argument("origin")
@click.option("--key", "vkey", help="Only this key of the log, such as one it no longer uses.")
@_STATE
def remove_command(origin: str, vkey: str | None, directory: Path) -> None:
    """Follow the log ORIGIN no more. What was cosigned of it stays known."""
    if not _open(directory).state.leave(origin, vkey):
        raise click.ClickException(f"no such log or key: {origin}")
    click.echo(f"{origin}: removed")


@main.command("evidence")
@_STATE
def evidence_command(directory: Path) -> None:
    """Print checkpoints that a log signed and that do not go together."""
    for conflict in _open(directory).state.conflicts():
        if conflict.kind == "fork":
            click.echo(f"FORK of {conflict.origin}, {_time(conflict.at)}: two histories of")
            click.echo(f"{conflict.size} entries, both signed by the log. This proves it:\n")
        else:
            click.echo(f"NOT PROVEN, {conflict.origin}, {_time(conflict.at)}: nobody showed that")
            click.echo("the second checkpoint continues the first. Ask the log for a proof.\n")
        click.echo(f"{conflict.known_note}\n{conflict.note}")


@main.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8100, show_default=True, type=click.IntRange(1, 65535))
@click.option("--prefix", default="", help="A path before all addresses, such as /witness.")
@click.option("--threads", default=16, show_default=True, type=click.IntRange(1, 256))
@_STATE
def serve_command(host: str, port: int, prefix: str, threads: int, directory: Path) -> None:
    """Serve the witness with granian, behind a proxy that has TLS and reads slow bodies first."""
    from granian.constants import Interfaces
    from granian.server import Server

    from .app import load_app

    # A worker would fail by a traceback, and granian would start the next one.
    _open(directory)

    Server(
        "insurance_reviews.moderation.witness.app:load_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        websockets=False,
        blocking_threads=threads,
    ).serve(target_loader=partial(load_app, directory, prefix.rstrip("/")), wrap_loader=False)


def _open(directory: Path) -> Witness:
    try:
        return open_witness(directory)
    except (StateError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from error


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
