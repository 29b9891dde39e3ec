"""What an invitation is about, for whoever holds its token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import schema
from ..capabilities import invitation_of
from ..errors import InvitationExpired, InvitationUnknown, InvitationUsed
from .catalogue import Product, find_product
from .context import Context


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation with its event. ``review`` and ``author`` are set once it was used."""

    id: str
    token: str
    product: Product
    stage: str
    occurred_on: date
    expires_at: datetime
    policy_hash: str
    holder_name: str | None
    review: str | None
    author: str | None

    def check_open(self, now: datetime) -> None:
        """Raise :class:`InvitationUsed` or :class:`InvitationExpired` unless it can be answered."""
        if self.review is not None and self.author is not None:
            raise InvitationUsed(self.review, self.author, self.product.sku)
        if now >= self.expires_at:
            raise InvitationExpired(self.expires_at, self.product.sku)


def find_invitation(session: Session, context: Context, token: str) -> Invitation:
    """The invitation of ``token``. Raises :class:`InvitationUnknown` for any token we did not make."""
    name = invitation_of(context.settings.invitation_key, token)
    if name is None:
        raise InvitationUnknown
    invitation, event = schema.invitation, schema.policy_event
    row = session.execute(
        select(
            invitation.c.id,
            invitation.c.product,
            invitation.c.stage,
            invitation.c.expires_at,
            event.c.occurred_on,
            event.c.policy,
            schema.holder_contact.c.name,
            schema.review.c.id.label("review"),
            schema.review.c.author,
        )
        .join(event, event.c.id == invitation.c.event)
        .outerjoin(schema.holder_contact, schema.holder_contact.c.event == event.c.id)
        .outerjoin(schema.review, schema.review.c.invitation == invitation.c.id)
        .where(invitation.c.id == name)
    ).one_or_none()
    if row is None:
        raise InvitationUnknown
    return Invitation(
        id=row.id,
        token=token,
        product=find_product(session, row.product),
        stage=row.stage,
        occurred_on=date.fromisoformat(row.occurred_on),
        expires_at=datetime.fromtimestamp(row.expires_at, UTC),
        policy_hash=row.policy,
        holder_name=row.name,
        review=row.review,
        author=row.author,
    )
