"""A review's place in the index: written in the transaction of what it finds.

The tokens under which the index has a document are never stored beside it: they are what
:func:`document_tokens` makes of the stored facets and parts. SQLite's index must be told exactly
what to forget, so whoever changes what that function gives raises
:data:`~insurance_reviews.plugin.search.tokens.VERSION`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Insert, Select, Table, TextClause, bindparam, delete, exists, select, text
from sqlalchemy.orm import Session

from ...moderation import canonical
from ...moderation.prepared import Prepared, insertion, query
from .. import schema
from ..figures import TopicKey, count_topics, dialect_insert
from .analysis import Analysis
from .expression import Search
from .keys import REVIEW_KEY, key_of, place_of
from .state import read_state, record_first
from .statements import holds
from .tokens import (
    FOLLOWED_UP,
    REPLIED,
    facets,
    of_product,
    place_token,
    rated,
    text_tokens,
    topic_token,
)
from .topics import JUDGED_BY, rating_of, topics_at

#: PostgreSQL takes a megabyte of tokens per document. Who adds more text than some dozens of books
#: pages' worth is found by the first of it.
MOST_BYTES = 1_000_000
#: Below so many characters no document can reach that.
_SURELY_FITTING = 10_000
REPLY = "reply"
_ORDER = {"review": 0, REPLY: 1, "follow_up": 2}


@dataclass(frozen=True, slots=True)
class Part:
    """One readable text, as a row of ``search_part`` without its key."""

    item: str
    kind: str
    folded: str
    words: str
    topics: str


@dataclass(frozen=True, slots=True)
class Document:
    """A review in the index. ``facets`` is ``None`` for one that has never been written to it."""

    key: int
    product: str
    stage: str
    score: int
    facets: str | None
    parts: tuple[Part, ...]

    def part(self, kind: str, item: str, analysis: Analysis) -> Part:
        """A text under this review as a part."""
        return Part(
            item,
            kind,
            analysis.folded,
            " ".join(analysis.words),
            " ".join(topics_at(self.stage, analysis.topics)),
        )

    @property
    def topics(self) -> frozenset[str]:
        """What the author speaks of; what the insurer speaks of is not what people say."""
        return frozenset(
            topic for part in self.parts if part.kind != REPLY for topic in part.topics.split()
        )

    def ratings(self) -> dict[str, int]:
        """Topic → the stars that the author gave to what it is about."""
        topics = self.topics
        judging = {JUDGED_BY[topic] for topic in topics if topic in JUDGED_BY}
        aspects = rated(self.facets or "", judging)
        return {topic: rating_of(topic, self.score, aspects) for topic in topics}


@dataclass(slots=True)
class Change:
    """A document as it stands in the index, and as it will."""

    before: Document
    after: Document

    def follow_up(self, item: str, analysis: Analysis) -> None:
        """The author added a text."""
        self._flag(FOLLOWED_UP)
        self._set((*self.after.parts, self.after.part("follow_up", item, analysis)))

    def reply(self, item: str, analysis: Analysis) -> None:
        """The insurer answered, or answered anew: only the newest version is searched."""
        self._flag(REPLIED)
        kept = (part for part in self.after.parts if part.kind != REPLY)
        self._set((*kept, self.after.part(REPLY, item, analysis)))

    def remove(self, item: str) -> None:
        """A text is gone."""
        self._set(part for part in self.after.parts if part.item != item)

    def redact(self, item: str, redacted_item: str, analysis: Analysis) -> None:
        """A text has given way to another."""
        self._set(
            self.after.part(part.kind, redacted_item, analysis) if part.item == item else part
            for part in self.after.parts
        )

    def _flag(self, facet: str) -> None:
        held = (self.after.facets or "").split()
        if facet not in held:
            self.after = replace(self.after, facets=" ".join([*held, facet]))

    def _set(self, parts: Iterable[Part]) -> None:
        self.after = replace(self.after, parts=tuple(parts))


def document_tokens(document: Document) -> list[str]:
    """The tokens under which the index has ``document``."""
    tokens = dict.fromkeys([place_token(document.key), *(document.facets or "").split()])
    tokens |= dict.fromkeys(map(topic_token, sorted(document.topics)))
    parts = sorted(document.parts, key=lambda part: (_ORDER[part.kind], part.item))
    for part in parts:
        tokens |= dict.fromkeys(text_tokens(part.folded, part.words.split()))
    if sum(len(part.folded) for part in parts) <= _SURELY_FITTING:
        return list(tokens)
    return list(_fitting(tokens))


def _fitting(tokens: Iterable[str]) -> Iterator[str]:
    size = 0
    for token in tokens:
        size += len(token.encode())
        if size > MOST_BYTES:
            return
        yield token


def new_document(
    key: int,
    product: str,
    insurer: str,
    stage: str,
    score: int,
    aspects: Mapping[str, int],
    own: tuple[str, Analysis] | None,
) -> Change:
    """The document of a review that is just being written, with the item of its own text."""
    born = facets(product, insurer, stage, score, aspects, text=own is not None)
    before = Document(key, product, stage, score, None, ())
    parts = () if own is None else (before.part("review", *own),)
    return Change(before, replace(before, facets=" ".join(born), parts=parts))


def find_change(session: Session, review_id: str) -> Change:
    """The document of a review, for changing it: read under the log's lock."""
    return read_changes(session, _BY_ID.fetch(session, {"id": review_id}))[0]


