"""Receipts: the proof, against a signed checkpoint, that an entry stands in the log."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from .cosignatures import witnessed_checkpoint
from .log import LogRef
from .schema import log_checkpoint, log_entry, log_node
from .tlog.checkpoint import Checkpoint
from .tlog.merkle import Node, NodeReader, prove_inclusion
from .tlog.proof import Receipt


def node_reader(session: Session, ref: LogRef) -> NodeReader:
    """A reader of complete subtrees, one SELECT per call."""

    def read(nodes: Sequence[Node]) -> list[bytes]:
        if not nodes:
            return []
        key = tuple_(log_node.c.level, log_node.c.idx)
        rows = session.execute(
            select(log_node.c.level, log_node.c.idx, log_node.c.hash).where(
                log_node.c.log == ref.id, key.in_(list(nodes))
            )
        )
        found = {(row.level, row.idx): row.hash for row in rows}
        return [found[node] for node in nodes]

    return read


def latest_checkpoint(session: Session, ref: LogRef) -> str:
    """The newest signed checkpoint of the log, a note."""
    return _checkpoint(session, ref, None)


def make_receipt(session: Session, ref: LogRef, index: int, *, newest: bool = True) -> Receipt:
    """The receipt of entry ``index``.

    It stands on the newest checkpoint that witnesses cosigned, with their lines: that outlives the
    operator. While none covers the entry it stands on the newest one. Not ``newest``, it stands on
    the first that covers the entry, as the log signed it: that is the same at any time.
    """
    note = witnessed_checkpoint(session, ref, covering=index) if newest else None
    if note is None:
        note = _checkpoint(session, ref, None if newest else index)
    size = Checkpoint.of_own_note(note).size
    hashes = prove_inclusion(index, size, node_reader(session, ref))
    return Receipt(index=index, hashes=tuple(hashes), checkpoint=note)


def _checkpoint(session: Session, ref: LogRef, covering: int | None) -> str:
    size = log_checkpoint.c.size
    statement = select(log_checkpoint.c.note).where(log_checkpoint.c.log == ref.id).limit(1)
    if covering is None:
        statement = statement.order_by(size.desc())
    else:
        statement = statement.where(size > covering).order_by(size)
    note: str | None = session.scalar(statement)
    assert note is not None, "a log opens with a checkpoint"
    return note


def read_leaf(session: Session, ref: LogRef, index: int) -> bytes | None:
    """The bytes of entry ``index``."""
    return session.scalar(
        select(log_entry.c.leaf).where(log_entry.c.log == ref.id, log_entry.c.idx == index)
    )
