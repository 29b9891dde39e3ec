"""Attacks by SQLite's ``INSERT OR REPLACE``, which drops the row in its way without a DELETE
trigger."""

from __future__ import annotations

from insurance_reviews.moderation import facts as floor
from insurance_reviews.moderation.commitment import Words
from insurance_reviews.plugin import facts
from support.attacks.attacker import SQLITE, Attacker, AttackList, content_row, fact_row, item_row
from support.attacks.forgery import (
    open_report,
    put_report,
    removal_fields,
    removal_row,
    report_fields,
    report_item_row,
    review_fields,
)

ATTACKS = AttackList()
WAY = "INSERT OR REPLACE"


@ATTACKS.add("a log gets another key", "IR002", only="log_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike(
        "REPLACE INTO $log SELECT id, insurer, origin, at, 'x+1+y' FROM $log WHERE id = :log",
        log=a.scene.log,
    )


@ATTACKS.add("a node gets another hash", "IR002", only="log_node_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike(
        "REPLACE INTO $log_node VALUES (:log, 0, 1, zeroblob(32))",
        log=a.scene.log,
    )


@ATTACKS.add("an announced key is announced anew", "IR002", only="log_key_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    """The entry that announced it loses its row."""
    key = a.value("SELECT key FROM $log_key WHERE log = :log", log=a.scene.log)
    entry = a.entry("key.rotated", {"key": key})
    a.strike_put("log_key", fact_row(floor.ROTATION, entry, {"key": key}), way=WAY)


@ATTACKS.add("a cosignature becomes another", "IR002", only="cosignature_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike(
        "REPLACE INTO $cosignature SELECT log, size, name, at, 'another' FROM $cosignature "
        "WHERE log = :log",
        log=a.scene.log,
    )


@ATTACKS.add("an item is logged anew", "IR002", only="item_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    words = Words("欧阳**", "一切都好。")
    fields = review_fields(a, item=a.scene.review_item, commitment=words.commitment)
    entry = a.entry("review.submitted", fields)
    row = item_row(entry, "review", a.scene.review_item, words.commitment, fields["author"])
    a.strike_put("item", row, way=WAY)


@ATTACKS.add("words become others", "IR002", only="content_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    words = Words("欧阳**", "一切都好。")
    a.strike_put("content", content_row(a.scene.review_item, words), way=WAY)


@ATTACKS.add("a report becomes another", "IR002", only="report_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    fields = report_fields(a, report=a.scene.report.id, items=[a.scene.review_item])
    entry, reasons = open_report(a, fields)
    a.strike_put("report", fact_row(floor.REPORT, entry, fields, reasons_item=reasons), way=WAY)


@ATTACKS.add("a report loses its text", "IR002", only="report_item_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    """A second report of the same number takes the first one's place."""
    number, authority = a.sql(
        "SELECT report_no, authority FROM $report WHERE id = :id", id=a.scene.report.id
    ).one()
    fields = put_report(
        a, items=[a.scene.reported_item], link=False, report_no=number, authority=authority
    )
    row = report_item_row(fields, a.scene.reported_item, a.scene.log)
    a.strike_put("report_item", row, way=WAY)


@ATTACKS.add("a removal gets another ground", "IR002", only="removal_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    """What the insurer redacted on a report looks as if the author had withdrawn it."""
    fields = removal_fields(a.scene.original_item, author_key=a.scene.redacted.author_key)
    entry = a.entry("text.removed", fields)
    a.strike_put("removal", removal_row(entry, fields), way=WAY)


@ATTACKS.add("an insurer gets another name", "IR002", only="insurer_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike("REPLACE INTO $insurer VALUES ('anxin', '别家', NULL, 0)")


@ATTACKS.add("a product goes to another insurer", "IR002", only="product_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike(
        "REPLACE INTO $product SELECT sku, 'boshan', name, name_en, stages, aspects, created_at "
        "FROM $product WHERE sku = :sku",
        sku=a.scene.product,
    )


@ATTACKS.add("a policy goes to another insurer", "IR002", only="policy_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike("REPLACE INTO $policy SELECT number_hash, 'boshan' FROM $policy LIMIT 1")


@ATTACKS.add("an event gets another date", "IR002", only="policy_event_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike(
        "REPLACE INTO $policy_event SELECT id, policy, stage, occurrence, product, '2020-01-01', "
        "storefront, created_at FROM $policy_event LIMIT 1"
    )


@ATTACKS.add("an invitation expires earlier", "IR002", only="invitation_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike(
        "REPLACE INTO $invitation SELECT log, entry, at, id, product, stage, event, 0 "
        "FROM $invitation WHERE id = :id",
        id=a.scene.invitation,
    )


@ATTACKS.add("a score becomes another", "IR002", only="review_no_replace", on=[SQLITE])
def _(a: Attacker) -> None:
    """A second entry of the same review, honest in itself, pushes out the first one's row."""
    leaf_of = "SELECT invitation, experienced FROM $review WHERE id = :id"
    invitation, experienced = a.sql(leaf_of, id=a.scene.stars.id).one()
    fields = review_fields(
        a, review=a.scene.stars.id, invitation=invitation, experienced=experienced, score=1
    )
    entry = a.entry("review.submitted", fields)
    a.strike_put("review", fact_row(facts.REVIEW, entry, fields), way=WAY)
