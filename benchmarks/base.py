"""What everything that is read is compared with: a bare Flask view that returns 8 kB."""

from __future__ import annotations

import os

from flask import Flask

from insurance_reviews.plugin import InsuranceReviews

BODY = "x" * 8_192


def bare() -> Flask:
    """An application of one view."""
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/", "constant", lambda: BODY)
    return app


def host() -> Flask:
    """The same, with us mounted in it; our settings come from the environment."""
    app = bare()
    InsuranceReviews().init_app(app, os.environ)
    return app
