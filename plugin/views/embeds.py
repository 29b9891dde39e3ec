"""What stands on other people's pages: walls and summaries as fragments, and walls in frames."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ...widgets.embed_cards import SCHEMES
from ..api.models import WallParameters
from ..cache.asked import MOST_SUMMARIES
from ..cards.wall import summary_card
from ..current import get_state
from ..errors import Fault, InvalidInput, NotFound
from ..links import Links
from ..queries.summary import NO_SCORES, read_scores
from ..responses import cached_view, content_security_policy, language
from ..services.catalogue import embedding_origins, find_product, list_products
from ..state import State
from .pages import reader_links, render
from .public import wall_from_request

OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache", "Vary": "Accept-Language"}


def register(blueprint: Blueprint) -> None:
    """Add the embeds."""
    blueprint.add_url_rule("/embed/wall", "embed_wall", embed_wall)
    blueprint.add_url_rule("/embed/summary", "embed_summary", embed_summary)
    blueprint.add_url_rule("/frame/wall", "frame_wall", frame_wall)


@cached_view
def embed_wall() -> Response:
    """The wall as a fragment of HTML, whose addresses hold on a page of any origin."""
    state = get_state()
    sku = _asked_product()
    path = Links.absolute(state.settings).wall(sku)
    card = wall_from_request(state, sku, path, reader_links(state, absolute=True))
    return _fragment(state, "wall.html", wall=card)


@cached_view
def embed_summary() -> Response:
    """Stars and count as a fragment of HTML; of several products, one after the other, when
    ``product`` is repeated."""
    asked = list(dict.fromkeys(request.args.getlist("product")))
    return _one_summary() if len(asked) < 2 else _summaries(asked)


def _one_summary() -> Response:
    state = get_state()
    links = reader_links(state, absolute=True)
    with state.work.reading() as session:
        product = find_product(session, _asked_product())
        scores = read_scores(session, [product.sku]).get(product.sku, NO_SCORES)
    card = summary_card(product, scores, links, language())
    return _fragment(state, "summary.html", summary=card)


def _summaries(asked: list[str]) -> Response:
    """In the order in which they were asked for. A list must not fail for one product that is
    unknown, or not yet registered: in its place stands an empty mark."""
    if len(asked) > MOST_SUMMARIES:
        raise InvalidInput({"product": Fault("too-many", {"limit": MOST_SUMMARIES})})
    state = get_state()
    links = reader_links(state, absolute=True)
    with state.work.reading() as session:
        products = {product.sku: product for product in list_products(session, skus=asked)}
        scores = read_scores(session, list(products))
    cards = {
        sku: summary_card(product, scores.get(sku, NO_SCORES), links, language())
        for sku, product in products.items()
    }
    found = [(sku, cards.get(sku)) for sku in asked]
    return _fragment(state, "summaries.html", summaries=found)


@cached_view
def frame_wall() -> Response:
    """The wall as a page for an iframe on the storefronts that sell the product. It tells them its
    height, and nobody else. ``?theme=`` is light, dark, or auto: what the reader prefers."""
    state = get_state()
    sku = _asked_product()
    theme = request.args.get("theme", "auto")
    if theme not in SCHEMES:
        raise InvalidInput({"theme": Fault("choice", {"choices": ", ".join(SCHEMES)})})
    path = f"{state.settings.url_prefix}/frame/wall"
    links = reader_links(state)
    kept = (("product", sku), *((("theme", theme),) if "theme" in request.args else ()))
    card = wall_from_request(state, sku, path, links, kept=kept)
    with state.work.reading() as session:
        origins = embedding_origins(session, card.product.insurer)
    response = render(
        state,
        "frame_page.html",
        framed=True,
        reads=("product", "theme", *WallParameters.model_fields),
        wall=card,
        origins=origins,
        color_scheme=SCHEMES[theme],
        canonical_url=Links.absolute(state.settings).wall(sku),
    )
    response.headers["Content-Security-Policy"] = content_security_policy(["'self'", *origins])
    return response


def _asked_product() -> str:
    sku = request.args.get("product")
    if not sku:
        raise InvalidInput({"product": Fault("required")})
    if "\x00" in sku:
        raise NotFound  # As for paths: PostgreSQL cannot be asked for it.
    return sku


def _fragment(state: State, template: str, **context: object) -> Response:
    """``styles=none`` leaves the link to the style sheet out: our elements adopt it instead."""

    def asset(name: str) -> str:
        return state.settings.public_url + state.assets.url(name)

    if request.args.get("styles") == "none":
        template = f"parts/{template}"
    html = state.renderer.render(template, language(), asset=asset, **context)
    response = Response(html, content_type="text/html; charset=utf-8", headers=OPEN)
    response.headers["Content-Language"] = language()
    return response
