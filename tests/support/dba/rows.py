"""A ledger read from a database, and every row that a ledger implies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.commitment import Words, read_body
from insurance_reviews.moderation.facts import FactTable
from insurance_reviews.moderation.schema import (
    CanonicalJson,
    content,
    cosignature,
    item,
    log,
    log_checkpoint,
    log_entry,
    log_node,
    report_item,
)
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.merkle import frontier_root, grow, leaf_hash
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.facts import FACT_TABLES

from .ledger import Entry, Ledger, Members

FACTS = {fact.entry_type: fact for fact in FACT_TABLES}
#: Columns of a fact that follow from where its entry stands, and from the leaf.
_DERIVED = frozenset({"log", "entry", "at", "redacted_item"})
#: Entry type → the column that names the item of its private words, and its leaf's commitment.
_REASONS = {
    "report.filed": ("reasons_item", "reasons"),
    "report.acknowledged": ("note_item", "note"),
}
_KINDS = {
    "review.submitted": "review",
    "followup.published": "follow_up",
    "reply.published": "reply",
}

Rows = dict[Table, list[Members]]


# --- from a database ------------------------------------------------------------------------------


def read_ledger(connection: Connection, insurer: str, signers: Sequence[Signer]) -> Ledger:
    """The log of ``insurer`` with everything around it."""
    own = connection.execute(select(log).where(log.c.insurer == insurer)).one()
    signed = connection.execute(select(log_checkpoint).where(log_checkpoint.c.log == own.id))
    notes = {(row.size, row.root): row.note for row in signed}
    sealed = {size for size, _ in notes}
    more = _further_columns(connection, own.id)
    leaves = connection.execute(
        select(log_entry.c.idx, log_entry.c.leaf)
        .where(log_entry.c.log == own.id)
        .order_by(log_entry.c.idx)
    )
    words = connection.execute(
        select(content).join(item, item.c.id == content.c.item).where(item.c.log == own.id)
    )
    events = connection.execute(
        select(schema.policy_event)
        .join(schema.invitation, schema.invitation.c.event == schema.policy_event.c.id)
        .where(schema.invitation.c.log == own.id)
    )
    cosigned = connection.execute(
        select(cosignature, log_checkpoint.c.root)
        .join(log_checkpoint)
        .where(cosignature.c.log == own.id)
    )
    return Ledger(
        number=own.id,
        insurer=insurer,
        origin=own.origin,
        key=own.verifier_key,
        at=own.at,
        entries=[
            Entry(canonical.loads(row.leaf), more.get(row.idx, {}), row.idx + 1 in sealed)
            for row in leaves
        ],
        words={row.item: Words(*read_body(row.body), row.salt) for row in words},
        events={row.id: dict(row._mapping) for row in events},
        notes=notes,
        cosignatures=[dict(row._mapping) for row in cosigned],
        signers=tuple(signers),
    )


def _further_columns(connection: Connection, number: int) -> dict[int, Members]:
    """Of each entry's row, what its leaf does not give."""
    found = {}
    for fact in FACT_TABLES:
        rows = connection.execute(select(fact.table).where(fact.table.c.log == number))
        for row in rows.mappings():
            found[row["entry"]] = {
                str(name): value
                for name, value in row.items()
                if name not in fact.fields and name not in _DERIVED
            }
    return found


# --- to a database --------------------------------------------------------------------------------


def rows_of(ledger: Ledger) -> Rows:
    """Every row of the log: entries, hashes, checkpoints, facts, items, words, events."""
    rows: Rows = {table: [] for table in (*_TREE, *_AROUND)}
    rows |= {fact.table: [] for fact in FACT_TABLES}
    frontier: list[bytes] = []
    for index, entry in enumerate(ledger.entries):
        place = {"log": ledger.number, "entry": index}
        leaf = entry.data or canonical.dumps(entry.leaf)
        rows[log_entry].append({"log": ledger.number, "idx": index, "leaf": leaf})
        completed, frontier = grow(index, frontier, leaf_hash(leaf))
        rows[log_node] += [
            {"log": ledger.number, "level": level, "idx": number, "hash": digest}
            for level, number, digest in completed
        ]
        if entry.sealed or index == len(ledger.entries) - 1:
            rows[log_checkpoint].append(_checkpoint(ledger, index + 1, frontier_root(frontier)))
        if entry.type in FACTS:
            rows[FACTS[entry.type].table].append(_fact(FACTS[entry.type], entry, place))
        rows[item] += [{**place, **named} for named in _items(ledger, entry)]
        if entry.type == "report.filed":
            rows[report_item] += _named(entry, ledger.number)
        if entry.type == "invitation.issued" and entry.more["event"] in ledger.events:
            event = ledger.events[entry.more["event"]]
            event |= {name: entry.leaf[name] for name in ("product", "stage")}
    items = {row["id"] for row in rows[item]}
    rows[content] = [
        {"item": name, "salt": words.salt, "body": words.body}
        for name, words in ledger.words.items()
        if name in items
    ]
    rows[schema.policy_event] = list(ledger.events.values())
    rows[cosignature] = _cosignatures(ledger, rows[log_checkpoint])
    return rows


