"""What may happen to the rows of each table, beside being read: one list for both engines.

SQLite's authorizer and PostgreSQL's grants are made of it. A table that is not listed may not be
written at all, and a test holds the list to the schema, so that a new table cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ...moderation.schema import PREFIX

Verb = Literal["INSERT", "UPDATE", "DELETE"]

#: Rows that are written once and stay: facts, what they point to, and the logs.
APPEND_ONLY = frozenset(
    {
        "acknowledgement",
        "cosignature",
        "follow_up",
        "insurer",
        "invitation",
        "item",
        "log",
        "log_checkpoint",
        "log_entry",
        "log_key",
        "log_node",
        "policy",
        "policy_event",
        "product",
        "removal",
        "reply",
        "report",
        "report_item",
        "review",
    }
)

#: Words, which go on a removal: the table's own lock asks for it.
ERASABLE = frozenset({"content"})

#: What may change by design, and how.
MUTABLE: Mapping[str, frozenset[Verb]] = {
    "aspect_count": frozenset({"UPDATE"}),
    "holder_contact": frozenset({"UPDATE", "DELETE"}),
    "invitation_count": frozenset({"UPDATE"}),
    "month_count": frozenset({"UPDATE"}),
    "outbox": frozenset({"UPDATE", "DELETE"}),
    "product_state": frozenset({"UPDATE"}),
    "removal_count": frozenset({"UPDATE"}),
    "reply_delay": frozenset({"UPDATE"}),
    "review_count": frozenset({"UPDATE"}),
    "search_document": frozenset({"UPDATE", "DELETE"}),
    "search_part": frozenset({"UPDATE", "DELETE"}),
    "search_state": frozenset({"UPDATE"}),
    "storefront": frozenset({"UPDATE"}),
    "storefront_grant": frozenset({"DELETE"}),
    "token": frozenset({"UPDATE"}),
    "topic_count": frozenset({"UPDATE"}),
}

#: Tables that hold words or persons: an erasure writes them anew (:mod:`..erasure`).
REWRITTEN = ("content", "holder_contact", "outbox", "search_part")

#: The search index is no evidence: it is made of the words, and goes with them.
SEARCH = "search_index"
#: What FTS5 keeps that index in: a contentless one without column sizes.
SHADOWS = frozenset(f"{PREFIX}{SEARCH}_{part}" for part in ("config", "data", "idx"))


def rights() -> dict[str, frozenset[Verb]]:
    """Table (with our prefix) → what the application may do to its rows."""
    may: dict[str, frozenset[Verb]] = {name: frozenset({"INSERT"}) for name in APPEND_ONLY}
    may |= {name: frozenset({"INSERT", "DELETE"}) for name in ERASABLE}
    may |= {name: verbs | {"INSERT"} for name, verbs in MUTABLE.items()}
    return {PREFIX + name: verbs for name, verbs in sorted(may.items())}


def is_search(table: str) -> bool:
    """Whether ``table`` belongs to the search index, FTS5's shadow tables included."""
    return table.startswith(PREFIX + SEARCH)
