"""Whoever owns the database can drop its triggers. What they bend then, the full check finds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.orm import Session

from insurance_reviews.moderation.commitment import Words, new_author_key
from insurance_reviews.moderation.tlog.merkle import frontier_root, grow, leaf_hash
from insurance_reviews.plugin import facts
from support.attacks.attacker import (
    PROFILES,
    SQLITE,
    Attacker,
    content_row,
    fact_row,
    fresh,
    item_row,
    prompt,
)
from support.attacks.forgery import STRANGER, removal_fields, removal_row, review_fields
from support.attacks.triggers import drop_trigger, trigger_tables
from support.audit import audit
from support.databases import ENGINES

if TYPE_CHECKING:
    from attacks.conftest import Battlefield

#: SQLite without foreign keys, PostgreSQL as its superuser.
OWNERS = {
    engine: [profile for profile in PROFILES if profile.engine == engine][-1] for engine in ENGINES
}


@dataclass(frozen=True)
class Tampering:
    """``finding`` is part of what the check says."""

    name: str
    run: Callable[[Attacker], None]
    finding: str


TAMPERINGS: list[Tampering] = []


def tampering(name: str, finding: str) -> Callable[[Callable[[Attacker], None]], None]:
    def enter(run: Callable[[Attacker], None]) -> None:
        TAMPERINGS.append(Tampering(name, run, finding))

    return enter


def findings(attacker: Attacker) -> list[str]:
    """What the check of all logs and counters says, in the attacker's own transaction."""
    with Session(attacker.connection) as session:
        return audit(session)


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("given", TAMPERINGS, ids=lambda given: given.name)
def test_the_check_finds(
    battlefield: Callable[[str], Battlefield], engine_name: str, given: Tampering
) -> None:
    field = battlefield(engine_name)
    profile = OWNERS[engine_name]
    with prompt(field.engine(profile), field.scene) as attacker:
        disarm(attacker)
        given.run(attacker)
        found = findings(attacker)
        assert [finding for finding in found if given.finding in finding] != [], found


@pytest.mark.parametrize("engine_name", ENGINES)
def test_the_check_finds_nothing_in_an_honest_world(
    battlefield: Callable[[str], Battlefield], engine_name: str
) -> None:
    field = battlefield(engine_name)
    with prompt(field.engine(OWNERS[engine_name]), field.scene) as attacker:
        assert findings(attacker) == []


def test_words_that_sqlite_cannot_weigh_are_found(
    battlefield: Callable[[str], Battlefield],
) -> None:
    """It has no hash function: words that nobody committed to pass its triggers, not the check."""
    field = battlefield(SQLITE)
    with prompt(field.engine(OWNERS[SQLITE]), field.scene) as attacker:
        name, promised = fresh("it"), Words("王**", "甲。")
        fields = review_fields(attacker, item=name, commitment=promised.commitment)
        entry = attacker.entry("review.submitted", fields)
        attacker.put("item", item_row(entry, "review", name, promised.commitment, STRANGER))
        attacker.put("content", content_row(name, Words("王**", "乙。")))
        attacker.put("review", fact_row(facts.REVIEW, entry, fields))
        found = findings(attacker)
    assert [finding for finding in found if "not those committed to" in finding] != []


def test_a_hash_that_sqlite_cannot_weigh_is_found(
    battlefield: Callable[[str], Battlefield],
) -> None:
    field = battlefield(SQLITE)
    with prompt(field.engine(OWNERS[SQLITE]), field.scene) as attacker:
        entry = attacker.entry("key.rotated", {"key": "k"})
        row = {"log": entry.log, "level": 0, "idx": entry.index, "hash": bytes(32)}
        attacker.put("log_node", row)
        found = findings(attacker)
    assert [finding for finding in found if "not the hash of its entries" in finding] != []


def disarm(attacker: Attacker) -> None:
    """Drop every trigger of ours, and on PostgreSQL the foreign keys too."""
    for name in trigger_tables(attacker):
        drop_trigger(attacker, name)
    if attacker.dialect != SQLITE:
        attacker.sql("SET LOCAL session_replication_role = replica")


# --- the tree -------------------------------------------------------------------------------------


