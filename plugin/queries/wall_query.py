"""What a wall is asked for, and what a page of it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..aspects import Aspect, aspects_of
from ..errors import Fault, InvalidInput
from ..schema import STAGES
from ..search.find import Count, Span
from ..search.topics import TOPICS
from .reviews import PublishedReview

Sort = Literal["newest", "oldest", "highest", "lowest", "relevant"]
#: The orders that every wall has; ``relevant`` is one of searches.
SORTS: tuple[Sort, ...] = ("newest", "oldest", "highest", "lowest")
PAGE_SIZE = 10
LARGEST_PAGE = 50
MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


@dataclass(frozen=True, slots=True)
class WallQuery:
    """What to show. ``after`` is the cursor of the previous page.

    ``q`` is what a reader typed; ``aspect`` is "key" or "key:stars"; ``since`` and ``until`` are
    months of the submission in UTC, both included. Raises :class:`InvalidInput` for what cannot
    be asked.
    """

    product: str
    stage: str | None = None
    score: int | None = None
    sort: Sort = "newest"
    limit: int = PAGE_SIZE
    after: str | None = None
    q: str | None = None
    topic: str | None = None
    aspect: str | None = None
    replied: bool | None = None
    followed_up: bool | None = None
    has_text: bool | None = None
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        faults = {
            name: Fault("month")
            for name, month in (("since", self.since), ("until", self.until))
            if month is not None and not re.match(MONTH, month)
        }
        if self.sort == "relevant" and self.q is None:
            faults["sort"] = Fault("query-needed")
        if not faults and self.since and self.until and self.since > self.until:
            faults["until"] = Fault("period")
        if faults:
            raise InvalidInput(faults)

    @property
    def needs_search(self) -> bool:
        """Whether there is a filter that only the index of search knows."""
        return any(
            value is not None
            for value in (self.topic, self.aspect, self.replied, self.followed_up, self.has_text)
        )

    @property
    def is_counted(self) -> bool:
        """Whether the counters know how many its filters leave, its words apart."""
        return all(
            value is None
            for value in (
                self.topic,
                self.aspect,
                self.replied,
                self.followed_up,
                self.since,
                self.until,
            )
        )

    @property
    def leads_back(self) -> bool:
        """Whether the page before one is to be had: where both are ranges of one index."""
        return self.sort in ("newest", "oldest") and not self.q and not self.needs_search


def check_names(query: WallQuery, configured: Mapping[str, Sequence[Aspect]] | None) -> None:
    """Raise :class:`InvalidInput` for an aspect that the product, with these aspects, does not ask
    for, and for a topic that nobody knows."""
    faults = {}
    aspects = {aspect.key for stage in STAGES for aspect in aspects_of(configured, stage)}
    if query.aspect is not None and query.aspect.partition(":")[0] not in aspects:
        faults["aspect"] = Fault("choice", {"choices": ", ".join(sorted(aspects))})
    if query.topic is not None and query.topic not in TOPICS:
        faults["topic"] = Fault("choice", {"choices": ", ".join(TOPICS)})
    if faults:
        raise InvalidInput(faults)


@dataclass(frozen=True, slots=True)
class WallPage:
    """A page; ``next`` is the cursor of the following one, ``total`` what the filters leave, or at
    least leave. ``terms`` are the folded terms that were looked for.

    A page of a search may have fewer reviews than were asked for, even none, and yet a ``next``:
    then as many were looked at as one page may cost.
    """

    reviews: tuple[PublishedReview, ...]
    next: str | None
    total: int
    total_is_exact: bool = True
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of reviews in order. ``looked_to`` is the last entry that was looked at, where there
    may be more behind it."""

    rows: Sequence[Any]
    looked_to: int | None = None


class Source(Protocol):
    """Where the reviews of a wall come from."""

    def rows(self, span: Span, score: int | None, *, newest_first: bool, wanted: int) -> Stretch:
        """The first ``wanted`` reviews of ``span``, those with ``score`` where it is given."""

    def count(self, span: Span) -> Count:
        """How many reviews the filters leave in ``span``, or at least leave."""
