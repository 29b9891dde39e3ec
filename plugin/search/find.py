"""Finding reviews by the index, in the order of the log, at a cost that their number does not
decide.

Neither engine's index ends at a key: for two common tokens that few reviews have both, SQLite walks
their lists to the end, and PostgreSQL collects every match before it sorts. So a search whose
tokens are all common is kept to the nearest places of the log, and the next page goes on behind
them. One rare token is enough to search everything, as the rarest decides the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from .expression import Search
from .keys import ENTRIES, key_of, place_of
from .rarity import is_rare
from .statements import Bounds, count_keys, find_keys, find_parts, read_ends
from .tokens import PLACE

#: A search of common tokens looks at so many places of the log, the one it begins in included.
NEAR = 3
#: So many reviews are looked at, at most, for terms that the index cannot tell by itself.
LOOKED = 5_000
#: Counting ends here, and where it takes looking at the texts, after so many of them.
COUNTED = 1_000
LOOKED_TO_COUNT = 1_500
_FIRST_CHUNK, _CHUNK = 40, 500
#: No log has an entry behind this one.
LAST = ENTRIES - 1


@dataclass(frozen=True, slots=True)
class Span:
    """The entries of one product from ``first`` to ``last``, in its log."""

    product: str
    first: int = 0
    last: int = LAST

    def beyond(self, entry: int, *, newest_first: bool) -> Span:
        """What comes after ``entry``, in this direction."""
        if newest_first:
            return replace(self, last=min(self.last, entry - 1))
        return replace(self, first=max(self.first, entry + 1))

    def bounds(self, log: int) -> Bounds:
        """The same as keys of the index."""
        return Bounds(key_of(log, self.first), key_of(log, max(self.last, 0)))


@dataclass(frozen=True, slots=True)
class Found:
    """Entries in order. ``looked_to`` is the last entry that was looked at, where there may be
    more behind it."""

    entries: tuple[int, ...]
    looked_to: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, or are at least."""

    number: int
    is_exact: bool


def find(
    session: Session,
    search: Search,
    span: Span,
    *,
    newest_first: bool,
    wanted: int,
    looked: int = LOOKED,
) -> Found:
    """The first ``wanted`` entries of ``span`` that ``search`` finds, after looking at ``looked``
    texts at most."""
    search, scope, end = _kept_near(session, search, span, newest_first=newest_first)
    chunk = wanted if search.is_exact else min(max(wanted, _FIRST_CHUNK), _CHUNK)
    found: list[int] = []
    while True:
        keys = find_keys(
            session, search, scope.bounds(search.log), newest_first=newest_first, wanted=chunk
        )
        found += _containing(session, search, keys)
        if len(found) >= wanted:
            return Found(_entries(found[:wanted]))
        if len(keys) < chunk:
            return Found(_entries(found), end)
        looked -= len(keys)
        last = place_of(keys[-1])[1]
        if looked <= 0:
            return Found(_entries(found), last)
        scope = scope.beyond(last, newest_first=newest_first)
        chunk = _CHUNK


def count(session: Session, search: Search, span: Span) -> Count:
    """How many ``search`` finds in ``span``, up to :data:`COUNTED`."""
    by_index = search if search.is_exact else search.by_words()
    if by_index is not None:
        kept, scope, end = _kept_near(session, by_index, span, newest_first=True)
        number = count_keys(session, kept, scope.bounds(search.log), COUNTED + 1)
        if number > COUNTED or search.is_exact:
            return Count(min(number, COUNTED), end is None and number <= COUNTED)
        if end is None and _is_all(session, search, span, number):
            return Count(number, is_exact=True)
    found = find(
        session, search, span, newest_first=True, wanted=COUNTED + 1, looked=LOOKED_TO_COUNT
    )
    number = len(found.entries)
    return Count(min(number, COUNTED), found.looked_to is None and number <= COUNTED)


def _is_all(session: Session, search: Search, span: Span, number: int) -> bool:
    """Whether no more than ``number`` reviews have the tokens of ``search``, of which so many were
    found by the words: then no text needs to be looked at."""
    if not is_rare(session, search.tokens):
        return False
    return count_keys(session, search, span.bounds(search.log), number + 1) == number


def _kept_near(
    session: Session, search: Search, span: Span, *, newest_first: bool
) -> tuple[Search, Span, int | None]:
    """The search and the part of ``span`` to which it is kept, with the last entry of that part
    where it ends before the product's reviews do."""
    if is_rare(session, search.tokens):
        return search, span, None
    ends = read_ends(session, span.product, span.first, span.last)
    if ends is None:
        return search, span, None
    oldest, newest = ends
    # Places are counted by entries as well as by keys: they divide the numbers of a log evenly.
    if newest_first:
        first = max(oldest, (newest // PLACE - NEAR + 1) * PLACE)
        scope, end = replace(span, first=first, last=newest), first
    else:
        last = min(newest, (oldest // PLACE + NEAR) * PLACE - 1)
        scope, end = replace(span, first=oldest, last=last), last
    places = range(scope.first // PLACE * PLACE, scope.last + 1, PLACE)
    kept = search.within(key_of(search.log, entry) for entry in places)
    return kept, scope, end if end not in ends else None


def _containing(session: Session, search: Search, keys: Sequence[int]) -> Sequence[int]:
    """Those of ``keys`` whose texts have the terms that the index cannot tell."""
    if search.is_exact or not keys:
        return keys
    texts = find_parts(session, keys)
    return [
        key
        for key in keys
        for parts in [texts.get(key, ())]
        if all(any(term in part for part in parts) for term in search.contained)
        and not any(term in part for term in search.missing for part in parts)
    ]


def _entries(keys: Sequence[int]) -> tuple[int, ...]:
    return tuple(place_of(key)[1] for key in keys)
