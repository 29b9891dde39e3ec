"""The worker: composes what the outbox holds, sends it, and clears away what has had its time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from . import schema
from .capabilities import policy_hash
from .cards.mails import invitation_mail, removal_mail, reply_mail
from .erasure import ERASURE, REWRITE_LIMIT, ErasureIncomplete, erase, remember
from .mail import compose
from .outbox import BACKOFF, Job, due_jobs, enqueue, mark_done, mark_failed
from .services.context import Context
from .state import State

logger = logging.getLogger(__name__)
#: Holders' mails are written in the language of the market.
LANGUAGE = "zh-CN"


def deliver_due(state: State) -> int:
    """Deliver every job whose time has come; how many were done."""
    with state.work.reading() as session:
        jobs = due_jobs(session, state.clock())
    erasures = [job for job in jobs if job.kind == ERASURE]
    done = 0
    for job in jobs:
        if job.kind != ERASURE:
            done += _attempt(state, [job], lambda: _deliver(state, job))  # noqa: B023
    # One rewriting serves all removals before it.
    done += _attempt(state, erasures, lambda: _erase(state, erasures))
    return done


def _attempt(state: State, jobs: Sequence[Job], work: Callable[[], object]) -> int:
    """Do ``work`` for ``jobs`` and mark them; how many are done."""
    if not jobs:
        return 0
    try:
        work()
    except Exception as error:
        for job in jobs:
            logger.warning("job %s (%s) failed: %s", job.id, job.kind, type(error).__name__)
        reason = _reason(error)
        state.work.write(lambda session: _failed(session, jobs, reason, state.clock()))
        return 0

    def done(session: Session) -> None:
        for job in jobs:
            mark_done(session, job, state.clock())

    state.work.write(done)
    return len(jobs)


def _failed(session: Session, jobs: Sequence[Job], reason: str, now: datetime) -> None:
    for job in jobs:
        if job.kind == ERASURE:
            # Nobody gives up on erasing: there is no last attempt.
            job = replace(job, attempts=min(job.attempts, len(BACKOFF) - 1))
        mark_failed(session, job, reason, now)


def _reason(error: Exception) -> str:
    """What the outbox keeps of a failure. An SMTP error quotes the recipient, a database's its
    statement: only their kind and code are kept."""
    if isinstance(error, ErasureIncomplete):
        return str(error)
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()


def _erase(state: State, jobs: Sequence[Job]) -> None:
    remember(state.settings.state_dir, jobs)
    erase(state.settings.database_url, limit=REWRITE_LIMIT)


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
