"""Signals for the host, sent once the transaction stands. Receivers get ids, never texts or
persons."""

from __future__ import annotations

from functools import partial
from typing import Any

from blinker import Namespace, Signal
from sqlalchemy.orm import Session

from ..moderation.after_commit import after_commit

_signals = Namespace()

review_submitted: Signal = _signals.signal("insurance-reviews.review-submitted")
follow_up_published: Signal = _signals.signal("insurance-reviews.follow-up-published")
texts_withdrawn: Signal = _signals.signal("insurance-reviews.texts-withdrawn")
reply_published: Signal = _signals.signal("insurance-reviews.reply-published")
report_filed: Signal = _signals.signal("insurance-reviews.report-filed")
report_acknowledged: Signal = _signals.signal("insurance-reviews.report-acknowledged")
text_removed: Signal = _signals.signal("insurance-reviews.text-removed")


def send_after_commit(session: Session, signal: Signal, **values: Any) -> None:
    """Send ``signal`` with ``values`` once the unit of work has committed; never when it rolls
    back."""
    after_commit(session, partial(signal.send, None, **values))
