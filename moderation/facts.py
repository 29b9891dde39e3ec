"""Which table holds the facts of which entry type, and how a row becomes its leaf again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Table

from . import canonical
from .schema import CanonicalJson, acknowledgement, log_key, removal, report


@dataclass(frozen=True, slots=True)
class FactTable:
    """A table of facts: ``fields`` maps its columns to the keys of its entries' leaves."""

    table: Table
    entry_type: str
    fields: Mapping[str, str]

    def leaf(self, row: RowMapping) -> bytes:
        """The canonical leaf that ``row`` stands for, written the same way as the trigger does.

        Raises :class:`~insurance_reviews.moderation.canonical.NotCanonicalError` for a row that
        stands for none.
        """
        members: dict[str, Any] = {"v": 1, "type": self.entry_type, "at": row[self.table.c.at]}
        for column, key in self.fields.items():
            value = row[self.table.c[column]]
            if value is not None and isinstance(self.table.c[column].type, CanonicalJson):
                value = canonical.loads(value.encode())
            members[key] = value
        return canonical.dumps(members)


REPORT = FactTable(
    report,
    "report.filed",
    {
        "id": "report",
        "items": "items",
        "authority": "authority",
        "report_no": "report_no",
        "filed_on": "filed_on",
        "ground": "ground",
        "reasons": "reasons",
    },
)
ACKNOWLEDGEMENT = FactTable(
    acknowledgement,
    "report.acknowledged",
    {"report": "report", "verdict": "verdict", "note": "note"},
)
REMOVAL = FactTable(
    removal,
    "text.removed",
    {"item": "item", "report": "report", "author_key": "author_key", "redacted": "redacted"},
)
ROTATION = FactTable(log_key, "key.rotated", {"key": "key"})
FACT_TABLES = (REPORT, ACKNOWLEDGEMENT, REMOVAL, ROTATION)
