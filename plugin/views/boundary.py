"""What stands between the world and our views: limits, refusals, and all that has no view.

The host's error handlers and limits neither meet ours nor are replaced by them
(``docs/adr/0007-pages-in-their-own-room.md``).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, got_request_exception, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    RequestEntityTooLarge,
    default_exceptions,
)
from werkzeug.exceptions import NotFound as HttpNotFound
from werkzeug.routing import PathConverter

from ...moderation.errors import ModerationError
from ..current import get_state
from ..errors import BadRequest, NotFound, ReviewsError, Unavailable
from ..fingerprint import SchemaChanged
from ..problems import Refusal
from ..responses import problem_page, problem_response

BODY_LIMIT = 64 * 1024
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
#: What any page may read, so that it may read a refusal too.
#: What of the API may be read by whom is told by :mod:`.cors`.
OPEN = ("/embed/", "/log/", "/static/", "/openapi.json")
#: What needs no database, or tells of its state.
UNGUARDED = ("/healthz", "/static/", "/openapi.json")
#: PostgreSQL: no such schema, no such table.
UNDEFINED = frozenset({"3F000", "42P01"})
_REST = "insurance_reviews.rest"


def register(blueprint: Blueprint) -> None:
    """Guard every view of ``blueprint``, and answer where there is none. Comes after all views."""
    blueprint.before_request(_guard)
    blueprint.register_error_handler(ReviewsError, _refuse)
    blueprint.register_error_handler(ModerationError, _refuse)
    blueprint.register_error_handler(HTTPException, _refuse_http)
    for code in default_exceptions:
        # Flask asks for handlers of a code first, the host's among them.
        blueprint.register_error_handler(code, _refuse_http)
    blueprint.register_error_handler(DBAPIError, _fail_database)
    blueprint.register_error_handler(Exception, _fail)
    blueprint.record(_take_the_rest)


def _guard() -> None:
    request.max_content_length = request.max_form_memory_size = BODY_LIMIT
    if request.method not in {"GET", "HEAD", "POST"}:
        return  # No such call reads anything: it is refused, whatever it brings.
    if request.method == "POST" and _is_too_long():
        raise BadRequest("body-too-large", 413)
    if "\x00" in request.path:
        raise NotFound  # PostgreSQL cannot even be asked for such a text.
    if not _ours().startswith(UNGUARDED):
        _start()


def _start() -> None:
    """Answer nothing from a database that has lost what was signed, or is not as we ship it."""
    try:
        get_state().start_guard.check()
    except SchemaChanged:
        raise
    except SQLAlchemyError:
        # No database, or none of ours: whoever reads from it says so, each in its own words.
        return


def _is_too_long() -> bool:
    if request.content_length is not None:
        return request.content_length > BODY_LIMIT
    # A body of unannounced length (chunked) is cut off at the limit by Werkzeug, in silence.
    request.max_content_length = BODY_LIMIT + 1
    return len(request.get_data()) > BODY_LIMIT


def _ours() -> str:
    """The path below our prefix."""
    return request.path.removeprefix(get_state().settings.url_prefix)


def _wants_json() -> bool:
    """The API answers in JSON. Elsewhere the Accept header decides, and a browser is a reader."""
    if _ours().startswith("/api/"):
        return True
    offered = ["text/html", "application/problem+json", "application/json"]
    return request.accept_mimetypes.best_match(offered) != "text/html"


def _refuse(error: Refusal) -> Response:
    response = problem_response(error) if _wants_json() else problem_page(error)
    if _ours().startswith(OPEN):
        # Without it the page that made the call could not read why it was refused.
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _refuse_http(error: HTTPException) -> Response:
    """Werkzeug's refusals, or those of the host's ``before_request``, in our form."""
    match error:
        case RequestEntityTooLarge():
            return _refuse(BadRequest("body-too-large", 413))
        case InternalServerError():
            return _refuse(BadRequest("internal", 500))
        case HttpNotFound():
            return _refuse(NotFound())
    response = _refuse(BadRequest("bad-request", error.code or 400))
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _fail(error: Exception) -> Response:
    """A bug of ours: answered by us, told to the host's log and to who listens for exceptions."""
    # Who listens to this application listens to it, not to the proxy.
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    propagate = app.config["PROPAGATE_EXCEPTIONS"]
    if app.testing or app.debug if propagate is None else propagate:
        raise error
    got_request_exception.send(app, _async_wrapper=app.ensure_sync, exception=error)
    # Flask would log the path, and that of an invitation holds its token.
    app.logger.error("Exception on %s [%s]", request.url_rule, request.method, exc_info=error)
    return _refuse(BadRequest("internal", 500))


def _fail_database(error: DBAPIError) -> Response:
    """A database that is gone, full or empty is nobody's bug, and passes."""
    if not isinstance(error, OperationalError) and not _is_empty(error):
        return _fail(error)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    # Its errors hold no parameters, and the rule no token.
    app.logger.error("No database for %s [%s]", request.url_rule, request.method, exc_info=error)
    return _refuse(Unavailable())


def _is_empty(error: DBAPIError) -> bool:
    """Whether a table is missing: on PostgreSQL that is an error of another kind."""
    return getattr(error.orig, "sqlstate", None) in UNDEFINED


class _Anything(PathConverter):
    """Also nothing, and what begins with a slash, which Werkzeug would answer by a redirect."""

    regex = "(?s:.*?)"
    part_isolating = False


def _take_the_rest(setup: BlueprintSetupState) -> None:
    """Add the route of all addresses and methods that are left. Flask's own way knows no "any
    method", and a method that no rule has is answered by the host."""
    app = setup.app
    prefix = setup.url_prefix or ""
    app.url_map.converters["insurance_reviews_rest"] = _Anything
    app.view_functions[_REST] = _rest
    for rule in (prefix, f"{prefix}/<insurance_reviews_rest:rest>"):
        app.url_map.add(app.url_rule_class(rule, endpoint=_REST, strict_slashes=False))


def _rest(rest: str = "") -> Response:
    """Whatever no other rule takes: an unknown address, or a known one with another method."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None, "a request has an adapter"
    allowed = [method for method in METHODS if _is_ours(adapter, method)]
    if not allowed:
        raise NotFound
    if request.method == "OPTIONS":
        response = Response(status=204)
    else:
        response = _refuse(BadRequest("method-not-allowed", 405))
    response.headers["Allow"] = ", ".join([*allowed, "OPTIONS"])
    return response


def _is_ours(adapter: Any, method: str) -> bool:
    endpoint, _ = adapter.match(method=method)
    return bool(endpoint != _REST)
