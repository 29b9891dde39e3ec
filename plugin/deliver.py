"""The worker: composes what the outbox holds, sends it, and clears away what has had its time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from . import schema
from .capabilities import policy_hash
from .cards.mails import invitation_mail, removal_mail, reply_mail
from .mail import compose
from .outbox import Job, due_jobs, enqueue, mark_done, mark_failed
from .services.context import Context
from .state import State

logger = logging.getLogger(__name__)
#: Holders' mails are written in the language of the market.
LANGUAGE = "zh-CN"


def deliver_due(state: State) -> int:
    """Deliver every job whose time has come; how many were done."""
    done = 0
    with state.work.reading() as session:
        jobs = due_jobs(session, state.clock())
    for job in jobs:
        try:
            _deliver(state, job)
        except Exception as error:
            logger.warning("job %s (%s) failed: %s", job.id, job.kind, type(error).__name__)
            # An SMTP error quotes the recipient: only its kind and code are kept.
            code = getattr(error, "smtp_code", "")
            message = f"{type(error).__name__} {code}".strip()
            state.work.write(lambda session: mark_failed(session, job, message, state.clock()))  # noqa: B023
        else:
            state.work.write(lambda session: mark_done(session, job, state.clock()))  # noqa: B023
            done += 1
    return done


def forget_contacts(state: State) -> int:
    """Delete the contacts whose retention is over; how many."""
    before = int((state.clock() - timedelta(days=state.settings.contact_days)).timestamp())
    contact = schema.holder_contact

    def forget(session: Session) -> int:
        events = session.scalars(select(contact.c.event).where(contact.c.created_at < before)).all()
        session.execute(delete(contact).where(contact.c.created_at < before))
        return len(events)

    return state.work.write(forget)


def _deliver(state: State, job: Job) -> None:
    match job.kind:
        case "invitation":
            _mail_invitation(state, job.payload["invitation"])
        case "link":
            _answer_link_request(state, job.payload["policies"].split(), job.payload["email"])
        case "reply":
            _mail_author(state, "reply", job.payload["review"], None)
        case "removal":
            _mail_author(state, "removal", job.payload["review"], job.payload["item"])
        case kind:
            raise ValueError(f"unknown kind of job {kind!r}")


def _mail_invitation(state: State, invitation: str) -> None:
    with state.work.reading() as session:
        email = _email_of(session, schema.invitation.c.id == invitation)
        card = invitation_mail(session, state, invitation)
    if email is not None and card is not None:
        _send(state, email, "invitation", card)


def _mail_author(state: State, kind: str, review: str, item: str | None) -> None:
    with state.work.reading() as session:
        email = _email_of(session, schema.review.c.id == review)
        make = reply_mail if kind == "reply" else removal_mail
        card = make(session, state, review, item)
    if email is not None and card is not None:
        _send(state, email, kind, card)


def _email_of(session: Session, condition: object) -> str | None:
    contact, invitation = schema.holder_contact, schema.invitation
    return session.scalar(
        select(contact.c.email)
        .join(invitation, invitation.c.event == contact.c.event)
        .outerjoin(schema.review, schema.review.c.invitation == invitation.c.id)
        .where(condition)  # type: ignore[arg-type]
    )


def _send(state: State, to: str, kind: str, card: object) -> None:
    parts = [
        state.renderer.render(f"mail/{kind}.{part}", LANGUAGE, mail=card)
        for part in ("subject.txt", "txt", "html")
    ]
    subject, text, html = parts
    state.mailer.send(compose(state.settings.mail_sender, to, subject, text, html))


def request_links(
    session: Session, context: Context, policy_no: str, email: str, now: datetime
) -> None:
    """Queue "send me my link again". No policy is looked up here, so the answer tells nothing."""
    insurers = session.scalars(select(schema.insurer.c.slug).order_by(schema.insurer.c.slug)).all()
    key = context.settings.policy_key
    hashes = " ".join(policy_hash(key, insurer, policy_no) for insurer in insurers)
    enqueue(session, "link", {"policies": hashes, "email": email}, now)


def _answer_link_request(state: State, hashes: list[str], email: str) -> None:
    """Mail every open invitation of the policy, if the address is the one it was bought with."""
    with state.work.reading() as session:
        event, contact, invitation = schema.policy_event, schema.holder_contact, schema.invitation
        rows = session.execute(
            select(invitation.c.id, contact.c.email)
            .join(event, event.c.id == invitation.c.event)
            .join(contact, contact.c.event == event.c.id)
            .outerjoin(schema.review, schema.review.c.invitation == invitation.c.id)
            .where(
                event.c.policy.in_(hashes),
                schema.review.c.id.is_(None),
                invitation.c.expires_at > int(state.clock().timestamp()),
            )
            .order_by(invitation.c.entry)
        ).all()
    for row in rows:
        if (row.email or "").casefold() == email.casefold():
            _mail_invitation(state, row.id)
