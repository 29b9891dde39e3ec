"""An insurer explains itself in public; amending adds a version, and every version stays
readable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from ...moderation.commitment import Words
from ...moderation.errors import Fault
from ...moderation.ids import new_id
from ...moderation.log import Entry
from ...moderation.plain_text import TextFault, clean
from ...moderation.texts import publish
from .. import schema
from ..errors import InvalidInput
from ..figures import count_first_reply, touch
from ..outbox import enqueue
from ..search import documents
from ..search.analysis import Analysis
from ..signals import reply_published, send_after_commit
from .catalogue import insurer_name, log_of
from .context import Context
from .ownership import find_owned
from .reviews import MAX_TEXT, MOST_TEXTS, prepare_text


@dataclass(frozen=True, slots=True)
class Replied:
    """A published version of a reply."""

    version: int
    entry: Entry


def publish_reply(
    session: Session,
    context: Context,
    insurer: str,
    review_id: str,
    text: str,
    now: datetime,
    *,
    analysis: Analysis | None = None,
) -> Replied:
    """Publish the reply of ``insurer`` to one of its reviews, or the next version of it;
    ``analysis`` is what :func:`prepare_text` gave before the transaction began.

    Raises :class:`InvalidInput`, and :class:`NotFound` for a review of another insurer.
    """
    owned = find_owned(session, insurer, review_id)
    ref = log_of(session, insurer)
    try:
        text = clean(text, longest=MAX_TEXT, shortest=1)
    except TextFault as error:
        raise InvalidInput({"text": error.fault}) from error
    analysis = analysis or prepare_text(context, text)
    assert analysis is not None, "only refused texts have none"
    words, item = Words(insurer_name(session, insurer), text), new_id("it")
    context.logs.hold(session, ref)
    previous = session.scalar(
        select(func.max(schema.reply.c.version)).where(schema.reply.c.review == review_id)
    )
    version = (previous or 0) + 1
    if version > MOST_TEXTS:
        raise InvalidInput({"text": Fault("full", {"limit": MOST_TEXTS})})
    document = documents.find_change(session, review_id)
    document.reply(item, analysis)
    with context.logs.writing(session, ref, now) as writer:
        fields = {
            "review": review_id,
            "version": version,
            "item": item,
            "commitment": words.commitment,
        }
        entry = writer.append("reply.published", fields)
        publish(session, entry, "reply", item, words)
        session.execute(insert(schema.reply), {**entry.columns, **fields})
        documents.write(session, document)
        if version == 1:
            count_first_reply(session, owned.product, owned.at, entry.at)
            enqueue(session, "reply", {"review": review_id}, now)
        touch(session, owned.product)
    send_after_commit(session, reply_published, review=review_id, product=owned.product)
    return Replied(version, entry)
