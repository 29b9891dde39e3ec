"""The stand-alone service as an operator runs it: processes, with settings from the environment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

_PREFIX = "INSURANCE_REVIEWS_"


def environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """This process's environment, with ``settings`` and no others of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
    return {**kept, **{name: str(value) for name, value in settings.items()}}


def command(*arguments: str) -> list[str]:
    """``insurance-reviews`` with ``arguments``, of the very code that is tested."""
    code = "import sys; from insurance_reviews.plugin.cli import main; sys.exit(main())"
    return [sys.executable, "-c", code, *arguments]


def run(settings: Mapping[str, Any], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        command(*arguments),
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def running(settings: Mapping[str, Any], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is ended as an operator ends it; it must not have stumbled until then."""
    with subprocess.Popen(
        command(*arguments),
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=20)
            assert "Traceback" not in output, output
        finally:
            process.kill()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def served(settings: Mapping[str, Any]) -> Iterator[str]:
    """``insurance-reviews serve`` until the block ends; its address.

    PUBLIC_URL of ``settings`` is replaced by it, so that links lead here.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    known = {**settings, f"{_PREFIX}PUBLIC_URL": address}
    with running(known, "serve", "--port", str(port)) as process:
        _wait_for(f"{address}{settings.get(f'{_PREFIX}URL_PREFIX', '/reviews')}/healthz", process)
        yield address


def _wait_for(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError):
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, f"nothing at {url}"
            time.sleep(0.05)