def read_changes(session: Session, rows: Iterable[Any]) -> list[Change]:
    """The documents of ``rows`` of :data:`REVIEWS`, with the facets that the facts give."""
    rows = list(rows)
    parts: dict[int, list[Part]] = {}
    keys = [key_of(row.log, row.entry) for row in rows]
    for found in session.execute(_PARTS, {"keys": keys}):
        parts.setdefault(found.key, []).append(Part(*found[1:]))
    changes = []
    for key, row in zip(keys, rows, strict=True):
        before = Document(
            key, row.product, row.stage, row.score, row.facets, tuple(parts.get(key, ()))
        )
        changes.append(Change(before, replace(before, facets=_facets(row))))
    return changes


def _facets(row: Any) -> str:
    """The facets that a review has by the facts."""
    try:
        aspects = canonical.loads(row.aspects.encode())
    except canonical.NotCanonicalError:
        # The check of the log says which row was bent; here its aspects are missing.
        aspects = {}
    has_text = row.item is not None
    found = facets(row.product, row.insurer, row.stage, row.score, aspects, text=has_text)
    found += [FOLLOWED_UP] if row.followed_up else []
    found += [REPLIED] if row.replied else []
    return " ".join(found)


def write(session: Session, *changes: Change, anew: bool = False) -> None:
    """Write what differs: index, documents, parts and the counters of topics. ``anew`` writes the
    index in any case."""
    if not anew:
        changes = tuple(change for change in changes if change.before != change.after)
    if not changes:
        return
    record_first(session)
    sqlite = session.get_bind().dialect.name == "sqlite"
    stored = [change.before for change in changes if change.before.facets is not None]
    if sqlite and (held := _held(session, stored)):
        _forget.run(session, *map(_spaced_row, held))
    if moved := [c.after for c in changes if c.before.facets != c.after.facets]:
        _document.run(session, *({"key": each.key, "facets": each.facets} for each in moved))
    for prepared, rows in ((_drop_part, _parts_gone(changes)), (_part, _parts_new(changes))):
        if rows:
            prepared.run(session, *rows)
    row = _spaced_row if sqlite else _listed_row
    _index.run(session, *(row(change.after) for change in changes))
    count_topics(session, _topics(changes))


