"""The logs: one per insurer, each entry appended inside the caller's transaction.

Under the log's lock an entry gets its index and its time, its hash completes subtrees, and the
block ends with a checkpoint that the log's key has signed, so that a receipt can leave with the
answer. On PostgreSQL the lock is an advisory one and its own statement: taken inside another
statement, that statement's snapshot would be older than the lock, and most writers would fail on
the index.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.orm import Session

from . import canonical
from .after_commit import after_commit
from .errors import LogBehind, LogUnsigned
from .kept import KeptCheckpoints, compare
from .keys import KeyRing
from .pipeline import pipelined
from .prepared import insertion, query
from .schema import PREFIX, log, log_checkpoint, log_entry, log_node
from .tlog.checkpoint import Checkpoint
from .tlog.merkle import frontier_root, grow, leaf_hash
from .tlog.note import sign_note

#: The first key of our advisory locks on PostgreSQL ("rvlg" in ASCII); the second is the log's id.
LOCK_CLASS = 0x72766C67
HOUR = 3600
MAX_LEAF = 65_535
ENTRY_VERSION = 1
_TREE_CHANGED = (
    "the hashes in the database are not those of the root that was signed: somebody changed them "
    "by hand. Nothing is signed on top of them; restore the database from before that"
)

_entry = insertion(log_entry)
_node = insertion(log_node)
_checkpoint = insertion(log_checkpoint)
_LOCK = query(text(f"SELECT pg_advisory_xact_lock({LOCK_CLASS}, :log)"))
_FIND = query(
    select(log.c.id, log.c.insurer, log.c.origin).where(log.c.insurer == bindparam("insurer"))
)
# One statement reads all that an append needs: size, root, the newest leaf (for its time), the
# frontier (the complete subtrees that stand for the bits of the size), and the root that the
# database has where the kept checkpoint was signed.
_HEAD = query(
    text(f"""
WITH head AS (
  SELECT size, root FROM {PREFIX}log_checkpoint WHERE log = :log ORDER BY size DESC LIMIT 1
), level(bit) AS (VALUES {", ".join(f"({bit})" for bit in range(48))})
SELECT head.size, head.root, e.leaf, n.hash,
  (SELECT max(idx) + 1 FROM {PREFIX}log_entry WHERE log = :log) AS entries,
  (SELECT root FROM {PREFIX}log_checkpoint WHERE log = :log AND size = :kept) AS kept_root
FROM head
JOIN {PREFIX}log_entry e ON e.log = :log AND e.idx = head.size - 1
JOIN level ON (head.size >> level.bit) & 1 = 1
JOIN {PREFIX}log_node n
  ON n.log = :log AND n.level = level.bit AND n.idx = (head.size >> level.bit) - 1
ORDER BY level.bit DESC
""")
)


@dataclass(frozen=True, slots=True)
class LogRef:
    """Which log: its number in this database, its insurer and its origin."""

    id: int
    insurer: str
    origin: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An appended entry. ``at`` is in seconds UTC, floored to the hour."""

    log: LogRef
    index: int
    at: int
    leaf: bytes

    @property
    def columns(self) -> dict[str, int]:
        """The columns of :func:`~insurance_reviews.moderation.schema.fact_columns`."""
        return {"log": self.log.id, "entry": self.index, "at": self.at}


@dataclass(slots=True)
class LogWriter:
    """A log under its lock. Made by :meth:`Logs.writing`."""

    ref: LogRef
    size: int
    now: int
    previous: int
    frontier: list[bytes]
    _session: Session
    _nodes: list[tuple[int, int, bytes]] = field(default_factory=list)

    def append(self, entry_type: str, fields: Mapping[str, object]) -> Entry:
        """Append an entry of ``entry_type`` with ``fields``; ``v``, ``type`` and ``at`` are
        added."""
        at = max(self.now - self.now % HOUR, self.previous)
        leaf = canonical.dumps({"v": ENTRY_VERSION, "type": entry_type, "at": at, **fields})
        if len(leaf) > MAX_LEAF:
            raise canonical.NotCanonicalError(f"an entry of {len(leaf)} bytes exceeds {MAX_LEAF}")
        entry = Entry(self.ref, self.size, at, leaf)
        _entry.run(self._session, {"log": self.ref.id, "idx": entry.index, "leaf": leaf})
        completed, self.frontier = grow(self.size, self.frontier, leaf_hash(leaf))
        self._nodes += completed
        self.size += 1
        self.previous = at
        return entry


