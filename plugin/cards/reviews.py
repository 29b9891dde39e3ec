"""Cards of reviews and products."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from ...moderation.cosignatures import Witnessed
from ...moderation.texts import Tombstone as FloorTombstone
from ...widgets.cards import (
    AspectScore,
    Ground,
    ProductCard,
    ReplyCard,
    ReviewCard,
    Stage,
    TextCard,
    Tombstone,
    Verdict,
    WitnessedCard,
)
from ..aspects import Aspect, aspects_of
from ..links import Links
from ..queries.reviews import PublishedReview, PublishedText
from ..services.catalogue import Product


def moment(seconds: int) -> datetime:
    """Seconds UTC as an aware datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def product_card(product: Product, links: Links, lang: str) -> ProductCard:
    """A product under the name that it has in ``lang``."""
    return ProductCard(
        sku=product.sku,
        name=product_name(product, lang),
        insurer=product.insurer,
        insurer_name=product.insurer_name,
        url=links.wall(product.sku),
    )


def product_name(product: Product, lang: str) -> str:
    """What a product is called in ``lang``."""
    return (product.name_en if lang == "en" else None) or product.name


def aspect_label(aspect: Aspect, lang: str) -> str | None:
    """A configured label; ``None`` where the translations word the key."""
    return (aspect.label_en if lang == "en" else None) or aspect.label


def review_card(
    review: PublishedReview, product: Product, links: Links, lang: str, zone: ZoneInfo
) -> ReviewCard:
    """A review as everybody sees it. ``zone`` is where a removal's date is read."""
    labels = {
        aspect.key: aspect_label(aspect, lang)
        for aspect in aspects_of(product.aspects, review.stage)
    }
    order = [*labels, *sorted(review.aspects.keys() - labels.keys())]
    versions = [text_card(reply.text, zone) for reply in review.replies]
    return ReviewCard(
        id=review.id,
        url=links.review(review.id),
        product=product_card(product, links, lang),
        stage=cast(Stage, review.stage),
        score=review.score,
        display_name=review.text.state.name if review.text is not None else None,
        experienced_on=review.experienced,
        submitted_at=moment(review.at),
        log_origin=review.origin,
        log_index=review.index,
        receipt_url=links.receipt(review.id),
        aspects=tuple(
            AspectScore(key, review.aspects[key], labels.get(key))
            for key in order
            if key in review.aspects
        ),
        text=None if review.text is None else text_card(review.text, zone),
        follow_ups=tuple(text_card(text, zone) for text in review.follow_ups),
        reply=ReplyCard(review.replies[-1].version, versions[-1], tuple(versions[:-1]))
        if versions
        else None,
        author_url=links.author(review.id),
        log_url=links.log(review.insurer),
        verify_url=links.verify(review.id),
        author=review.author,
    )


def witnessed_card(first: Sequence[Witnessed], last: Sequence[Witnessed]) -> WitnessedCard | None:
    """Who vouched first for a review, and who did so last; each the earliest first."""
    if not first:
        return None
    return WitnessedCard(
        first_at=moment(first[0].at),
        first_by=tuple(one.name for one in first),
        last_at=moment(last[-1].at),
        last_by=tuple(one.name for one in last),
    )


def text_card(published: PublishedText, zone: ZoneInfo) -> TextCard:
    """One text, or its tombstone."""
    state = published.state
    return TextCard(
        text=state.text,
        at=moment(published.at),
        log_index=published.index,
        tombstone=None if state.tombstone is None else tombstone_card(state.tombstone, zone),
        item=state.item,
        salt=state.salt,
        commitment=state.commitment,
    )


def tombstone_card(tombstone: FloorTombstone, zone: ZoneInfo) -> Tombstone:
    """Why words are gone."""
    return Tombstone(
        removed_on=day(tombstone.removed_at, zone),
        ground=cast(Ground, tombstone.ground),
        authority=tombstone.authority,
        report_no=tombstone.report_no,
        acknowledged=cast("Verdict | None", tombstone.verdict),
        redacted=tombstone.redacted,
    )


def day(seconds: int, zone: ZoneInfo) -> date:
    """The day of a moment where the readers are."""
    return moment(seconds).astimezone(zone).date()