def _held(session: Session, stored: list[Document]) -> list[Document]:
    """Those of ``stored`` that SQLite's index has. It has all of them, but while it is written
    anew; and what it does not have it cannot forget."""
    state = read_state(session) if stored else None
    if state is None or not state.is_written_anew:
        return stored
    return [each for each in stored if holds(session, _place(each), each.key)]


def _place(document: Document) -> Search:
    """The search for what every document has."""
    log = place_of(document.key)[0]
    return Search(log, document.product, (place_token(document.key),))


def _parts_gone(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {"key": change.before.key, "item": part.item}
        for change in changes
        for part in change.before.parts
        if part not in change.after.parts
    ]


def _parts_new(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {
            "key": change.after.key,
            "item": part.item,
            "kind": part.kind,
            "folded": part.folded,
            "words": part.words,
            "topics": part.topics,
        }
        for change in changes
        for part in change.after.parts
        if part not in change.before.parts
    ]


def _topics(changes: Iterable[Change]) -> Counter[TopicKey]:
    """Which counters grow and which shrink."""
    counted: Counter[TopicKey] = Counter()
    for change in changes:
        for document, step in ((change.before, -1), (change.after, 1)):
            for topic, rating in document.ratings().items():
                counted[document.product, document.stage, topic, rating] += step
    return counted


def _spaced_row(document: Document) -> dict[str, Any]:
    tokens = (of_product(document.product, token) for token in document_tokens(document))
    return {"key": document.key, "tokens": " ".join(tokens)}


def _listed_row(document: Document) -> dict[str, Any]:
    return {"key": document.key, "tokens": document_tokens(document)}


# --- the statements ------------------------------------------------------------------------------


def _indexing(dialect: str) -> TextClause:
    index = schema.SEARCH_INDEX
    if dialect == "sqlite":
        return text(f"INSERT INTO {index} (rowid, tokens) VALUES (:key, :tokens)")
    return text(
        f"INSERT INTO {index} (key, tokens) "
        "VALUES (:key, array_to_tsvector(CAST(:tokens AS TEXT[]))) "
        "ON CONFLICT (key) DO UPDATE SET tokens = excluded.tokens"
    )


def _replacing(table: Table, dialect: str) -> Insert:
    statement = dialect_insert(table, dialect)
    replacing: Insert = statement.on_conflict_do_update(
        index_elements=[table.c.key], set_={"facets": statement.excluded.facets}
    )
    return replacing


def _reviews() -> Select[Any]:
    """What the index takes from the facts of a review, and the facets it has already."""
    review, product, document = schema.review, schema.product, schema.search_document
    columns = review.c
    under = {
        name: exists().where(table.c.review == columns.id).label(name)
        for name, table in (("followed_up", schema.follow_up), ("replied", schema.reply))
    }
    return (
        select(
            columns.log,
            columns.entry,
            columns.id,
            columns.product,
            product.c.insurer,
            columns.stage,
            columns.score,
            columns.aspects,
            columns.item,
            document.c.facets,
            *under.values(),
        )
        .join(product, product.c.sku == columns.product)
        .outerjoin(document, document.c.key == REVIEW_KEY)
    )


_index = Prepared(_indexing)
_forget = Prepared(
    lambda _: text(
        f"INSERT INTO {schema.SEARCH_INDEX} ({schema.SEARCH_INDEX}, rowid, tokens) "
        "VALUES ('delete', :key, :tokens)"
    )
)
_document = insertion(schema.search_document, _replacing)
_part = insertion(schema.search_part)
_drop_part = query(
    delete(schema.search_part).where(
        schema.search_part.c.key == bindparam("key"),
        schema.search_part.c.item == bindparam("item"),
    )
)
REVIEWS = _reviews()
_BY_ID = query(REVIEWS.where(schema.review.c.id == bindparam("id")))
_PARTS = select(schema.search_part).where(
    schema.search_part.c.key.in_(bindparam("keys", expanding=True))
)
