"""Which tokens are rare: what a search costs is decided by the rarest of them.

Asked once per token and process, and kept for some minutes. Two processes may hold another opinion
of a token that is about as common as the bound, or before and after PostgreSQL analysed its tables;
asking each time would cost what it saves. So it decides where a page stops and how far a total is
counted, and never which reviews all pages show: each goes on where the one before it stopped,
whoever answers.
"""

from __future__ import annotations

import time
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from ...moderation.prepared import query
from .. import schema
from .expression import Search

#: A token that more reviews have is common.
RARE = 10_000
_KEPT_FOR = 600.0
_MOST_KEPT = 20_000

Known = dict[str, tuple[bool, float]]
_known: WeakKeyDictionary[Engine, Known] = WeakKeyDictionary()
_lock = Lock()


def is_rare(session: Session, search: Search) -> bool:
    """Whether ``search`` is cheap, however many reviews there are."""
    with _lock:
        known = _known.setdefault(session.connection().engine, {})
    now = time.monotonic()
    dialect = session.get_bind().dialect.name
    # The last ones are those of the words, of which one is most likely rare.
    written = (search.alone(token, dialect) for token in reversed(search.required))
    return any(_is_rare(session, match, known, now) for match in written)


def _is_rare(session: Session, match: str, known: Known, now: float) -> bool:
    found, until = known.get(match, (False, 0.0))
    if until > now:
        return found
    found = _estimate(session, match) <= RARE
    if len(known) >= _MOST_KEPT:
        known.clear()
    known[match] = found, now + _KEPT_FOR
    return found


def _estimate(session: Session, match: str) -> int:
    """About how many reviews have a token: SQLite counts a little further than matters,
    PostgreSQL's planner knows it of every common token."""
    if session.get_bind().dialect.name == "sqlite":
        [row] = _COUNTED.fetch(session, {"match": match, "most": RARE + 1})
        return int(row.n)
    plan = session.scalar(_EXPLAINED, {"match": match})
    return int(plan[0]["Plan"]["Plan Rows"])


_INDEX = schema.SEARCH_INDEX
_COUNTED = query(
    text(
        f"SELECT count(*) AS n FROM (SELECT rowid FROM {_INDEX} WHERE {_INDEX} MATCH :match "
        "LIMIT :most)"
    )
)
_EXPLAINED = text(
    f"EXPLAIN (FORMAT JSON) SELECT key FROM {_INDEX} WHERE tokens @@ CAST(:match AS tsquery)"
)
