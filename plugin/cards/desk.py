"""Cards of the desks: the insurer's, compliance's and the regulator's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from ...moderation.texts import TextState as FloorState
from ...widgets.cards import Ground, LinkCard, Stage, Verdict
from ...widgets.desk_cards import (
    DeskRow,
    FilterGroup,
    ItemKind,
    ReportCard,
    ReportedItem,
    TextState,
)
from ..links import Links
from ..queries.reports import FiledReport
from ..queries.reviews import PublishedReview, PublishedText
from ..services.catalogue import Product
from .reviews import moment, product_card

EXCERPT = 90


def desk_row(review: PublishedReview, product: Product, links: Links, lang: str) -> DeskRow:
    """One review in the desk's list."""
    state = None if review.text is None else review.text.state
    return DeskRow(
        id=review.id,
        url=links.desk("reviews", review.id),
        product=product_card(product, links, lang),
        stage=cast(Stage, review.stage),
        score=review.score,
        submitted_at=moment(review.at),
        state=text_state(state),
        excerpt=None if state is None else excerpt(state.text),
        answered=bool(review.replies),
    )


def text_state(state: FloorState | None) -> TextState:
    """What became of a text, in one word."""
    if state is None:
        return "stars_only"
    if state.tombstone is None:
        return "text"
    if state.withdrawn:
        return "withdrawn"
    return "redacted" if state.text is not None else "removed"


def excerpt(text: str | None) -> str | None:
    """The beginning of a text, on one line."""
    if text is None:
        return None
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


def report_card(report: FiledReport, links: Links, url: str, *, with_package: bool) -> ReportCard:
    """A report, for those who may read its reasons."""
    latest = report.acknowledgements[-1] if report.acknowledgements else None
    review = report.texts[0].review
    return ReportCard(
        id=report.id,
        url=url,
        insurer_name=report.insurer_name,
        authority=report.authority,
        report_no=report.report_no,
        filed_on=date.fromisoformat(report.filed_on),
        ground=cast(Ground, report.ground),
        items=tuple(
            ReportedItem(
                item=text.item,
                kind=cast(ItemKind, text.kind),
                excerpt=excerpt(text.state.text),
                state=text_state(text.state),
                review_url=links.review(text.review),
            )
            for text in report.texts
        ),
        log_index=report.index,
        reasons=report.reasons,
        verdict=cast("Verdict | None", latest.verdict if latest else None),
        note=latest.note if latest else None,
        package_url=links.desk("reviews", review, "package") if with_package else None,
    )


def filter_group(kind: str, options: Sequence[tuple[str, str]], active: str) -> FilterGroup:
    """Links of one filter: (label key, address), the active one marked."""
    return FilterGroup(kind, tuple(LinkCard(label, url, label == active) for label, url in options))


def present_texts(review: PublishedReview) -> list[tuple[str, PublishedText]]:
    """(kind, text) of every text under a review whose words still stand."""
    texts = [("review", review.text)] if review.text is not None else []
    texts += [("follow_up", text) for text in review.follow_ups]
    texts += [("reply", reply.text) for reply in review.replies]
    return [(kind, text) for kind, text in texts if text.state.text is not None]


__all__ = [
    "desk_row",
    "excerpt",
    "filter_group",
    "present_texts",
    "report_card",
    "text_state",
]