_TREE = (log_entry, log_node, log_checkpoint, cosignature)
_AROUND = (item, content, report_item, schema.policy_event)


def _checkpoint(ledger: Ledger, size: int, root: bytes) -> Members:
    note = ledger.notes.get((size, root)) or _sign(ledger, size, root)
    return {"log": ledger.number, "size": size, "root": root, "note": note}


def _sign(ledger: Ledger, size: int, root: bytes) -> str:
    """Signed by the keys that there were; by those that there are where none is left."""
    announced = {
        entry.leaf["key"]: index
        for index, entry in enumerate(ledger.entries)
        if entry.type == "key.rotated"
    }
    signers = [one for one in ledger.signers if announced.get(one.verifier_key(), -1) < size]
    text = Checkpoint(ledger.origin, size, root).format()
    return sign_note(text, *(signers or ledger.signers))


def _cosignatures(ledger: Ledger, checkpoints: Sequence[Members]) -> list[Members]:
    """Those that still fit. A witness's key is the one thing on earth that the operator lacks, so
    what fits no more must go."""
    roots = {row["size"]: row["root"] for row in checkpoints}
    return [
        {name: value for name, value in row.items() if name != "root"}
        for row in ledger.cosignatures
        if roots.get(row["size"]) == row["root"]
    ]


def _fact(fact: FactTable, entry: Entry, place: Members) -> Members:
    row: Members = {**place, "at": entry.leaf["at"]}
    for column, key in fact.fields.items():
        value = entry.leaf[key]
        if value is not None and isinstance(fact.table.c[column].type, CanonicalJson):
            value = canonical.dumps(value).decode()
        row[column] = value
    if "redacted_item" in fact.table.c:
        redacted = entry.leaf["redacted"]
        row["redacted_item"] = None if redacted is None else redacted["item"]
    return {**row, **entry.more, **entry.row}


def _items(ledger: Ledger, entry: Entry) -> list[Members]:
    """The item that the entry commits to, if it does."""
    leaf = entry.leaf
    if entry.type in _KINDS and leaf["item"] is not None:
        return [
            {
                "id": leaf["item"],
                "kind": _KINDS[entry.type],
                "commitment": leaf["commitment"],
                "author": _author(ledger, leaf["item"]),
            }
        ]
    if entry.type == "text.removed" and leaf["redacted"] is not None:
        redacted = leaf["redacted"]
        author = _author(ledger, redacted["item"])
        own = {"id": redacted["item"], "commitment": redacted["commitment"]}
        return [{**own, "kind": "redacted", "author": author}]
    if entry.type in _REASONS:
        column, key = _REASONS[entry.type]
        if leaf[key] is not None:
            own = {"id": entry.more[column], "commitment": leaf[key]}
            return [{**own, "kind": "reasons", "author": None}]
    return []


def _author(ledger: Ledger, name: str) -> Any:
    """Whose words an item holds: those of the review's author, unless they are a reply."""
    entry = ledger.publishing(name)
    match entry.type:
        case "review.submitted":
            return entry.leaf["author"]
        case "followup.published":
            return ledger.review(entry.leaf["review"]).leaf["author"]
        case "text.removed":
            return _author(ledger, entry.leaf["item"])
    return None


def _named(entry: Entry, number: int) -> list[Members]:
    """The rows by which a report names its texts."""
    own = {name: entry.leaf[name] for name in ("report", "authority", "report_no")}
    return [{**own, "item": name, "log": number} for name in entry.leaf["items"]]
