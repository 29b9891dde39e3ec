"""Attacks on the words themselves: taken without a removal, put back, or bent by a redaction."""

from __future__ import annotations

from typing import Any

from insurance_reviews.moderation.commitment import Words, commit
from insurance_reviews.plugin import facts
from support.attacks.attacker import (
    POSTGRESQL,
    SQLITE,
    Attacker,
    AttackList,
    content_row,
    fact_row,
    fresh,
    item_row,
)
from support.attacks.forgery import (
    Redaction,
    put_report,
    removal_fields,
    removal_row,
    review_fields,
)

ATTACKS = AttackList()


# --- going ----------------------------------------------------------------------------------------


@ATTACKS.add("words go on a report without a removal", "IR008", only="content_removal")
def _(a: Attacker) -> None:
    a.strike("DELETE FROM $content WHERE item = :item", item=a.scene.reported_item)


@ATTACKS.add("all words go", "IR008")
def _(a: Attacker) -> None:
    a.strike("DELETE FROM $content")


@ATTACKS.add("words go when only the entry tells of their removal", "IR008")
def _(a: Attacker) -> None:
    fields = removal_fields(a.scene.reported_item, report=a.scene.report.id)
    a.entry("text.removed", fields)
    a.strike("DELETE FROM $content WHERE item = :item", item=a.scene.reported_item)


@ATTACKS.add("words go before the redacted ones stand", "IR008")
def _(a: Attacker) -> None:
    redaction = Redaction(a, Words("匿名用户", "██收了红包才定损。"), [[0, 2]])
    a.put("removal", redaction.removal())
    a.strike("DELETE FROM $content WHERE item = :item", item=a.scene.reported_item)


# --- coming ---------------------------------------------------------------------------------------


@ATTACKS.add("removed words return", "IR009", only="content_gone", on=[SQLITE])
def _(a: Attacker) -> None:
    words = Words("匿名用户", "写了身份证号的一段话。")
    a.strike_put("content", content_row(a.scene.removed_item, words))


@ATTACKS.add("removed words return with their salt", "IR009", only="content_gone", on=[POSTGRESQL])
def _(a: Attacker) -> None:
    words = _removed_again(a)
    a.strike_put("content", content_row(a.scene.reported_item, words))


def _removed_again(a: Attacker) -> Words:
    """Remove the reported text; what was kept of it."""
    row = a.sql("SELECT * FROM $content WHERE item = :item", item=a.scene.reported_item).one()
    fields = removal_fields(a.scene.reported_item, report=a.scene.report.id)
    a.put("removal", removal_row(a.entry("text.removed", fields), fields))
    a.sql("DELETE FROM $content WHERE item = :item", item=a.scene.reported_item)
    return Words("匿名用户", "李四收了红包才定损。", bytes(row.salt))


@ATTACKS.add("words of no item", "FOREIGN KEY", "IR012", "IR013")
def _(a: Attacker) -> None:
    a.strike_put("content", content_row("it_none", Words("", "无主。")))


@ATTACKS.add(
    "words that were not committed to", "IR013", only="content_commitment", on=[POSTGRESQL]
)
def _(a: Attacker) -> None:
    a.strike_put(
        "content", content_row(_open_item(a, Words("王**", "甲。")), Words("王**", "乙。"))
    )


@ATTACKS.add("words under another salt", "IR013", on=[POSTGRESQL])
def _(a: Attacker) -> None:
    a.strike_put(
        "content", content_row(_open_item(a, Words("王**", "甲。")), Words("王**", "甲。"))
    )


@ATTACKS.add("words under a short salt", "CHECK", "IR013")
def _(a: Attacker) -> None:
    words = Words("王**", "甲。", b"salt")
    a.strike_put("content", content_row(_open_item(a, words), words))


def _open_item(a: Attacker, words: Words, commitment: str | None = None) -> str:
    """An item whose words are still to come."""
    name, commitment = fresh("it"), commitment or words.commitment
    fields = review_fields(a, item=name, commitment=commitment)
    entry = a.entry("review.submitted", fields)
    a.put("item", item_row(entry, "review", name, commitment, fields["author"]))
    a.put("review", fact_row(facts.REVIEW, entry, fields))
    return name


