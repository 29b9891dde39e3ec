"""The full check of a log from inside: every entry, node, checkpoint, fact and commitment.

It reads the database of the operator, so it proves nothing to a stranger; it tells the operator
and the tests whether what stands in the tables is what the log says, one to one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
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
    for index, entry_type in types.unknown(allowed):
        check.expect(False, f"entry {index} has the unknown type {entry_type}")
    for fact in fact_tables:
        _check_facts(session, check, fact, types)
    check_texts(session, ref, check.expect)
    return check


def _check_tree(
    session: Session, check: Check, verifiers: Sequence[Verifier], progress: Progress
) -> None:
    """One pass over entries, nodes and checkpoints side by side: memory does not grow with them."""
    ref = check.ref
    total = session.scalar(select(func.count()).where(log_entry.c.log == ref.id)) or 0
    frontier: list[bytes] = []
    nodes = _Nodes(session, ref)
    checkpoints = _checkpoints(session, ref)
    checkpoint = next(checkpoints, None)
    previous = signed = 0
    for row in _entries(session, ref):
        check.expect(
            row.idx == check.size, f"entry {row.idx} stands where {check.size} was expected"
        )
        previous = _check_leaf(check, row.idx, row.leaf, previous)
        completed, frontier = grow(check.size, frontier, leaf_hash(row.leaf))
        for level, index, digest in completed:
            stored = nodes.take(level, index)
            check.expect(stored == digest, f"node {level}/{index} is not the hash of its entries")
        check.size += 1
        if checkpoint is not None and checkpoint.size == check.size:
            _check_checkpoint(check, verifiers, checkpoint.root, checkpoint.note, frontier)
            signed = check.size
            checkpoint = next(checkpoints, None)
        progress(check.size, total)
    check.expect(not (rest := nodes.rest()), f"{rest} nodes belong to no entry")
    stray = sum(1 for _ in checkpoints) + (checkpoint is not None)
    check.expect(not stray, f"{stray} checkpoints are of no tree that ever was")
    check.expect(check.size > 0 and signed == check.size, "the newest entries are not signed")


class _Nodes:
    """The stored nodes of a log: one ordered reading per level, each a range of the primary key."""

    def __init__(self, session: Session, ref: LogRef) -> None:
        self._session = session
        self._ref = ref
        self._levels: dict[int, Iterator[Row[*tuple[Any, ...]]]] = {}
        self._next: dict[int, Row[*tuple[Any, ...]] | None] = {}
        self._stray = 0

    def take(self, level: int, index: int) -> bytes | None:
        """The hash of a node. Ask for those of a level in their order."""
        row = self._row(level)
        while row is not None and row.idx < index:
            self._stray += 1
            row = self._advance(level)
        if row is None or row.idx != index:
            return None
        self._advance(level)
        digest: bytes = row.hash
        return digest

    def rest(self) -> int:
        """How many nodes were never asked for."""
        used = set(self._levels)
        for level in used:
            while self._row(level) is not None:
                self._stray += 1
                self._advance(level)
        statement = select(func.count()).where(
            log_node.c.log == self._ref.id, log_node.c.level.not_in(used)
        )
        return self._stray + (self._session.scalar(statement) or 0)

    def _row(self, level: int) -> Row[*tuple[Any, ...]] | None:
        if level not in self._levels:
            statement = (
                select(log_node.c.idx, log_node.c.hash)
                .where(log_node.c.log == self._ref.id, log_node.c.level == level)
                .order_by(log_node.c.idx)
                .execution_options(yield_per=1000)
            )
            self._levels[level] = iter(self._session.execute(statement))
            self._advance(level)
        return self._next[level]

    def _advance(self, level: int) -> Row[*tuple[Any, ...]] | None:
        row = self._next[level] = next(self._levels[level], None)
        return row


def _checkpoints(session: Session, ref: LogRef) -> Iterator[Row[*tuple[Any, ...]]]:
    statement = select(log_checkpoint.c.size, log_checkpoint.c.root, log_checkpoint.c.note).where(
        log_checkpoint.c.log == ref.id
    )
    yield from session.execute(
        statement.order_by(log_checkpoint.c.size).execution_options(yield_per=1000)
    )


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


class _Types:
    """The type of every entry, one byte each."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._codes = bytearray()

    def add(self, name: str) -> None:
        # A log of more kinds than a byte can tell apart is wrong in any case.
        self._codes.append(min(self._names.setdefault(name, len(self._names)), 255))

    def __len__(self) -> int:
        return len(self._codes)

    def unknown(self, known: Iterable[str]) -> Iterator[tuple[int, str]]:
        """Entries of other types."""
        strange = {code: name for name, code in self._names.items() if name not in set(known)}
        if strange:
            for index, code in enumerate(self._codes):
                if code in strange:
                    yield index, strange[code]

    def missing(self, name: str, seen: bytearray) -> Iterator[int]:
        """The entries of type ``name`` that are not marked in ``seen``."""
        wanted = self._names.get(name)
        if wanted is not None:
            for index, code in enumerate(self._codes):
                if code == wanted and not seen[index]:
                    yield index


def _entry_types(session: Session, ref: LogRef) -> _Types:
    types = _Types()
    for row in _entries(session, ref):
        try:
            value = canonical.loads(row.leaf)
        except canonical.NotCanonicalError:
            value = None
        types.add(str(value.get("type")) if isinstance(value, dict) else "?")
    return types


def _check_facts(session: Session, check: Check, fact: FactTable, types: _Types) -> None:
    """Facts and entries of one type, one to one, each row writing its leaf."""
    table = fact.table
    seen = bytearray(len(types))
    rows = session.execute(
        select(table, log_entry.c.leaf)
        # A row that no entry stands for is worse than one that differs from its entry.
        .outerjoin(log_entry, (log_entry.c.log == table.c.log) & (log_entry.c.idx == table.c.entry))
        .where(table.c.log == check.ref.id)
        .execution_options(yield_per=1000)
    )
    for row in rows.mappings():
        index = row[table.c.entry]
        if 0 <= index < len(seen):
            seen[index] = 1
        check.expect(_writes_its_leaf(fact, row), f"{fact.entry_type} {index} differs from its row")
    unmatched = list(islice(types.missing(fact.entry_type, seen), 5))
    check.expect(not unmatched, f"{fact.entry_type} without a row: {unmatched}")


def _writes_its_leaf(fact: FactTable, row: RowMapping) -> bool:
    try:
        return bool(fact.leaf(row) == row[log_entry.c.leaf])
    except canonical.NotCanonicalError:
        return False
