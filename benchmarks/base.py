"""What everything that is read is compared with: a bare Flask view that returns 8 kB."""

from __future__ import annotations

import os

from flask import Flask, render_template
from jinja2 import DictLoader

from insurance_reviews.plugin import InsuranceReviews

BODY = "x" * 8_192
#: A shop's product page; its text is about as long as the base's body.
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{{ sku }}</title>
</head><body><main><h1>{{ sku }}</h1><p>{{ text }}</p>
{% if shown %}{{ insurance_reviews.wall(sku) }}{% endif %}</main></body></html>"""
SKU = "anxin-medical"


def bare() -> Flask:
    """An application of one view."""
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/", "constant", lambda: BODY)
    return app


def host() -> Flask:
    """The same, with us mounted in it, and a product page with and without the wall in it; our
    settings come from the environment."""
    app = bare()
    app.jinja_loader = DictLoader({"product.html": PAGE})
    InsuranceReviews().init_app(app, os.environ)
    for path, shown in (("/product", True), ("/plain", False)):
        app.add_url_rule(path, path, _page, defaults={"shown": shown})
    return app


def _page(shown: bool) -> str:
    return render_template("product.html", sku=SKU, text=BODY, shown=shown)
