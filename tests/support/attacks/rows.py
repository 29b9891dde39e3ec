"""Attacks by rows that differ from their log entry, for every column of every table of facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from insurance_reviews.moderation import facts as floor
from insurance_reviews.moderation.commitment import Words
from insurance_reviews.moderation.facts import FactTable
from insurance_reviews.moderation.schema import CanonicalJson
from insurance_reviews.plugin import facts
from insurance_reviews.plugin.facts import FACT_TABLES
from support.attacks.attacker import Attacker, AttackList, fact_row, fresh
from support.attacks.forgery import (
    Redaction,
    invitation_fields,
    open_report,
    policy_event,
    removal_fields,
    removal_row,
    report_fields,
    review_fields,
)

ATTACKS = AttackList()
Fields = dict[str, Any]


def _invitation(a: Attacker) -> Fields:
    fields = invitation_fields(a)
    entry = a.entry("invitation.issued", fields)
    return fact_row(facts.INVITATION, entry, fields, event=policy_event(a), expires_at=2**40)


def _review(a: Attacker) -> Fields:
    words, name = Words("王**", "还行。"), fresh("it")
    fields = review_fields(a, aspects={"speed": 4}, item=name, commitment=words.commitment)
    entry = a.entry("review.submitted", fields)
    a.publish(entry, "review", name, words, fields["author"])
    return fact_row(facts.REVIEW, entry, fields)


def _follow_up(a: Attacker) -> Fields:
    words, name = Words("欧阳**", "补充一点。"), fresh("it")
    fields = {"review": a.scene.review.id, "item": name, "commitment": words.commitment}
    entry = a.entry("followup.published", fields)
    a.publish(entry, "follow_up", name, words, author_of_review(a))
    return fact_row(facts.FOLLOW_UP, entry, fields)


def _reply(a: Attacker) -> Fields:
    words, name = Words("安心保险", "谢谢。"), fresh("it")
    fields = {
        "review": a.scene.review.id,
        "version": 3,
        "item": name,
        "commitment": words.commitment,
    }
    entry = a.entry("reply.published", fields)
    a.publish(entry, "reply", name, words)
    return fact_row(facts.REPLY, entry, fields)


def _report(a: Attacker) -> Fields:
    fields = report_fields(a)
    entry, reasons = open_report(a, fields)
    return fact_row(floor.REPORT, entry, fields, reasons_item=reasons)


def _acknowledgement(a: Attacker) -> Fields:
    fields = {"report": a.scene.report.id, "verdict": "acknowledged", "note": None}
    entry = a.entry("report.acknowledged", fields)
    return fact_row(floor.ACKNOWLEDGEMENT, entry, fields, note_item=None)


def _removal(a: Attacker) -> Fields:
    fields = removal_fields(a.scene.reported_item, report=a.scene.report.id)
    return removal_row(a.entry("text.removed", fields), fields)


def author_of_review(a: Attacker) -> str:
    """The author's hash of the scene's review."""
    return str(a.value("SELECT author FROM $review WHERE id = :id", id=a.scene.review.id))


def _log_key(a: Attacker) -> Fields:
    fields = {"key": fresh("key")}
    return fact_row(floor.ROTATION, a.entry("key.rotated", fields), fields)


#: A lawful row of each table, all but put into it.
LAWFUL: dict[str, Callable[[Attacker], Fields]] = {
    "invitation": _invitation,
    "review": _review,
    "follow_up": _follow_up,
    "reply": _reply,
    "report": _report,
    "acknowledgement": _acknowledgement,
    "removal": _removal,
    "log_key": _log_key,
}


def bare(fact: FactTable) -> str:
    """The table's name without our prefix."""
    return fact.table.name.removeprefix("insurance_reviews_")


def _other(fact: FactTable, column: str, value: Any) -> Any:
    """A value that differs from ``value`` and has its form."""
    if isinstance(fact.table.c[column].type, CanonicalJson):
        return '{"speed":5}' if column == "aspects" else '["it_x"]'
    if isinstance(value, int):
        return value + 1
    if column == "filed_on":
        return "2026-03-01"
    known = {"stage": "renewal", "channel": "phone", "ground": "defamation", "verdict": "disputed"}
    if column in known:
        return known[column]
    return "f" * (64 if value is None else len(value))


def _enter(fact: FactTable, column: str) -> None:
    table = bare(fact)

    # Most columns are guarded by a second trigger, a constraint or a foreign key besides.
    @ATTACKS.add(f"{table}.{column} differs from the entry", "IR0", "CHECK", "FOREIGN KEY", "JSON")
    def differ(a: Attacker) -> None:
        row = LAWFUL[table](a)
        a.strike_put(table, {**row, column: _other(fact, column, row[column])})

    if column == "at":

        @ATTACKS.add(f"{table} says another hour", "IR003", only=f"{table}_leaf")
        def postdate(a: Attacker) -> None:
            row = LAWFUL[table](a)
            a.strike_put(table, {**row, "at": row["at"] - 3600})

    if column == "id":

        @ATTACKS.add(f"{table} points to the entry before", "IR0", "FOREIGN KEY", "UNIQUE")
        def misplace(a: Attacker) -> None:
            row = LAWFUL[table](a)
            a.strike_put(table, {**row, "entry": row["entry"] - 1})


for _fact in FACT_TABLES:
    for _column in ("at", *_fact.fields):
        _enter(_fact, _column)


@ATTACKS.add("a removal is of another redaction than its entry", "IR003", "IR006", "IR017")
def _(a: Attacker) -> None:
    redaction = Redaction(a, Words("匿名用户", "██收了红包才定损。"), [[0, 2]])
    row = redaction.removal()
    a.strike_put("removal", {**row, "redacted": row["redacted"].replace("[0,2]", "[0,3]")})
