"""The command line, over real HTTP: exit codes, JSON, and what a network can do."""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from unittest.mock import Mock

import pytest
from click.testing import CliRunner, Result

from insurance_reviews.moderation.verify import command
from insurance_reviews.moderation.verify import fetch as fetching
from insurance_reviews.moderation.verify.command import main
from insurance_reviews.moderation.verify.fetch import fetch_http, read, read_lines
from insurance_reviews.moderation.verify.findings import CannotCheck
from support.receipts import receipt_json
from support.static_log import SIGNER, StaticShop, large_shop, serve_folder, write_files

KEY = SIGNER.verifier_key()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    write_files(large_shop(600), folder)
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serve_folder(folder) as address:
        yield address


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a server that is not there."""
    monkeypatch.setattr(fetching, "TRIES", 1)
    monkeypatch.setattr(fetching, "TIMEOUT", 1.0)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("path", ["", "/", "/log/anxin", "/log/anxin/", "/log/anxin/checkpoint"])
def test_the_address_may_be_the_prefix_or_the_log(address: str, path: str) -> None:
    result = run(address + path, "--key", KEY)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("CLEAN")


def test_the_outcome_as_json(address: str, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    result = run(address, "--key", KEY, "--state", str(state), "--json")
    outcome = json.loads(result.output)
    assert (outcome["version"], outcome["result"], outcome["exit"]) == (1, "clean", 0)
    assert outcome["log"]["checkpoint"] == json.loads(state.read_text())["checkpoint"]
    assert outcome["checked"]["entries"] == outcome["log"]["size"]
    assert outcome["findings"] == outcome["unchecked"] == outcome["receipts"] == []


def test_tampering_is_exit_code_1(folder: Path) -> None:
    shop = large_shop(600)
    shop.reviews[3]["score"] = 5 if shop.reviews[3]["score"] != 5 else 1
    with serve_shop(shop) as address:
        result = run(address, "--key", KEY)
    assert result.exit_code == 1
    assert result.output.startswith("TAMPERING FOUND")
    assert "[review-differs]" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("http://127.0.0.1:9/",),
        ("--key",),
        ("--key", KEY, "--receipt", "/nowhere"),
        ("http://127.0.0.1:9/", "--key", KEY, "--kept", "/nowhere"),
        ("http://127.0.0.1:9/", "--key", KEY, "more"),
        ("http://127.0.0.1:9/", "--key", KEY, "--unknown"),
    ],
)
def test_wrong_arguments_are_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("url", "key", "expected"),
    [
        ("http://127.0.0.1:9/", KEY, "refused"),
        ("ftp://127.0.0.1/", KEY, "not an http or https address"),
        ("file:///etc/passwd", KEY, "not an http or https address"),
        ("shop.example", KEY, "not an http or https address"),
        ("http://127.0.0.1:9/?a=b", KEY, "leave out"),
        ("http://127.0.0.1:9/", "nonsense", "the key cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_exit_code_2(url: str, key: str, expected: str) -> None:
    result = run(url, "--key", key)
    assert (result.exit_code, result.exception) == (2, result.exception)
    assert result.output.startswith("COULD NOT CHECK")
    assert expected in result.output


def test_nothing_to_check_is_said() -> None:
    result = run("--key", KEY)
    assert result.exit_code == 2
    assert "give an address or a receipt" in result.output


def test_it_runs_as_a_module_and_draws_no_bar_into_a_file(address: str) -> None:
    process = subprocess.run(
        [
            sys.executable,
            "-m",
            "insurance_reviews.moderation.verify.command",
            address,
            "--key",
            KEY,
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (process.returncode, process.stderr) == (0, "")


def test_it_needs_no_framework_and_no_database_of_ours() -> None:
    code = (
        "import sys; from insurance_reviews.moderation.verify import command; "
        "found = {'flask', 'sqlalchemy', 'pydantic', 'werkzeug'} & {*sys.modules}; "
        "sys.exit(str(found) if found else 0)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (0, "")


# --- the network ----------------------------------------------------------------------------------


@contextmanager
def serve_shop(shop: StaticShop) -> Iterator[str]:
    """The shop at an address, from memory."""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = shop.answer(self.path)
            self.send_response(404 if data is None else 200)
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with serve(Shop) as address:
        yield address


@contextmanager
def serve(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Naughty(BaseHTTPRequestHandler):
    """Misbehaves by path."""

    elsewhere: ClassVar[str] = "http://localhost:9/"

    def do_GET(self) -> None:
        match self.path.split("/")[1]:
            case "away":
                self._redirect(self.elsewhere)
            case "file":
                self._redirect("file:///etc/passwd")
            case "near":
                self._redirect("/there")
            case "loop":
                self._redirect("/loop")
            case "cut":
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b"short")
            case "slow":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                threading.Event().wait(3)
            case "drip":
                self.send_response(200)
                self.end_headers()
                with suppress(ConnectionError):
                    for _ in range(200):
                        self.wfile.write(b".")
                        self.wfile.flush()
                        threading.Event().wait(0.02)
            case "bomb":
                self.send_response(302)
                self.send_header("Location", "/there")
                self.end_headers()
                with suppress(ConnectionError):
                    while True:
                        self.wfile.write(bytes(100_000))
            case "garbage":
                self.wfile.write(b"?\r\n\r\n")
            case "there":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"here" * 1000)
            case code:
                self.send_response(int(code))
                self.end_headers()

    def _redirect(self, where: str) -> None:
        self.send_response(302)
        self.send_header("Location", where)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def naughty() -> Iterator[str]:
    with serve(Naughty) as address:
        yield address


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("away", "redirect"),
        ("file", "http-status"),
        ("loop", "http-status"),
        ("cut", "unreachable"),
        ("slow", "unreachable"),
        ("garbage", "unreachable"),
        ("500", "http-status"),
        ("503", "http-status"),
        ("429", "http-status"),
        ("403", "http-status"),
    ],
)
def test_what_a_server_may_do_is_not_tampering(naughty: str, path: str, code: str) -> None:
    with pytest.raises(CannotCheck) as caught:
        read(fetch_http(f"{naughty}/{path}"), path, 1000)
    assert caught.value.code == code
    result = run(f"{naughty}/{path}", "--key", KEY)
    assert result.exit_code == 2, result.output


@pytest.mark.parametrize("path", ["404", "410"])
def test_where_there_is_no_log_nothing_is_accused(naughty: str, path: str) -> None:
    assert read(fetch_http(f"{naughty}/{path}"), path, 10) is None
    assert run(f"{naughty}/{path}", "--key", KEY).exit_code == 2


def test_a_redirect_on_the_same_host_is_followed_and_no_more_is_read_than_may_be(
    naughty: str,
) -> None:
    assert read(fetch_http(f"{naughty}/near"), "near", 10) == b"herehereher"


def test_the_body_of_a_redirect_is_not_read(naughty: str) -> None:
    """This one has no end."""
    assert read(fetch_http(f"{naughty}/bomb"), "bomb", 10) == b"herehereher"


@pytest.mark.parametrize("all_lines", [False, True])
def test_a_byte_at_a_time_is_not_waited_for(
    naughty: str, all_lines: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", 0.2)
    answer = fetch_http(f"{naughty}/drip")
    with pytest.raises(CannotCheck) as caught:
        list(read_lines(answer, "", 1000)) if all_lines else read(answer, "", 1000)
    assert caught.value.code == "too-slow"


def test_the_time_that_we_take_ourselves_does_not_count(
    naughty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", 0.2)
    monkeypatch.setattr(fetching, "FREE", 10)
    answer = fetch_http(f"{naughty}/there")
    assert read(answer, "there", 4_000, lambda: time.sleep(0.5)) == b"here" * 1000


def test_a_passing_failure_is_tried_again(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TRIES", 2)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"

        def serve_badly_then_well() -> None:
            listener.accept()[0].close()
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.close()

        thread = threading.Thread(target=serve_badly_then_well)
        thread.start()
        assert read(fetch_http(url), url, 10) == b"ok"
        thread.join()


def test_a_receipt_is_checked_by_itself_when_nobody_answers(tmp_path: Path) -> None:
    shop = StaticShop()
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(receipt_json(shop, shop.review())), encoding="utf-8")
    result = run("http://127.0.0.1:9/", "--key", KEY, "--receipt", str(path))
    assert result.exit_code == 2
    assert "the words are those of the entry" in " ".join(result.output.split())


def test_a_fault_of_ours_is_no_tampering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python ends with 1 after an exception, and so does click after Ctrl-C."""
    for fault in (ZeroDivisionError, KeyboardInterrupt):
        monkeypatch.setattr(command, "verify", Mock(side_effect=fault))
        assert run("http://127.0.0.1:9/", "--key", KEY).exit_code == 2


def test_a_terminal_sees_how_far_it_is(folder: Path, address: str) -> None:
    """A bar for the entries, the reviews and the products, on the standard error alone."""
    terminal, end = pty.openpty()
    program = [sys.executable, "-m", "insurance_reviews.moderation.verify.command"]
    with subprocess.Popen(
        [*program, address, "--key", KEY, "--json"], stdout=subprocess.PIPE, stderr=end
    ) as process:
        assert process.stdout is not None
        assert json.load(process.stdout)["exit"] == 0
    os.close(end)
    drawn = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert [what for what in ("entries", "reviews", "products") if what not in drawn] == []