BODIES = {
    "a body with a key twice": '{"name":"王**","text":"甲。","text":"乙。"}',
    "a body with one key more": '{"name":"王**","note":"","text":"甲。"}',
    "a body with one key less": '{"name":"王**"}',
    "a body out of order": '{"text":"甲。","name":"王**"}',
    "a body with white space": '{"name": "王**", "text": "甲。"}',
    "a body with an escape": '{"name":"王**","text":"\\u7532。"}',
    "a body with a number": '{"name":"王**","text":5}',
    "a body with true": '{"name":"王**","text":true}',
    "a body with null": '{"name":"王**","text":null}',
    "a body without a name": '{"name":null,"text":"甲。"}',
    "a body with a list": '{"name":"王**","text":["甲。"]}',
    "a body that is a list": '["王**","甲。"]',
    "a body that is no JSON": "甲。",
    "an empty body": "",
}


def _enter_body(name: str, body: str, only: str | None) -> None:
    @ATTACKS.add(name, "IR009", "JSON", only=only)
    def _(a: Attacker) -> None:
        salt = bytes(32)
        commitment = commit(salt, body)
        item = _open_item(a, Words("", "", salt), commitment)
        a.strike_put("content", {"item": item, "salt": salt, "body": body})


for _name, _body in BODIES.items():
    _enter_body(_name, _body, "content_form" if _name == "a body with white space" else None)


# --- redacted -------------------------------------------------------------------------------------

#: The scene's reported text is 李四收了红包才定损。 under the name 匿名用户.
ANONYMOUS = "匿名用户"


def _enter_redaction(
    name: str, text: str, masks: Any, *, shown: str = ANONYMOUS, only: str | None = None
) -> None:
    @ATTACKS.add(f"a redaction {name}", "IR012", only=only)
    def _(a: Attacker) -> None:
        a.strike_put("content", Redaction(a, Words(shown, text), masks).content())


_enter_redaction("with a changed letter", "██送了红包才定损。", [[0, 2]], only="content_redaction")
_enter_redaction("with a letter more", "██收了大红包才定损。", [[0, 2]])
_enter_redaction("with a letter less", "██收了红包定损。", [[0, 2]])
_enter_redaction("cut short", "██收了红包才定损", [[0, 2]])
_enter_redaction("with masks that tell of less", "███了红包才定损。", [[0, 2]])
_enter_redaction("with masks that tell of more", "██收了红包才定损。", [[0, 3]])
_enter_redaction("with masks elsewhere", "██收了红包才定损。", [[2, 2]])
_enter_redaction("with masks beyond the end", "李四收了红包才定损。███", [[10, 3]])
_enter_redaction("that changes nothing", "李四收了红包才定损。", [[20, 1]])
_enter_redaction("in other letters than █", "**收了红包才定损。", [[0, 2]])
_enter_redaction("under another name", "██收了红包才定损。", [[0, 2]], shown="李**")
_enter_redaction("into nothing", "", [[0, 10]])


@ATTACKS.add("a redaction of words that are gone", "IR012")
def _(a: Attacker) -> None:
    """Then nobody could compare the two."""
    words = Words(ANONYMOUS, "██了身份证号的一段话。")
    redaction = Redaction(a, words, [[0, 2]])
    redaction.log()
    row = content_row(redaction.name, words)
    a.strike_put("content", row)


@ATTACKS.add("a redaction of what was blotted out already", "IR012")
def _(a: Attacker) -> None:
    first = Redaction(a, Words(ANONYMOUS, "██收了红包才定损。"), [[0, 2]])
    a.put("content", first.content())
    a.sql("DELETE FROM $content WHERE item = :item", item=a.scene.reported_item)
    second = Redaction(a, Words(ANONYMOUS, "██收了红包才定损。"), [[0, 2]], item=first.name)
    second.fields["report"] = put_report(a, items=[first.name])["report"]
    a.strike_put("content", second.content())
