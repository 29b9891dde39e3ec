"""What the attacks forge: the fields of entries that are lawful but for what an attack changes."""

from __future__ import annotations

from typing import Any

from insurance_reviews.moderation import facts as floor
from insurance_reviews.moderation.commitment import Words
from insurance_reviews.moderation.schema import PREFIX
from support.attacks.attacker import (
    Attacker,
    Entry,
    content_row,
    fact_row,
    fresh,
    item_row,
)

Fields = dict[str, Any]
#: The hash of a key that nobody in the scene has.
STRANGER = "5e" * 32


def review_fields(a: Attacker, **changed: Any) -> Fields:
    """A star-only review on the scene's unused invitation."""
    return {
        "review": fresh("rv"),
        "invitation": a.scene.invitation,
        "product": a.scene.product,
        "stage": a.scene.stage,
        "channel": "online",
        "score": 4,
        "aspects": {},
        "item": None,
        "commitment": None,
        "author": STRANGER,
        "experienced": a.scene.experienced,
        **changed,
    }


def invitation_fields(a: Attacker, **changed: Any) -> Fields:
    """An invitation for the scene's product and stage."""
    return {
        "invitation": fresh("iv"),
        "product": a.scene.product,
        "stage": a.scene.stage,
        **changed,
    }


def policy_event(a: Attacker, **changed: Any) -> str:
    """An event without an invitation, put into the database; its id."""
    row = {
        "id": fresh("ev"),
        "policy": a.value(f"SELECT min(number_hash) FROM {PREFIX}policy WHERE insurer = 'anxin'"),
        "stage": a.scene.stage,
        "occurrence": "99",
        "product": a.scene.product,
        "occurred_on": a.scene.experienced + "-01",
        "storefront": "shop",
        "created_at": a.scene.at,
        **changed,
    }
    a.put("policy_event", row)
    return str(row["id"])


def report_fields(a: Attacker, **changed: Any) -> Fields:
    """A report about the scene's review."""
    return {
        "report": fresh("rp"),
        "items": [a.scene.review_item],
        "authority": "某局",
        "report_no": "某函1号",
        "filed_on": "2026-03-02",
        "ground": "other",
        "reasons": "ab" * 32,
        **changed,
    }


def put_report(a: Attacker, *, link: bool = True, log: int | None = None, **changed: Any) -> Fields:
    """Put a report into the database, with ``link`` also the rows of what it names; its fields."""
    fields = report_fields(a, **changed)
    entry, reasons = open_report(a, fields, log=log)
    a.put("report", fact_row(floor.REPORT, entry, fields, reasons_item=reasons))
    for named in fields["items"] if link else ():
        a.put("report_item", report_item_row(fields, named, entry.log))
    return fields


def open_report(
    a: Attacker, fields: Fields, *, leaf: bytes | None = None, log: int | None = None
) -> tuple[Entry, str]:
    """The entry of a report and the item of its reasons, but not yet the report."""
    entry, reasons = a.entry("report.filed", fields, leaf=leaf, log=log), fresh("it")
    a.put("item", item_row(entry, "reasons", reasons, fields["reasons"]))
    return entry, reasons


def report_item_row(fields: Fields, named: str, log: int) -> Fields:
    """The row by which a report names one text."""
    return {
        "report": fields["report"],
        "item": named,
        "log": log,
        "authority": fields["authority"],
        "report_no": fields["report_no"],
    }


def removal_fields(item: str, **changed: Any) -> Fields:
    """A removal of ``item``; an authority must be among ``changed``."""
    return {"item": item, "report": None, "author_key": None, "redacted": None, **changed}


def removal_row(entry: Entry, fields: Fields, redacted_item: str | None = None) -> Fields:
    """The row of a removal."""
    return fact_row(floor.REMOVAL, entry, fields, redacted_item=redacted_item)


class Redaction:
    """A redaction of the scene's reported text, up to the step that an attack strikes."""

    def __init__(self, a: Attacker, words: Words, masks: Any, *, item: str | None = None) -> None:
        self.a = a
        self.item = item or a.scene.reported_item
        self.words = words
        self.name = fresh("it")
        self.redacted: Any = {"item": self.name, "commitment": words.commitment, "masks": masks}
        report = a.scene.report.id
        self.fields = removal_fields(self.item, report=report, redacted=self.redacted)
        self.entry: Entry | None = None

    def log(self, *, leaf: bytes | None = None) -> Entry:
        """Append the entry and store the new item."""
        self.entry = self.a.entry("text.removed", self.fields, leaf=leaf)
        author = self.a.value("SELECT author FROM $item WHERE id = :id", id=self.item)
        row = item_row(self.entry, "redacted", self.name, self.words.commitment, author)
        self.a.put("item", row)
        return self.entry

    def removal(self) -> Fields:
        """The row of the removal."""
        entry = self.entry or self.log()
        return removal_row(entry, self.fields, self.name)

    def content(self) -> Fields:
        """The row of the new words, the removal being in place."""
        self.a.put("removal", self.removal())
        return content_row(self.name, self.words)
