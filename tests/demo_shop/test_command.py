"""``python -m insurance_reviews.demo_shop``: what ``make demo`` runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from insurance_reviews.demo_shop.__main__ import Trouble, check_port, greeting, locked, read_port
from insurance_reviews.demo_shop.place import Place
from insurance_reviews.demo_shop.seeding.perform import demo_tokens

Start = Callable[..., "subprocess.Popen[str]"]


def free_port() -> int:
    """Free in all likelihood until it is used."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(place: Place, port: int) -> Iterator[Start]:
    """Start the command on the folder that holds the seeded shop; it is stopped at the end."""
    place.folder.rename(place.folder.with_name("demo_shop"))
    running = []

    def command(**environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "insurance_reviews.demo_shop"],
            env={
                **os.environ,
                "PORT": str(port),
                "DEMO_FOLDER": str(place.folder.parent),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield command
    for process in running:
        # Killed outright, it would leave the server's own process behind.
        process.terminate()
        process.communicate(timeout=20)


def healthy(port: int) -> bytes:
    """Wait for the shop to serve, and give what it says of its health."""
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/reviews/healthz") as answer:
                body: bytes = answer.read()
                return body
        except OSError:
            assert time.monotonic() < until, "it does not answer"
            time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_start_reuses_the_shop_and_a_signal_ends_it(
    start: Start, port: int, number: int
) -> None:
    process = start()
    assert healthy(port) == b'{"status":"ok"}'
    process.send_signal(number)
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Preparing" not in output
    assert all(token in output for token in demo_tokens())
    assert f"http://127.0.0.1:{port}/products/judeng-medical" in output
    assert errors == ""


def test_two_shops_do_not_share_a_folder(start: Start, port: int) -> None:
    """Nor a port, if the folder is another one."""
    start()
    healthy(port)
    second = start(PORT=str(free_port()))
    _, errors = second.communicate(timeout=20)
    assert second.returncode == 1
    assert "another demo shop is running" in errors
    third = start(DEMO_FOLDER="elsewhere")
    _, errors = third.communicate(timeout=20)
    assert third.returncode == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in errors
    assert "make demo PORT=" in errors
    assert not Path("elsewhere").exists()


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80.0", "８０００", "eight", "9" * 5000])
def test_a_port_that_is_none_is_named(text: str) -> None:
    with pytest.raises(Trouble, match="must be a number from 1 to 65535"):
        read_port(text)


def test_the_port_may_be_left_out() -> None:
    assert read_port("") == 8000
    assert read_port("8001") == 8001


def test_a_taken_port_is_noticed(port: int) -> None:
    check_port(port)
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(Trouble, match=f"port {port}"):
            check_port(port)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(Trouble, match="cannot be written"), locked(file / "folder"):
        pass


def test_the_greeting_shows_where_to_go() -> None:
    text = greeting("http://127.0.0.1:8000")
    for path in ("/", "/policies", "/inbox", "/identity", "/reviews/desk/", "/reviews/regulator/"):
        assert f"http://127.0.0.1:8000{path}\n" in text
