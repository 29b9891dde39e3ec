"""Forward again after an older backup: the missing entries, byte for byte, and their rows.

The public log holds every entry, but not what is private. What cannot be known is not invented:

* A policy and its event are not in the log. The invitation gets a stand-in that belongs to no
  policy, and has expired.
* Words come from an export that somebody kept, checked against their commitments; without one
  they are lost, like the reasons of reports, which were never public.
* A product that the backup does not know has no name in the log: the replay is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from ...moderation import canonical
from ...moderation import schema as floor
from ...moderation.facts import FactTable
from ...moderation.ids import new_id
from ...moderation.tlog.merkle import frontier_root
from .. import schema
from ..facts import FACT_TABLES
from .archive import BackupError
from .layout import Row
from .tail import Leaf, ShownWords, Tail

_FACTS = {fact.entry_type: fact for fact in FACT_TABLES}
#: The occurrence of a policy event that nobody knows any more.
UNKNOWN = "unknown"


@dataclass(slots=True)
class Replay:
    """Appends a tail. ``append`` inserts an entry with the nodes it completes, and gives the hashes
    of the tree's frontier after it."""

    session: Session
    tail: Tail
    words: ShownWords
    append: Callable[[Row], list[bytes]]
    removed: frozenset[str]
    #: Items whose words are lost, and invitations whose policy is.
    lost: set[str] = field(default_factory=set)
    stand_ins: int = 0
    _experienced: dict[str, str] = field(default_factory=dict)

    def run(self, signed: Mapping[int, bytes]) -> None:
        """Append everything. ``signed`` are roots of this log by size that must come out.

        Raises :class:`BackupError`.
        """
        entries = self.tail.entries()
        for _, _, leaf in entries:
            if leaf["type"] == "review.submitted":
                self._experienced[leaf["invitation"]] = leaf["experienced"]
        for index, data, leaf in entries:
            frontier = self.append({"log": self.tail.mark.id, "idx": index, "leaf": data})
            self._bring(index, leaf)
            wanted = signed.get(index + 1)
            if wanted is not None and wanted != frontier_root(frontier):
                raise BackupError(
                    f"the mirror of {self.tail.mark.origin} is another log than the one that was "
                    f"signed here at {index + 1} entries"
                )
        self._insert(
            floor.log_checkpoint,
            {
                "log": self.tail.mark.id,
                "size": self.tail.size,
                "root": self.tail.root,
                "note": self.tail.note,
            },
        )

    def _bring(self, index: int, leaf: Leaf) -> None:
        fact = _FACTS.get(leaf["type"])
        if fact is None:
            raise BackupError(f"entry {index} has the type {leaf['type']}, unknown to this release")
        row = self._row(fact, index, leaf)
        published: list[tuple[str, str]] = []
        match leaf["type"]:
            case "invitation.issued":
                row |= self._stand_in(index, leaf)
            case "review.submitted" if leaf["item"] is not None:
                published.append(self._item(index, "review", leaf, leaf["author"]))
            case "followup.published":
                published.append(
                    self._item(index, "follow_up", leaf, self._author_of_review(leaf["review"]))
                )
            case "reply.published":
                published.append(self._item(index, "reply", leaf, None))
            case "report.filed":
                row["reasons_item"] = self._private(index, leaf["reasons"])
            case "report.acknowledged":
                row["note_item"] = leaf["note"] and self._private(index, leaf["note"])
            case "text.removed":
                row["redacted_item"] = None
                if (redacted := leaf["redacted"]) is not None:
                    author = self._author_of_item(leaf["item"])
                    published.append(self._item(index, "redacted", redacted, author))
                    row["redacted_item"] = redacted["item"]
        self._insert(fact.table, row)
        if leaf["type"] == "report.filed":
            self._name_items(leaf)
        for item, commitment in published:
            self._publish(item, commitment)

    def _row(self, fact: FactTable, index: int, leaf: Leaf) -> Row:
        """The columns that the log knows."""
        row: Row = {"log": self.tail.mark.id, "entry": index, "at": leaf["at"]}
        for column, key in fact.fields.items():
            value = leaf[key]
            if value is not None and isinstance(fact.table.c[column].type, floor.CanonicalJson):
                value = canonical.dumps(value).decode()
            row[column] = value
        return row

    def _stand_in(self, index: int, leaf: Leaf) -> Row:
        """A policy event for an invitation: of nobody's policy, in the month that its review
        tells, or else the one in which it was issued."""
        product = schema.product
        insurer = self.session.scalar(
            select(product.c.insurer).where(product.c.sku == leaf["product"])
        )
        if insurer != self.tail.mark.insurer:
            raise BackupError(
                f"entry {index} is about the product {leaf['product']}, which came after the "
                "backup: the log does not have its name. Use a newer backup"
            )
        month = datetime.fromtimestamp(leaf["at"], UTC).strftime("%Y-%m")
        policy, event = secrets.token_hex(32), new_id("ev")
        self._insert(schema.policy, {"number_hash": policy, "insurer": insurer})
        self._insert(
            schema.policy_event,
            {
                "id": event,
                "policy": policy,
                "stage": leaf["stage"],
                "occurrence": UNKNOWN,
                "product": leaf["product"],
                "occurred_on": self._experienced.get(leaf["invitation"], month) + "-01",
                "storefront": "",
                "created_at": leaf["at"],
            },
        )
        self.stand_ins += 1
        return {"event": event, "expires_at": leaf["at"]}

    def _item(self, index: int, kind: str, of: Leaf, author: str | None) -> tuple[str, str]:
        self._insert(
            floor.item,
            {
                "id": of["item"],
                "log": self.tail.mark.id,
                "entry": index,
                "kind": kind,
                "commitment": of["commitment"],
                "author": author,
            },
        )
        return of["item"], of["commitment"]

    def _private(self, index: int, commitment: str) -> str:
        """Reasons: their item's name was private too, so it gets another; the words are lost."""
        name = new_id("it")
        self._item(index, "reasons", {"item": name, "commitment": commitment}, None)
        self.lost.add(name)
        return name

    def _name_items(self, leaf: Leaf) -> None:
        for item in leaf["items"]:
            self._insert(
                floor.report_item,
                {
                    "report": leaf["report"],
                    "item": item,
                    "log": self.tail.mark.id,
                    "authority": leaf["authority"],
                    "report_no": leaf["report_no"],
                },
            )

    def _publish(self, item: str, commitment: str) -> None:
        if item in self.removed:
            return
        words = self.words.of(item, commitment)
        if words is None:
            self.lost.add(item)
        else:
            self._insert(floor.content, {"item": item, "salt": words.salt, "body": words.body})

    def _author_of_review(self, review: str) -> str | None:
        table = schema.review
        return self.session.scalar(select(table.c.author).where(table.c.id == review))

    def _author_of_item(self, item: str) -> str | None:
        return self.session.scalar(select(floor.item.c.author).where(floor.item.c.id == item))

    def _insert(self, table: Table, row: Mapping[str, Any]) -> None:
        self.session.execute(insert(table), row)
