"""Walls of what the index of search finds: by words, topics, aspects, replies and follow-ups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from ...moderation.prepared import query as prepared
from ...moderation.schema import log
from .. import schema
from ..search import tokens
from ..search.expression import Search, search_for
from ..search.find import Budget, Count, Span, budget_to_find, count, find
from ..search.keys import key_of, place_of
from ..search.rank import Words, rank
from ..search.statements import find_words
from ..search.terms import Terms
from .reviews import review_rows
from .wall_cursor import Place
from .wall_query import Stretch, WallQuery

#: So many of the newest hits are ranked at once, and fewer where their texts have more characters
#: than that; the next page goes on with the next ones.
RANKED, RANKED_CHARACTERS = 500, 300_000


class Hits:
    """All reviews that the filters and ``terms`` leave."""

    def __init__(self, session: Session, query: WallQuery, terms: Terms) -> None:
        self._session = session
        self._query = query
        self.terms = terms
        [row] = _LOG.fetch(session, {"product": query.product})
        self._log: int = row.log
        self._budget = budget_to_find()

    def rows(self, span: Span, score: int | None, *, newest_first: bool, wanted: int) -> Stretch:
        """What the index finds, in the order of the log."""
        found = find(
            self._session,
            self._search(score),
            span,
            newest_first=newest_first,
            wanted=wanted,
            budget=self._budget,
        )
        return Stretch(self._rows(found.entries), found.looked_to)

    def count(self, span: Span) -> Count:
        """How many the index finds."""
        return count(self._session, self._search(self._query.score), span)

    def ranked(
        self, span: Span, place: Place, limit: int
    ) -> tuple[Sequence[Row[Any]], Place | None]:
        """A page of the newest hits at ``place``, the most relevant first, and where the next one
        begins.

        The first page of a ranking decides which entries are ranked, and the cursor has both their
        ends: the following pages rank the same ones, whatever has come meanwhile.
        """
        end = max(span.first, place.oldest)
        if place.entry is not None:
            span = replace(span, last=min(span.last, place.entry))
        found = find(
            self._session,
            self._search(self._query.score),
            replace(span, first=end),
            newest_first=True,
            wanted=RANKED + 1,
            budget=self._budget,
        )
        entries = found.entries[:RANKED]
        texts = self._words(entries)
        if len(texts) < len(found.entries):
            entries = entries[: len(texts)]
            end = entries[-1]
        elif found.looked_to is not None:
            end = found.looked_to
        ranked = [place_of(key)[1] for key in rank(texts, self.terms.wanted)]
        shown = (place.shown or 0) + limit
        rows = self._rows(ranked[shown - limit : shown])
        if shown < len(ranked):
            return rows, Place(entries[0], shown=shown, oldest=end)
        return rows, Place(end - 1, shown=0) if end > span.first else None

    def _words(self, entries: Sequence[int]) -> dict[int, Sequence[Words]]:
        """The texts of as many of ``entries`` as may be ranked at once, in this order."""
        texts: dict[int, Sequence[Words]] = {}
        budget = Budget(RANKED, RANKED_CHARACTERS)
        for keys in budget.slices([key_of(self._log, entry) for entry in entries]):
            found = find_words(self._session, keys)
            texts |= {key: found.get(key, ()) for key in keys}
            budget.spend(len(keys), sum(map(_length, found.values())))
            if budget.is_spent:
                break
        return texts

    def _search(self, score: int | None) -> Search:
        query = self._query
        # The words' tokens come last: of them one is most likely rare.
        having = []
        if query.stage is not None:
            having.append(tokens.stage_token(query.stage))
        if score is not None:
            having.append(tokens.score_token(score))
        if query.aspect is not None:
            aspect, _, stars = query.aspect.partition(":")
            having.append(tokens.aspect_token(aspect, int(stars) if stars else None))
        if query.topic is not None:
            having.append(tokens.topic_token(query.topic))
        flags = {
            tokens.REPLIED: query.replied,
            tokens.FOLLOWED_UP: query.followed_up,
            tokens.HAS_TEXT: query.has_text,
        }
        having += [token for token, value in flags.items() if value is True]
        without = [token for token, value in flags.items() if value is False]
        terms = self.terms
        return search_for(self._log, query.product, having, without, terms.wanted, terms.unwanted)

    def _rows(self, entries: Sequence[int]) -> list[Row[Any]]:
        """The reviews at these entries, in this order."""
        if not entries:
            return []
        values = {"log": self._log, "entries": list(entries)}
        found = {row.entry: row for row in self._session.execute(_AT, values)}
        return [found[entry] for entry in entries if entry in found]


def _length(texts: Sequence[Words]) -> int:
    return sum(len(text.folded) + len(text.words) for text in texts)


_LOG = prepared(
    select(log.c.id.label("log"))
    .join(schema.product, schema.product.c.insurer == log.c.insurer)
    .where(schema.product.c.sku == bindparam("product"))
)
_AT = review_rows().where(
    schema.review.c.log == bindparam("log"),
    schema.review.c.entry.in_(bindparam("entries", expanding=True)),
)
