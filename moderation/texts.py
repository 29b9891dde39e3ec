"""Publishing words, and reading what has become of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .commitment import Words, read_body
from .log import Entry
from .prepared import Prepared, among, insertion
from .schema import acknowledgement, content, item, removal, report


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Why words are gone. ``removed_at`` is in seconds UTC; a withdrawal has no report."""

    removed_at: int
    ground: str
    authority: str | None
    report: str | None
    report_no: str | None
    verdict: str | None
    redacted: bool


@dataclass(frozen=True, slots=True)
class TextState:
    """One text as it stands today. ``item`` is the newest item: after a redaction, the redacted
    one."""

    item: str
    kind: str
    commitment: str
    author: str | None
    name: str | None
    text: str | None
    salt: str | None
    tombstone: Tombstone | None

    @property
    def withdrawn(self) -> bool:
        return self.tombstone is not None and self.tombstone.ground == WITHDRAWN


#: The ground of a removal that the author made.
WITHDRAWN = "withdrawn"

_item = insertion(item)
_content = insertion(content)
_verdict = (
    select(acknowledgement.c.verdict)
    .where(acknowledgement.c.report == report.c.id)
    .order_by(acknowledgement.c.entry.desc())
    .limit(1)
    .correlate(report)
    .scalar_subquery()
)
_COLUMNS = (
    select(
        item.c.id,
        item.c.kind,
        item.c.commitment,
        item.c.author,
        content.c.salt,
        content.c.body,
        removal.c.at,
        removal.c.report,
        removal.c.redacted_item,
        report.c.ground,
        report.c.authority,
        report.c.report_no,
        _verdict.label("verdict"),
    )
    .select_from(item)
    .outerjoin(content, content.c.item == item.c.id)
    .outerjoin(removal, removal.c.item == item.c.id)
    .outerjoin(report, report.c.id == removal.c.report)
)


def _states(dialect: str) -> Select[Any]:
    return _COLUMNS.where(among(item.c.id, "items", dialect))


_state = Prepared(_states)


def publish(
    session: Session, entry: Entry, kind: str, name: str, words: Words, author: str | None = None
) -> None:
    """Store the item ``name`` that ``entry`` logs, and its words."""
    _item.run(
        session,
        {
            "id": name,
            "log": entry.log.id,
            "entry": entry.index,
            "kind": kind,
            "commitment": words.commitment,
            "author": author,
        },
    )
    _content.run(session, {"item": name, "salt": words.salt, "body": words.body})


def read_texts(session: Session, items: Sequence[str]) -> dict[str, TextState]:
    """The present state of each of ``items``, by the item that was first published.

    A redaction leads on to the redacted item; each further one costs one more query for all texts
    together. Unknown items are left out.
    """
    found: dict[str, TextState] = {}
    origin_of = {name: name for name in items}
    while origin_of:
        following: dict[str, str] = {}
        for row in _state.fetch(session, {"items": list(origin_of)}):
            origin = origin_of[row.id]
            name, text = (None, None) if row.body is None else read_body(row.body)
            tombstone = found[origin].tombstone if origin in found else None
            if row.at is not None:
                tombstone = Tombstone(
                    removed_at=row.at,
                    ground=row.ground or WITHDRAWN,
                    authority=row.authority,
                    report=row.report,
                    report_no=row.report_no,
                    verdict=row.verdict,
                    redacted=row.redacted_item is not None,
                )
            found[origin] = TextState(
                item=row.id,
                kind=row.kind,
                commitment=row.commitment,
                author=row.author,
                name=name,
                text=text,
                salt=None if row.salt is None else row.salt.hex(),
                tombstone=tombstone,
            )
            if row.redacted_item is not None:
                following[row.redacted_item] = origin
        origin_of = following
    return found


def read_text(session: Session, name: str) -> TextState | None:
    """The present state of one item, or ``None`` when there is no such item."""
    return read_texts(session, [name]).get(name)
