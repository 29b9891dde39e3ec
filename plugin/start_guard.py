"""The look at schema and logs before the first answer: has the database lost what was signed?

Signing looks again each time (:mod:`insurance_reviews.moderation.log`). But a restored backup must
not even be shown: it would hide reviews that were acknowledged, as if they had never been.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ..moderation.errors import LogBehind
from ..moderation.kept import KeptCheckpoints
from ..moderation.log import check_all_kept
from .database import require_schema
from .errors import Unavailable
from .fingerprint import SchemaChanged
from .unit_of_work import UnitOfWork

#: A database that was refused is looked at again after so many seconds: somebody may be mending it.
PAUSE = 5.0
#: What says that the database must not be shown, nor anything be sent of it.
REFUSALS = (LogBehind, SchemaChanged, Unavailable)


class StartGuard:
    """Refuses, until the look has been passed once in this process."""

    def __init__(
        self,
        work: UnitOfWork,
        kept: KeptCheckpoints,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._kept = kept
        self._clock = clock
        self._passed = False
        self._refusal: tuple[float, LogBehind] | None = None

    def check(self) -> None:
        """Raise :class:`~insurance_reviews.moderation.errors.LogBehind` when a log in the database
        is behind its kept checkpoint, is another, or is not there at all;
        :class:`~.errors.Unavailable` when the schema is not this release's, and
        :class:`~.fingerprint.SchemaChanged` when somebody changed it; SQLAlchemy's errors when the
        database cannot be read."""
        if self._passed:
            return
        if self._refusal is not None and self._clock() - self._refusal[0] < PAUSE:
            raise self._refusal[1]
        try:
            kept = self._kept.all()
            with self._work.reading() as session:
                require_schema(session.connection())
                check_all_kept(session, kept)
        except LogBehind as error:
            self._refusal = self._clock(), error
            raise
        self._passed = True
