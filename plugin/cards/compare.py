"""The card of a comparison: every link that changes the view is made here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import urlencode

from ...moderation.estimate import SMALL
from ...widgets.cards import STAGES, LinkCard, Stage
from ...widgets.compare_cards import (
    Choice,
    Column,
    CompareCard,
    CompareTab,
    OrderLink,
    SideCard,
)
from ..aspects import DEFAULT_ASPECTS
from ..links import Links
from ..queries.compare import (
    KINDS,
    MOST_NAMED,
    ORDERS,
    PAGE_SIZE,
    CompareQuery,
    Comparison,
    Kind,
    Side,
)
from ..queries.summary import Scores
from .figures import aspect_means, interval_card, percent
from .reviews import product_name


def compare_card(
    query: CompareQuery, found: Comparison, links: Links, lang: str, kept: Mapping[str, str]
) -> CompareCard:
    """What ``query`` found. ``kept`` are parameters that are the page's own."""

    def to(**changes: object) -> str:
        return compare_url(query, links.compare(), kept, **changes)

    return CompareCard(
        stage=cast(Stage, query.stage),
        kind=query.kind,
        order=query.order,
        tabs=tuple(
            CompareTab(stage, found.counts.get(stage, 0), to(stage=stage), stage == query.stage)
            for stage in STAGES
        ),
        kinds=tuple(LinkCard(kind, to(kind=kind), kind == query.kind) for kind in KINDS),
        orders=tuple(OrderLink(order, to(order=order), order == query.order) for order in ORDERS),
        sides=tuple(_side_card(side, query, links, lang, kept) for side in found.sides),
        total=found.total,
        overlap=found.overlap,
        small_below=SMALL,
        action=links.compare(),
        data_url=compare_url(query, links.compare_data(), {}),
        kept=(("stage", query.stage), ("by", query.kind), ("sort", query.order), *kept.items()),
        choices=_choices(query, found, lang),
        all_url=to(insurers=(), products=()) if query.insurers or query.products else None,
        next_url=to(after=found.next) if found.next else None,
        first_url=to() if query.after else None,
    )


def compare_url(query: CompareQuery, path: str, kept: Mapping[str, str], **changes: object) -> str:
    """The address of ``query`` with ``changes``; defaults are left out, and so is the page.

    What was chosen stays when the kind changes: insurers stand for their products then, and
    products for their insurers.
    """
    asked = {
        "stage": query.stage,
        "kind": query.kind,
        "insurers": query.insurers,
        "products": query.products,
        "order": query.order,
        "limit": query.limit,
        "after": None,
        **changes,
    }
    usual: Kind = "product" if asked["products"] else "insurer"
    parameters = {
        "stage": asked["stage"],
        "by": None if asked["kind"] == usual else asked["kind"],
        "insurer": asked["insurers"],
        "product": asked["products"],
        "sort": None if asked["order"] == "name" else asked["order"],
        "limit": None if asked["limit"] == PAGE_SIZE else asked["limit"],
        "after": asked["after"],
        **kept,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True)}"


def _side_card(
    side: Side, query: CompareQuery, links: Links, lang: str, kept: Mapping[str, str]
) -> SideCard:
    product, rate, coverage = side.product, side.reply_rate, side.coverage
    if product is None:
        name, insurer_name = side.insurer_name, None
        of_insurer = {"kind": "product", "insurers": (side.insurer,), "products": ()}
        url = compare_url(query, links.compare(), kept, **of_insurer)
    else:
        name, insurer_name = product_name(product, lang), side.insurer_name
        stage = {"stage": query.stage} if side.offered else {}
        asked = urlencode({**stage, **kept})
        url = links.wall(product.sku) + (f"?{asked}" if asked else "")
    return SideCard(
        key=side.key,
        name=name,
        insurer_name=insurer_name,
        url=url,
        log_url=links.log(side.insurer),
        offered=side.offered,
        count=side.scores.count,
        interval=interval_card(side.scores),
        is_small=side.scores.is_small,
        overlaps=side.overlaps,
        columns=_columns(side.scores),
        aspects=aspect_means(side.aspects, DEFAULT_ASPECTS[query.stage], lang),
        eligible=side.eligible,
        coverage=None if coverage is None else coverage * 100,
        written=side.written,
        reply_share=None if rate is None else rate * 100,
        median_hours=side.median_hours,
        removals=side.removals,
    )


def _columns(scores: Scores) -> tuple[Column, ...]:
    largest = max(scores.histogram.values(), default=0)
    return tuple(
        Column(score, count, percent(count, largest))
        for score, count in sorted(scores.histogram.items())
    )


def _choices(query: CompareQuery, found: Comparison, lang: str) -> tuple[Choice, ...]:
    """The boxes: products where they are few enough to be looked through, else insurers."""
    if query.kind == "product" and len(found.catalogue) <= MOST_NAMED:
        chosen = query.products
        return tuple(
            Choice(
                "product",
                one.sku,
                product_name(one, lang),
                one.sku in chosen or one.insurer in query.insurers,
            )
            for one in found.catalogue
        )
    named = {one.insurer for one in found.catalogue if one.sku in query.products}
    insurers = {one.insurer: one.insurer_name for one in found.catalogue}
    return tuple(
        Choice("insurer", slug, name, slug in named.union(query.insurers))
        for slug, name in insurers.items()
    )