class Logs:
    """The operator's side of every log: its keys and its kept checkpoints."""

    def __init__(self, keys: KeyRing, kept: KeptCheckpoints) -> None:
        self.keys = keys
        self.kept = kept

    def open(self, session: Session, insurer: str, origin: str, now: datetime) -> LogRef:
        """Open the log of ``insurer`` with its entry 0, ``log.opened``.

        Raises :class:`~insurance_reviews.moderation.errors.LogBehind` when it was opened before and
        the database has lost it: a second entry 0 would be a fork.
        """
        compare(self.kept.read(insurer), origin, 0, None)
        signer = self.keys.create(insurer, origin)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(select(func.pg_advisory_xact_lock(LOCK_CLASS, 0)))
        number = session.scalar(select(func.coalesce(func.max(log.c.id), 0) + 1))
        assert number is not None
        ref = LogRef(number, insurer, origin)
        seconds = int(now.timestamp())
        session.execute(
            insert(log),
            {
                "id": number,
                "insurer": insurer,
                "origin": origin,
                "at": seconds - seconds % HOUR,
                "verifier_key": signer.verifier_key(),
            },
        )
        writer = LogWriter(ref, 0, seconds, 0, [], session)
        writer.append("log.opened", {"origin": origin, "insurer": insurer})
        self._seal(writer)
        return ref

    def hold(self, session: Session, ref: LogRef) -> None:
        """Take the lock of a log until the transaction ends, before anything is read.

        For whoever decides by what stands there now (the next version, whether words are still
        present): read before the lock, it could be out of date under it. SQLite's writing
        transaction holds its one lock from its beginning.
        """
        if session.get_bind().dialect.name == "postgresql":
            _LOCK.fetch(session, {"log": ref.id})

    @contextmanager
    def writing(self, session: Session, ref: LogRef, now: datetime) -> Iterator[LogWriter]:
        """The log under its lock until the transaction ends; the block's entries are sealed at
        its end.

        Inside the block statements are sent without waiting for their answers
        (:mod:`~insurance_reviews.moderation.pipeline`): read what you need before it.
        """
        writer = self._lock(session, ref, now)
        with pipelined(session):
            yield writer
            self._seal(writer)

    def _lock(self, session: Session, ref: LogRef, now: datetime) -> LogWriter:
        self.hold(session, ref)
        kept = self.kept.glance(ref.insurer)
        rows = _HEAD.fetch(session, {"log": ref.id, "kept": 0 if kept is None else kept.size})
        if not rows:
            raise LogUnsigned(f"of the log {ref.origin} {_TREE_CHANGED}")
        size, root, leaf, _, entries, kept_root = rows[0]
        if entries != size:
            raise LogUnsigned(
                f"the log {ref.origin} holds entries that nobody signed: somebody wrote to it "
                "by hand. Restore the database from before that"
            )
        try:
            compare(kept, ref.origin, size, kept_root)
        except LogBehind:
            # Unless it was read while somebody wrote it. What is in the file was committed, and
            # nobody commits to this log now.
            check_kept(session, ref, self.kept)
        frontier = [row.hash for row in rows]
        # The next root is made of these hashes. A wrong one would be signed with it.
        if frontier_root(frontier) != root:
            raise LogUnsigned(f"of the log {ref.origin} {_TREE_CHANGED}")
        previous = json.loads(leaf)["at"]
        return LogWriter(ref, size, int(now.timestamp()), previous, frontier, session)

    def _seal(self, writer: LogWriter) -> None:
        session, ref = writer._session, writer.ref
        if not writer._nodes:
            return
        root = frontier_root(writer.frontier)
        note = sign_note(
            Checkpoint(ref.origin, writer.size, root).format(), *self.keys.signers(ref.insurer)
        )
        _node.run(
            session,
            *(
                {"log": ref.id, "level": level, "idx": index, "hash": digest}
                for level, index, digest in writer._nodes
            ),
        )
        _checkpoint.run(session, {"log": ref.id, "size": writer.size, "root": root, "note": note})
        size = writer.size
        after_commit(session, lambda: self.kept.save(ref.insurer, size, note))


def check_kept(session: Session, ref: LogRef, kept: KeptCheckpoints) -> None:
    """Raise :class:`~insurance_reviews.moderation.errors.LogBehind` when the database has lost what
    was signed, or holds something else in its place.

    For a log that nobody else writes to now; :func:`check_all_kept` is for all others.
    """
    compare_kept(session, ref, kept.read(ref.insurer))


def compare_kept(session: Session, ref: LogRef, checkpoint: Checkpoint | None) -> None:
    """The same for a checkpoint that was read before the first query of ``session``."""
    if checkpoint is None:
        return
    table = log_checkpoint
    size = session.scalar(select(func.max(table.c.size)).where(table.c.log == ref.id))
    root = session.scalar(
        select(table.c.root).where(table.c.log == ref.id, table.c.size == checkpoint.size)
    )
    compare(checkpoint, ref.origin, size or 0, root)


def check_all_kept(session: Session, kept: Mapping[str, Checkpoint]) -> None:
    """Raise :class:`~insurance_reviews.moderation.errors.LogBehind` when the database has lost what
    was signed of any log, or a whole log.

    ``kept`` was read by :meth:`~insurance_reviews.moderation.kept.KeptCheckpoints.all` before the
    first query of ``session``.
    """
    logs = all_logs(session)
    for ref in logs:
        compare_kept(session, ref, kept.get(ref.insurer))
    for checkpoint in without_log(logs, kept):
        compare(checkpoint, checkpoint.origin, 0, None)


def without_log(logs: Iterable[LogRef], kept: Mapping[str, Checkpoint]) -> list[Checkpoint]:
    """Those of the ``kept`` checkpoints whose log is none of ``logs``: the database lost it, or is
    another one. A copy under another name, of a log that is there, is none of them."""
    logs = list(logs)
    insurers, origins = {ref.insurer for ref in logs}, {ref.origin for ref in logs}
    return [
        checkpoint
        for insurer, checkpoint in kept.items()
        if insurer not in insurers and checkpoint.origin not in origins
    ]


def find_log(session: Session, insurer: str) -> LogRef | None:
    """The log of ``insurer``, or ``None``."""
    for row in _FIND.fetch(session, {"insurer": insurer}):
        return LogRef(row.id, row.insurer, row.origin)
    return None


def all_logs(session: Session) -> list[LogRef]:
    """Every log of the database, in the order in which they were opened."""
    rows = session.execute(select(log.c.id, log.c.insurer, log.c.origin).order_by(log.c.id))
    return [LogRef(row.id, row.insurer, row.origin) for row in rows]
