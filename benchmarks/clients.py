"""Clients that ask as fast as they are answered, each over one connection that stays open.

They know just enough of HTTP to read a whole answer, so that what is measured is the server.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import repeat

#: How long one answer may take (seconds).
PATIENCE = 60.0
#: How long a client waits after a request that got no answer (seconds).
PAUSE = 0.01


@dataclass(frozen=True, slots=True)
class Answers:
    """What some clients got: how long each answer took (seconds), in how many seconds in all, how
    often each status came, and how many requests got no answer."""

    seconds: list[float]
    elapsed: float
    statuses: dict[int, int]
    failed: int = 0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.seconds) / self.elapsed

    @property
    def refused(self) -> int:
        """Answers that were neither 2xx nor 304."""
        return sum(n for status, n in self.statuses.items() if status // 100 != 2 and status != 304)

    @property
    def errors(self) -> int:
        """Requests that did not get what they asked for."""
        return self.refused + self.failed


def get(path: str, **headers: str) -> bytes:
    """A request for ``path``."""
    return _request("GET", path, b"", headers)


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A request that sends JSON."""
    return _request("POST", path, body, {"content_type": "application/json", **headers})


def _request(method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: shop.example"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask_for(port: int, request: bytes, *, clients: int, seconds: float) -> Answers:
    """``clients`` send ``request`` again and again for so long."""
    end = time.monotonic() + seconds
    return _run([_Client(port, repeat(request), end) for _ in range(clients)])


def send_all(port: int, requests: list[bytes], *, clients: int) -> Answers:
    """``clients`` share ``requests`` among them and send each once."""
    shares = [requests[first::clients] for first in range(clients)]
    return _run([_Client(port, share) for share in shares])


def _run(clients: list[_Client]) -> Answers:
    start = time.monotonic()
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - start
    statuses: dict[int, int] = {}
    for client in clients:
        if client.error is not None:
            raise client.error
        for status, number in client.statuses.items():
            statuses[status] = statuses.get(status, 0) + number
    seconds = [taken for client in clients for taken in client.seconds]
    return Answers(seconds, elapsed, statuses, sum(client.failed for client in clients))


@dataclass
class _Client:
    port: int
    requests: Iterable[bytes]
    end: float = float("inf")
    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    failed: int = 0
    error: Exception | None = None
    _connection: socket.socket | None = None

    def run(self) -> None:
        try:
            for request in self.requests:
                if time.monotonic() >= self.end:
                    break
                try:
                    self._ask(request)
                except OSError:
                    # That the server lets a request go without an answer is a finding, not the end.
                    self.failed += 1
                    self._close()
                    time.sleep(PAUSE)
        except Exception as error:
            # Raised again in the thread that waits for all.
            self.error = error
        finally:
            self._close()

    def _ask(self, request: bytes) -> None:
        start = time.monotonic()
        if self._connection is None:
            self._connection = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.sendall(request)
        status, stays = _read(self._connection.recv)
        self.seconds.append(time.monotonic() - start)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if not stays:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _read(receive: Callable[[int], bytes]) -> tuple[int, bool]:
    """(status, whether the connection stays open) of one answer, read to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(receive)
    head, _, body = data.partition(b"\r\n\r\n")
    status = int(head[9:12])
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if fields.get(b"transfer-encoding") == b"chunked":
        while not body.endswith(b"0\r\n\r\n"):
            body += _more(receive)
    elif status != 304:
        missing = int(fields.get(b"content-length", b"0")) - len(body)
        while missing > 0:
            missing -= len(_more(receive))
    return status, fields.get(b"connection") != b"close"


def _more(receive: Callable[[int], bytes]) -> bytes:
    data = receive(1 << 18)
    if not data:
        raise ConnectionError("the server ended the connection within an answer")
    return data
