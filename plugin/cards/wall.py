"""The card of a wall: every link that changes the view is made here."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import cast

from ...moderation.cosignatures import Witnessed
from ...moderation.estimate import rounded
from ...widgets.cards import (
    DisclosureCard,
    Ground,
    HistogramBar,
    Stage,
    StageTab,
    SummaryCard,
    WallCard,
)
from ..links import Links, WallLinks
from ..operator import is_independent
from ..queries.summary import Scores, Summary
from ..queries.wall import WallPage, WallQuery
from ..services.catalogue import Product
from ..state import State
from .figures import figures_card
from .hits import with_hits
from .reviews import day, product_card, review_card
from .wall_controls import active_filters, parameters, search_card, sort_links, topic_chips


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
    filters = active_filters(query, product, where, lang)
    return WallCard(
        product=product_card(product, links, lang),
        average=summary.scores.average,
        count=summary.scores.count,
        histogram=_histogram(shown, query, where),
        tabs=_tabs(summary, query, where),
        sorts=sort_links(query, where),
        reviews=tuple(
            with_hits(
                review_card(review, product, links, lang, state.settings.timezone), page.terms
            )
            for review in page.reviews
        ),
        total=page.total,
        total_is_exact=page.total_is_exact,
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
            grounds=_grounds(summary),
        ),
        filters=filters,
        clear_url=where.to({}) if filters else None,
        next_url=where.to(parameters(query, after=page.next)) if page.next else None,
        first_url=where.to(parameters(query)) if query.after else None,
        figures=figures_card(product, summary, query.stage, links, lang),
        topics=topic_chips(query, summary, where),
        search=search_card(query, product, where, lang),
    )


def _grounds(summary: Summary) -> tuple[tuple[Ground, int], ...]:
    counted = sorted(summary.removed.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((cast(Ground, ground), n) for ground, n in counted if n)


def summary_card(product: Product, scores: Scores, links: Links, lang: str) -> SummaryCard:
    """Stars and count of a product."""
    card = product_card(product, links, lang)
    return SummaryCard(card, scores.average, scores.count, card.url)


def _histogram(scores: Scores, query: WallQuery, where: WallLinks) -> tuple[HistogramBar, ...]:
    def bar(score: int) -> HistogramBar:
        count = scores.histogram[score]
        active = query.score == score
        return HistogramBar(
            score=score,
            count=count,
            percent=rounded(100 * count, scores.count, "0.1") or Decimal(0),
            url=where.to(parameters(query, score=None if active else score)),
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
            url=where.to(parameters(query, stage=stage, aspect=None)),
            active=query.stage == stage,
            eligible=None if figures is None else figures.eligible,
            coverage=None if coverage is None else coverage * 100,
        )

    return (tab(None), *(tab(cast(Stage, stage)) for stage in summary.stages))
