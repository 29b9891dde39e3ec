"""Cards of the pages that policyholders see."""

from __future__ import annotations

from typing import cast

from ...widgets.cards import Stage
from ...widgets.holder_cards import AuthorCard, InvitationCard, PersonalDataSpan, ReceiptCard
from ..errors import PersonalDataFound
from ..links import Links
from ..names import ANONYMOUS, mask_name
from ..queries.reviews import PublishedReview
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
        operator=state.operator,
    )


def published_on(state: State, product: Product) -> tuple[str, ...]:
    """Where a review of ``product`` can be read."""
    return (Links.absolute(state.settings).wall(product.sku),)


def receipt_card(
    state: State,
    review: PublishedReview,
    product: Product,
    invitation: str,
    author_key: str | None,
    lang: str,
) -> ReceiptCard:
    """The page after sending."""
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
        author_url=links.author(review.id),
        log_origin=review.origin,
        log_index=review.index,
        log_url=links.log(review.insurer),
        author_key=author_key,
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
