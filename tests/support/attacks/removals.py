"""Attacks by forged removals: without a report about the text, without its author's key."""

from __future__ import annotations

from typing import Any

from insurance_reviews.moderation.commitment import Words, new_author_key
from support.attacks.attacker import SQLITE, Attacker, AttackList
from support.attacks.forgery import Redaction, put_report, removal_fields, removal_row

ATTACKS = AttackList()


def _remove(a: Attacker, item: str, log: int | None = None, **authority: Any) -> None:
    fields = removal_fields(item, **authority)
    entry = a.entry("text.removed", fields, log=log)
    a.strike_put("removal", removal_row(entry, fields))


# --- on a report ----------------------------------------------------------------------------------


@ATTACKS.add("a removal on a report about another text", "IR010", only="removal_reported")
def _(a: Attacker) -> None:
    _remove(a, a.scene.review_item, report=a.scene.report.id)


@ATTACKS.add("a removal on no report", "IR010")
def _(a: Attacker) -> None:
    _remove(a, a.scene.review_item, report="rp_none")


@ATTACKS.add("a removal on another insurer's report", "IR010")
def _(a: Attacker) -> None:
    _remove(a, a.scene.review_item, report=a.scene.foreign_report.id)


@ATTACKS.add("a removal on a report that no row ties to the text", "IR010")
def _(a: Attacker) -> None:
    fields = put_report(a, items=[a.scene.review_item], link=False)
    _remove(a, a.scene.review_item, report=fields["report"])


@ATTACKS.add("a removal that only another insurer's log tells of", "IR010")
def _(a: Attacker) -> None:
    """The log of the text would show it as standing."""
    _remove(a, a.scene.reported_item, log=a.scene.other_log, report=a.scene.report.id)


@ATTACKS.add("a removal of the text's redaction on the report about the text", "IR010")
def _(a: Attacker) -> None:
    report = a.value("SELECT report FROM $removal WHERE item = :id", id=a.scene.original_item)
    _remove(a, a.scene.redacted_item, report=report)


@ATTACKS.add("a second removal of one text", "UNIQUE", "IR002")
def _(a: Attacker) -> None:
    _remove(a, a.scene.removed_item, report=a.scene.removal_report.id)


@ATTACKS.add("a removal on nobody's authority", "CHECK")
def _(a: Attacker) -> None:
    _remove(a, a.scene.review_item)


@ATTACKS.add("a removal on two authorities", "CHECK")
def _(a: Attacker) -> None:
    key = a.scene.reported.author_key
    _remove(a, a.scene.reported_item, report=a.scene.report.id, author_key=key)


@ATTACKS.add("a temporary table of reports", "IR010", on=[SQLITE])
def _(a: Attacker) -> None:
    """The trigger looks into our tables, whatever else has their names."""
    a.sql("CREATE TEMP TABLE $report_item AS SELECT * FROM $report_item")
    a.sql("UPDATE temp.$report_item SET item = :item", item=a.scene.review_item)
    fields = removal_fields(a.scene.review_item, report=a.scene.report.id)
    row = removal_row(a.entry("text.removed", fields), fields)
    a.strike(
        "INSERT INTO main.$removal VALUES "
        "(:item, :log, :entry, :at, :report, :author_key, :redacted, :redacted_item)",
        **row,
    )


@ATTACKS.add("a temporary table of reports comes first", "IR010")
def _(a: Attacker) -> None:
    if a.dialect != SQLITE:
        a.sql("CREATE TEMP TABLE $report_item AS SELECT * FROM $report_item")
        a.sql("UPDATE pg_temp.$report_item SET item = :item", item=a.scene.review_item)
        a.sql("SET LOCAL search_path = pg_temp, insurance_reviews")
    _remove(a, a.scene.review_item, report=a.scene.report.id)


# --- by the author's key --------------------------------------------------------------------------


@ATTACKS.add("a withdrawal by a key of nobody", "IR011", only="removal_author")
def _(a: Attacker) -> None:
    _remove(a, a.scene.review_item, author_key=new_author_key())


@ATTACKS.add("a withdrawal by another author's key", "IR011")
def _(a: Attacker) -> None:
    _remove(a, a.scene.review_item, author_key=a.scene.withdrawn.author_key)


@ATTACKS.add("a withdrawal by the author's public hash", "IR011")
def _(a: Attacker) -> None:
    author = a.value("SELECT author FROM $item WHERE id = :id", id=a.scene.review_item)
    _remove(a, a.scene.review_item, author_key=author)


@ATTACKS.add("a withdrawal by the author's key in capitals", "IR011")
def _(a: Attacker) -> None:
    """One key has one spelling, or the log would hold two."""
    key = (a.scene.review.author_key or "").upper()
    assert key != a.scene.review.author_key
    _remove(a, a.scene.review_item, author_key=key)


@ATTACKS.add("a withdrawal by half a key", "CHECK", "IR011")
def _(a: Attacker) -> None:
    _remove(a, a.scene.review_item, author_key=(a.scene.review.author_key or "")[:32])


