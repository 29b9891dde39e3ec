"""Attacks by forged reports, what they name, and what the regulator is made to answer."""

from __future__ import annotations

from typing import Any

from insurance_reviews.moderation import facts as floor
from insurance_reviews.moderation.commitment import Words
from support.attacks.attacker import Attacker, AttackList, fact_row, fresh, item_row
from support.attacks.forgery import open_report, put_report, report_fields, report_item_row

ATTACKS = AttackList()


# --- the report itself ----------------------------------------------------------------------------

ITEMS = {
    "names one text twice by a second list": '["it_a"],"items":["it_a"]',
    "names texts with white space between": '["it_a", "it_b"]',
    "names a text by an escape": '["\\u0069t_a"]',
    "names nothing": "[]",
    "names an object": '{"it_a":1}',
    "names a number": "[1]",
    "names no list": '"it_a"',
    "hides a number in its list": '["it_a"],"report_no":"other","zz":[]',
}


def _enter_items(name: str, items: str, only: str | None) -> None:
    @ATTACKS.add(f"a report {name}", "IR016", "JSON", only=only)
    def _(a: Attacker) -> None:
        fields = report_fields(a, items=[])
        leaf = a.leaf("report.filed", fields).replace(b'"items":[]', b'"items":' + items.encode())
        entry, reasons = open_report(a, fields, leaf=leaf)
        row = fact_row(floor.REPORT, entry, fields, reasons_item=reasons)
        a.strike_put("report", {**row, "items": items})


for _name, _items in ITEMS.items():
    _enter_items(_name, _items, "report_items" if _name == "names nothing" else None)


def _report(a: Attacker, reasons_item: str) -> None:
    fields = report_fields(a)
    entry, _ = open_report(a, fields)
    a.strike_put("report", fact_row(floor.REPORT, entry, fields, reasons_item=reasons_item))


@ATTACKS.add("a report calls a review its reasons", "IR014", only="report_reasons")
def _(a: Attacker) -> None:
    """Reasons may be removed on their own report, so the review could go on any."""
    _report(a, a.scene.review_item)


@ATTACKS.add("a report calls another report's reasons its own", "IR014")
def _(a: Attacker) -> None:
    statement = "SELECT reasons_item FROM $report WHERE id = :id"
    _report(a, a.value(statement, id=a.scene.report.id))


@ATTACKS.add("a report on an unknown ground", "CHECK")
def _(a: Attacker) -> None:
    fields = report_fields(a, ground="dislike")
    entry, reasons = open_report(a, fields)
    a.strike_put("report", fact_row(floor.REPORT, entry, fields, reasons_item=reasons))


# --- what it names --------------------------------------------------------------------------------


def _named(a: Attacker, named: str, items: list[str], **changed: Any) -> None:
    fields = put_report(a, items=items, link=False)
    a.strike_put("report_item", {**report_item_row(fields, named, a.scene.log), **changed})


@ATTACKS.add("a report comes to name a text that it does not", "IR007", only="report_item_named")
def _(a: Attacker) -> None:
    _named(a, a.scene.redacted_item, [a.scene.review_item])


@ATTACKS.add("a report names a text that is gone", "IR007")
def _(a: Attacker) -> None:
    _named(a, a.scene.removed_item, [a.scene.removed_item])


@ATTACKS.add("a report names another insurer's text", "IR007")
def _(a: Attacker) -> None:
    _named(a, a.scene.foreign_item, [a.scene.foreign_item])


@ATTACKS.add("a report names another insurer's text in that one's log", "IR007")
def _(a: Attacker) -> None:
    _named(a, a.scene.foreign_item, [a.scene.foreign_item], log=a.scene.other_log)


@ATTACKS.add("a report names a text under another number", "IR007")
def _(a: Attacker) -> None:
    _named(a, a.scene.review_item, [a.scene.review_item], report_no="某函2号")


@ATTACKS.add("a report names a text at another authority", "IR007")
def _(a: Attacker) -> None:
    _named(a, a.scene.review_item, [a.scene.review_item], authority="别局")


@ATTACKS.add("an old report comes to name one more text", "IR007")
def _(a: Attacker) -> None:
    row = a.sql("SELECT * FROM $report_item WHERE report = :id", id=a.scene.report.id).one()
    a.strike_put("report_item", {**row._mapping, "item": a.scene.review_item})


@ATTACKS.add("one number names one text twice at one authority", "UNIQUE", "IR002")
def _(a: Attacker) -> None:
    first = put_report(a)
    second = put_report(a, link=False, report_no=first["report_no"])
    a.strike_put("report_item", report_item_row(second, a.scene.review_item, a.scene.log))


# --- what the regulator says ----------------------------------------------------------------------


def _acknowledge(
    a: Attacker, report: str, *, log: int | None = None, note_item: str | None = None
) -> None:
    words, note = Words("", "同意。"), fresh("it")
    fields = {"report": report, "verdict": "acknowledged", "note": words.commitment}
    entry = a.entry("report.acknowledged", fields, log=log)
    a.put("item", item_row(entry, "reasons", note, words.commitment))
    row = fact_row(floor.ACKNOWLEDGEMENT, entry, fields, note_item=note_item or note)
    a.strike_put("acknowledgement", row)


@ATTACKS.add("a verdict in another insurer's log", "IR015", only="acknowledgement_report")
def _(a: Attacker) -> None:
    _acknowledge(a, a.scene.report.id, log=a.scene.other_log)


@ATTACKS.add("a verdict on no report", "IR015")
def _(a: Attacker) -> None:
    _acknowledge(a, "rp_none")


@ATTACKS.add("a verdict whose note is a review", "IR014", only="acknowledgement_note")
def _(a: Attacker) -> None:
    _acknowledge(a, a.scene.report.id, note_item=a.scene.review_item)


@ATTACKS.add("a verdict with a note but no words", "CHECK")
def _(a: Attacker) -> None:
    fields = {"report": a.scene.report.id, "verdict": "acknowledged", "note": "ab" * 32}
    entry = a.entry("report.acknowledged", fields)
    a.strike_put("acknowledgement", fact_row(floor.ACKNOWLEDGEMENT, entry, fields, note_item=None))


@ATTACKS.add("an unknown verdict", "CHECK")
def _(a: Attacker) -> None:
    fields = {"report": a.scene.report.id, "verdict": "applauded", "note": None}
    entry = a.entry("report.acknowledged", fields)
    a.strike_put("acknowledgement", fact_row(floor.ACKNOWLEDGEMENT, entry, fields, note_item=None))
