"""Finding reviews by the index, in the order of the log, at a cost that their number does not
decide.

Neither engine's index ends at a key: for two common tokens that few reviews have both, SQLite walks
their lists to the end, and PostgreSQL collects every match before it sorts. So a search whose
tokens are all common is kept to the nearest places of the log, and the next page goes on behind
them. One rare token is enough to search everything, as the rarest decides the cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from . import tokens
from .expression import Search
from .keys import ENTRIES, key_of, place_of
from .rarity import is_rare
from .statements import Bounds, count_keys, find_keys, look, read_ends

#: A search of common tokens looks at so many places of the log, the one it begins in included.
NEAR = 3
#: So many reviews, and characters of their texts, are looked at by one request, at most, for terms
#: that the index cannot tell by itself.
LOOKED, LOOKED_CHARACTERS = 5_000, 1_000_000
#: Counting ends here, and where it takes looking at the texts, after so many of them.
COUNTED = 1_000
LOOKED_TO_COUNT, CHARACTERS_TO_COUNT = 1_500, 300_000
#: Counting what the index tells goes on so many times as far as a search of common tokens does.
COUNTED_STRETCHES = 2
_FIRST_CHUNK, _CHUNK = 40, 500
#: Texts are read a few at a time where they are long: about so many characters at once.
_CHARACTERS_AT_ONCE = 100_000
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


@dataclass(slots=True)
class Budget:
    """What one request may still look at: reviews, and characters of their texts."""

    texts: int
    characters: int
    _at_once: int = 0

    @property
    def is_spent(self) -> bool:
        return self.texts <= 0 or self.characters <= 0

    def slices(self, keys: Sequence[int]) -> Iterator[Sequence[int]]:
        """``keys`` in as many parts as the texts that were read so far are long."""
        start = 0
        while start < len(keys):
            end = start + (self._at_once or _FIRST_CHUNK)
            yield keys[start:end]
            start = end

    def spend(self, texts: int, characters: int) -> None:
        """So many reviews were looked at, whose texts had so many characters."""
        self.texts -= texts
        self.characters -= characters
        self._at_once = max(1, _CHARACTERS_AT_ONCE * texts // max(characters, 1))


def budget_to_find() -> Budget:
    """For all that one page looks for."""
    return Budget(LOOKED, LOOKED_CHARACTERS)


def find(
    session: Session,
    search: Search,
    span: Span,
    *,
    newest_first: bool,
    wanted: int,
    budget: Budget,
) -> Found:
    """The first ``wanted`` entries of ``span`` that ``search`` finds, after looking at what
    ``budget`` leaves, and at a few texts where it leaves nothing: every page gets further."""
    search, scope, end = _kept_near(session, search, span, newest_first=newest_first)
    # Who counts asks for all that may be looked at in one go.
    chunk = wanted if search.is_exact else max(_FIRST_CHUNK, min(wanted, budget.texts))
    found: list[int] = []
    while True:
        keys = find_keys(
            session, search, scope.bounds(search.log), newest_first=newest_first, wanted=chunk
        )
        if search.is_exact:
            return Found(_entries(keys), None if len(keys) == wanted else end)
        last = None
        for some in budget.slices(keys):
            found += _containing(session, search, some, budget)
            last = place_of(some[-1])[1]
            if len(found) >= wanted:
                return Found(_entries(found[:wanted]))
            if budget.is_spent:
                return Found(_entries(found), last)
        if last is None or len(keys) < chunk:
            return Found(_entries(found), end)
        scope = scope.beyond(last, newest_first=newest_first)
        chunk = _CHUNK


def count(session: Session, search: Search, span: Span) -> Count:
    """How many ``search`` finds in ``span``, up to :data:`COUNTED`."""
    by_index = search if search.is_exact else search.by_words()
    least = 0
    if by_index is not None:
        least, is_all = _count_by_index(session, by_index, span)
        if least > COUNTED or search.is_exact:
            return Count(min(least, COUNTED), is_all and least <= COUNTED)
        if least and is_all and _is_all(session, search, span, least):
            return Count(least, is_exact=True)
    number, is_all = _count_by_looking(session, search, span)
    is_exact = is_all and number <= COUNTED
    return Count(number if is_exact else min(max(number, least), COUNTED), is_exact)


def _count_by_looking(session: Session, search: Search, span: Span) -> tuple[int, bool]:
    """The same as :func:`_count_by_index`, for a search whose texts have to be looked at."""
    budget = Budget(LOOKED_TO_COUNT, CHARACTERS_TO_COUNT)
    number = 0
    for _ in range(COUNTED_STRETCHES):
        wanted = COUNTED + 1 - number
        found = find(session, search, span, newest_first=True, wanted=wanted, budget=budget)
        number += len(found.entries)
        if found.looked_to is None or number > COUNTED:
            return number, found.looked_to is None
        if budget.is_spent:
            break
        span = span.beyond(found.looked_to, newest_first=True)
    return number, False


def _count_by_index(session: Session, search: Search, span: Span) -> tuple[int, bool]:
    """How many the index alone finds, up to one beyond :data:`COUNTED`, and whether that is all
    of them as far as it was counted."""
    number = 0
    for _ in range(COUNTED_STRETCHES):
        kept, scope, end = _kept_near(session, search, span, newest_first=True)
        number += count_keys(session, kept, scope.bounds(search.log), COUNTED + 1 - number)
        if end is None or number > COUNTED:
            return number, end is None
        span = span.beyond(end, newest_first=True)
    return number, False


def _is_all(session: Session, search: Search, span: Span, number: int) -> bool:
    """Whether no more than ``number`` reviews have the tokens of ``search``, of which so many were
    found by the words: then no text needs to be looked at."""
    if not is_rare(session, search):
        return False
    return count_keys(session, search, span.bounds(search.log), number + 1) == number


def _kept_near(
    session: Session, search: Search, span: Span, *, newest_first: bool
) -> tuple[Search, Span, int | None]:
    """The search and the part of ``span`` to which it is kept, with the last entry of that part
    where it ends before the product's reviews do."""
    if is_rare(session, search):
        return search, span, None
    ends = read_ends(session, span.product, span.first, span.last)
    if ends is None:
        return search, span, None
    oldest, newest = ends
    # Places are counted by entries as well as by keys: they divide the numbers of a log evenly.
    if newest_first:
        first = max(oldest, (newest // tokens.PLACE - NEAR + 1) * tokens.PLACE)
        scope, end = replace(span, first=first, last=newest), first if first > oldest else None
    else:
        last = min(newest, (oldest // tokens.PLACE + NEAR) * tokens.PLACE - 1)
        scope, end = replace(span, first=oldest, last=last), last if last < newest else None
    places = range(scope.first // tokens.PLACE * tokens.PLACE, scope.last + 1, tokens.PLACE)
    kept = search.within(key_of(search.log, entry) for entry in places)
    return kept, scope, end


def _containing(
    session: Session, search: Search, keys: Sequence[int], budget: Budget
) -> Sequence[int]:
    """Those of ``keys`` whose texts have the terms that the index cannot tell."""
    looked = look(session, keys, search.contained, search.missing)
    budget.spend(len(keys), looked.characters)
    return looked.keys


def _entries(keys: Sequence[int]) -> tuple[int, ...]:
    return tuple(place_of(key)[1] for key in keys)
