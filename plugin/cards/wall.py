"""The card of a wall: every link that changes the view is made here."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import cast

from ...moderation.cosignatures import Witnessed
from ...widgets.cards import (
    ActiveFilter,
    DisclosureCard,
    HistogramBar,
    Sort,
    SortLink,
    Stage,
    StageTab,
    SummaryCard,
    WallCard,
)
from ..estimate import rounded
from ..links import Links, WallLinks
from ..queries.summary import Scores, Summary
from ..queries.wall import PAGE_SIZE, SORTS, WallPage, WallQuery
from ..services.catalogue import Product
from ..state import State
from .reviews import day, product_card, review_card


def wall_card(
    state: State,
    product: Product,
    query: WallQuery,
    summary: Summary,
    page: WallPage,
    where: WallLinks,
    links: Links,
    lang: str,
    witnessed: Sequence[Witnessed],
) -> WallCard:
    """The wall of ``product`` as ``query`` asks for it, standing at ``where``.

    ``links`` lead to our pages: by path, or by absolute addresses from another origin's page.
    ``witnessed`` is who vouched last for the log.
    """
    figures = summary.stages.get(query.stage or "")
    shown = summary.scores if figures is None else figures.scores
    filters = _filters(query, where)
    return WallCard(
        product=product_card(product, links, lang),
        average=summary.scores.average,
        count=summary.scores.count,
        histogram=_histogram(shown, query, where),
        tabs=_tabs(summary, query, where),
        sorts=tuple(
            SortLink(cast(Sort, sort), where.to(_parameters(query, sort=sort)), sort == query.sort)
            for sort in SORTS
        ),
        reviews=tuple(
            review_card(review, product, links, lang, state.settings.timezone)
            for review in page.reviews
        ),
        total=page.total,
        write_url=links.link_request(),
        disclosure=DisclosureCard(
            operator=state.operator,
            independent=is_independent(state, product),
            removals=summary.removals,
            withdrawals=summary.withdrawals,
            log_url=links.log(product.insurer),
            reviews_url=links.export(product.insurer),
            witnessed_on=day(witnessed[-1].at, state.settings.timezone) if witnessed else None,
            witnesses=tuple(one.name for one in witnessed),
        ),
        filters=filters,
        clear_url=where.to({}) if filters else None,
        next_url=where.to(_parameters(query, after=page.next)) if page.next else None,
        first_url=where.to(_parameters(query)) if query.after else None,
    )


def is_independent(state: State, product: Product) -> bool:
    """Whether somebody else than the product's insurer runs this page."""
    return state.operator != product.insurer_name


def summary_card(product: Product, scores: Scores, links: Links, lang: str) -> SummaryCard:
    """Stars and count of a product."""
    card = product_card(product, links, lang)
    return SummaryCard(card, scores.average, scores.count, card.url)


def _parameters(
    query: WallQuery, *, after: str | None = None, **changes: object
) -> dict[str, object]:
    """The query's parameters with ``changes``; defaults are left out, and so is the page."""
    current: dict[str, object] = {
        "stage": query.stage,
        "score": query.score,
        "sort": query.sort,
        "limit": None if query.limit == PAGE_SIZE else query.limit,
        **changes,
    }
    if current["sort"] == "newest":
        current["sort"] = None
    return {**current, "after": after}


def _histogram(scores: Scores, query: WallQuery, where: WallLinks) -> tuple[HistogramBar, ...]:
    def bar(score: int) -> HistogramBar:
        count = scores.histogram[score]
        active = query.score == score
        return HistogramBar(
            score=score,
            count=count,
            percent=rounded(100 * count, scores.count, "0.1") or Decimal(0),
            url=where.to(_parameters(query, score=None if active else score)),
            active=active,
        )

    return tuple(bar(score) for score in (5, 4, 3, 2, 1))


def _tabs(summary: Summary, query: WallQuery, where: WallLinks) -> tuple[StageTab, ...]:
    def tab(stage: Stage | None) -> StageTab:
        figures = None if stage is None else summary.stages[stage]
        scores = summary.scores if figures is None else figures.scores
        coverage = None if figures is None else figures.coverage
        return StageTab(
            stage=stage,
            count=scores.count,
            average=scores.average,
            url=where.to(_parameters(query, stage=stage)),
            active=query.stage == stage,
            eligible=None if figures is None else figures.eligible,
            coverage=None if coverage is None else coverage * 100,
        )

    return (tab(None), *(tab(cast(Stage, stage)) for stage in summary.stages))


def _filters(query: WallQuery, where: WallLinks) -> tuple[ActiveFilter, ...]:
    active = []
    if query.stage is not None:
        clear = where.to(_parameters(query, stage=None))
        active.append(ActiveFilter("stage", query.stage, clear))
    if query.score is not None:
        clear = where.to(_parameters(query, score=None))
        active.append(ActiveFilter("score", str(query.score), clear))
    return tuple(active)
