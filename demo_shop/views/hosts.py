"""Two pages as other people have them: what they embed comes from us, the rest is theirs.

The product pages of the shop itself show what a Flask application gets. These show the element on
a page of static HTML that allows next to nothing, and on a portal that has grown for twenty years.
"""

from __future__ import annotations

from flask import Flask, make_response, render_template, request
from werkzeug.wrappers import Response

from insurance_reviews.demo_shop.catalogue import load
from insurance_reviews.demo_shop.views.shelves import find_product
from insurance_reviews.plugin.current import get_state

#: What a page allows for its own pictures and style sheets.
OWN = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
#: What it adds for the element, as docs/embedding.md says. `{}` is the origin of the reviews.
ELEMENT = (
    "script-src {0}; connect-src {0}; "
    "require-trusted-types-for 'script'; trusted-types insurance-reviews"
)
#: The portal has a script of its own, a frame, and has never heard of Trusted Types.
PORTAL = "script-src 'self' {0}; connect-src {0}; frame-src {0}"


def register(app: Flask) -> None:
    """Add the pages."""
    app.add_url_rule("/hosts/static/<sku>", "static_host", static_host)
    app.add_url_rule("/hosts/legacy/<sku>", "legacy_host", legacy_host)


def static_host(sku: str) -> Response:
    """A comparison site of static HTML under a strict policy."""
    return _page("shop/hosts/static.html", sku, ELEMENT)


def legacy_host(sku: str) -> Response:
    """An insurer's old portal, from right to left with ``?dir=rtl``."""
    direction = "rtl" if request.args.get("dir") == "rtl" else "ltr"
    return _page("shop/hosts/legacy.html", sku, PORTAL, direction=direction)


def _page(template: str, sku: str, policy: str, **values: object) -> Response:
    product, shelves = find_product(sku), load()
    settings = get_state().settings
    response = make_response(
        render_template(
            template,
            product=product,
            products=shelves.products,
            insurer=shelves.insurer(product.insurer),
            base_url=settings.base_url,
            **values,
        )
    )
    response.headers["Content-Security-Policy"] = f"{OWN}; {policy.format(settings.public_url)}"
    return response
