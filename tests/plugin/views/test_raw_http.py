"""Bytes that no client library would send, to Werkzeug's server and to the one we ship with."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from support import standalone
from support.databases import DatabaseFactory
from support.host import API, PREFIX, mounted, settings_of
from support.live import serve
from support.world import World, built_world


@dataclass
class Server:
    """A server of the reviews, and the world behind it."""

    address: str
    world: World

    def send(self, raw: bytes) -> tuple[int, bytes]:
        """(status, all of the answer) to ``raw``; 0 where nobody answers in half a second."""
        host, _, port = urlsplit(self.address).netloc.partition(":")
        line, end, rest = raw.partition(b" HTTP/1.1\r\n")
        raw = line + end + (b"Connection: close\r\n" if end else b"") + rest
        with socket.create_connection((host, int(port)), timeout=0.5) as connection:
            answer = b""
            # It may have heard enough before the end, or wait for more.
            with suppress(OSError):
                connection.sendall(raw)
                while part := connection.recv(65_536):
                    answer += part
        first = answer.split(b"\r\n", 1)[0].split()
        return (int(first[1]) if answer.startswith(b"HTTP/") else 0), answer

    def post(self, path: str, body: bytes, headers: dict[str, str], chunk: int = 0) -> int:
        """The status of a post; in chunks of unannounced number where ``chunk`` is given."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=20)
        parts = (body[i : i + chunk] for i in range(0, len(body), chunk)) if chunk else body
        try:
            connection.request("POST", path, parts, headers, encode_chunked=bool(chunk))
            return connection.getresponse().status
        except (BrokenPipeError, ConnectionResetError):
            return 413  # The server hung up in the middle of what is too long.
        finally:
            connection.close()


@pytest.fixture(scope="module", params=["werkzeug", "granian"])
def server(
    request: pytest.FixtureRequest,
    database_factory: DatabaseFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """Each server in turn, on SQLite."""
    state = tmp_path_factory.mktemp("state")
    with database_factory.fresh("sqlite") as url, built_world(url, state) as world:
        if request.param == "werkzeug":
            with mounted(world) as host, serve(host.app) as address:
                yield Server(address, world)
        else:
            with standalone.served(settings_of(world)) as address:
                yield Server(address, world)


def good(server: Server) -> bytes:
    body = {"invitation": server.world.invite(), "score": 5, "text": "快", "author": "0f" * 32}
    return json.dumps(body).encode()


def test_a_body_in_chunks_is_a_body(server: Server) -> None:
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    # The stand-alone service has the machine's clock, by which the invitation may have expired.
    assert server.post(f"{API}/reviews", good(server), headers, chunk=7) in {201, 410}


@pytest.mark.parametrize("chunk", [0, 1_000, 70_000])
def test_a_body_over_64_kb_is_refused_however_it_comes(server: Server, chunk: int) -> None:
    """Not cut off and then taken for what is left of it."""
    body = good(server)
    before = server.world.snapshot()
    headers = {"Transfer-Encoding": "chunked"} if chunk else {}
    for content_type, path, data in (
        ("application/json", f"{API}/reviews", body + b" " * 65_536),
        ("application/json", f"{API}/reviews", body + b" " * 300_000),
        ("application/x-www-form-urlencoded", f"{PREFIX}/link", b"policy_no=1&x=" + b"x" * 65_536),
    ):
        sent = {**headers, "Content-Type": content_type}
        assert server.post(path, data, sent, chunk) == 413
    fits = body + b" " * (65_536 - len(body))
    sent = {**headers, "Content-Type": "text/plain"}
    assert server.post(f"{API}/reviews", fits, sent, chunk) == 415
    assert server.world.snapshot() == before


LINES = {
    "length of no number": b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
    "length below zero": b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "length of two minds": b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
    b"Content-Length: 2\r\n\r\nxx",
    "length that is not kept": b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
    "length and chunks": b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks of no number": b"POST %s HTTP/1.1\r\nHost: x\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "chunks without end": b"POST %s HTTP/1.1\r\nHost: x\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    "no host": b"GET %s HTTP/1.1\r\n\r\n",
    "two hosts": b"GET %s HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "hosts of nonsense": b"GET %s HTTP/1.1\r\nHost: a b/../c\r\n\r\n",
    "hosts in chinese": "GET %s HTTP/1.1\r\nHost: 保险\r\n\r\n".encode(),
    "raw bytes in the path": b"GET %s/\xff\xfe\x80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "raw chinese in the path": "GET %s/保险 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "an escape of nothing": b"GET %s/%%zz%%%%1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "an escaped zero": b"GET %s/%%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "an absolute address": b"GET http://evil.example%s HTTP/1.1\r\nHost: x\r\n\r\n",
    "the oldest protocol": b"GET %s HTTP/1.0\r\n\r\n",
    "no protocol": b"GET %s\r\n\r\n",
    "a method of nonsense": b"G@T %s HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long header": b"GET %s HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 60_000 + b"\r\n\r\n",
    "many headers": b"GET %s HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 90 + b"\r\n",
    "a header of bytes": b"GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
    "a cookie of bytes": b"GET %s HTTP/1.1\r\nHost: x\r\nCookie: a=\xff; ;=;=\r\n\r\n",
    "a query of bytes": b"GET %s?a=\xff\xfe&%%ff=%%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    "nothing": b"\r\n\r\n",
}


@pytest.mark.parametrize("name", LINES)
def test_nonsense_is_refused_and_forgotten(server: Server, name: str) -> None:
    """By us, or by the server before us; never by a 500, and the next visitor is served."""
    before = server.world.snapshot()
    for path in (f"{API}/reviews", f"{PREFIX}/products"):
        raw = LINES[name]
        status, answer = server.send(raw % path.encode() if b"%s" in raw else raw)
        assert status < 500, answer
        assert b"Traceback" not in answer
        assert b"evil.example" not in answer
    with urlopen(f"{server.address}{PREFIX}/healthz", timeout=20) as healthy:
        assert healthy.status == 200
    assert server.world.snapshot() == before
