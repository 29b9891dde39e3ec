"""The application's refusals, one tree. ``code`` is public and stable; evidence travels as
attributes.

:mod:`.problems` turns them, and those of the floor, into answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..moderation.errors import Fault, InvalidInput

__all__ = ["Fault", "InvalidInput"]


class ReviewsError(Exception):
    """Base of the application's refusals."""

    code = "error"


class NotFound(ReviewsError):
    """What was asked for does not exist, or not for the one who asks."""

    code = "not-found"


class NotYours(NotFound):
    """It exists, but belongs to another insurer."""


class Unauthorized(ReviewsError):
    """No token, an unknown one, or one that does not reach this far: all answered alike."""

    code = "unauthorized"


class Forbidden(ReviewsError):
    """Signed in as nobody, or without the role."""

    code = "forbidden"


class FormExpired(ReviewsError):
    """A desk's form without its token: too old, or sent by another site."""

    code = "csrf"


class InvitationUnknown(ReviewsError):
    """No invitation has this token."""

    code = "invitation-unknown"


class InvitationExpired(ReviewsError):
    """The invitation's time is over."""

    code = "invitation-expired"

    def __init__(self, expired_at: datetime, product: str) -> None:
        super().__init__()
        self.expired_at = expired_at
        self.product = product


class InvitationUsed(ReviewsError):
    """The review of this invitation exists already."""

    code = "invitation-used"

    def __init__(self, review: str, author: str, product: str) -> None:
        super().__init__()
        self.review = review
        #: The author hash of that review: the same form sent twice is recognised by it.
        self.author = author
        self.product = product


class EventConflict(ReviewsError):
    """This policy event is on record with another product or date."""

    code = "event-conflict"


class ScoreLocked(ReviewsError):
    """Scores are for ever."""

    code = "score-locked"


class NoText(ReviewsError):
    """The review has stars only: there are no words to remove."""

    code = "no-text"


class Withdrawn(ReviewsError):
    """The author has withdrawn; nothing can be added."""

    code = "withdrawn"


class Busy(ReviewsError):
    """Other writers take too long; nothing was written."""

    code = "busy"
    retry_after = 2


class Unavailable(ReviewsError):
    """The database cannot be reached, is full, or holds nothing of ours."""

    code = "unavailable"
    retry_after = 30


class RateLimited(ReviewsError):
    """Too many posts from here."""

    code = "rate-limited"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Span:
    """Personal data in a text: ``start`` and ``end`` count code points of the stored text."""

    kind: str
    start: int
    end: int


class PersonalDataFound(ReviewsError):
    """The text seems to hold personal data; the writer decides."""

    code = "personal-data"

    def __init__(self, spans: Sequence[Span], text: str) -> None:
        super().__init__()
        self.spans = tuple(spans)
        self.text = text


class BadRequest(ReviewsError):
    """The request cannot be read at all: wrong content type, broken JSON, too large."""

    def __init__(self, code: str, status: int, params: Mapping[str, object] | None = None) -> None:
        super().__init__()
        self.code = code
        self.status = status
        self.params = dict(params or {})
