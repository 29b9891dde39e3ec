"""What a reader can do with a wall: filters, orders and search, and where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import cast, get_args

from ...widgets.cards import (
    ActiveFilter,
    AspectChoice,
    FilterKind,
    SearchCard,
    SortLink,
    Stage,
    TopicChip,
)
from ..aspects import aspects_of
from ..links import WallLinks
from ..queries.summary import Summary
from ..queries.wall import PAGE_SIZE, SORTS, Sort, WallQuery
from ..services.catalogue import Product
from .reviews import aspect_label

#: Topics that are shown, the most frequent ones.
MOST_TOPICS = 8
#: In the order in which they are shown.
FILTERS: tuple[FilterKind, ...] = get_args(FilterKind)
#: What the form itself asks for; the other filters travel with it unseen.
_FIELDS = frozenset({"q", "aspect", "replied", "followed_up", "has_text", "since", "until"})


def parameters(
    query: WallQuery, *, after: str | None = None, **changes: object
) -> dict[str, object]:
    """The query's parameters with ``changes``; defaults are left out, and so is the page."""
    current = {
        **_filters(query),
        "sort": query.sort,
        "limit": None if query.limit == PAGE_SIZE else query.limit,
        **changes,
    }
    if current["sort"] == "newest" or (current["sort"] == "relevant" and not current["q"]):
        current["sort"] = None
    return {**current, "after": after}


def sort_links(query: WallQuery, where: WallLinks) -> tuple[SortLink, ...]:
    """The orders of this wall; by relevance only what was searched for."""
    sorts: tuple[Sort, ...] = (*SORTS, "relevant") if query.q else SORTS
    return tuple(
        SortLink(sort, where.to(parameters(query, sort=sort)), sort == query.sort) for sort in sorts
    )


def active_filters(
    query: WallQuery, product: Product, where: WallLinks, lang: str
) -> tuple[ActiveFilter, ...]:
    """The filters in force, each with the address without it."""
    found = []
    for kind, value in _filters(query).items():
        if value is None:
            continue
        clear = where.to(parameters(query, **{kind: None}))
        text, label, stars = str(value), None, None
        if kind == "aspect":
            text, _, rated = text.partition(":")
            stars = int(rated) if rated else None
            label = _aspect_labels(product, aspect_stage(query, product), lang).get(text)
        found.append(ActiveFilter(cast(FilterKind, kind), text, clear, label, stars))
    return tuple(found)


def topic_chips(query: WallQuery, summary: Summary, where: WallLinks) -> tuple[TopicChip, ...]:
    """What the reviews of the stage that is shown speak of most, and what is filtered by."""
    found = sorted(summary.topics_of(query.stage), key=lambda topic: -topic[1].count)
    shown = [topic for topic in found if topic[0] == query.topic]
    shown += [topic for topic in found if topic[0] != query.topic]
    return tuple(
        TopicChip(
            topic=topic,
            count=scores.count,
            praising=scores.histogram[4] + scores.histogram[5],
            critical=scores.histogram[1] + scores.histogram[2],
            url=where.to(parameters(query, topic=None if topic == query.topic else topic)),
            active=topic == query.topic,
        )
        for topic, scores in shown[:MOST_TOPICS]
    )


def search_card(query: WallQuery, product: Product, where: WallLinks, lang: str) -> SearchCard:
    """The form, filled in as ``query`` has it."""
    filters = _filters(query)
    unseen = {
        name: value for name, value in parameters(query).items() if name not in _FIELDS and value
    }
    stage = aspect_stage(query, product)
    aspects = _aspect_labels(product, stage, lang) if query.stage or query.aspect else {}
    shown = {name: str(filters[name] or "") for name in _FIELDS - {"q"}}
    return SearchCard(
        action=where.path + where.anchor,
        kept=(
            *where.kept,
            *((where.prefix + name, str(value)) for name, value in unseen.items()),
        ),
        prefix=where.prefix,
        query=query.q or "",
        stage=cast("Stage | None", stage),
        aspects=tuple(AspectChoice(key, label) for key, label in aspects.items()),
        **shown,
    )


def aspect_stage(query: WallQuery, product: Product) -> str | None:
    """The stage by which an aspect is worded: the one that is shown, or the first that asks it."""
    if query.stage or not query.aspect:
        return query.stage
    key = query.aspect.partition(":")[0]
    return next(
        (
            stage
            for stage in product.stages
            if any(aspect.key == key for aspect in aspects_of(product.aspects, stage))
        ),
        None,
    )


def _aspect_labels(product: Product, stage: str | None, lang: str) -> dict[str, str | None]:
    asked = aspects_of(product.aspects, stage) if stage else ()
    return {aspect.key: aspect_label(aspect, lang) for aspect in asked}


# A wall has twenty-five links, and each of them keeps the filters.
@lru_cache
def _filters(query: WallQuery) -> Mapping[str, object]:
    """Every filter as an address has it; ``None`` where there is none."""
    values = {kind: getattr(query, kind) for kind in FILTERS}
    return {kind: _said(value) for kind, value in values.items()}


def _said(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value or None
