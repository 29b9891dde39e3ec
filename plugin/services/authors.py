"""What an author can still do with the author key: add a follow-up, or take the words back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ...moderation.commitment import Words, author_of
from ...moderation.errors import AuthorKeyMismatch, Fault
from ...moderation.ids import new_id
from ...moderation.log import Entry, LogRef
from ...moderation.plain_text import TextFault, clean
from ...moderation.removals import withdraw
from ...moderation.texts import TextState, publish, read_texts
from .. import schema
from ..erasure import queue_erasure
from ..errors import InvalidInput, NoText, NotFound, Withdrawn
from ..figures import touch
from ..names import ANONYMOUS
from ..search import documents
from ..search.analysis import Analysis
from ..signals import follow_up_published, send_after_commit, texts_withdrawn
from .catalogue import log_of
from .context import Context
from .ownership import log_of_review
from .reviews import MAX_TEXT, MOST_TEXTS, prepare_text, warn_of_personal_data


@dataclass(frozen=True, slots=True)
class Own:
    """A review as its author's actions need it; ``texts`` are the author's, oldest first."""

    id: str
    product: str
    insurer: str
    author: str
    policy_hash: str
    ref: LogRef
    texts: tuple[TextState, ...]

    @property
    def withdrawn(self) -> bool:
        return any(text.withdrawn for text in self.texts)


def find_own(session: Session, review_id: str) -> Own:
    """The review with its author's texts. Raises :class:`NotFound`."""
    review, event = schema.review, schema.policy_event
    row = session.execute(
        select(
            review.c.id,
            review.c.product,
            schema.product.c.insurer,
            review.c.author,
            review.c.item,
            event.c.policy,
        )
        .join(schema.product, schema.product.c.sku == review.c.product)
        .join(schema.invitation, schema.invitation.c.id == review.c.invitation)
        .join(event, event.c.id == schema.invitation.c.event)
        .where(review.c.id == review_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no such review")
    follow_ups = session.scalars(
        select(schema.follow_up.c.item)
        .where(schema.follow_up.c.review == review_id)
        .order_by(schema.follow_up.c.entry)
    ).all()
    items = [*([row.item] if row.item else []), *follow_ups]
    states = read_texts(session, items)
    return Own(
        id=row.id,
        product=row.product,
        insurer=row.insurer,
        author=row.author,
        policy_hash=row.policy,
        ref=log_of(session, row.insurer),
        texts=tuple(states[item] for item in items),
    )


def check_author(own: Own, author_key: str) -> None:
    """Raise :class:`AuthorKeyMismatch` unless ``author_key`` is that of the review's author."""
    try:
        author = author_of(author_key)
    except ValueError as error:
        raise AuthorKeyMismatch(str(error)) from error
    if author != own.author:
        raise AuthorKeyMismatch("this is not the key that was given with the receipt")


def add_follow_up(
    session: Session,
    context: Context,
    review_id: str,
    author_key: str,
    text: str,
    now: datetime,
    *,
    confirm_personal_data: bool = False,
    analysis: Analysis | None = None,
) -> Entry:
    """Publish a follow-up by the review's author; ``analysis`` is what :func:`prepare_text` gave
    before the transaction began, where its beginning takes a lock already.

    Raises :class:`NotFound`, :class:`AuthorKeyMismatch`, :class:`Withdrawn`,
    :class:`InvalidInput` and :class:`PersonalDataFound`.
    """
    ref = log_of_review(session, review_id)
    analysis = analysis or prepare_text(context, text)
    context.logs.hold(session, ref)
    own = find_own(session, review_id)
    check_author(own, author_key)
    if own.withdrawn:
        raise Withdrawn
    try:
        text = clean(text, longest=MAX_TEXT, shortest=1)
    except TextFault as error:
        raise InvalidInput({"text": error.fault}) from error
    if len(own.texts) >= MOST_TEXTS:
        raise InvalidInput({"text": Fault("full", {"limit": MOST_TEXTS})})
    if not confirm_personal_data:
        warn_of_personal_data(context, own.insurer, own.policy_hash, text)
    assert analysis is not None, "only refused texts have none"
    words, item = Words(_shown_name(own), text), new_id("it")
    document = documents.find_change(session, review_id)
    document.follow_up(item, analysis)
    with context.logs.writing(session, own.ref, now) as writer:
        fields = {"review": own.id, "item": item, "commitment": words.commitment}
        entry = writer.append("followup.published", fields)
        publish(session, entry, "follow_up", item, words, own.author)
        session.execute(insert(schema.follow_up), {**entry.columns, **fields})
        documents.write(session, document)
        touch(session, own.product)
    send_after_commit(session, follow_up_published, review=own.id, product=own.product)
    return entry


def withdraw_texts(
    session: Session, context: Context, review_id: str, author_key: str, now: datetime
) -> list[Entry]:
    """Take back all the author's words under a review; the stars stay.

    Raises :class:`NotFound`, :class:`AuthorKeyMismatch`, :class:`NoText` when there never were
    words, and :class:`~insurance_reviews.moderation.errors.TextRemoved` when none is left.
    """
    context.logs.hold(session, log_of_review(session, review_id))
    own = find_own(session, review_id)
    check_author(own, author_key)
    if not own.texts:
        raise NoText
    document = documents.find_change(session, review_id)
    removals = withdraw(
        session, context.logs, own.ref, [text.item for text in own.texts], author_key, now
    )
    for removal in removals:
        document.remove(removal.item)
    documents.write(session, document)
    touch(session, own.product, withdrawals=len(removals))
    queue_erasure(session, context, own.insurer, [removal.item for removal in removals], now)
    send_after_commit(session, texts_withdrawn, review=own.id, product=own.product)
    return [removal.entry for removal in removals]


def _shown_name(own: Own) -> str:
    """The name under which this author already writes here, as long as one of the texts has it."""
    return next((text.name for text in own.texts if text.name), ANONYMOUS)