def leaf_of(a: Attacker, index: int) -> dict[str, Any]:
    statement = "SELECT leaf FROM $log_entry WHERE log = :log AND idx = :idx"
    value: dict[str, Any] = json.loads(bytes(a.value(statement, log=a.scene.log, idx=index)))
    return value


def rewrite_leaf(a: Attacker, index: int, leaf: dict[str, Any]) -> None:
    members = {key: value for key, value in leaf.items() if key not in {"v", "type", "at"}}
    a.sql(
        "UPDATE $log_entry SET leaf = :leaf WHERE log = :log AND idx = :idx",
        leaf=a.leaf(leaf["type"], members),
        log=a.scene.log,
        idx=index,
    )


def rescore(a: Attacker, score: int = 5) -> None:
    """Score, counters and leaf, all fitting each other again."""
    index = a.scene.review.entry.index
    a.sql("UPDATE $review SET score = :score WHERE id = :id", score=score, id=a.scene.review.id)
    a.sql(
        "UPDATE $review_count SET score = :score WHERE product = :product AND score = 2",
        score=score,
        product=a.scene.product,
    )
    rewrite_leaf(a, index, {**leaf_of(a, index), "score": score})


def rebuild_tree(a: Attacker) -> bytes:
    """Write every node anew; the root of the whole tree."""
    frontier: list[bytes] = []
    rows = a.sql("SELECT idx, leaf FROM $log_entry WHERE log = :log ORDER BY idx", log=a.scene.log)
    for index, leaf in rows.all():
        completed, frontier = grow(index, frontier, leaf_hash(bytes(leaf)))
        for level, place, digest in completed:
            a.sql(
                "UPDATE $log_node SET hash = :hash "
                "WHERE log = :log AND level = :level AND idx = :idx",
                hash=digest,
                log=a.scene.log,
                level=level,
                idx=place,
            )
    return frontier_root(frontier)


@tampering("a score alone is changed", "differs from its row")
def _(a: Attacker) -> None:
    a.sql("UPDATE $review SET score = 5 WHERE id = :id", id=a.scene.review.id)


@tampering("a score is changed with its leaf", "is not the hash of its entries")
def _(a: Attacker) -> None:
    rescore(a)


@tampering("a score is changed with its leaf and the tree", "is not the stored one")
def _(a: Attacker) -> None:
    rescore(a)
    rebuild_tree(a)


@tampering("a score is changed with its leaf, the tree and its roots", "signs something else")
def _(a: Attacker) -> None:
    rescore(a)
    root = rebuild_tree(a)
    a.sql(
        "UPDATE $log_checkpoint SET root = :root WHERE log = :log AND size = "
        "(SELECT max(size) FROM $log_checkpoint WHERE log = :log)",
        root=root,
        log=a.scene.log,
    )


@tampering("the log's key is exchanged", "the checkpoint of")
def _(a: Attacker) -> None:
    a.sql(
        "UPDATE $log SET verifier_key = (SELECT verifier_key FROM $log WHERE id = :other) "
        "WHERE id = :log",
        log=a.scene.log,
        other=a.scene.other_log,
    )


@tampering("the log's origin is exchanged", "signs something else")
def _(a: Attacker) -> None:
    a.sql("UPDATE $log SET origin = 'log.example/x' WHERE id = :log", log=a.scene.log)


@tampering("the newest entries are cut off", "belong to no entry")
def _(a: Attacker) -> None:
    size = a.value("SELECT count(*) FROM $log_entry WHERE log = :log", log=a.scene.log)
    a.sql("DELETE FROM $log_entry WHERE log = :log AND idx = :idx", log=a.scene.log, idx=size - 1)


@tampering("an entry is taken out", "was expected")
def _(a: Attacker) -> None:
    index = a.scene.stars.entry.index
    a.sql("DELETE FROM $log_entry WHERE log = :log AND idx = :idx", log=a.scene.log, idx=index)


@tampering("the newest checkpoint is lost", "the newest entries are not signed")
def _(a: Attacker) -> None:
    a.sql(
        "DELETE FROM $log_checkpoint WHERE log = :log AND size = "
        "(SELECT max(size) FROM $log_checkpoint WHERE log = :log)",
        log=a.scene.log,
    )


@tampering("a checkpoint of a larger tree is kept", "of no tree that ever was")
def _(a: Attacker) -> None:
    row = {"log": a.scene.log, "size": 9_999, "root": bytes(32), "note": "x"}
    a.put("log_checkpoint", row)


