"""The report package: what a compliance officer sends to the regulator about one review."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ..moderation import canonical
from ..moderation.log_keys import signing_key
from ..moderation.receipts import make_receipt, read_leaf
from .projections import review_json
from .queries.reviews import find_review
from .services.catalogue import log_of
from .services.context import Context
from .services.ownership import find_owned

FORMAT = "insurance-reviews/report-package/v1"


def report_package(session: Session, context: Context, insurer: str, review_id: str) -> bytes:
    """Canonical JSON of the review as it stands, its log entry and its proof.

    The same state gives the same bytes: the proof is against the first checkpoint that covers the
    entry, not against the newest. Raises :class:`NotFound` for a review of another insurer.
    """
    find_owned(session, insurer, review_id)
    review = find_review(session, review_id)
    ref = log_of(session, insurer)
    leaf = read_leaf(session, ref, review.index)
    assert leaf is not None, "a review has its entry"
    receipt = make_receipt(session, ref, review.index, newest=False)
    package: dict[str, Any] = {
        "format": FORMAT,
        "review": review_json(review, context.settings.timezone),
        "entry": leaf.decode(),
        "receipt": receipt.format(),
        "verifier_key": signing_key(session, ref, receipt.checkpoint),
    }
    return canonical.dumps(package)
