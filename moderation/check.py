"""The full check of a log from inside: every entry, node, checkpoint, fact and commitment.

It reads the database of the operator, so it proves nothing to a stranger; it tells the operator
and the tests whether what stands in the tables is what the log says, one to one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, RowMapping, func, select
from sqlalchemy.orm import Session

from . import canonical
from .check_texts import check_texts
from .facts import FactTable
from .log import LogRef
from .log_keys import announced_keys
from .schema import log_checkpoint, log_entry, log_node
from .tlog.checkpoint import Checkpoint
from .tlog.errors import TlogError
from .tlog.merkle import frontier_root, grow, leaf_hash
from .tlog.note import Verifier, open_note

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Check:
    """What the check found: nothing in ``findings`` means that all is well."""

    ref: LogRef
    size: int = 0
    findings: list[str] = field(default_factory=list)

    def expect(self, condition: bool, finding: str) -> None:
        if not condition:
            self.findings.append(f"{self.ref.origin}: {finding}")


def check_log(
    session: Session,
    ref: LogRef,
    fact_tables: Sequence[FactTable],
    *,
    known_types: Iterable[str] = (),
    progress: Progress = lambda done, total: None,
) -> Check:
    """Check the whole log of ``ref`` against the tables.

    Every checkpoint needs the signature of a key that the log has announced. ``fact_tables`` name
    where the facts of each entry type stand; ``known_types`` are further types that have no table
    of their own.
    """
    check = Check(ref)
    verifiers = [Verifier.parse(key) for key in announced_keys(session, ref)]
    _check_tree(session, check, verifiers, progress)
    types = _entry_types(session, ref)
    allowed = {fact.entry_type for fact in fact_tables} | {"log.opened", *known_types}
    for index, entry_type in types.items():
        check.expect(entry_type in allowed, f"entry {index} has the unknown type {entry_type}")
    for fact in fact_tables:
        _check_facts(session, check, fact, types)
    check_texts(session, ref, check.expect)
    return check


def _check_tree(
    session: Session, check: Check, verifiers: Sequence[Verifier], progress: Progress
) -> None:
    ref = check.ref
    total = session.scalar(select(func.count()).where(log_entry.c.log == ref.id)) or 0
    frontier: list[bytes] = []
    nodes: dict[tuple[int, int], bytes] = {
        (row.level, row.idx): row.hash
        for row in session.execute(select(log_node).where(log_node.c.log == ref.id))
    }
    checkpoints = {
        row.size: row
        for row in session.execute(select(log_checkpoint).where(log_checkpoint.c.log == ref.id))
    }
    previous = signed = 0
    for row in _entries(session, ref):
        check.expect(
            row.idx == check.size, f"entry {row.idx} stands where {check.size} was expected"
        )
        previous = _check_leaf(check, row.idx, row.leaf, previous)
        completed, frontier = grow(check.size, frontier, leaf_hash(row.leaf))
        for level, index, digest in completed:
            stored = nodes.pop((level, index), None)
            check.expect(stored == digest, f"node {level}/{index} is not the hash of its entries")
        check.size += 1
        if (checkpoint := checkpoints.pop(check.size, None)) is not None:
            _check_checkpoint(check, verifiers, checkpoint.root, checkpoint.note, frontier)
            signed = check.size
        progress(check.size, total)
    check.expect(not nodes, f"{len(nodes)} nodes belong to no entry")
    check.expect(not checkpoints, f"{len(checkpoints)} checkpoints are of no tree that ever was")
    check.expect(check.size > 0 and signed == check.size, "the newest entries are not signed")


def _entries(session: Session, ref: LogRef) -> Iterator[Row[*tuple[Any, ...]]]:
    statement = select(log_entry.c.idx, log_entry.c.leaf).where(log_entry.c.log == ref.id)
    yield from session.execute(
        statement.order_by(log_entry.c.idx).execution_options(yield_per=1000)
    )


def _check_leaf(check: Check, index: int, leaf: bytes, previous: int) -> int:
    try:
        value = canonical.loads(leaf)
    except canonical.NotCanonicalError as error:
        check.expect(False, f"entry {index} is {error}")
        return previous
    if not isinstance(value, dict):
        check.expect(False, f"entry {index} is no object")
        return previous
    at = value.get("at")
    check.expect(value.get("v") == 1, f"entry {index} has an unknown version")
    if not isinstance(at, int) or at % 3600 or at < previous:
        check.expect(False, f"entry {index} has the impossible time {at}")
        return previous
    return at


def _check_checkpoint(
    check: Check, verifiers: Sequence[Verifier], root: bytes, note: str, frontier: Sequence[bytes]
) -> None:
    computed = frontier_root(frontier)
    check.expect(root == computed, f"the root of {check.size} entries is not the stored one")
    try:
        signed = Checkpoint.parse(open_note(note, *verifiers).text)
    except TlogError as error:
        check.expect(False, f"the checkpoint of {check.size} entries: {error}")
        return
    check.expect(
        signed == Checkpoint(check.ref.origin, check.size, computed),
        f"the checkpoint of {check.size} entries signs something else",
    )


def _entry_types(session: Session, ref: LogRef) -> dict[int, str]:
    types = {}
    for row in _entries(session, ref):
        try:
            value = canonical.loads(row.leaf)
        except canonical.NotCanonicalError:
            value = None
        types[row.idx] = str(value.get("type")) if isinstance(value, dict) else "?"
    return types


def _check_facts(session: Session, check: Check, fact: FactTable, types: dict[int, str]) -> None:
    """Facts and entries of one type, one to one, each row writing its leaf."""
    table = fact.table
    unmatched = {index for index, entry_type in types.items() if entry_type == fact.entry_type}
    rows = session.execute(
        select(table, log_entry.c.leaf)
        # A row that no entry stands for is worse than one that differs from its entry.
        .outerjoin(log_entry, (log_entry.c.log == table.c.log) & (log_entry.c.idx == table.c.entry))
        .where(table.c.log == check.ref.id)
        .execution_options(yield_per=1000)
    )
    for row in rows.mappings():
        index = row[table.c.entry]
        unmatched.discard(index)
        check.expect(_writes_its_leaf(fact, row), f"{fact.entry_type} {index} differs from its row")
    check.expect(not unmatched, f"{fact.entry_type} without a row: {sorted(unmatched)[:5]}")


def _writes_its_leaf(fact: FactTable, row: RowMapping) -> bool:
    try:
        return bool(fact.leaf(row) == row[log_entry.c.leaf])
    except canonical.NotCanonicalError:
        return False
