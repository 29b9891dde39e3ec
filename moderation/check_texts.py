"""The check of the erasable words: what entries committed to is there, or is lawfully gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from . import canonical
from .commitment import author_of, commit
from .locks.floor import PUBLISHED_KINDS
from .log import LogRef
from .schema import acknowledgement, content, item, log_entry, removal, report, report_item

Expect = Callable[[bool, str], None]
Leaf = Mapping[str, Any]

#: The key under which an entry commits to reasons.
REASONS = {"report.filed": "reasons", "report.acknowledged": "note"}


def check_texts(session: Session, ref: LogRef, expect: Expect) -> None:
    """Check every item of the log, its words, its removal, and what each report names."""
    _check_items(session, ref, expect)
    _check_words(session, ref, expect)
    _check_removals(session, ref, expect)
    _check_reports(session, ref, expect)


def _check_items(session: Session, ref: LogRef, expect: Expect) -> None:
    """Items and the entries that commit to words, one to one, each saying what the other says.

    Both are read side by side, in the order of the log.
    """
    items = iter(
        session.execute(
            select(item)
            .where(item.c.log == ref.id)
            .order_by(item.c.entry)
            .execution_options(yield_per=1000)
        )
    )
    stored = next(items, None)
    rows = session.execute(
        select(log_entry.c.idx, log_entry.c.leaf)
        .where(log_entry.c.log == ref.id)
        .order_by(log_entry.c.idx)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        while stored is not None and stored.entry < row.idx:
            expect(False, f"the item {stored.id} is in no entry")
            stored = next(items, None)
        mine = stored is not None and stored.entry == row.idx
        if (leaf := _read(row.leaf)) is not None:
            _check_item(leaf, row.idx, stored if mine else None, expect)
        if mine:
            stored = next(items, None)
    while stored is not None:
        expect(False, f"the item {stored.id} is in no entry")
        stored = next(items, None)


def _check_item(leaf: Leaf, index: int, stored: Any, expect: Expect) -> None:
    if stored is None:
        expect(not _commits(leaf), f"entry {index} commits to words that are not there")
        return
    expect(
        _commitment_to(leaf, stored.kind, stored.id) == stored.commitment,
        f"the item {stored.id} is not the one of entry {index}",
    )
    if stored.kind == "review":
        expect(
            stored.author == leaf.get("author"),
            f"the item {stored.id} has another author than entry {index}",
        )


def _read(leaf: bytes) -> Leaf | None:
    """The leaf's members; ``None`` for what the check of the tree has complained of already."""
    try:
        value = canonical.loads(leaf)
    except canonical.NotCanonicalError:
        return None
    return value if isinstance(value, dict) else None


def _commits(leaf: Leaf) -> bool:
    members = ("redacted", "commitment", REASONS.get(str(leaf.get("type"))))
    return any(leaf.get(member) is not None for member in members if member)


def _commitment_to(leaf: Leaf, kind: str, name: str) -> Any:
    """The commitment that ``leaf`` makes to the item ``name`` of ``kind``, if it makes one."""
    entry_type = leaf.get("type")
    if kind == "reasons":
        return leaf.get(REASONS.get(str(entry_type), ""))
    if kind == "redacted":
        leaf, expected = leaf.get("redacted") or {}, "text.removed"
    else:
        expected = PUBLISHED_KINDS.get(kind, "")
    return leaf.get("commitment") if (entry_type, leaf.get("item")) == (expected, name) else None


def _check_words(session: Session, ref: LogRef, expect: Expect) -> None:
    # A removal that another log tells of is none.
    removed_here = (removal.c.item == item.c.id) & (removal.c.log == item.c.log)
    rows = session.execute(
        select(
            item.c.id,
            item.c.commitment,
            content.c.salt,
            content.c.body,
            removal.c.item.label("removed"),
        )
        .outerjoin(content, content.c.item == item.c.id)
        .outerjoin(removal, removed_here)
        .where(item.c.log == ref.id)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        if row.body is None:
            expect(row.removed is not None, f"the words of {row.id} are gone without a removal")
            continue
        expect(row.removed is None, f"the words of {row.id} outlived their removal")
        expect(
            commit(row.salt, row.body) == row.commitment,
            f"the words of {row.id} are not those committed to",
        )


def _check_removals(session: Session, ref: LogRef, expect: Expect) -> None:
    """Each on a report that names the text, or by its author's key."""
    redacted = aliased(item)
    named = (
        select(func.count())
        .where(report_item.c.report == removal.c.report, report_item.c.item == removal.c.item)
        .scalar_subquery()
    )
    reasons = (
        select(func.count())
        .where(report.c.id == removal.c.report, report.c.reasons_item == removal.c.item)
        .scalar_subquery()
    )
    notes = (
        select(func.count())
        .where(
            acknowledgement.c.report == removal.c.report,
            acknowledgement.c.note_item == removal.c.item,
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            removal.c.item,
            removal.c.entry,
            removal.c.report,
            removal.c.author_key,
            removal.c.redacted_item,
            item.c.log,
            item.c.author,
            redacted.c.entry.label("redacted_entry"),
            redacted.c.author.label("redacted_author"),
            (named + reasons + notes).label("named"),
        )
        .outerjoin(item, item.c.id == removal.c.item)
        .outerjoin(redacted, redacted.c.id == removal.c.redacted_item)
        .where(removal.c.log == ref.id)
    )
    for row in rows:
        expect(row.log == ref.id, f"the removal of {row.item} is in another log than its text")
        if row.report is not None:
            expect(row.named > 0, f"the report does not name {row.item}, which was removed on it")
        if row.author_key is not None:
            expect(
                _is_key_of(row.author_key, row.author),
                f"{row.item} was withdrawn by a key that is not its author's",
            )
        if row.redacted_item is not None:
            expect(
                (row.redacted_entry, row.redacted_author) == (row.entry, row.author),
                f"the redaction of {row.item} is another item",
            )


def _is_key_of(key: str, author: str | None) -> bool:
    try:
        return author_of(key) == author
    except ValueError:
        return False


def _check_reports(session: Session, ref: LogRef, expect: Expect) -> None:
    stored: dict[str, set[str]] = {}
    for row in session.execute(select(report_item)):
        stored.setdefault(row.report, set()).add(row.item)
    reasons = aliased(item)
    filed = session.execute(
        select(report.c.id, report.c.entry, report.c["items"], reasons.c.entry.label("reasons"))
        .outerjoin(reasons, reasons.c.id == report.c.reasons_item)
        .where(report.c.log == ref.id)
    )
    for row in filed:
        try:
            named = set(canonical.loads(row._mapping[report.c["items"]].encode()))
        except (canonical.NotCanonicalError, TypeError):
            named = set()
        expect(
            named == stored.get(row.id, set()),
            f"report {row.id} names other texts than its rows",
        )
        expect(row.reasons == row.entry, f"report {row.id} has the reasons of another entry")
