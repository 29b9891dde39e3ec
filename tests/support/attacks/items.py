"""Attacks by forged items: words that no entry speaks of, or that an entry speaks of otherwise."""

from __future__ import annotations

from typing import Any

from insurance_reviews.moderation.commitment import Words
from support.attacks.attacker import Attacker, AttackList, fresh, item_row
from support.attacks.forgery import STRANGER, Redaction, report_fields, review_fields
from support.attacks.rows import author_of_review

ATTACKS = AttackList()


def _published(a: Attacker, **changed: Any) -> None:
    """Strike with the item of a review; ``changed`` are columns that differ from the entry."""
    words, name = Words("王**", "还行。"), fresh("it")
    fields = review_fields(a, item=name, commitment=words.commitment)
    entry = a.entry("review.submitted", fields)
    row = item_row(entry, "review", name, words.commitment, fields["author"])
    a.strike_put("item", {**row, **changed})


def _enter(name: str, only: str | None = None, **changed: Any) -> None:
    @ATTACKS.add(f"an item {name}", "IR006", "CHECK", "IR002", "UNIQUE", only=only)
    def _(a: Attacker) -> None:
        _published(a, **changed)


_enter("with another commitment", only="item_leaf", commitment="00" * 32)
_enter("with another name than its entry's", id="it_other")
_enter("by another author", author=STRANGER[::-1])
_enter("by nobody", author=None)
_enter("of another kind", kind="reply")
_enter("of an unknown kind", kind="essay")
_enter("of an entry that is none", entry=10_000)
_enter("of another entry", entry=1)
_enter("of the log's first entry", entry=0)
_enter("of another log", log=2)
_enter("with a short commitment", commitment="00")


def _forged(a: Attacker, entry_type: str, kind: str, author: str | None) -> None:
    """Strike with an item of ``kind`` whose entry is of ``entry_type``."""
    words, name = Words("王**", "还行。"), fresh("it")
    fields = {"review": a.scene.review.id, "item": name, "commitment": words.commitment}
    entry = a.entry(entry_type, fields)
    a.strike_put("item", item_row(entry, kind, name, words.commitment, author))


@ATTACKS.add("a follow-up without an author", "IR006")
def _(a: Attacker) -> None:
    _forged(a, "followup.published", "follow_up", None)


@ATTACKS.add("a reply that its author could withdraw", "IR006")
def _(a: Attacker) -> None:
    _forged(a, "reply.published", "reply", STRANGER)


@ATTACKS.add("a reply in a follow-up's entry", "IR006")
def _(a: Attacker) -> None:
    _forged(a, "followup.published", "reply", None)


@ATTACKS.add("reasons that the report does not commit to", "IR006")
def _(a: Attacker) -> None:
    entry = a.entry("report.filed", report_fields(a))
    a.strike_put("item", item_row(entry, "reasons", fresh("it"), "cd" * 32))


@ATTACKS.add("reasons with an author", "IR006")
def _(a: Attacker) -> None:
    fields = report_fields(a)
    entry = a.entry("report.filed", fields)
    a.strike_put("item", item_row(entry, "reasons", fresh("it"), fields["reasons"], STRANGER))


def _redacted(a: Attacker, **changed: Any) -> None:
    redaction = Redaction(a, Words("匿名用户", "██收了红包才定损。"), [[0, 2]])
    entry = a.entry("text.removed", redaction.fields)
    author = a.value("SELECT author FROM $item WHERE id = :id", id=redaction.item)
    row = item_row(entry, "redacted", redaction.name, redaction.words.commitment, author)
    a.strike_put("item", {**row, **changed})


@ATTACKS.add("a redacted item with another commitment", "IR006")
def _(a: Attacker) -> None:
    _redacted(a, commitment="cd" * 32)


@ATTACKS.add("a redacted item that another author could withdraw", "IR006")
def _(a: Attacker) -> None:
    _redacted(a, author=author_of_review(a))


@ATTACKS.add("a redacted item that its author could not withdraw", "IR006")
def _(a: Attacker) -> None:
    _redacted(a, author=None)
