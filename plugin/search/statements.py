"""What is asked of the index, in the words of each engine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from operator import or_
from typing import NamedTuple

from sqlalchemy import TextClause, bindparam, func, select, text
from sqlalchemy.orm import Session

from ...moderation.prepared import Prepared, query
from .. import schema
from .expression import Search
from .rank import Words

#: PostgreSQL: so many keys are tried one after the other before its index is asked, which finds all
#: there are and sorts them: by then they are few.
WALKED = 8_192


class Bounds(NamedTuple):
    """Keys, both ends included."""

    first: int
    last: int


def find_keys(
    session: Session, search: Search, bounds: Bounds, *, newest_first: bool, wanted: int
) -> list[int]:
    """The first ``wanted`` keys within ``bounds`` that the index has for ``search``."""
    values = {"match": _match(session, search), "wanted": wanted}
    if _dialect(session) == "sqlite":
        rows = _FTS[newest_first].fetch(session, {**values, **bounds._asdict()})
        return [row.key for row in rows]
    keys: list[int] = []
    for prepared, part in _ways(search, bounds, newest_first=newest_first):
        values["wanted"] = wanted - len(keys)
        rows = prepared[newest_first].fetch(session, {**values, **part._asdict()})
        keys += [row.key for row in rows]
        if len(keys) == wanted:
            break
    return keys


def count_keys(session: Session, search: Search, bounds: Bounds, most: int) -> int:
    """How many keys within ``bounds`` the index has for ``search``, up to ``most``."""
    values = {"match": _match(session, search)}
    ways = [(_FTS_COUNT, bounds)]
    if _dialect(session) != "sqlite":
        ways = [
            (_COUNTS[prepared is _WALK], part)
            for prepared, part in _ways(search, bounds, newest_first=True)
        ]
    number = 0
    for counting, part in ways:
        wanted = most - number
        [row] = counting.fetch(session, {**values, **part._asdict(), "wanted": wanted})
        number += row.n
        if number == most:
            break
    return number


def holds(session: Session, search: Search, key: int) -> bool:
    """Whether the index has ``key`` for ``search``."""
    return bool(_HOLDS.fetch(session, {"match": _match(session, search), "key": key}))


class Looked(NamedTuple):
    """Which of some reviews hold the terms and no other, in the order they were asked for, and how
    many characters were looked at."""

    keys: list[int]
    characters: int


def look(
    session: Session, keys: Sequence[int], contained: Sequence[str], missing: Sequence[str]
) -> Looked:
    """Those of ``keys`` with each of the terms ``contained`` in one of their texts, and with none
    of ``missing`` in any; the engine looks, and the texts stay where they are."""
    terms = (*contained, *missing)
    values = {f"term{each}": term for each, term in enumerate(terms)}
    rows = _looking(len(terms)).fetch(session, {"keys": _listed(session, keys), **values})
    nowhere = (False,) * len(terms)
    has = dict.fromkeys(keys, nowhere)
    for row in rows:
        has[row.key] = tuple(map(or_, has[row.key], map(bool, row[2:])))
    wanted = (True,) * len(contained) + (False,) * len(missing)
    found = [key for key in keys if has[key] == wanted]
    return Looked(found, sum(row.characters for row in rows))


def find_words(session: Session, keys: Sequence[int]) -> dict[int, list[Words]]:
    """The texts of these reviews with their words."""
    texts: dict[int, list[Words]] = {}
    for row in _WORDS.fetch(session, {"keys": _listed(session, keys)}):
        texts.setdefault(row.key, []).append(Words(row.folded, row.words, row.kind == "reply"))
    return texts


def _listed(session: Session, keys: Sequence[int]) -> object:
    return json.dumps(keys) if _dialect(session) == "sqlite" else list(keys)


def read_ends(session: Session, product: str, first: int, last: int) -> tuple[int, int] | None:
    """The oldest and the newest entry from ``first`` to ``last`` that is a review of
    ``product``."""
    values = {"product": product, "first": first, "last": last}
    [row] = _ENDS.fetch(session, values)
    return None if row.oldest is None else (row.oldest, row.newest)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _match(session: Session, search: Search) -> str:
    return search.written(_dialect(session))


Pair = dict[bool, Prepared]


def _ways(search: Search, bounds: Bounds, *, newest_first: bool) -> list[tuple[Pair, Bounds]]:
    """How PostgreSQL is asked, one way after the other."""
    if not search.places:
        return [(_GIN, bounds)]
    first, last = bounds
    if newest_first:
        middle = max(first, last - WALKED + 1)
        near, far = Bounds(middle, last), Bounds(first, middle - 1)
    else:
        middle = min(last, first + WALKED - 1)
        near, far = Bounds(first, middle), Bounds(middle + 1, last)
    return [(_WALK, near), *([(_GIN, far)] if far.first <= far.last else [])]


_INDEX = schema.SEARCH_INDEX
_FTS_FOUND = (
    f"SELECT rowid AS key FROM {_INDEX} WHERE {_INDEX} MATCH :match "
    "AND rowid BETWEEN :first AND :last"
)
# Each is written so that the planner has one way only, whatever it believes about a search that it
# does not know: "IS TRUE" keeps the walk from the index of tokens, "+ 0" the other from that of
# keys, with which a rare token would be a walk through everything.
_WALKED = (
    f"SELECT key FROM {_INDEX} WHERE (tokens @@ CAST(:match AS tsquery)) IS TRUE "
    "AND key BETWEEN :first AND :last"
)
_GIN_FOUND = (
    f"SELECT key FROM {_INDEX} WHERE tokens @@ CAST(:match AS tsquery) "
    "AND key + 0 BETWEEN :first AND :last"
)


_HOLDS = Prepared(
    lambda dialect: text(
        f"SELECT 1 AS held FROM {_INDEX} WHERE "
        + (
            f"{_INDEX} MATCH :match AND rowid = :key"
            if dialect == "sqlite"
            else "key = :key AND tokens @@ CAST(:match AS tsquery)"
        )
    )
)


def _ordered(found: str, key: str) -> Pair:
    return {
        newest_first: query(text(f"{found} ORDER BY {key} {direction} LIMIT :wanted"))
        for newest_first, direction in ((True, "DESC"), (False, "ASC"))
    }


def _counted(found: str) -> Prepared:
    return query(text(f"SELECT count(*) AS n FROM ({found} LIMIT :wanted) AS found"))


_FTS, _FTS_COUNT = _ordered(_FTS_FOUND, "rowid"), _counted(_FTS_FOUND)
_WALK, _GIN = _ordered(_WALKED, "key"), _ordered(_GIN_FOUND, "key + 0")
# In the order of the keys, so that no planner walks the table instead.
_COUNTS = {True: _counted(f"{_WALKED} ORDER BY key"), False: _counted(_GIN_FOUND)}


def _parts(dialect: str) -> str:
    listed = {
        "sqlite": "IN (SELECT value FROM json_each(:keys))",
        "postgresql": "= ANY(CAST(:keys AS BIGINT[]))",
    }
    return f"FROM {schema.search_part.name} WHERE key {listed[dialect]}"


_WORDS = Prepared(lambda dialect: text(f"SELECT key, kind, folded, words {_parts(dialect)}"))
_PLACE_OF = {"sqlite": "instr", "postgresql": "strpos"}


@cache
def _looking(terms: int) -> Prepared:
    """The statement that says for each text which of so many terms it has."""

    def build(dialect: str) -> TextClause:
        found = [f", {_PLACE_OF[dialect]}(folded, :term{n}) > 0 AS has{n}" for n in range(terms)]
        return text(f"SELECT key, length(folded) AS characters{''.join(found)} {_parts(dialect)}")

    return Prepared(build)


def _ends() -> Prepared:
    entry = schema.review.c.entry
    within = (
        schema.review.c.product == bindparam("product"),
        entry.between(bindparam("first"), bindparam("last")),
    )
    # Two statements in one, each the end of one range: of both at once no engine makes that.
    ends = {"oldest": func.min(entry), "newest": func.max(entry)}
    return query(
        select(
            *(
                select(end).where(*within).scalar_subquery().label(name)
                for name, end in ends.items()
            )
        )
    )


_ENDS = _ends()