@ATTACKS.add("a withdrawal by an empty key", "CHECK", "IR011")
def _(a: Attacker) -> None:
    _remove(a, a.scene.review_item, author_key="")


@ATTACKS.add("a withdrawal by what is no hexadecimal", "IR011")
def _(a: Attacker) -> None:
    _remove(a, a.scene.review_item, author_key="z" * 64)


@ATTACKS.add("a withdrawal of the insurer's reply", "IR011")
def _(a: Attacker) -> None:
    _remove(a, a.scene.reply_item, author_key=a.scene.review.author_key)


@ATTACKS.add("a withdrawal of a report's reasons", "IR011")
def _(a: Attacker) -> None:
    reasons = a.value("SELECT reasons_item FROM $report WHERE id = :id", id=a.scene.report.id)
    _remove(a, reasons, author_key=a.scene.reported.author_key)


@ATTACKS.add("a withdrawal that only another insurer's log tells of", "IR011")
def _(a: Attacker) -> None:
    key = a.scene.review.author_key
    _remove(a, a.scene.review_item, log=a.scene.other_log, author_key=key)


# --- redactions -----------------------------------------------------------------------------------

#: The scene's reported text is 李四收了红包才定损。
_WORDS = Words("匿名用户", "██收了红包才定损。")


def _redact(a: Attacker, masks: Any, raw: str | None = None, words: Words = _WORDS) -> None:
    """Strike with the removal of a redaction; ``raw`` spells the masks in its own way."""
    redaction = Redaction(a, words, masks)
    leaf = a.leaf("text.removed", redaction.fields)
    row_text = None
    if raw is not None:
        spelled = _spelled(redaction, masks, raw)
        leaf = leaf.replace(_spelled(redaction, masks, None).encode(), spelled.encode())
        row_text = spelled
    redaction.log(leaf=leaf)
    row = redaction.removal()
    a.strike_put("removal", row if row_text is None else {**row, "redacted": row_text})


def _spelled(redaction: Redaction, masks: Any, raw: str | None) -> str:
    plain = "[" + ",".join(f"[{start},{length}]" for start, length in masks) + "]"
    return (
        f'{{"commitment":"{redaction.words.commitment}","item":"{redaction.name}",'
        f'"masks":{plain if raw is None else raw}}}'
    )


def _enter_masks(name: str, masks: Any, only: str | None = None) -> None:
    @ATTACKS.add(f"masks {name}", "IR017", "IR006", only=only)
    def _(a: Attacker) -> None:
        _redact(a, masks)


_enter_masks("that overlap", [[0, 2], [1, 1]], only="removal_masks")
_enter_masks("that touch", [[0, 1], [1, 1]])
_enter_masks("from right to left", [[2, 1], [0, 1]])
_enter_masks("of no length", [[0, 2], [4, 0]])
_enter_masks("of negative length", [[2, -1], [5, 1]])
_enter_masks("before the beginning", [[-1, 1]])
_enter_masks("that are none", [])

RAW_MASKS = {
    "with white space": "[[0, 2]]",
    "of 2.0": "[[0,2.0]]",
    "of minus nought": "[[-0,2]]",
    "of strings": '[["0","2"]]',
    "of three numbers": "[[0,2,1]]",
    "of one number": "[[0]]",
    "that are numbers": "[0,2]",
    "that are words": '["ab"]',
    "that are no list": '{"0":2}',
    "twice": '[[0,2]],"masks":[[0,2]]',
    "with a note": '[[0,2]],"note":"x"',
}


def _enter_raw(name: str, raw: str) -> None:
    @ATTACKS.add(f"masks {name}, raw", "IR017", "IR006", "JSON")
    def _(a: Attacker) -> None:
        _redact(a, [[0, 2]], raw)


for _name, _raw in RAW_MASKS.items():
    _enter_raw(_name, _raw)


@ATTACKS.add("a removal points to another redaction", "IR006", only="removal_redacted")
def _(a: Attacker) -> None:
    """The entry names the new item; the row points to one that was logged for another text."""
    redaction = Redaction(a, _WORDS, [[0, 2]])
    row = redaction.removal()
    other = Redaction(a, _WORDS, [[0, 2]], item=a.scene.review_item)
    other.log()
    a.strike_put("removal", {**row, "redacted_item": other.name})


@ATTACKS.add("a removal points to a standing text as its redaction", "IR006")
def _(a: Attacker) -> None:
    row = Redaction(a, _WORDS, [[0, 2]]).removal()
    a.strike_put("removal", {**row, "redacted_item": a.scene.review_item})


@ATTACKS.add("a removal hides its redaction", "CHECK", "IR006")
def _(a: Attacker) -> None:
    row = Redaction(a, _WORDS, [[0, 2]]).removal()
    a.strike_put("removal", {**row, "redacted_item": None})


@ATTACKS.add("an author redacts", "CHECK", "IR006")
def _(a: Attacker) -> None:
    redaction = Redaction(a, _WORDS, [[0, 2]])
    redaction.fields |= {"report": None, "author_key": a.scene.reported.author_key}
    a.strike_put("removal", redaction.removal())
