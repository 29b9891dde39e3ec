"""Policy events: a shop says that something happened to a policy, and an invitation goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ...moderation.ids import new_id
from ...moderation.plain_text import TextFault, clean
from .. import schema
from ..capabilities import invitation_token, normal_policy_number, policy_hash
from ..errors import EventConflict, Fault, InvalidInput, NotFound
from ..figures import count_invitation
from ..outbox import enqueue
from .catalogue import Product, find_product, log_of, may_sell
from .context import Context

MAX_POLICY_NUMBER = 64
MAX_OCCURRENCE = 64
#: One plain address: nothing that a mail header could read as a second one.
_EMAIL = re.compile(r"""[^@\s,;:<>()\[\]"\\]{1,64}@[^@\s,;:<>()\[\]"\\]{1,190}""")
#: An event can be reported late, but one in the far past is a typing error.
OLDEST_EVENT = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Holder:
    """How to reach the policyholder. Kept apart, deleted after ``CONTACT_DAYS``."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyEvent:
    """Something happened to a policy: ``occurrence`` tells the second claim from the first."""

    policy_no: str
    product: str
    stage: str
    occurrence: str
    occurred_on: date
    holder: Holder = Holder()


@dataclass(frozen=True, slots=True)
class Invited:
    """What the shop learns. ``token`` is ``None`` unless the invitation is its own and unused."""

    event: str
    created: bool
    token: str | None
    expires_at: datetime | None


def record_policy_event(
    session: Session, context: Context, storefront: str, event: PolicyEvent, now: datetime
) -> Invited:
    """Record ``event`` and issue its invitation; the same event again changes nothing.

    Raises :class:`InvalidInput`, :class:`NotFound` for a product that the storefront may not
    sell, and :class:`EventConflict` when the event is on record with another product or date.
    """
    event = _checked(event, now)
    product = find_product(session, event.product)
    if not may_sell(session, storefront, product.insurer):
        raise NotFound("no such product")
    if event.stage not in product.stages:
        raise InvalidInput({"stage": Fault("choice", {"choices": ", ".join(product.stages)})})
    number_hash = policy_hash(context.settings.policy_key, product.insurer, event.policy_no)
    known = _find(session, number_hash, event)
    if known is not None:
        return _repeated(context, storefront, event, known)
    return _create(session, context, storefront, product, number_hash, event, now)


