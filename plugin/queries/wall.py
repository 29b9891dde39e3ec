"""One page of a product's wall: any filter, any order, at the same cost on every page.

Pages follow a key, the log index, never an offset, so that what arrives meanwhile shifts nothing.
Orders by score go through the five scores one after the other, newest first in each. Where the
reviews come from is the business of two sources: the indexes of the table
(:mod:`.wall_ranges`), and the index of search for all that those do not know
(:mod:`.wall_search`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from ..search.find import Count, Span
from ..search.terms import parse
from .reviews import complete
from .wall_cursor import Place, read_place
from .wall_query import (
    LARGEST_PAGE,
    MONTH,
    PAGE_SIZE,
    SORTS,
    Sort,
    Source,
    Stretch,
    WallPage,
    WallQuery,
    check_names,
)
from .wall_ranges import Ranges, count_reviews, span_of
from .wall_search import Hits

__all__ = [
    "LARGEST_PAGE",
    "MONTH",
    "PAGE_SIZE",
    "SORTS",
    "Sort",
    "WallPage",
    "WallQuery",
    "check_names",
    "previous_page",
    "read_wall",
]


def read_wall(session: Session, query: WallQuery) -> WallPage:
    """The page of ``query``. Raises :class:`InvalidInput` for a cursor that is not of this
    order."""
    terms = parse(query.q or "")
    if query.sort == "relevant" and not terms.wanted:
        # Of reviews that were not searched for, none is more relevant than another.
        query = replace(query, sort="newest")
    place = read_place(query)
    span = span_of(session, query)
    hits = Hits(session, query, terms) if terms or query.needs_search else None
    rows: Sequence[Any]
    if hits is not None and query.sort == "relevant":
        rows, following = hits.ranked(span, place, query.limit)
    else:
        rows, following = _in_order(query, hits or Ranges(session, query), span, place)
    counted = _count(session, query, hits, span)
    return WallPage(
        tuple(complete(session, rows)),
        None if following is None else following.cursor(query.sort),
        counted.number,
        counted.is_exact,
        terms.wanted,
    )


def previous_page(session: Session, query: WallQuery) -> str | None:
    """The cursor that opens the page before the one that ``query.after`` opens; ``None`` when that
    is the first one. Only for walls that :attr:`WallQuery.leads_back`."""
    assert query.leads_back, "no range of one index leads back from here"
    entry = read_place(query).entry
    assert entry is not None, "the first page has none before it"
    # That page ends with the cursor's review: it is read backwards from there, and one beyond it.
    newest_first = query.sort == "newest"
    span = span_of(session, query)
    if newest_first:
        span = replace(span, first=max(span.first, entry))
    else:
        span = replace(span, last=min(span.last, entry))
    rows = (
        Ranges(session, query)
        .rows(span, query.score, newest_first=not newest_first, wanted=query.limit + 1)
        .rows
    )
    return Place(rows[-1].entry).cursor(query.sort) if len(rows) > query.limit else None


def _in_order(
    query: WallQuery, source: Source, span: Span, place: Place
) -> tuple[Sequence[Any], Place | None]:
    """The rows of the page, and where the next one begins."""
    rows: list[Any] = []
    by_score = query.sort in ("highest", "lowest")
    for score in _scores(query, place):
        passed = place.entry if score == place.score else None
        found = _stretch(source, span, score if by_score else query.score, query, passed, len(rows))
        rows += found.rows
        if len(rows) > query.limit:
            last = rows[query.limit - 1]
            return rows[: query.limit], Place(last.entry, last.score if by_score else None)
        if found.looked_to is not None:
            return rows, Place(found.looked_to, score)
    return rows, None


def _stretch(
    source: Source,
    span: Span,
    score: int | None,
    query: WallQuery,
    passed: int | None,
    shown: int,
) -> Stretch:
    newest_first = query.sort != "oldest"
    if passed is not None:
        span = span.beyond(passed, newest_first=newest_first)
    return source.rows(span, score, newest_first=newest_first, wanted=query.limit + 1 - shown)


def _scores(query: WallQuery, place: Place) -> list[int | None]:
    """The scores that are gone through, from that of ``place`` on."""
    if query.sort in ("newest", "oldest"):
        return [None]
    scores: list[int | None] = [query.score] if query.score else [5, 4, 3, 2, 1]
    if query.sort == "lowest":
        scores.reverse()
    if place.score is not None:
        scores = scores[scores.index(place.score) :] if place.score in scores else []
    return scores


def _count(session: Session, query: WallQuery, hits: Hits | None, span: Span) -> Count:
    """From the counters where they know; else up to where counting ends."""
    if query.is_counted and (hits is None or not hits.terms):
        return Count(count_reviews(session, query), is_exact=True)
    return (hits or Ranges(session, query)).count(span)
