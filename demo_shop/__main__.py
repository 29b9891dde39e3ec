"""``python -m insurance_reviews.demo_shop``: prepare the demo shop, once, and serve it.

``PORT`` (8000) is the port on 127.0.0.1, ``DEMO_FOLDER`` (``instance``) the folder that keeps
everything.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from insurance_reviews.demo_shop.catalogue import load
from insurance_reviews.demo_shop.place import Place
from insurance_reviews.demo_shop.preparing import bring_up_to_date, prepare
from insurance_reviews.demo_shop.seeding.perform import demo_tokens
from insurance_reviews.demo_shop.seeding.plan import Act
from insurance_reviews.demo_shop.serving import FOLDER, URL

HOST = "127.0.0.1"
#: Granian warns above twice the cores, and SQLite has one writer anyway.
THREADS = 4


class Trouble(Exception):
    """Why the demo cannot start, in a sentence for whoever started it."""


def main() -> int:
    """Run until Ctrl-C or SIGTERM. The exit code: 0 after a clean end, 1 if it cannot start."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        port = read_port(os.environ.get("PORT", ""))
        folder = Path(os.environ.get("DEMO_FOLDER") or "instance").resolve()
        check_port(port)
        with locked(folder):
            place = Place(folder / "demo_shop")
            url = f"http://{HOST}:{port}"
            if place.folder.is_dir():
                bring_up_to_date(place)
            else:
                click.echo(f"Preparing the demo in {place.folder}; this is done once.")
                prepare(place, url, progress=shown)
            click.echo(greeting(url))
            serve(place, url, port)
    except Trouble as trouble:
        click.echo(f"The demo shop cannot start: {trouble}", err=True)
        return 1
    except KeyboardInterrupt:
        click.echo("\nStopped before it was ready; the next start begins anew.", err=True)
        return 130
    return 0


def read_port(text: str) -> int:
    """The port in ``text``; 8000 when it is empty. Raises :class:`Trouble`."""
    if not text:
        return 8000
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65_535):
        raise Trouble(f"PORT is {text!r}, but must be a number from 1 to 65535")
    return int(text)


def check_port(port: int) -> None:
    """Find out whether the port is free before anything is made. Raises :class:`Trouble`."""
    with socket.socket() as trial:
        # As the server will: the remains of closed connections do not keep a port.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            raise Trouble(
                f"port {port} of {HOST} cannot be used ({error.strerror}). "
                "Choose another one: make demo PORT=8001"
            ) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep ``folder`` for this process. Raises :class:`Trouble` when another one has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "demo_shop.lock").open("w")
    except OSError as error:
        raise Trouble(f"{folder} cannot be written ({error.strerror})") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Trouble(
                f"another demo shop is running in {folder}. Stop it, or give this one a folder of "
                "its own: DEMO_FOLDER=instance-2"
            ) from error
        yield


def shown(acts: Sequence[Act]) -> Iterable[Act]:
    """The acts, with a bar that shows how many of them were done."""
    with click.progressbar(acts, label="Two years of reviews") as bar:
        yield from bar


def greeting(url: str) -> str:
    """What to look at, and the tokens of the API."""
    reviews = f"{url}/reviews"
    product = load().products[0]
    lines = [
        ("Shop", f"{url}/"),
        ("A product", f"{url}/products/{product.sku}"),
        ("My policies", f"{url}/policies"),
        ("Inbox", f"{url}/inbox"),
        ("Sign in as staff", f"{url}/identity"),
        ("Insurer's desk", f"{reviews}/desk/"),
        ("Compliance desk", f"{reviews}/desk/compliance"),
        ("Regulator", f"{reviews}/regulator/"),
        ("Public log", f"{reviews}/log/{product.insurer}/"),
        ("REST API", f"{reviews}/openapi.json"),
    ]
    return "\n".join(
        [
            "",
            *(f"  {name:<18}{address}" for name, address in lines),
            "",
            "Tokens of the REST API, in this demo only (Authorization: Bearer …):",
            *(f"  {token:<26}{role} {subject}" for token, (role, subject) in demo_tokens().items()),
            "",
            "Stop with Ctrl-C.",
        ]
    )


def serve(place: Place, url: str, port: int) -> None:
    """Serve until a signal."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    os.environ[FOLDER], os.environ[URL] = str(place.folder), url
    Server(
        "insurance_reviews.demo_shop.serving:create",
        factory=True,
        address=HOST,
        port=port,
        interface=Interfaces.WSGI,
        # One process: it is the one that delivers mails.
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    sys.exit(main())
