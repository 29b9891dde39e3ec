"""Somebody else's shop on Flask that has mounted the reviews, for tests of what goes over HTTP.

It has all that a host may have and that must stay its own: pages, error handlers, limits, sessions,
a ``/static`` folder and globals of its templates.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, redirect, render_template_string, request, session
from flask.testing import FlaskClient

from insurance_reviews.plugin import InsuranceReviews, Staff
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.deliver import deliver_due
from insurance_reviews.plugin.services.catalogue import issue_token
from insurance_reviews.plugin.state import State

from .world import AUTHORITY, CORNER_SHOP, INSURERS, SHOP, World

#: Where the test client's browser thinks it is.
ADDRESS = "http://localhost"
PREFIX = "/reviews"
API = f"{PREFIX}/api/v1"

#: API tokens by what their holders are called: role and subject.
TOKENS = {
    SHOP: ("storefront", SHOP),
    CORNER_SHOP: ("storefront", CORNER_SHOP),
    **{f"insurer-{slug}": ("insurer", slug) for slug in INSURERS},
    **{f"compliance-{slug}": ("compliance", slug) for slug in INSURERS},
    "regulator": ("regulator", AUTHORITY),
}

#: Who can sign in at the host.
STAFF = {
    **{
        f"service-{slug}": Staff(f"s-{slug}", f"{name}客服", slug, frozenset({"reply"}))
        for slug, name in INSURERS.items()
    },
    **{
        f"compliance-{slug}": Staff(
            f"c-{slug}", f"{name}合规", slug, frozenset({"reply", "compliance"})
        )
        for slug, name in INSURERS.items()
    },
    "regulator": Staff("r-1", "监管员", None, frozenset({"regulator"})),
}

PRODUCT_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{{ sku }}</title></head>
<body><main><h1>{{ sku }}</h1>{{ insurance_reviews.summary(sku) }}
{{ insurance_reviews.wall(sku) }}</main></body></html>"""


@dataclass
class Host:
    """The application, and the world it stands in."""

    app: Flask
    world: World

    @property
    def state(self) -> State:
        return get_state(self.app)

    def client(self, staff: str | None = None) -> FlaskClient:
        """A browser without JavaScript; ``staff`` has signed in at the host."""
        client = self.app.test_client()
        if staff is not None:
            assert client.get(f"/sign-in/{staff}").status_code == 302
        return client

    def deliver(self) -> int:
        """What the worker does now and then."""
        return deliver_due(self.state)


def settings_of(world: World, **changed: Any) -> dict[str, Any]:
    """The settings of ``world`` as a host writes them; ``changed`` by their field's name."""
    settings = world.settings
    values: dict[str, Any] = {
        "database_url": settings.database_url.render_as_string(hide_password=False),
        "public_url": ADDRESS,
        "state_dir": str(settings.state_dir),
        "policy_key": settings.policy_key.hex(),
        "invitation_key": settings.invitation_key.hex(),
        "mail_folder": str(settings.state_dir / "mail"),
        # Tests are impatient; those of the limits set their own.
        "rate_limit_submit": "10000/minute",
        "rate_limit_link": "10000/minute",
        **changed,
    }
    return {f"INSURANCE_REVIEWS_{name.upper()}": value for name, value in values.items()}


def issue_tokens(world: World) -> None:
    """Give everybody in :data:`TOKENS` a token that is their name."""
    for token, (role, subject) in TOKENS.items():
        world.write(lambda s: issue_token(s, role, subject, world.now, token=token))  # noqa: B023


def signed_in() -> Staff | None:
    """The host's ``identity``."""
    return STAFF.get(session.get("staff", ""))


def make_host(world: World, *, secret_key: str | None = "of-the-host", **settings: Any) -> Flask:
    """The shop, with the reviews mounted."""
    app = Flask("shop", root_path=str(world.settings.state_dir))
    app.secret_key = secret_key
    app.config["MAX_CONTENT_LENGTH"] = 100
    app.jinja_env.globals["shop_name"] = "保险商城"
    app.config.update(settings_of(world, **settings))
    InsuranceReviews(identity=signed_in, clock=lambda: world.now).init_app(app)

    @app.get("/product/<sku>")
    def product(sku: str) -> str:
        return render_template_string(PRODUCT_PAGE, sku=sku)

    @app.get("/sign-in/<who>")
    def sign_in(who: str) -> Any:
        session["staff"] = who
        return redirect(request.args.get("next", "/"))

    @app.post("/upload")
    def upload() -> str:
        return f"{len(request.get_data())} bytes"

    @app.get("/fails")
    def fails() -> str:
        raise ZeroDivisionError

    @app.errorhandler(Exception)
    def error(error: Exception) -> Response:
        code = getattr(error, "code", 500)
        return Response(f"host: {code}", code, content_type="text/plain")

    for code in (400, 404, 405, 413, 500):
        app.register_error_handler(code, error)
    return app


@contextmanager
def mounted(world: World, **settings: Any) -> Iterator[Host]:
    """The shop in ``world``, whose connections are closed at the end."""
    app = make_host(world, **settings)
    try:
        yield Host(app, world)
    finally:
        get_state(app).work.engine.dispose()
