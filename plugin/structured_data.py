"""What a page shows, said once more in the words of schema.org, for search engines (JSON-LD).

Everything is read from the card of the page, so that nothing is said that the page does not show.
Only products are rated, never an insurer; and a page that the insurer runs itself says nothing at
all (``docs/search-engines.md`` has the reasons).
"""

from __future__ import annotations

import json
from gettext import NullTranslations
from typing import Any

from markupsafe import Markup

from ..widgets.cards import ProductCard, ReviewCard, WallCard
from ..widgets.i18n import N_, translate
from ..widgets.words import ANONYMOUS
from .links import Links

CONTEXT = "https://schema.org"
#: What could end the element or begin a comment in it, and what older JavaScript takes for the end
#: of a line. In JSON these characters stand in strings only, where an escape means the same.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def wall_data(wall: WallCard, links: Links, translations: NullTranslations) -> Markup | None:
    """The product of ``wall`` with its average and the reviews on this page of it.

    ``links`` are absolute. ``None`` when there are no reviews, and when the insurer runs the page.
    """
    if not wall.disclosure.independent or not wall.count or wall.average is None:
        return None
    return script_json(
        {
            "@context": CONTEXT,
            **_product(wall.product, links),
            "aggregateRating": {
                "@type": "AggregateRating",
                "ratingValue": str(wall.average),
                "reviewCount": wall.count,
                **_SCALE,
            },
            "review": [_review(review, links, translations) for review in wall.reviews],
        }
    )


def review_data(
    review: ReviewCard, links: Links, translations: NullTranslations, *, independent: bool
) -> Markup | None:
    """A review that stands on a page of its own; ``None`` when the insurer runs the page."""
    if not independent:
        return None
    return script_json(
        {
            "@context": CONTEXT,
            **_review(review, links, translations),
            "itemReviewed": _product(review.product, links),
        }
    )


def script_json(value: Any) -> Markup:
    """``value`` as JSON that may stand inside a ``<script>`` element, whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Markup, because HTML's own escapes are not read inside of <script>: "&quot;" would stay.
    return Markup(text.translate(_ESCAPES))


_SCALE = {"bestRating": 5, "worstRating": 1}


def _product(product: ProductCard, links: Links) -> dict[str, Any]:
    return {
        "@type": "Product",
        "name": product.name,
        "sku": product.sku,
        "url": links.wall(product.sku),
        "brand": {"@type": "Brand", "name": product.insurer_name},
    }


def _review(review: ReviewCard, links: Links, translations: NullTranslations) -> dict[str, Any]:
    name = review.display_name
    if name is None:
        name = translate(translations, N_("Policyholder"))
    elif name == ANONYMOUS:
        name = translate(translations, N_("Anonymous"))
    body = None if review.text is None else review.text.text
    return {
        "@type": "Review",
        "url": links.review(review.id),
        "author": {"@type": "Person", "name": name},
        "datePublished": review.submitted_at.isoformat(),
        "reviewRating": {"@type": "Rating", "ratingValue": review.score, **_SCALE},
        **({} if body is None else {"reviewBody": body}),
    }
