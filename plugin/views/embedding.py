"""The desk's page about embedding: what to copy into a page, and how it will look there."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from ...widgets.cards import LinkCard
from ...widgets.embed_cards import EmbedCard, ProductEmbedCard, ScriptCard
from ...widgets.i18n import catalogue, translate
from ...widgets.words import ELEMENT
from ..cards.reviews import product_card, product_name
from ..current import get_state
from ..errors import NotFound
from ..links import Links
from ..queries.summary import NO_SCORES, read_scores
from ..responses import content_security_policy, language
from ..services.catalogue import Product, embedding_origins, insurer_name, list_products
from ..state import State
from .badge import badge_card
from .desk_review import desk_nav
from .pages import render
from .staff import require_insurer


def register(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/desk/embed", "desk_embed", embed)


def embed() -> Response:
    """The insurer's products; of the one that ``?product=`` asks for, or the first, every way."""
    state = get_state()
    staff, insurer = require_insurer(state, "reply", "compliance")
    links = Links.paths(state.settings)
    with state.work.reading() as session:
        products = list_products(session, insurer=insurer)
        shown = _asked(products)
        card = EmbedCard(
            insurer_name=insurer_name(session, insurer),
            products=tuple(
                LinkCard(
                    product_name(product, language()),
                    f"{links.desk('embed')}?product={product.sku}",
                    product is shown,
                )
                for product in products
            ),
            shown=None if shown is None else _product(session, state, shown),
            define=_script(state, "define.js"),
            frames=_script(state, "frames.js"),
            origins=tuple(embedding_origins(session, insurer)),
            reworded=tuple(_reworded(state, language())),
        )
    nav = desk_nav(staff, links, "embed")
    response = render(state, "embed_page.html", private=True, staff=staff, nav=nav, embed=card)
    # The preview is a frame of our own, and this is the one page that has any.
    policy = f"{content_security_policy()}; frame-src 'self'"
    response.headers["Content-Security-Policy"] = policy
    return response


def _asked(products: list[Product]) -> Product | None:
    """The product to show; ``None`` when there are none. Raises :class:`NotFound`."""
    sku = request.args.get("product")
    if sku is None:
        return products[0] if products else None
    for product in products:
        if product.sku == sku:
            return product
    raise NotFound


def _product(session: Session, state: State, product: Product) -> ProductEmbedCard:
    sku, lang = product.sku, language()
    paths, absolute = Links.paths(state.settings), Links.absolute(state.settings)
    scores = read_scores(session, [sku]).get(sku, NO_SCORES)
    return ProductEmbedCard(
        product=product_card(product, absolute, lang),
        frame_url=absolute.frame(sku),
        preview_url=paths.frame(sku),
        badge_url=absolute.badge(sku),
        badge_path=paths.badge(sku),
        badge=badge_card(product, scores, "light", lang),
        summary_url=absolute.summary_data(sku),
        reviews_url=absolute.reviews_data(sku),
    )


def _reworded(state: State, lang: str) -> Iterator[tuple[str, str]]:
    """What the element must be told on the page, as it says it before any answer of ours came."""
    ours, own = catalogue(lang), state.renderer.catalogue(lang)
    for key in ("failed", "retry"):
        said = translate(own, ELEMENT[key])
        if said != translate(ours, ELEMENT[key]):
            yield key, said


def _script(state: State, name: str) -> ScriptCard:
    return ScriptCard(
        state.settings.public_url + state.assets.url(name), state.assets.integrity(name)
    )
