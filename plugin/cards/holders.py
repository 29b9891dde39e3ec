"""Cards of the pages that policyholders see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from ...widgets.cards import Stage
from ...widgets.holder_cards import (
    AuthorCard,
    CheckedLog,
    InvitationCard,
    PersonalDataSpan,
    ReceiptCard,
    VerifyCard,
)
from ..errors import PersonalDataFound
from ..links import Links
from ..names import ANONYMOUS, mask_name
from ..operator import independent_operator
from ..queries.reviews import PublishedReview
from ..receipt_file import file_name
from ..services.catalogue import Product
from ..services.invitations import Invitation
from ..state import State
from .reviews import moment, product_card, review_card


def masked_name(invitation: Invitation) -> str | None:
    """The holder's name as it may be shown, or ``None`` when the shop gave none."""
    masked = mask_name(invitation.holder_name)
    return None if masked == ANONYMOUS else masked


def invitation_card(state: State, invitation: Invitation, lang: str) -> InvitationCard:
    """Who asks, about what, where it will be published and under which name."""
    links = Links.paths(state.settings)
    return InvitationCard(
        id=invitation.id,
        product=product_card(invitation.product, links, lang),
        stage=cast(Stage, invitation.stage),
        occurred_on=invitation.occurred_on,
        expires_at=invitation.expires_at,
        published_on=published_on(state, invitation.product),
        post_url=links.invitation(invitation.token),
        log_url=links.log(invitation.product.insurer),
        masked_name=masked_name(invitation),
        operator=independent_operator(state, invitation.product),
    )


def published_on(state: State, product: Product) -> tuple[str, ...]:
    """Where a review of ``product`` can be read."""
    return (Links.absolute(state.settings).wall(product.sku),)


def receipt_card(
    state: State,
    review: PublishedReview,
    product: Product,
    invitation: str,
    file: str,
    author_key: str | None,
    lang: str,
) -> ReceiptCard:
    """The page after sending. ``file`` is the text of its receipt file, without the key."""
    links = Links.paths(state.settings)
    return ReceiptCard(
        review_id=review.id,
        invitation=invitation,
        product=product_card(product, links, lang),
        stage=cast(Stage, review.stage),
        score=review.score,
        submitted_at=moment(review.at),
        permalink=Links.absolute(state.settings).review(review.id),
        receipt_url=links.receipt(review.id),
        file_url=links.receipt_file(review.id),
        file_name=file_name(review.id),
        file=file,
        verify_url=Links.absolute(state.settings).verify(review.id),
        author_url=links.author(review.id),
        log_origin=review.origin,
        log_index=review.index,
        log_url=links.log(review.insurer),
        author_key=author_key,
    )


def verify_card(
    state: State, review: PublishedReview, product: Product, vkey: str, lang: str
) -> VerifyCard:
    """The page that checks a receipt of ``review``."""
    links = Links.paths(state.settings)
    return replace(
        unknown_card(state, review.id, {review.insurer: review.origin}),
        product=product_card(product, links, lang),
        stage=cast(Stage, review.stage),
        vkey=vkey,
    )


def unknown_card(state: State, review: str, origins: Mapping[str, str]) -> VerifyCard:
    """The same for a review that is not here: its receipt is of one of the logs, insurer to
    origin."""
    links, absolute = Links.paths(state.settings), Links.absolute(state.settings)
    return VerifyCard(
        review_id=review,
        permalink=links.review(review),
        logs=tuple(
            CheckedLog(origin, links.log(insurer), absolute.log(insurer))
            for insurer, origin in origins.items()
        ),
        review_data_url=links.review_data(review),
        file_url=links.receipt_file(review),
        file_name=file_name(review),
        verify_url=links.verify(review),
        timezone=str(state.settings.timezone),
    )


def author_card(state: State, review: PublishedReview, product: Product, lang: str) -> AuthorCard:
    """The author's page of one review."""
    links = Links.paths(state.settings)
    texts = [*([review.text] if review.text else []), *review.follow_ups]
    page = links.author(review.id)
    return AuthorCard(
        review=review_card(review, product, links, lang, state.settings.timezone),
        follow_up_url=f"{page}/follow-up",
        withdrawal_url=f"{page}/withdrawal",
        withdrawn=any(text.state.withdrawn for text in texts),
        has_text=any(text.state.text is not None for text in texts),
    )


def span_cards(error: PersonalDataFound) -> tuple[PersonalDataSpan, ...]:
    """The passages that look personal."""
    return tuple(PersonalDataSpan(span.start, span.end, span.kind) for span in error.spans)
