"""Cards of the mails. Their links are absolute."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...moderation.schema import removal, report
from ...widgets.cards import Stage
from ...widgets.holder_cards import InvitationMailCard, RemovalMailCard, ReplyMailCard
from .. import schema
from ..capabilities import invitation_token
from ..links import Links
from ..names import ANONYMOUS, mask_name
from ..operator import is_independent
from ..queries.reviews import find_review
from ..services.catalogue import find_product
from ..state import State
from .holders import published_on
from .reviews import day, product_card, review_card

LANGUAGE = "zh-CN"


def invitation_mail(
    session: Session, state: State, invitation_id: str
) -> InvitationMailCard | None:
    """The invitation by mail; ``None`` when it was answered already or has expired."""
    invitation, event, contact = schema.invitation, schema.policy_event, schema.holder_contact
    row = session.execute(
        select(
            invitation.c.product,
            invitation.c.stage,
            invitation.c.expires_at,
            event.c.occurred_on,
            contact.c.name,
        )
        .join(event, event.c.id == invitation.c.event)
        .outerjoin(contact, contact.c.event == event.c.id)
        .outerjoin(schema.review, schema.review.c.invitation == invitation.c.id)
        .where(invitation.c.id == invitation_id, schema.review.c.id.is_(None))
    ).one_or_none()
    if row is None or row.expires_at <= state.clock().timestamp():
        return None
    product = find_product(session, row.product)
    links = Links.absolute(state.settings)
    masked = mask_name(row.name)
    return InvitationMailCard(
        product=product_card(product, links, LANGUAGE),
        stage=cast(Stage, row.stage),
        occurred_on=date.fromisoformat(row.occurred_on),
        expires_at=datetime.fromtimestamp(row.expires_at, UTC),
        url=links.invitation(invitation_token(state.settings.invitation_key, invitation_id)),
        published_on=published_on(state, product),
        operator=state.operator,
        independent=is_independent(state, product),
        masked_name=None if masked == ANONYMOUS else masked,
    )


def reply_mail(
    session: Session, state: State, review_id: str, _: str | None
) -> ReplyMailCard | None:
    """Tells the author of the insurer's reply; ``None`` when its words are gone again."""
    review = find_review(session, review_id)
    product = find_product(session, review.product)
    text = review.replies[-1].text.state.text if review.replies else None
    if text is None:
        return None
    links = Links.absolute(state.settings)
    card = review_card(review, product, links, LANGUAGE, state.settings.timezone)
    return ReplyMailCard(card, text, state.operator)


def removal_mail(
    session: Session, state: State, review_id: str, item: str | None
) -> RemovalMailCard | None:
    """Tells the author that words went: ``item`` is the item that was removed, on a report."""
    row = session.execute(
        select(
            removal.c.at,
            removal.c.redacted_item,
            report.c.authority,
            report.c.report_no,
            report.c.ground,
        )
        .join(report, report.c.id == removal.c.report)
        .where(removal.c.item == item)
    ).one_or_none()
    if row is None:
        return None
    review = find_review(session, review_id)
    product = find_product(session, review.product)
    links, zone = Links.absolute(state.settings), state.settings.timezone
    return RemovalMailCard(
        review=review_card(review, product, links, LANGUAGE, zone),
        authority=row.authority,
        report_no=row.report_no,
        ground=row.ground,
        removed_on=day(row.at, zone),
        redacted=row.redacted_item is not None,
        operator=state.operator,
    )
