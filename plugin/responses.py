"""Answers with the headers that every one of ours carries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from flask import Response, request
from werkzeug.datastructures import Headers

from ..widgets.render import negotiate
from .cache.asked import Asked
from .cache.early import WANTED
from .cache.entry import Entry, is_known
from .current import get_state
from .errors import InvalidInput
from .problems import Refusal, field_messages, problem_json, problem_of, retry_after

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

P = ParamSpec("P")
#: What a cache that many readers share may do with a page, where it knows this header (RFC 9213).
#: Everybody's browser is told to ask again each time.
CDN_CACHE_CONTROL = "max-age=2, stale-while-revalidate=30"


class _Checked(Headers):
    """Headers that were checked when the answer was kept: a copy, and no second check."""

    def __init__(self, checked: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._list = list(checked)


class _Finished(Response):
    """An answer that has all its headers already, and is sent as it stands: a kept answer costs
    more in making its headers right once more than in all else."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.status_code != 200:
            # Without a body, some headers must go.
            return super().__call__(environ, start_response)
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else (self.data,)


def language() -> str:
    """The language of this answer: ``?lang=`` first, then the browser's, else Chinese."""
    return negotiate(request.args.get("lang"), request.headers.get("Accept-Language"))


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON in UTF-8, keys as they stand."""
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(data, status, dict(headers or {}), content_type="application/json")


def problem_response(error: Refusal) -> Response:
    """A refusal as problem+json."""
    state = get_state()
    lang = language()
    body = problem_json(error, state.renderer.catalogue(lang), state.settings.base_url)
    response = json_response(body, body["status"])
    response.content_type = "application/problem+json"
    response.headers["Content-Language"] = lang
    response.headers["Cache-Control"] = "no-store"
    _add_refusal_headers(response, error)
    return response


def page_response(html: str, status: int = 200, *, private: bool = False) -> Response:
    """A page. ``private`` ones, which a token or a session opened, are never stored anywhere."""
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = language()
    response.headers["Cache-Control"] = "no-store" if private else "no-cache"
    if private:
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Vary"] = "Accept-Language"
    return response


def revalidated(response: Response) -> Response:
    """A public page that is made each time, with a tag: who has it already is told so (304)."""
    response.add_etag()
    response.make_conditional(request)
    return response


def problem_page(error: Refusal) -> Response:
    """A refusal as a page."""
    problem = problem_of(error)
    status = getattr(error, "status", problem.status)
    html = get_state().renderer.render(
        "error.html",
        language(),
        status=status,
        title=problem.title,
        detail=problem.detail,
        code=error.code,
        faults=field_messages(error) if isinstance(error, InvalidInput) else {},
    )
    response = page_response(html, status, private=True)
    _add_refusal_headers(response, error)
    return response


def _add_refusal_headers(response: Response, error: Refusal) -> None:
    if (seconds := retry_after(error)) is not None:
        response.headers["Retry-After"] = str(seconds)
    if error.code == "unauthorized":
        response.headers["WWW-Authenticate"] = 'Bearer realm="insurance-reviews"'


def cached_view(view: Callable[P, Response]) -> Callable[P, Response]:
    """A public read of products: answered from the cache where it can be, and in the form that was
    asked for: compressed, or 304 for what the client has already."""

    @wraps(view)
    def answer(*args: P.args, **path: P.kwargs) -> Response:
        return from_cache(lambda: view(*args, **path))

    return answer


def from_cache(render: Callable[[], Response]) -> Response:
    """What ``render`` would answer to this request, rendered only when something has changed."""
    environ, cache = request.environ, get_state().cache
    asked = cache.asked(environ)
    wanted = environ.get(WANTED) or cache.wanted(asked)
    entry = None if wanted is None else cache.find(wanted)
    if entry is None:
        response = render()
        if response.status_code != 200:
            return response
        entry = _entry_of(response, asked)
        if wanted is not None:
            cache.keep(wanted, entry)
    form = entry.form_for(environ) if wanted is None else cache.form(wanted, entry, environ)
    if is_known(form, environ):
        return _Finished(status=304, headers=_Checked(form.not_modified))
    return _Finished(form.body, headers=_Checked(form.headers))


def _entry_of(response: Response, asked: Asked | None) -> Entry:
    headers = add_headers(response).headers
    varies = {"Accept-Encoding", *filter(None, headers.get("Vary", "").split(", "))}
    if asked is not None and asked.named:
        varies.discard("Accept-Language")
    headers["Vary"] = ", ".join(sorted(varies))
    if asked is not None and asked.for_cdns and headers.get("Cache-Control") == "no-cache":
        headers["CDN-Cache-Control"] = CDN_CACHE_CONTROL
    headers.pop("Content-Length", None)
    return Entry(response.get_data(), list(headers))


def content_security_policy(frame_ancestors: Sequence[str] = ()) -> str:
    """Nothing but our own files; nothing inline; framed only where a storefront was granted it."""
    ancestors = " ".join(frame_ancestors) or "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {ancestors}; "
        "require-trusted-types-for 'script'; trusted-types insurance-reviews"
    )


def add_headers(response: Response) -> Response:
    """The headers of every answer under our prefix. A stricter one that a view set stays."""
    if isinstance(response, _Finished):
        return response
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
    if response.mimetype == "text/html":
        headers.setdefault("Content-Security-Policy", content_security_policy())
    else:
        headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return response