@tampering("a checkpoint's note is garbled", "the checkpoint of 2 entries")
def _(a: Attacker) -> None:
    a.sql("UPDATE $log_checkpoint SET note = 'x' WHERE log = :log AND size = 2", log=a.scene.log)


@tampering("a node is of no entry", "belong to no entry")
def _(a: Attacker) -> None:
    a.put("log_node", {"log": a.scene.log, "level": 0, "idx": 9_999, "hash": bytes(32)})


JUNK = {
    "no JSON": b"\xff",
    "a list": b"[]",
    "a number": b"5",
    "an object without members": b"{}",
    "nested without end": b"[" * 3_000 + b"]" * 3_000,
    "an unknown type": b'{"at":0,"type":"score.improved","v":1}',
    "another version": b'{"at":0,"type":"log.opened","v":2}',
}


def _enter_junk(name: str, leaf: bytes) -> None:
    @tampering(f"an entry is {name}", "entry ")
    def _(a: Attacker) -> None:
        a.entry("", {}, leaf=leaf)


for _name, _leaf in JUNK.items():
    _enter_junk(_name, _leaf)


@tampering("time runs backwards", "the impossible time")
def _(a: Attacker) -> None:
    leaf = a.leaf("key.rotated", {"key": "k"}).replace(str(a.scene.at).encode(), b"3600")
    a.entry("", {}, leaf=leaf)


@tampering("time is told to the minute", "the impossible time")
def _(a: Attacker) -> None:
    later = str(a.scene.at + 60).encode()
    a.entry("", {}, leaf=a.leaf("", {"key": "k"}).replace(str(a.scene.at).encode(), later))


# --- facts ----------------------------------------------------------------------------------------


@tampering("a review is dropped", "review.submitted without a row")
def _(a: Attacker) -> None:
    a.sql("DELETE FROM $review WHERE id = :id", id=a.scene.stars.id)


@tampering("a review is added without an entry", "differs from its row")
def _(a: Attacker) -> None:
    fields = review_fields(a)
    entry = a.entry("review.submitted", fields)
    a.sql("DELETE FROM $log_entry WHERE log = :log AND idx = :idx", log=entry.log, idx=entry.index)
    a.put("review", fact_row(facts.REVIEW, entry, fields))
    count = {"product": a.scene.product, "stage": "claim", "score": 4, "has_text": 0}
    a.put("review_count", {**count, "n": 1})


@tampering("a review's aspects are garbled", "differs from its row")
def _(a: Attacker) -> None:
    a.sql("UPDATE $review SET aspects = '{' WHERE id = :id", id=a.scene.stars.id)


@tampering("a review's aspects are spelt otherwise", "differs from its row")
def _(a: Attacker) -> None:
    a.sql("UPDATE $review SET aspects = '{ }' WHERE id = :id", id=a.scene.stars.id)


@tampering("a counter is raised", "review_count")
def _(a: Attacker) -> None:
    a.sql("UPDATE $review_count SET n = n + 1 WHERE product = :p", p=a.scene.product)


@tampering("an aspect's sum is raised", "aspect_count")
def _(a: Attacker) -> None:
    a.sql("UPDATE $aspect_count SET total = total + 1")


@tampering("fewer invitations are counted", "invitation_count")
def _(a: Attacker) -> None:
    a.sql("UPDATE $invitation_count SET n = n - 1")


@tampering("replies come faster", "reply_delay")
def _(a: Attacker) -> None:
    a.sql("UPDATE $reply_delay SET hours = hours + 1")


@tampering("removals are forgotten", "product_state")
def _(a: Attacker) -> None:
    a.sql("UPDATE $product_state SET removals = 0")


# --- words ----------------------------------------------------------------------------------------


@tampering("words are gone", "gone without a removal")
def _(a: Attacker) -> None:
    a.sql("DELETE FROM $content WHERE item = :item", item=a.scene.review_item)


@tampering("words are exchanged", "not those committed to")
def _(a: Attacker) -> None:
    a.sql(
        "UPDATE $content SET body = :body WHERE item = :item",
        body=Words("欧阳**", "很好。").body,
        item=a.scene.review_item,
    )


