"""The clients of the benchmarks count what goes wrong instead of ending."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from clients import ask_for, get, post, send_all
from werkzeug.wrappers import Request, Response

from support.live import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def some_refused(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    path = Request(environ).path
    return Response(path, 503 if path == "/refused" else 200)(environ, start_response)


@contextmanager
def hanging_up() -> Iterator[int]:
    """A server that ends every connection without a word; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                connection.close()

        thread = Thread(target=hang_up)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_refusal_is_counted() -> None:
    with serve(some_refused) as address:
        port = int(address.rpartition(":")[2])
        answers = send_all(port, [get("/"), get("/refused"), post("/", b"{}")], clients=2)
    assert (answers.statuses, answers.refused, answers.errors) == ({200: 2, 503: 1}, 1, 1)


def test_a_request_without_an_answer_is_counted() -> None:
    with hanging_up() as port:
        answers = send_all(port, [get("/")] * 5, clients=2)
    assert (answers.statuses, answers.failed, answers.errors) == ({}, 5, 5)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    answers = ask_for(port, get("/"), clients=1, seconds=0.05)
    assert answers.seconds == []
    assert answers.failed >= 1
