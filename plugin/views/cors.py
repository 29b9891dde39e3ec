"""Which pages of other origins may read what the API answers (CORS).

Public reads are open to every page, without credentials. Everything else is for servers, for our
own pages and for those of the registered storefronts: only their origins are named, and an origin
that is no address (``null``) never is.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from .. import api
from ..current import get_state
from ..errors import ReviewsError
from ..services.catalogue import storefront_origins

PREFLIGHT = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "600",
}
READS = ("GET", "HEAD")


def register(blueprint: Blueprint) -> None:
    """Tell browsers with every answer of the API."""
    blueprint.after_request(_share)


def _share(response: Response) -> Response:
    if "Access-Control-Allow-Origin" in response.headers:
        return response  # A public read says so itself.
    state = get_state()
    if not request.path.startswith(f"{state.settings.url_prefix}{api.PATH}/"):
        return response
    method = request.headers.get("Access-Control-Request-Method", "")
    is_preflight = request.method == "OPTIONS" and bool(method)
    if _is_public(method if is_preflight else request.method):
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin is None or not _is_listed(origin):
            return response
        response.headers["Access-Control-Allow-Origin"] = origin
    if is_preflight:
        response.headers.update(PREFLIGHT)
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
    return response


def _is_public(method: str) -> bool:
    """Whether the request, were it made by ``method``, reads what everybody may read."""
    if method not in READS:
        return False
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None, "a request has an adapter"
    try:
        endpoint, _ = adapter.match(method=method)
    except HTTPException:
        return True  # Nothing is there, which is no secret.
    return endpoint.rpartition(".")[2] not in api.PRIVATE


def _is_listed(origin: str) -> bool:
    try:
        with get_state().work.reading() as session:
            return origin in storefront_origins(session)
    except (SQLAlchemyError, ReviewsError):
        return False
