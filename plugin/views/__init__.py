"""Our blueprint: every address under the prefix, its errors and its headers.

Nothing here acts outside the prefix. Addresses and methods that do not exist are answered by a
route of ours that takes all the rest, so the host's error handlers are neither used nor replaced.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.exceptions import NotFound as HttpNotFound

from ...moderation.errors import ModerationError
from .. import api
from ..errors import BadRequest, NotFound, ReviewsError
from ..problems import Refusal
from ..responses import add_headers, problem_page, problem_response
from . import desk, holders, log, operations, public, regulator

logger = logging.getLogger(__name__)
BODY_LIMIT = 64 * 1024
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def make_blueprint(prefix: str) -> Blueprint:
    """The blueprint with every page and call."""
    blueprint = Blueprint("insurance_reviews", __name__, url_prefix=prefix)
    blueprint.before_request(_limit_body)
    blueprint.after_request(add_headers)
    blueprint.register_error_handler(ReviewsError, _refuse)
    blueprint.register_error_handler(ModerationError, _refuse)
    blueprint.register_error_handler(HTTPException, _refuse_http)
    for module in (public, holders, desk, regulator, log, operations, api):
        module.register(blueprint)
    blueprint.add_url_rule(
        "/<path:rest>",
        "rest",
        _rest,
        methods=list(METHODS),
        provide_automatic_options=False,
    )
    return blueprint


def _limit_body() -> None:
    request.max_content_length = BODY_LIMIT
    request.max_form_memory_size = BODY_LIMIT
    if (request.content_length or 0) > BODY_LIMIT:
        raise BadRequest("body-too-large", 413)


def _wants_json() -> bool:
    """The API answers in JSON; elsewhere the reader's Accept header decides, and a browser is a
    reader."""
    if "/api/" in request.path:
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/problem+json", "application/json"]) != (
        "text/html"
    )


def _refuse(error: Refusal) -> Response:
    response = problem_response(error) if _wants_json() else problem_page(error)
    if "/api/" in request.path:
        # Without it the page that made the call could not read why it was refused.
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _refuse_http(error: HTTPException) -> Response:
    """Werkzeug's own refusals in our form."""
    match error:
        case RequestEntityTooLarge():
            return _refuse(BadRequest("body-too-large", 413))
        case InternalServerError():
            return _refuse(BadRequest("internal", 500))
        case HttpNotFound():
            return _refuse(NotFound())
        case _ if error.code is not None and error.code < 400:
            response: Any = error.get_response()
            return response  # type: ignore[no-any-return]
        case _:
            return _refuse(BadRequest("bad-request", error.code or 400))


def _rest(rest: str) -> Response:
    """Whatever no other rule takes: an unknown address, or a known one with another method."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None, "a request has an adapter"
    allowed = [method for method in METHODS if _is_ours(adapter, method)]
    if request.method == "OPTIONS":
        response = Response(status=204)
        response.headers["Allow"] = ", ".join([*allowed, "OPTIONS"])
        return response
    if not allowed:
        raise NotFound
    response = _refuse(BadRequest("method-not-allowed", 405))
    response.headers["Allow"] = ", ".join(allowed)
    return response


def _is_ours(adapter: Any, method: str) -> bool:
    try:
        endpoint, _ = adapter.match(method=method)
    except HTTPException:
        return False
    return bool(endpoint != "insurance_reviews.rest")
