"""Stars, average and count of a product as one picture, where no page can stand: mails, PDFs."""

from __future__ import annotations

import unicodedata

from babel.numbers import format_decimal
from flask import Blueprint, Response, request

from ...widgets.embed_cards import THEMES, BadgeCard, Theme
from ...widgets.i18n import N_, locale_of
from ..cards.reviews import product_name
from ..current import get_state
from ..errors import Fault, InvalidInput
from ..queries.summary import NO_SCORES, Scores, read_scores
from ..responses import cached_view, language
from ..services.catalogue import Product, find_product

#: Mails are opened again and again, and nobody minds a count that is five minutes old.
MAX_AGE = 300
#: Where the label begins, with and without an average before it, and what stays free after it.
_AFTER_AVERAGE, _AFTER_STARS, _MARGIN = 156, 111, 14
#: How wide a character of 13 units is: a full-width one, and the widest of the common others.
_WIDE, _NARROW = 13, 7.5


def register(blueprint: Blueprint) -> None:
    """Add the badge."""
    blueprint.add_url_rule("/badge/<sku>.svg", "badge", badge)


@cached_view
def badge(sku: str) -> Response:
    """The badge of a product: ``?theme=`` is light or dark, ``?lang=`` as everywhere."""
    state, lang = get_state(), language()
    theme = request.args.get("theme", "light")
    if theme not in THEMES:
        raise InvalidInput({"theme": Fault("choice", {"choices": ", ".join(THEMES)})})
    with state.work.reading() as session:
        product = find_product(session, sku)
        scores = read_scores(session, [sku]).get(sku, NO_SCORES)
    card = badge_card(product, scores, theme, lang)
    response = Response(
        state.renderer.render("badge.svg", lang, badge=card),
        content_type="image/svg+xml; charset=utf-8",
    )
    headers = response.headers
    headers["Content-Language"] = lang
    headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    headers["Vary"] = "Accept-Language"
    headers["Access-Control-Allow-Origin"] = "*"
    # Opened by itself a picture is a document, and could do what a page can.
    headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'none'; frame-ancestors 'none'"
    )
    return response


def badge_card(product: Product, scores: Scores, theme: Theme, lang: str) -> BadgeCard:
    """The badge of ``product`` in ``lang``."""
    translations = get_state().renderer.catalogue(lang)
    average, count = scores.average, scores.count
    values = {
        "product": product_name(product, lang),
        "insurer": product.insurer_name,
        "count": format_decimal(count, locale=locale_of(lang)),
    }
    if average is None:
        label = translations.gettext(N_("No reviews yet"))
        title = translations.gettext(N_("%(product)s by %(insurer)s: no reviews yet")) % values
        return BadgeCard(theme, title, label, None, width_of(label, _AFTER_STARS))
    values["average"] = format_decimal(average, "0.00", locale=locale_of(lang))
    label = translations.ngettext("%(count)s review", "%(count)s reviews", count) % values
    title = translations.ngettext(
        "%(product)s by %(insurer)s: %(average)s of 5 stars, %(count)s review",
        "%(product)s by %(insurer)s: %(average)s of 5 stars on average, %(count)s reviews",
        count,
    )
    return BadgeCard(theme, title % values, label, average, width_of(label, _AFTER_AVERAGE))


def width_of(label: str, start: int) -> int:
    """How wide the picture must be for ``label`` to end inside it, whatever font there is."""
    units = sum(
        _WIDE if unicodedata.east_asian_width(character) in "WF" else _NARROW for character in label
    )
    return round(start + units + _MARGIN)
