"""Where a page ends, as the text that opens the next one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import Fault, InvalidInput
from .wall_query import Sort, WallQuery

_CURSOR = re.compile(r"([nohl])([1-5])?-(0|[1-9][0-9]{0,17})")
#: Of a ranking: the newest and the oldest entry of what is ranked, and how many of it have been
#: shown.
_RANKED = re.compile(r"r-(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Place:
    """The entry behind which a page begins, and its score in orders by score. In a ranking,
    ``entry`` and ``oldest`` are the ends of what is ranked, and the page begins behind ``shown``
    of it."""

    entry: int | None = None
    score: int | None = None
    shown: int | None = None
    oldest: int = 0

    def cursor(self, sort: Sort) -> str:
        """This place in this order, as a text."""
        if self.shown is not None:
            return f"{sort[0]}-{self.entry}-{self.oldest}-{self.shown}"
        return f"{sort[0]}{self.score or ''}-{self.entry}"


def read_place(query: WallQuery) -> Place:
    """Where the page of ``query`` begins. Raises :class:`InvalidInput` for a cursor of another
    order."""
    if query.after is None:
        return Place()
    if query.sort == "relevant":
        if match := _RANKED.fullmatch(query.after):
            return Place(int(match[1]), shown=int(match[3]), oldest=int(match[2]))
    elif match := _CURSOR.fullmatch(query.after):
        by_score = query.sort in ("highest", "lowest")
        if match[1] == query.sort[0] and (match[2] is not None) == by_score:
            return Place(int(match[3]), int(match[2]) if by_score else None)
    raise InvalidInput({"after": Fault("cursor")})
