"""What the shop sells: the front page, the product pages, and how reviews get into a page."""

from __future__ import annotations

from flask import Flask, abort, redirect, render_template
from werkzeug.wrappers import Response

from insurance_reviews.demo_shop.catalogue import Product, load
from insurance_reviews.demo_shop.shop import get_shop
from insurance_reviews.plugin.current import get_state


def register(app: Flask) -> None:
    """Add the pages."""
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/products/<sku>", "product", product)
    app.add_url_rule("/embedding", "embedding", embedding)
    app.add_url_rule("/favicon.ico", "favicon", favicon)


def find_product(sku: str) -> Product:
    """The product of an address, or a 404 page."""
    try:
        return load().product(sku)
    except LookupError:
        abort(404)


def home() -> str:
    """All products."""
    shelves = load()
    return render_template(
        "shop/home.html",
        products=[(one, shelves.insurer(one.insurer)) for one in shelves.products],
        insurers=shelves.insurers,
    )


def product(sku: str) -> str:
    """One product with its reviews."""
    found = find_product(sku)
    return render_template(
        "shop/product.html", product=found, insurer=load().insurer(found.insurer)
    )


def embedding() -> str:
    """How a shop gets reviews into its pages."""
    return render_template(
        "shop/embedding.html",
        product=load().products[0],
        base_url=get_state().settings.base_url,
        today=get_shop().today,
    )


def favicon() -> Response:
    """Browsers ask for it by this name whatever a page says."""
    return redirect("/static/seal.svg", 301)
