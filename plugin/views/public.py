"""The pages that everybody reads: walls, single reviews, the index; and our assets."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request
from pydantic import ValidationError
from sqlalchemy.orm import Session

from ...moderation.cosignatures import entry_witnessed, last_witnessed
from ...widgets.cards import WallCard
from ...widgets.desk_cards import ProductRow, ProductsCard
from ..api.faults import faults_of
from ..api.models import WallParameters
from ..cards.reviews import product_card, review_card, witnessed_card
from ..cards.wall import wall_card
from ..current import get_state
from ..errors import Fault, InvalidInput, NotFound
from ..links import Links, WallLinks
from ..operator import is_independent
from ..queries.reviews import find_review
from ..queries.summary import NO_SCORES, read_scores, read_summary
from ..queries.wall import WallQuery, check_names, previous_page, read_wall
from ..responses import cached_view, language, revalidated
from ..search.terms import MOST_CHARACTERS
from ..services.catalogue import find_product, list_products
from ..state import State
from ..structured_data import review_data, wall_data
from .pages import reader_links, render


def register(blueprint: Blueprint) -> None:
    """Add the public pages."""
    blueprint.add_url_rule("", "index", products)
    blueprint.add_url_rule("/", "index", products)
    blueprint.add_url_rule("/products", "products", products)
    blueprint.add_url_rule("/products/<sku>", "wall", wall)
    blueprint.add_url_rule("/r/<review>", "review", review)
    blueprint.add_url_rule("/static/<name>", "static", static)


def products() -> Response:
    """The index of all products."""
    state = get_state()
    links = reader_links(state)
    with state.work.reading() as session:
        listed = list_products(session)
        scores = read_scores(session)
    rows = tuple(
        ProductRow(
            product_card(product, links, language()),
            found.average,
            found.count,
            links.log(product.insurer),
        )
        for product in listed
        for found in [scores.get(product.sku, NO_SCORES)]
    )
    page = render(
        state,
        "products.html",
        products=ProductsCard(rows),
        canonical_url=Links.absolute(state.settings).products(),
    )
    return revalidated(page)


@cached_view
def wall(sku: str) -> Response:
    """A product's wall as a page of ours."""
    state = get_state()
    path = Links.paths(state.settings).wall(sku)
    card = wall_from_request(state, sku, path, reader_links(state))
    absolute = Links.absolute(state.settings)
    return render(
        state,
        "wall_page.html",
        wall=card,
        reads=WallParameters.model_fields,
        canonical_url=_canonical(absolute.wall(sku)),
        previous_url=_previous(state, sku, path),
        structured_data=wall_data(card, absolute, state.renderer.catalogue(language())),
    )


def _previous(state: State, sku: str, path: str) -> str | None:
    """Where the page before this one is; ``None`` on the first one, and where none leads back."""
    asked = {
        name: request.args[name] for name in WallParameters.model_fields if name in request.args
    }
    query = read_query(sku, asked)
    if query.after is None or not query.leads_back:
        return None
    with state.work.reading() as session:
        cursor = previous_page(session, query)
    kept = {"lang": language()} if "lang" in request.args else {}
    return WallLinks(path).to({**asked, **kept, "after": cursor})


def _canonical(url: str) -> str:
    """The address under which search engines are to know this wall.

    Another filter, order or size shows the same reviews: those are pages of the plain wall. The
    pages after the first hold other reviews, so each is known by itself.
    """
    after = request.args.get("after")
    if after is None or request.args.keys() & (WallParameters.model_fields.keys() - {"after"}):
        return url
    return WallLinks(url).to({"after": after})


def review(review: str) -> Response:
    """One review."""
    state = get_state()
    with state.work.reading() as session:
        found = find_review(session, review)
        product = find_product(session, found.product)
        witnessed = witnessed_card(*entry_witnessed(session, found.insurer, found.index))
    links = reader_links(state)
    card = review_card(found, product, links, language(), state.settings.timezone)
    card = replace(card, witnessed=witnessed)
    absolute = Links.absolute(state.settings)
    independent = is_independent(state, product)
    page = render(
        state,
        "review_page.html",
        review=card,
        canonical_url=absolute.review(review),
        structured_data=review_data(
            card, absolute, state.renderer.catalogue(language()), independent=independent
        ),
    )
    return revalidated(page)


def static(name: str) -> Response:
    """A style sheet or a script; under its versioned name it may be kept for ever.

    Another release's name leads to today's file: a page that was opened before an upgrade, or that
    wrote a name down, goes on. Not one with another's ``integrity``: to it, that is no file at all.
    """
    assets = get_state().assets
    found = assets.find(name)
    if found is None:
        return _moved(assets.successor(name))
    asset, versioned = found
    takes_gzip = request.accept_encodings["gzip"] > 0
    response = Response(asset.gzipped if takes_gzip else asset.data, content_type=asset.media_type)
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if versioned else "no-cache"
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response


def _moved(address: str | None) -> Response:
    if address is None:
        raise NotFound
    response = Response(status=302)
    response.headers["Location"] = address
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def wall_from_request(
    state: State, sku: str, path: str, links: Links, kept: tuple[tuple[str, str], ...] = ()
) -> WallCard:
    """The wall that the request's parameters ask for, its links leading back to ``path``."""
    if "lang" in request.args:
        kept = (*kept, ("lang", language()))
    where = WallLinks(path, kept=kept)
    with state.work.reading() as session:
        asked = dict(request.args.items())
        return build_wall(state, session, sku, asked, where, links, language())


def build_wall(
    state: State,
    session: Session,
    sku: str,
    parameters: dict[str, str],
    where: WallLinks,
    links: Links,
    lang: str,
) -> WallCard:
    """The wall of ``sku`` for the wall's own ``parameters``. Raises what a bad one deserves."""
    product = find_product(session, sku)
    query = read_query(sku, parameters)
    if query.stage is not None and query.stage not in product.stages:
        raise InvalidInput({"stage": Fault("choice", {"choices": ", ".join(product.stages)})})
    check_names(query, product.aspects)
    page = read_wall(session, query)
    summary = read_summary(session, sku, product.stages)
    witnessed = last_witnessed(session, product.insurer)
    return wall_card(state, product, query, summary, page, where, links, lang, witnessed)


def read_query(sku: str, parameters: dict[str, str]) -> WallQuery:
    """The query of a page or an embed: the API's parameters, and others of the page are left
    alone. Raises :class:`InvalidInput`."""
    # A form sends the fields that were left empty, too.
    ours = {name: parameters[name] for name in WallParameters.model_fields if parameters.get(name)}
    if "q" in ours:
        # A shopper who pasted a page of text is looking for its beginning.
        ours["q"] = ours["q"][:MOST_CHARACTERS]
    try:
        asked = WallParameters.model_validate(ours)
    except ValidationError as error:
        raise InvalidInput(faults_of(error)) from error
    return asked.query(sku)
