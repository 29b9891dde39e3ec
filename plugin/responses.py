"""Answers with the headers that every one of ours carries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from ..widgets.render import negotiate
from .current import get_state
from .errors import InvalidInput
from .problems import Refusal, field_messages, problem_json, problem_of, retry_after


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
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
    if response.mimetype == "text/html":
        headers.setdefault("Content-Security-Policy", content_security_policy())
    else:
        headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return response
