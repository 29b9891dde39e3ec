"""The compliance officer's way: report a text to the regulator, then remove it. The score stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...moderation import schema as floor
from ...moderation.errors import UnknownItem
from ...moderation.log import Entry
from ...moderation.removals import Removal, remove
from ...moderation.reports import (
    Report,
    ReportDraft,
    acknowledge,
    file_report,
    private_items,
)
from ...moderation.texts import read_texts
from ..erasure import queue_erasure
from ..errors import NoText
from ..figures import count_removal, product_of_item, touch
from ..outbox import enqueue
from ..search import documents
from ..search.analysis import Analysis, analyse
from ..signals import report_acknowledged, report_filed, send_after_commit, text_removed
from .catalogue import log_of
from .context import Context
from .ownership import Owned, authors_items, find_owned, items_of


@dataclass(frozen=True, slots=True)
class ReportInput:
    """A report as compliance states it; without ``items`` it is about the review's own text."""

    report_no: str
    authority: str
    filed_on: date
    ground: str
    reasons: str
    items: Sequence[str] = ()


def report_review(
    session: Session,
    context: Context,
    insurer: str,
    review_id: str,
    given: ReportInput,
    now: datetime,
) -> Report:
    """Record a report about texts under a review of ``insurer``.

    Raises :class:`NotFound`, :class:`NoText`, and the errors of
    :func:`insurance_reviews.moderation.reports.file_report`.
    """
    owned = find_owned(session, insurer, review_id)
    ref = log_of(session, insurer)
    context.logs.hold(session, ref)
    items = list(given.items) or [_own_text(session, owned)]
    draft = ReportDraft(
        items=items,
        authority=given.authority,
        report_no=given.report_no,
        filed_on=given.filed_on,
        ground=given.ground,
        reasons=given.reasons,
    )
    report = file_report(session, context.logs, ref, draft, now)
    for sku in sorted({sku for item in items if (sku := _product_of(session, item)) is not None}):
        touch(session, sku)
    send_after_commit(session, report_filed, report=report.id, insurer=insurer)
    return report


def remove_text(
    session: Session,
    context: Context,
    insurer: str,
    review_id: str,
    report_id: str | None,
    now: datetime,
    *,
    item: str | None = None,
    redacted_text: str | None = None,
    analysis: Analysis | None = None,
) -> Removal:
    """Remove or redact a text under a review of ``insurer``, on a report that names it;
    ``analysis`` is what :func:`prepare_redaction` gave before the transaction began.

    Raises :class:`NotFound`, :class:`NoText`, and the errors of
    :func:`insurance_reviews.moderation.removals.remove`.
    """
    owned = find_owned(session, insurer, review_id)
    ref = log_of(session, insurer)
    analysis = analysis or prepare_redaction(context, redacted_text)
    context.logs.hold(session, ref)
    item = item or _own_text(session, owned)
    if (first := _first_of(session, item)) not in items_of(session, owned):
        raise UnknownItem("no such text stands under this review")
    document = documents.find_change(session, review_id)
    removal = remove(session, context.logs, ref, item, report_id, redacted_text, now)
    if removal.redacted_item is None or analysis is None:
        document.remove(item)
    else:
        document.redact(item, removal.redacted_item, analysis)
    documents.write(session, document)
    count_removal(session, owned.product, _ground_of(session, report_id))
    if first in authors_items(session, owned):
        enqueue(session, "removal", {"review": review_id, "item": item}, now)
    queue_erasure(session, context, insurer, [item], now)
    send_after_commit(session, text_removed, review=review_id, product=owned.product)
    return removal


def _ground_of(session: Session, report_id: str | None) -> str:
    report = floor.report.c
    return str(session.scalars(select(report.ground).where(report.id == report_id)).one())


def prepare_redaction(context: Context, redacted_text: str | None) -> Analysis | None:
    """What search needs of a redacted text; before the log's lock is taken."""
    return None if redacted_text is None else analyse(context.settings.state_dir, redacted_text)


def erase_private_words(
    session: Session, context: Context, insurer: str, report_id: str, now: datetime
) -> int:
    """Erase the reasons of a report and the notes of its answers, which quote what was reported.

    They were never public; what stays is their commitment. Returns how many texts went. Raises
    :class:`UnknownReport` for a report of another insurer.
    """
    ref = log_of(session, insurer)
    context.logs.hold(session, ref)
    items = private_items(session, ref, report_id)
    for item in items:
        remove(session, context.logs, ref, item, report_id, None, now)
    if items:
        queue_erasure(session, context, insurer, items, now)
    return len(items)


def acknowledge_report(
    session: Session,
    context: Context,
    report_id: str,
    verdict: str,
    note: str | None,
    now: datetime,
) -> Entry:
    """Record the regulator's verdict; it shows wherever the report's tombstones stand."""
    entry = acknowledge(session, context.logs, report_id, verdict, note, now)
    items = session.scalars(
        select(floor.report_item.c.item).where(floor.report_item.c.report == report_id)
    ).all()
    for sku in sorted({sku for item in items if (sku := _product_of(session, item)) is not None}):
        touch(session, sku)
    send_after_commit(session, report_acknowledged, report=report_id, verdict=verdict)
    return entry


def _own_text(session: Session, owned: Owned) -> str:
    """The item that holds the review's own text today: after a redaction, the redacted one."""
    if owned.item is None:
        raise NoText
    return read_texts(session, [owned.item])[owned.item].item


def _first_of(session: Session, item: str) -> str:
    """The item that was published first, of which ``item`` may be a redaction."""
    before = floor.removal.c
    while (
        earlier := session.scalar(select(before.item).where(before.redacted_item == item))
    ) is not None:
        item = earlier
    return item


def _product_of(session: Session, item: str) -> str | None:
    return product_of_item(session, _first_of(session, item))
