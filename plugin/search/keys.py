"""Where a review stands in the index: one number that grows with the log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, literal_column

from .. import schema

#: How many entries of a log the numbers have room for.
ENTRIES = 1 << 40
#: The same in a query, of a row of ``review``.
REVIEW_KEY: ColumnElement[Any] = (
    cast(schema.review.c.log, BigInteger) * literal_column(str(ENTRIES)) + schema.review.c.entry
)


def key_of(log: int, entry: int) -> int:
    """The key of the review that stands at ``entry`` of ``log``."""
    return log * ENTRIES + entry


def place_of(key: int) -> tuple[int, int]:
    """The log and the entry of a key."""
    return divmod(key, ENTRIES)
