"""Kept answers before Flask's dispatch, where the application serves nothing but us.

A host's own ``before_request`` may refuse or count what comes in, so inside a host the views answer
from the cache themselves. Alone, nothing of that stands in between, and a kept answer costs a
fifth of a request's way through Flask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .entry import is_known

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .cache import Cache

#: Where a view finds what was looked up here already.
WANTED = "insurance_reviews.wanted"


class EarlyAnswers:
    """WSGI: answers what is kept, and passes everything else on to ``app``.

    ``guard`` raises when nothing may be shown.
    """

    def __init__(self, app: WSGIApplication, cache: Cache, guard: Callable[[], None]) -> None:
        self._app = app
        self._cache = cache
        self._guard = guard

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method == "GET" or method == "HEAD":
            cache = self._cache
            wanted = cache.wanted(cache.asked(environ))
            if wanted is not None:
                entry = cache.find(wanted)
                if entry is not None and self._may_answer():
                    form = cache.form(wanted, entry, environ)
                    if is_known(form, environ):
                        start_response("304 NOT MODIFIED", list(form.not_modified))
                        return ()
                    start_response("200 OK", list(form.headers))
                    return () if method == "HEAD" else (form.body,)
                environ[WANTED] = wanted
        return self._app(environ, start_response)

    def _may_answer(self) -> bool:
        try:
            self._guard()
        except Exception:
            # Flask's way asks the guard again, and words its refusal.
            return False
        return True
