"""What an invitation is about, for whoever holds its token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ...moderation.log import LogRef
from ...moderation.prepared import query
from ...moderation.schema import log
from .. import schema
from ..capabilities import invitation_of
from ..errors import InvitationExpired, InvitationUnknown, InvitationUsed
from .catalogue import PRODUCT_COLUMNS, Product, product_of_row
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
    log: LogRef

    def check_open(self, now: datetime) -> None:
        """Raise :class:`InvitationUsed` or :class:`InvitationExpired` unless it can be answered."""
        if self.review is not None and self.author is not None:
            raise InvitationUsed(self.review, self.author, self.product.sku)
        if now >= self.expires_at:
            raise InvitationExpired(self.expires_at, self.product.sku)


_FIND = query(
    select(
        schema.invitation.c.id,
        schema.invitation.c.stage,
        schema.invitation.c.expires_at,
        schema.policy_event.c.occurred_on,
        schema.policy_event.c.policy,
        schema.holder_contact.c.name.label("holder_name"),
        schema.review.c.id.label("review"),
        schema.review.c.author,
        log.c.id.label("log"),
        log.c.origin,
        *PRODUCT_COLUMNS,
    )
    .join(schema.policy_event, schema.policy_event.c.id == schema.invitation.c.event)
    .join(schema.product, schema.product.c.sku == schema.invitation.c.product)
    .join(schema.insurer, schema.insurer.c.slug == schema.product.c.insurer)
    .join(log, log.c.id == schema.invitation.c.log)
    .outerjoin(schema.holder_contact, schema.holder_contact.c.event == schema.policy_event.c.id)
    .outerjoin(schema.review, schema.review.c.invitation == schema.invitation.c.id)
    .where(schema.invitation.c.id == bindparam("invitation"))
)


def find_invitation(session: Session, context: Context, token: str) -> Invitation:
    """The invitation of ``token``. Raises :class:`InvitationUnknown` for any token we did not
    make."""
    name = invitation_of(context.settings.invitation_key, token)
    if name is None:
        raise InvitationUnknown
    rows = _FIND.fetch(session, {"invitation": name})
    if not rows:
        raise InvitationUnknown
    row = rows[0]
    product = product_of_row(row)
    return Invitation(
        id=row.id,
        token=token,
        product=product,
        stage=row.stage,
        occurred_on=date.fromisoformat(row.occurred_on),
        expires_at=datetime.fromtimestamp(row.expires_at, UTC),
        policy_hash=row.policy,
        holder_name=row.holder_name,
        review=row.review,
        author=row.author,
        log=LogRef(row.log, product.insurer, row.origin),
    )
