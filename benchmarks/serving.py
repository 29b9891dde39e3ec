"""Applications served by processes of their own, one worker each, as they are asked over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clients import ask_for, get

from support.host import settings_of
from support.standalone import environment, free_port, served
from support.world import World

HERE = Path(__file__).resolve().parent
READY = "/reviews/healthz"
_GUNICORN = ("-k", "gthread", "--threads", "8", "--log-level", "error")
_GRANIAN = ("--interface", "wsgi", "--factory", "--no-ws", "--blocking-threads", "4")


def settings_for_many(world: World, **changed: Any) -> dict[str, Any]:
    """The world's settings for a process of its own; ``changed`` by their field's name. All
    writers here have one address, so the limit per address is out of the way."""
    return settings_of(world, **{"rate_limit_submit": "1000000/minute", **changed})


@contextmanager
def alone(settings: Mapping[str, Any]) -> Iterator[int]:
    """``insurance-reviews serve``; its port."""
    with served(settings) as address:
        yield urlsplit(address).port or 0


@contextmanager
def worker(
    server: str, target: str, settings: Mapping[str, Any], ready: str = READY
) -> Iterator[int]:
    """What ``target`` (``module:factory``) makes, served by granian or gunicorn; its port."""
    port = free_port()
    if server == "granian":
        command = ["granian", *_GRANIAN, "--log-level", "error", "--port", str(port), target]
    else:
        command = ["gunicorn", *_GUNICORN, "-b", f"127.0.0.1:{port}", f"{target}()"]
    known = environment(settings)
    known["PYTHONPATH"] = os.pathsep.join([str(HERE), *filter(None, sys.path)])
    with subprocess.Popen([sys.executable, "-m", *command], env=known) as process:
        try:
            wait_for(port, ready, process)
            yield port
        finally:
            process.terminate()


def wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as ``process`` answers."""
    deadline = time.monotonic() + 60
    while not ask_for(port, get(path), clients=1, seconds=0.01).statuses:
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.1)
