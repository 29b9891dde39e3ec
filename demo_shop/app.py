"""The demo shop as a Flask application: its own pages, with the plugin mounted beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import Forbidden, HTTPException
from wtforms import Field

from insurance_reviews.demo_shop import filters, visitors
from insurance_reviews.demo_shop.place import OPERATOR, Place
from insurance_reviews.demo_shop.policies import Policies
from insurance_reviews.demo_shop.shop import EXTENSION, Shop
from insurance_reviews.demo_shop.views import hosts, identity, inbox, orders, shelves
from insurance_reviews.plugin import InsuranceReviews
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.state import utc_now

#: Our own files only and nothing inline. The plugin's style sheet in our pages comes from its
#: prefix, which is ourselves, and so does the frame on the page about embedding.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
BODY_LIMIT = 64 * 1024


def create_app(
    place: Place,
    *,
    public_url: str,
    clock: Callable[[], datetime] = utc_now,
    ready: Callable[[], bool] = lambda: True,
) -> Flask:
    """The shop on the databases of ``place``, which must be migrated, seen at ``public_url``.

    ``ready`` says when ``/reviews/healthz`` may answer 200.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=place.session_key,
        SESSION_COOKIE_NAME="tanyan",
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=180),
        MAX_CONTENT_LENGTH=BODY_LIMIT,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    reviews = InsuranceReviews(identity=visitors.current_staff, clock=clock, ready=ready)
    reviews.init_app(app, place.settings(public_url))
    app.extensions[EXTENSION] = Shop(Policies(place.shop_database), place.mail, clock)
    filters.register(app)
    for views in (shelves, hosts, orders, inbox, identity):
        views.register(app)
    app.context_processor(_frame)
    app.add_template_global(_described, "described")
    app.before_request(_refuse_foreign_forms)
    app.after_request(_add_headers)
    app.register_error_handler(HTTPException, _error_page)
    return app


def _frame() -> dict[str, object]:
    """What the frame around every page shows."""
    return {
        "brand": OPERATOR,
        "identity": visitors.current_identity(),
        "prefix": get_state().settings.url_prefix,
    }


def _described(field: Field) -> dict[str, str]:
    """Attributes that tie a field to its hint and its errors, for who does not see them nearby."""
    notes = [f"{field.id}-hint"] if field.description else []
    notes += [f"{field.id}-error"] if field.errors else []
    attributes = {"aria-describedby": " ".join(notes)} if notes else {}
    return attributes | ({"aria-invalid": "true"} if field.errors else {})


def _is_plugins() -> bool:
    return request.blueprint == "insurance_reviews"


def _refuse_foreign_forms() -> None:
    """Another site's page must not buy, nor step into a role. The plugin guards its own forms."""
    if request.method != "POST" or _is_plugins():
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", request.host_url.rstrip("/"))
    if site not in {"same-origin", "none"} or origin != request.host_url.rstrip("/"):
        raise Forbidden("这个表单不是从本商城的页面提交的。")


def _add_headers(response: Response) -> Response:
    if _is_plugins():
        return response
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    if response.mimetype == "text/html":
        # The frame around every page says who is signed in.
        headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _error_page(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    known = {403: "这里进不去", 404: "没有这一页", 413: "内容太长了", 500: "出了点问题"}
    title = known.get(error.code, "这样不行")
    detail = error.description if error.code == 403 else None
    page = render_template("shop/error.html", title=title, detail=detail)
    return Response(page, error.code)
