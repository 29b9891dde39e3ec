"""The reviews inside the host's own pages: what its templates call."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import request
from markupsafe import Markup

from ...moderation.errors import LogBehind
from ...widgets.render import negotiate
from ..cache.asked import LONGEST, Asked
from ..cache.entry import Entry
from ..cards.wall import summary_card
from ..current import get_state
from ..errors import InvalidInput, NotFound, Unavailable
from ..fingerprint import SchemaChanged
from ..links import Links, WallLinks
from ..queries.summary import read_summary
from ..responses import language
from ..services.catalogue import find_product
from ..state import State
from ..structured_data import wall_data
from .public import build_wall

logger = logging.getLogger(__name__)

#: Inside a host's page the wall's parameters carry this prefix, so that they meet none of the
#: host's.
PARAMETER_PREFIX = "reviews-"
ANCHOR = "#insurance-reviews"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HostHelpers:
    """``insurance_reviews`` in the host's templates: the reviews inside its own pages.

    They speak the reader's language unless the host names one, as a shop in one language does. The
    HTML was made by our autoescaping templates, which is why it is handed over as markup. Like
    every public read it is made once for each revision of the product.
    """

    def wall(self, sku: str, lang: str | None = None) -> Markup:
        """The wall of a product; its filters are links to the very page that it stands on."""
        state = get_state()
        path = request.script_root + request.path
        asked = Asked("wall", (sku,), _parameters(path, lang), _spoken(lang), named=True)
        return _kept(state, asked, lambda: _wall(state, sku, path, lang))

    def summary(self, sku: str, lang: str | None = None) -> Markup:
        """Stars and count of a product, for lists."""
        state = get_state()
        asked = Asked("summary", (sku,), (("lang", lang or ""),), _spoken(lang), named=True)
        return _kept(state, asked, lambda: _summary(state, sku, lang))


def _wall(state: State, sku: str, path: str, lang: str | None) -> str:
    ours = {
        name.removeprefix(PARAMETER_PREFIX): value
        for name, value in request.args.items()
        if name.startswith(PARAMETER_PREFIX)
    }
    given = request.args.items(multi=True)
    theirs = tuple(pair for pair in given if not pair[0].startswith(PARAMETER_PREFIX))
    where = WallLinks(path, PARAMETER_PREFIX, theirs, ANCHOR)
    spoken, links = _spoken(lang), _links(state, lang)
    with state.work.reading() as session:
        try:
            card = build_wall(state, session, sku, ours, where, links, spoken)
        except InvalidInput:
            # A mistyped address of the host's page must not take the page down.
            card = build_wall(state, session, sku, {}, where, links, spoken)
    data = wall_data(card, Links.absolute(state.settings), state.renderer.catalogue(spoken))
    return state.renderer.render("wall.html", spoken, wall=card, structured_data=data)


def _summary(state: State, sku: str, lang: str | None) -> str:
    with state.work.reading() as session:
        product = find_product(session, sku)
        figures = read_summary(session, sku, product.stages)
    card = summary_card(product, figures.scores, _links(state, lang), _spoken(lang))
    return state.renderer.render("summary.html", _spoken(lang), summary=card)


def _kept(state: State, asked: Asked, render: Callable[[], str]) -> Markup:
    """What ``render`` gives for ``asked``, rendered only when something has changed; nothing where
    nothing may be shown, because the host's page stands without it."""
    try:
        state.start_guard.check()
        is_short = sum(len(name) + len(value) for name, value in asked.parameters) <= LONGEST
        wanted = state.cache.wanted(asked) if is_short else None
        entry = None if wanted is None else state.cache.find(wanted)
        if entry is None:
            entry = Entry(render().encode(), [])
            if wanted is not None:
                state.cache.keep(wanted, entry)
        return Markup(entry.plain.body.decode())
    except (LogBehind, SchemaChanged, Unavailable):
        logger.exception("no reviews are shown")
    except NotFound:
        # A product that the shop sells already and nobody has registered here.
        logger.warning("no product %r: register it with flask reviews product add", asked.skus[0])
    return Markup()


def _parameters(path: str, lang: str | None) -> Pairs:
    """All that a wall's links depend on, beside the product."""
    return (("", path), ("", lang or ""), *request.args.items(multi=True))


def _spoken(lang: str | None) -> str:
    return negotiate(lang, None) if lang else language()


def _links(state: State, lang: str | None) -> Links:
    links = Links.paths(state.settings)
    return replace(links, lang=_spoken(lang)) if lang else links
