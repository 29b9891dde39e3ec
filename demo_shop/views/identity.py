"""Stepping into a role with one click, and out of it again."""

from __future__ import annotations

from flask import Flask, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from insurance_reviews.demo_shop import identities
from insurance_reviews.demo_shop.catalogue import load
from insurance_reviews.plugin.current import get_state


def register(app: Flask) -> None:
    """Add the pages."""
    app.add_url_rule("/identity", "identity", choose)
    app.add_url_rule("/identity", "sign_in", sign_in, methods=["POST"])
    app.add_url_rule("/identity/leave", "sign_out", sign_out, methods=["POST"])


def choose() -> str:
    """All roles."""
    insurers = [(one, identities.of_insurer(one.slug)) for one in load().insurers]
    return render_template(
        "shop/identity.html", insurers=insurers, regulator=identities.regulator()
    )


def sign_in() -> Response:
    """Step into a role and go to its desk."""
    identity = identities.find(request.form.get("identity"))
    if identity is None:
        abort(404)
    session["identity"] = identity.key
    return redirect(get_state().settings.url_prefix + identity.desk, 303)


def sign_out() -> Response:
    """Be a visitor again."""
    session.pop("identity", None)
    return redirect(url_for("identity"), 303)