def _checked(event: PolicyEvent, now: datetime) -> PolicyEvent:
    faults: dict[str, Fault] = {}
    texts: dict[str, str] = {}
    for name, value, longest in (
        ("policy_no", event.policy_no, MAX_POLICY_NUMBER),
        ("occurrence", event.occurrence, MAX_OCCURRENCE),
    ):
        try:
            texts[name] = clean(value, longest=longest, shortest=1, lines=False)
        except TextFault as error:
            faults[name] = error.fault
    if "policy_no" in texts and not normal_policy_number(texts["policy_no"]):
        faults["policy_no"] = Fault("required")
    if event.stage not in schema.STAGES:
        faults["stage"] = Fault("choice", {"choices": ", ".join(schema.STAGES)})
    today = now.date()
    # A day ahead of UTC is today somewhere, and shops send their own date.
    first, last = today - OLDEST_EVENT, today + timedelta(days=1)
    if not first <= event.occurred_on <= last:
        faults["occurred_on"] = Fault(
            "date-range", {"first": first.isoformat(), "last": last.isoformat()}
        )
    holder = {}
    for name, given, longest in (
        ("name", event.holder.name, 64),
        ("email", event.holder.email, 254),
        ("phone", event.holder.phone, 32),
    ):
        try:
            holder[name] = clean(given or "", longest=longest, lines=False) or None
        except TextFault as error:
            faults[f"holder.{name}"] = error.fault
    email = holder.get("email")
    if email is not None and not _EMAIL.fullmatch(email):
        faults["holder.email"] = Fault("email")
    if faults:
        raise InvalidInput(faults)
    return PolicyEvent(
        product=event.product,
        stage=event.stage,
        occurred_on=event.occurred_on,
        holder=Holder(**holder),
        **texts,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    event: str
    product: str
    occurred_on: str
    storefront: str
    invitation: str
    expires_at: int
    used: bool


def _find(session: Session, number_hash: str, event: PolicyEvent) -> _Known | None:
    table, invitation, review = schema.policy_event, schema.invitation, schema.review
    row = session.execute(
        select(
            table.c.id,
            table.c.product,
            table.c.occurred_on,
            table.c.storefront,
            invitation.c.id.label("invitation"),
            invitation.c.expires_at,
            review.c.id.label("review"),
        )
        .join(invitation, invitation.c.event == table.c.id)
        .outerjoin(review, review.c.invitation == invitation.c.id)
        .where(
            table.c.policy == number_hash,
            table.c.stage == event.stage,
            table.c.occurrence == event.occurrence,
        )
    ).one_or_none()
    if row is None:
        return None
    return _Known(
        row.id,
        row.product,
        row.occurred_on,
        row.storefront,
        row.invitation,
        row.expires_at,
        row.review is not None,
    )


def _repeated(context: Context, storefront: str, event: PolicyEvent, known: _Known) -> Invited:
    if (known.product, known.occurred_on) != (event.product, event.occurred_on.isoformat()):
        raise EventConflict("this event is on record with another product or date")
    if known.used or known.storefront != storefront:
        return Invited(known.event, False, None, None)
    return Invited(
        known.event,
        False,
        invitation_token(context.settings.invitation_key, known.invitation),
        datetime.fromtimestamp(known.expires_at, tz=UTC),
    )


def _create(
    session: Session,
    context: Context,
    storefront: str,
    product: Product,
    number_hash: str,
    event: PolicyEvent,
    now: datetime,
) -> Invited:
    ref = log_of(session, product.insurer)
    policy = schema.policy
    known_policy = session.scalar(
        select(policy.c.number_hash).where(policy.c.number_hash == number_hash)
    )
    seconds = int(now.timestamp())
    expires_at = seconds + context.settings.invitation_days * 86_400
    event_id, invitation_id = new_id("ev"), new_id("iv")
    with context.logs.writing(session, ref, now) as writer:
        if known_policy is None:
            session.execute(
                insert(policy), {"number_hash": number_hash, "insurer": product.insurer}
            )
        session.execute(
            insert(schema.policy_event),
            {
                "id": event_id,
                "policy": number_hash,
                "stage": event.stage,
                "occurrence": event.occurrence,
                "product": product.sku,
                "occurred_on": event.occurred_on.isoformat(),
                "storefront": storefront,
                "created_at": seconds,
            },
        )
        entry = writer.append(
            "invitation.issued",
            {"invitation": invitation_id, "product": product.sku, "stage": event.stage},
        )
        session.execute(
            insert(schema.invitation),
            {
                **entry.columns,
                "id": invitation_id,
                "product": product.sku,
                "stage": event.stage,
                "event": event_id,
                "expires_at": expires_at,
            },
        )
        count_invitation(session, product.sku, event.stage)
        _keep_contact(session, event_id, event.holder, seconds)
        if event.holder.email:
            enqueue(session, "invitation", {"invitation": invitation_id}, now)
    return Invited(
        event_id,
        True,
        invitation_token(context.settings.invitation_key, invitation_id),
        datetime.fromtimestamp(expires_at, tz=UTC),
    )


def _keep_contact(session: Session, event: str, holder: Holder, seconds: int) -> None:
    if any((holder.name, holder.email, holder.phone)):
        session.execute(
            insert(schema.holder_contact),
            {
                "event": event,
                "name": holder.name,
                "email": holder.email,
                "phone": holder.phone,
                "created_at": seconds,
            },
        )
