"""Serve a WSGI application on a free port of this machine, for browsers and HTTP clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Requests are the test's own; its failures say more than a log of them."""


@contextmanager
def serve(app: WSGIApplication) -> Iterator[str]:
    """Serve ``app`` with a thread per request; give its address, without a final slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    # The interval is how long the end of a test waits for the server to notice it.
    thread = Thread(target=server.serve_forever, args=(0.02,), name="live server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
