"""What a backup holds: which tables, in which order, and how a row is written.

The order is the one in which the database's own locks take the rows again: first what the facts
point to, then each log entry with all that hangs on it, as it once came. What can be computed from
the rest (the tree's nodes, the counters) is left out and computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, RowMapping, Select, Table, select

from ...moderation import schema as floor
from .. import schema

#: Tables whose rows stand in no log, in an order that foreign keys allow. Of the outbox, only what
#: still waits is copied.
PLAIN: tuple[Table, ...] = (
    schema.insurer,
    schema.product,
    schema.policy,
    schema.policy_event,
    schema.storefront,
    schema.storefront_grant,
    schema.token,
    schema.holder_contact,
    schema.outbox,
    floor.log,
)
#: Computed from the facts.
DERIVED: tuple[Table, ...] = (
    floor.log_node,
    schema.review_count,
    schema.aspect_count,
    schema.invitation_count,
    schema.month_count,
    schema.removal_count,
    schema.reply_delay,
    schema.topic_count,
    schema.product_state,
    schema.search_document,
    schema.search_part,
    schema.search_state,
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Logged:
    """A table whose rows hang on log entries: how to read them in that order.

    ``place`` are the expressions for the number of the log and the index of the entry, ``then``
    orders the rows of one entry.
    """

    table: Table
    place: tuple[Any, Any]
    then: tuple[Column[Any], ...] = ()
    joined: Table | None = None

    def query(self) -> Select[Any]:
        """Every row, after its place, in the order of the logs."""
        log, index = self.place
        statement = select(log.label("_log"), index.label("_index"), *self.table.c)
        if self.joined is not None:
            statement = statement.join(self.joined)
        return statement.order_by(log, index, *self.then)


def _fact(table: Table) -> Logged:
    return Logged(table, (table.c.log, table.c.entry))


#: In the order in which the rows of one entry are taken.
LOGGED: tuple[Logged, ...] = (
    Logged(floor.log_entry, (floor.log_entry.c.log, floor.log_entry.c.idx)),
    _fact(floor.item),
    _fact(schema.invitation),
    _fact(schema.review),
    _fact(schema.follow_up),
    _fact(schema.reply),
    _fact(floor.report),
    Logged(
        floor.report_item,
        (floor.report.c.log, floor.report.c.entry),
        (floor.report_item.c.item,),
        floor.report,
    ),
    _fact(floor.acknowledgement),
    _fact(floor.removal),
    _fact(floor.log_key),
    Logged(floor.content, (floor.item.c.log, floor.item.c.entry), joined=floor.item),
    Logged(
        floor.log_checkpoint,
        (floor.log_checkpoint.c.log, floor.log_checkpoint.c.size - 1),
    ),
    Logged(
        floor.cosignature,
        (floor.cosignature.c.log, floor.cosignature.c.size - 1),
        (floor.cosignature.c.name,),
    ),
)


def name_of(table: Table) -> str:
    """A table's name in a backup: ours without the prefix."""
    return table.name.removeprefix(floor.PREFIX)


class RowForm:
    """Rows of one table as JSON values: bytes are written in hexadecimal, all else as it is."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._names = frozenset(table.columns.keys())
        self._binary = tuple(c.name for c in table.c if isinstance(c.type, LargeBinary))

    def encode(self, row: RowMapping) -> Row:
        """A row of the database as JSON values."""
        value = {name: row[name] for name in self._table.columns.keys()}  # noqa: SIM118
        for name in self._binary:
            value[name] = bytes(value[name]).hex()
        return value

    def decode(self, value: Any) -> Row:
        """The row again. Raises :class:`ValueError` for what is none of this table."""
        if not isinstance(value, dict) or value.keys() != self._names:
            raise ValueError(f"a row of {name_of(self._table)} has other columns")
        for name in self._binary:
            value[name] = bytes.fromhex(value[name])
        row: Row = value
        return row
