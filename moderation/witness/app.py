"""The witness over HTTP: ``add-checkpoint`` for logs, and a page for people."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request, Response

from .home import open_witness
from .page import STYLE, render_page
from .request import MAX_REQUEST
from .witness import ClockBehind, Witness

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["WitnessApp", "load_app"]

logger = logging.getLogger(__name__)

#: When to try again after a failure of ours (seconds).
RETRY_AFTER: Final = 10
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class WitnessApp:
    """A WSGI application: one witness below `prefix`, which is empty or a path without a slash at
    its end."""

    def __init__(self, witness: Witness, prefix: str = "") -> None:
        self._witness = witness
        self._routes = {
            f"{prefix}/add-checkpoint": ("POST", self._add_checkpoint),
            f"{prefix}/healthz": ("GET", self._health),
            f"{prefix}/": ("GET", self._page),
            f"{prefix}/style.css": ("GET", self._style),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._dispatch(request)
        except HTTPException as error:
            response = Response(f"{error.description}\n", error.code, mimetype="text/plain")
        except (sqlite3.Error, OSError, ClockBehind) as error:
            # A full disk, a lock that is held too long, a wrong clock: not a word is signed.
            logger.error("nothing was cosigned: %s", error)
            response = Response("try again later\n", 503, mimetype="text/plain")
            response.headers["Retry-After"] = str(RETRY_AFTER)
        response.headers.extend(_HEADERS)
        return response(environ, start_response)

    def _dispatch(self, request: Request) -> Response:
        try:
            method, view = self._routes[request.path]
        except KeyError:
            raise NotFound("nothing is here") from None
        allowed = ["GET", "HEAD"] if method == "GET" else [method]
        if request.method not in allowed:
            response = Response("use " + " or ".join(allowed) + "\n", 405, mimetype="text/plain")
            response.headers["Allow"] = ", ".join(allowed)
            return response
        return view(request)

    def _add_checkpoint(self, request: Request) -> Response:
        # One byte more than is taken: a body of unannounced length is cut off here in silence.
        request.max_content_length = MAX_REQUEST + 1
        body = request.get_data(cache=False)
        if len(body) > MAX_REQUEST:
            return Response("a request is shorter than that\n", 413, mimetype="text/plain")
        answer = self._witness.add_checkpoint(body)
        return Response(answer.body, answer.status, content_type=answer.content_type)

    def _health(self, request: Request) -> Response:
        self._witness.state.logs()
        return Response("ok\n", mimetype="text/plain")

    def _page(self, request: Request) -> Response:
        state = self._witness.state
        page = render_page(self._witness.name, self._witness.vkey, state.logs(), state.conflicts())
        return Response(page, mimetype="text/html")

    def _style(self, request: Request) -> Response:
        return Response(STYLE, mimetype="text/css")


def load_app(directory: Path, prefix: str) -> WitnessApp:
    """The witness in `directory`, for a worker process of the server."""
    return WitnessApp(open_witness(directory), prefix)