@tampering("words are exchanged with their commitment", "is not the one of entry")
def _(a: Attacker) -> None:
    words = Words("欧阳**", "很好。")
    a.sql("DELETE FROM $content WHERE item = :item", item=a.scene.review_item)
    a.put("content", content_row(a.scene.review_item, words))
    a.sql(
        "UPDATE $item SET commitment = :commitment WHERE id = :item",
        commitment=words.commitment,
        item=a.scene.review_item,
    )


@tampering("removed words are back", "outlived their removal")
def _(a: Attacker) -> None:
    a.put("content", content_row(a.scene.removed_item, Words("匿名用户", "又来了。")))


@tampering("an item is dropped with its words", "words that are not there")
def _(a: Attacker) -> None:
    for table, key in (("content", "item"), ("item", "id")):
        a.sql(f"DELETE FROM ${table} WHERE {key} = :item", item=a.scene.review_item)


@tampering("an item is moved to another entry", "is in no entry")
def _(a: Attacker) -> None:
    a.sql("UPDATE $item SET entry = 9999 WHERE id = :item", item=a.scene.review_item)


@tampering("a text becomes somebody else's", "has another author")
def _(a: Attacker) -> None:
    a.sql(
        "UPDATE $item SET author = :author WHERE id = :item",
        author=STRANGER,
        item=a.scene.review_item,
    )


# --- removals and reports -------------------------------------------------------------------------


def take_away(a: Attacker, item: str, log: int | None = None, **authority: Any) -> None:
    """A removal with its entry, and the words gone."""
    fields = removal_fields(item, **authority)
    a.put("removal", removal_row(a.entry("text.removed", fields, log=log), fields))
    a.sql("DELETE FROM $content WHERE item = :item", item=item)


@tampering("a removal is forgotten", "gone without a removal")
def _(a: Attacker) -> None:
    a.sql("DELETE FROM $removal WHERE item = :item", item=a.scene.removed_item)


@tampering("a removal is on a report about something else", "the report does not name")
def _(a: Attacker) -> None:
    take_away(a, a.scene.review_item, report=a.scene.report.id)


@tampering("a withdrawal is by a key of nobody", "a key that is not its author's")
def _(a: Attacker) -> None:
    take_away(a, a.scene.review_item, author_key=new_author_key())


@tampering("a withdrawal is by what is no key", "a key that is not its author's")
def _(a: Attacker) -> None:
    take_away(a, a.scene.review_item, author_key="Z" * 64)


@tampering("a removal is told in another log", "in another log than its text")
def _(a: Attacker) -> None:
    take_away(a, a.scene.reported_item, log=a.scene.other_log, report=a.scene.report.id)


@tampering("a log does not tell of a removal", "gone without a removal")
def _(a: Attacker) -> None:
    take_away(a, a.scene.reported_item, log=a.scene.other_log, report=a.scene.report.id)


@tampering("a redaction leads to another text", "is another item")
def _(a: Attacker) -> None:
    a.sql(
        "UPDATE $removal SET redacted_item = :other WHERE item = :item",
        other=a.scene.review_item,
        item=a.scene.original_item,
    )


@tampering("a report comes to name a text", "names other texts than its rows")
def _(a: Attacker) -> None:
    a.sql(
        "INSERT INTO $report_item SELECT report, :item, log, authority, report_no "
        "FROM $report_item WHERE report = :report",
        item=a.scene.review_item,
        report=a.scene.report.id,
    )


@tampering("a report no longer names its text", "names other texts than its rows")
def _(a: Attacker) -> None:
    a.sql("DELETE FROM $report_item WHERE report = :report", report=a.scene.report.id)


@tampering("a report's list is garbled", "names other texts than its rows")
def _(a: Attacker) -> None:
    a.sql("UPDATE $report SET items = '5' WHERE id = :report", report=a.scene.report.id)


@tampering("a report calls other words its reasons", "has the reasons of another entry")
def _(a: Attacker) -> None:
    a.sql(
        "UPDATE $report SET reasons_item = :item WHERE id = :report",
        item=a.scene.review_item,
        report=a.scene.report.id,
    )


@tampering("a verdict is exchanged", "report.acknowledged")
def _(a: Attacker) -> None:
    a.sql("UPDATE $acknowledgement SET verdict = 'acknowledged'")
