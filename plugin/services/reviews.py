"""Submitting a review: everything is checked and prepared first, then written under the log's
lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from ...moderation import canonical
from ...moderation.commitment import Words, author_of, is_hex_32, new_author_key
from ...moderation.ids import new_id
from ...moderation.log import Entry
from ...moderation.plain_text import TextFault, clean
from ...moderation.prepared import insertion
from ...moderation.texts import publish
from .. import schema
from ..aspects import aspects_of
from ..capabilities import policy_hash
from ..errors import Fault, InvalidInput, PersonalDataFound
from ..figures import count_review, touch
from ..names import mask_name
from ..personal_data import find_personal_data
from ..search import documents
from ..search.analysis import Analysis, analyse
from ..search.keys import key_of
from ..signals import review_submitted, send_after_commit
from .context import Context
from .invitations import Invitation, find_invitation

MAX_TEXT = 5_000
#: Texts that an author, and versions of a reply that an insurer, may publish under one review: what
#: stands there is read as a whole by every visitor, and by everybody who checks it.
MOST_TEXTS = 50
CHANNEL = "online"
_review = insertion(schema.review)


@dataclass(frozen=True, slots=True)
class ReviewInput:
    """What a policyholder sends. ``author`` is the hash of a key that never left the browser."""

    invitation: str
    score: int
    aspects: Mapping[str, int] = field(default_factory=dict)
    text: str | None = None
    display_name: str | None = None
    author: str | None = None
    author_key: str | None = None
    confirm_personal_data: bool = False


@dataclass(frozen=True, slots=True)
class Submitted:
    """The accepted review. ``author_key`` is set only when it was made here; it is not kept."""

    id: str
    entry: Entry
    author_key: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A review that is ready to be written."""

    invitation: Invitation
    score: int
    aspects: Mapping[str, int]
    words: Words | None
    analysis: Analysis | None
    author: str
    author_key: str | None


def submit_review(
    session: Session, context: Context, given: ReviewInput, now: datetime
) -> Submitted:
    """Accept a review: public, counted and logged in this transaction, or refused.

    Raises the errors of :func:`prepare_review`.
    """
    return write_review(session, context, prepare_review(session, context, given, now), now)


def prepare_review(session: Session, context: Context, given: ReviewInput, now: datetime) -> Draft:
    """Check ``given`` and do all the work that needs no lock.

    Raises :class:`InvitationUnknown`, :class:`InvitationUsed`, :class:`InvitationExpired`,
    :class:`InvalidInput`, and :class:`PersonalDataFound` unless the writer has confirmed it.
    """
    invitation = find_invitation(session, context, given.invitation)
    invitation.check_open(now)
    text = check_review(invitation, given)
    if text and not given.confirm_personal_data:
        warn_of_personal_data(context, invitation.product.insurer, invitation.policy_hash, text)
    author_key = None
    if (author := given.author) is None:
        author_key = given.author_key or new_author_key()
        author = author_of(author_key)
    return Draft(
        invitation=invitation,
        score=given.score,
        aspects=dict(given.aspects),
        words=Words(mask_name(given.display_name), text) if text else None,
        analysis=analyse(context.settings.state_dir, text) if text else None,
        author=author,
        author_key=author_key,
    )


def write_review(session: Session, context: Context, draft: Draft, now: datetime) -> Submitted:
    """Write a prepared review: entry, item and words, review, index, counters, checkpoint."""
    review_id, invitation = new_id("rv"), draft.invitation
    sku, stage = invitation.product.sku, invitation.stage
    item = None if draft.words is None else new_id("it")
    experienced = invitation.occurred_on.isoformat()[:7]
    with context.logs.writing(session, invitation.log, now) as writer:
        fields = {
            "invitation": invitation.id,
            "product": sku,
            "stage": stage,
            "channel": CHANNEL,
            "score": draft.score,
            "aspects": draft.aspects,
            "item": item,
            "commitment": None if draft.words is None else draft.words.commitment,
            "author": draft.author,
            "experienced": experienced,
        }
        entry = writer.append("review.submitted", {"review": review_id, **fields})
        if draft.words is not None and item is not None:
            publish(session, entry, "review", item, draft.words, draft.author)
        _review.run(
            session,
            {
                **entry.columns,
                **fields,
                "id": review_id,
                "aspects": canonical.dumps(draft.aspects).decode(),
            },
        )
        documents.write(session, _document(draft, entry, item))
        count_review(
            session,
            sku,
            stage,
            draft.score,
            draft.words is not None,
            draft.aspects,
            experienced,
        )
        touch(session, sku)
    send_after_commit(session, review_submitted, review=review_id, product=sku)
    return Submitted(review_id, entry, draft.author_key)


def _document(draft: Draft, entry: Entry, item: str | None) -> documents.Change:
    return documents.new_document(
        key_of(entry.log.id, entry.index),
        draft.invitation.product.sku,
        draft.invitation.product.insurer,
        draft.invitation.stage,
        draft.score,
        draft.aspects,
        None if item is None or draft.analysis is None else (item, draft.analysis),
    )


def prepare_text(context: Context, text: str) -> Analysis | None:
    """What search needs of a text that is about to be published; before the log's lock is taken.

    ``None`` for a text that will be refused.
    """
    try:
        return analyse(context.settings.state_dir, clean(text, longest=MAX_TEXT, shortest=1))
    except TextFault:
        return None


def check_review(invitation: Invitation, given: ReviewInput) -> str:
    """The text in its stored form ("" for stars only). Raises :class:`InvalidInput` for all
    faults."""
    faults: dict[str, Fault] = {}
    if not 1 <= given.score <= 5:
        faults["score"] = Fault("score")
    allowed = [aspect.key for aspect in aspects_of(invitation.product.aspects, invitation.stage)]
    for aspect, value in given.aspects.items():
        if aspect not in allowed:
            faults[f"aspects.{aspect}"] = Fault("choice", {"choices": ", ".join(allowed)})
        elif not 1 <= value <= 5:
            faults[f"aspects.{aspect}"] = Fault("score")
    text = ""
    try:
        text = clean(given.text or "", longest=MAX_TEXT)
    except TextFault as error:
        faults["text"] = error.fault
    try:
        mask_name(given.display_name)
    except TextFault as error:
        faults["display_name"] = error.fault
    for name, key in (("author", given.author), ("author_key", given.author_key)):
        if key is not None and not is_hex_32(key):
            faults[name] = Fault("hex-32")
    if faults:
        raise InvalidInput(faults)
    return text


def warn_of_personal_data(context: Context, insurer: str, own_policy: str, text: str) -> None:
    """Raise :class:`PersonalDataFound` when ``text`` seems to hold personal data."""

    def is_own_policy(run: str) -> bool:
        return policy_hash(context.settings.policy_key, insurer, run) == own_policy

    if spans := find_personal_data(text, is_own_policy):
        raise PersonalDataFound(spans, text)
