"""Attacks by forged invitations, reviews, follow-ups and replies, each with an entry that fits
them."""

from __future__ import annotations

from typing import Any

from insurance_reviews.moderation.commitment import Words
from insurance_reviews.plugin import facts
from support.attacks.attacker import Attacker, AttackList, Entry, fact_row, fresh
from support.attacks.forgery import STRANGER, invitation_fields, policy_event, review_fields
from support.attacks.rows import author_of_review

ATTACKS = AttackList()


# --- invitations ----------------------------------------------------------------------------------


def _invite(a: Attacker, event: str, log: int | None = None, **changed: Any) -> None:
    fields = invitation_fields(a, **changed)
    entry = a.entry("invitation.issued", fields, log=log)
    row = fact_row(facts.INVITATION, entry, fields, event=event, expires_at=2**40)
    a.strike_put("invitation", row)


@ATTACKS.add("an invitation for another stage than its event", "IR020", only="invitation_event")
def _(a: Attacker) -> None:
    _invite(a, policy_event(a), stage="renewal")


@ATTACKS.add("an invitation for another product than its event", "IR020")
def _(a: Attacker) -> None:
    _invite(a, policy_event(a), product="anxin-motor")


@ATTACKS.add("an invitation in another insurer's log", "IR020")
def _(a: Attacker) -> None:
    _invite(a, policy_event(a), log=a.scene.other_log)


@ATTACKS.add("an invitation of no event", "IR020")
def _(a: Attacker) -> None:
    _invite(a, "ev_none")


@ATTACKS.add("a second invitation of one event", "UNIQUE", "IR002")
def _(a: Attacker) -> None:
    event = a.value("SELECT event FROM $invitation WHERE id = :id", id=a.scene.invitation)
    _invite(a, event)


@ATTACKS.add("an invitation at no known stage", "CHECK", "IR020")
def _(a: Attacker) -> None:
    _invite(a, policy_event(a), stage="complaint")


@ATTACKS.add("a second event of the same occurrence", "UNIQUE", "IR002")
def _(a: Attacker) -> None:
    event = policy_event(a)
    a.strike(
        "INSERT INTO $policy_event SELECT 'ev_again', policy, stage, occurrence, product, "
        "occurred_on, storefront, created_at FROM $policy_event WHERE id = :id",
        id=event,
    )


# --- reviews --------------------------------------------------------------------------------------


def _review(
    a: Attacker,
    aspects: str | None = None,
    log: int | None = None,
    **changed: Any,
) -> None:
    """Strike with a review; ``aspects`` are raw, and its entry holds the same."""
    fields = review_fields(a, **changed)
    leaf = None
    if aspects is not None:
        leaf = a.leaf("review.submitted", {**fields, "aspects": {}}).replace(
            b'"aspects":{}', b'"aspects":' + aspects.encode()
        )
        fields["aspects"] = aspects
    entry = a.entry("review.submitted", fields, leaf=leaf, log=log)
    a.strike_put("review", fact_row(facts.REVIEW, entry, fields))


def _enter_score(score: Any, *codes: str) -> None:
    @ATTACKS.add(f"a review scored {score!r}", *codes)
    def _(a: Attacker) -> None:
        _review(a, score=score)


for _score in (0, 6, 10, -1, 2**40):
    # What no SMALLINT can hold PostgreSQL refuses before any trigger.
    _enter_score(_score, "CHECK", "22003")
_enter_score(None, "NOT NULL")


@ATTACKS.add("a review scored by a word", "TYPE", "JSON", "IR003", "CHECK")
def _(a: Attacker) -> None:
    fields = review_fields(a, score="best")
    entry = a.entry("review.submitted", fields)
    row = fact_row(facts.REVIEW, entry, {**fields, "score": 5})
    values = ", ".join(
        f"'{v}'" if isinstance(v, str) else "NULL" if v is None else str(v)
        for v in {**row, "score": "best"}.values()
    )
    a.strike(f"INSERT INTO $review ({', '.join(row)}) VALUES ({values})")


ASPECTS = {
    "aspects of 7": '{"speed":7}',
    "aspects of 0": '{"speed":0}',
    "aspects of true": '{"speed":true}',
    "aspects of 5.0": '{"speed":5.0}',
    "aspects of null": '{"speed":null}',
    "aspects of a string": '{"speed":"5"}',
    "an aspect twice": '{"speed":1,"speed":5}',
    "aspects out of order": '{"speed":1,"attitude":5}',
    "aspects with white space": '{"speed": 1}',
    "aspects in a list": "[1]",
    "aspects that are a number": "5",
    "aspects that are null": "null",
    "aspects with an escaped key": '{"\\u0073peed":1}',
    "aspects with a key of their own": '{"理赔":1}',
    "an aspect that nests": '{"speed":{"a":1}}',
}


def _enter_aspects(name: str, aspects: str, only: str | None) -> None:
    @ATTACKS.add(f"a review has {name}", "IR022", only=only)
    def _(a: Attacker) -> None:
        _review(a, aspects=aspects)


for _name, _aspects in ASPECTS.items():
    _enter_aspects(_name, _aspects, "review_aspects" if _name == "aspects of 7" else None)


@ATTACKS.add("a review smuggles a second score in its aspects", "IR022", "JSON")
def _(a: Attacker) -> None:
    """The text of the column is part of the leaf, so it may not end the object early."""
    _review(a, aspects='{},"score":5,"x":{}')


@ATTACKS.add("a review of another product than its invitation", "IR021")
def _(a: Attacker) -> None:
    _review(a, product="anxin-motor")


@ATTACKS.add("a review at another stage than its invitation", "IR021")
def _(a: Attacker) -> None:
    _review(a, stage="renewal")


@ATTACKS.add("a review of another month than its event", "IR021", only="review_invited")
def _(a: Attacker) -> None:
    _review(a, experienced="2019-01")


@ATTACKS.add("a review without an invitation", "IR021")
def _(a: Attacker) -> None:
    _review(a, invitation="iv_none")


@ATTACKS.add("a review on another insurer's invitation", "IR021")
def _(a: Attacker) -> None:
    _review(a, invitation=a.scene.other_invitation, product=a.scene.other_product)


@ATTACKS.add("a review in another insurer's log", "IR021")
def _(a: Attacker) -> None:
    _review(a, log=a.scene.other_log)


@ATTACKS.add("a second review of one invitation", "UNIQUE", "IR002")
def _(a: Attacker) -> None:
    statement = "SELECT invitation FROM $review WHERE id = :id"
    _review(a, invitation=a.value(statement, id=a.scene.stars.id))


@ATTACKS.add("a review through an unknown channel", "CHECK")
def _(a: Attacker) -> None:
    _review(a, channel="counter")


def _commitment(a: Attacker, name: str) -> str:
    return str(a.value("SELECT commitment FROM $item WHERE id = :id", id=name))


@ATTACKS.add("a review shows a follow-up as its text", "IR023", only="review_text")
def _(a: Attacker) -> None:
    name = a.scene.follow_up_item
    _review(a, item=name, commitment=_commitment(a, name))


@ATTACKS.add("a review shows another review's text", "IR023", "IR002", "UNIQUE")
def _(a: Attacker) -> None:
    name = a.scene.review_item
    _review(a, item=name, commitment=_commitment(a, name))


@ATTACKS.add("a review has a text without a commitment", "CHECK", "IR023")
def _(a: Attacker) -> None:
    _review(a, item=a.scene.follow_up_item)


@ATTACKS.add("a review has a commitment without a text", "CHECK")
def _(a: Attacker) -> None:
    _review(a, commitment="ab" * 32)


# --- follow-ups -----------------------------------------------------------------------------------


def _follow_up(a: Attacker, review: str, author: str, log: int | None = None) -> None:
    words, name = Words("欧阳**", "后来都好了。"), fresh("it")
    fields = {"review": review, "item": name, "commitment": words.commitment}
    entry = a.entry("followup.published", fields, log=log)
    a.publish(entry, "follow_up", name, words, author)
    a.strike_put("follow_up", fact_row(facts.FOLLOW_UP, entry, fields))


@ATTACKS.add("a follow-up by another author", "IR024", only="follow_up_author")
def _(a: Attacker) -> None:
    _follow_up(a, a.scene.review.id, STRANGER)


@ATTACKS.add("a follow-up in another insurer's log", "IR024")
def _(a: Attacker) -> None:
    _follow_up(a, a.scene.review.id, author_of_review(a), log=a.scene.other_log)


@ATTACKS.add("a follow-up to no review", "IR024")
def _(a: Attacker) -> None:
    _follow_up(a, "rv_none", STRANGER)


@ATTACKS.add("a follow-up after the withdrawal", "IR025", only="follow_up_open")
def _(a: Attacker) -> None:
    author = a.value("SELECT author FROM $review WHERE id = :id", id=a.scene.withdrawn.id)
    _follow_up(a, a.scene.withdrawn.id, author)


@ATTACKS.add("a follow-up shows the review's own text", "IR024")
def _(a: Attacker) -> None:
    name = a.scene.review_item
    fields = {
        "review": a.scene.review.id,
        "item": name,
        "commitment": _commitment(a, name),
    }
    entry = a.entry("followup.published", fields)
    a.strike_put("follow_up", fact_row(facts.FOLLOW_UP, entry, fields))


# --- replies --------------------------------------------------------------------------------------


def _answer(a: Attacker, review: str, version: int, log: int | None = None) -> tuple[Entry, Any]:
    words, name = Words("安心保险", "已经解决。"), fresh("it")
    fields = {"review": review, "version": version, "item": name, "commitment": words.commitment}
    entry = a.entry("reply.published", fields, log=log)
    a.publish(entry, "reply", name, words)
    return entry, fields


def _enter_version(version: int, only: str | None) -> None:
    @ATTACKS.add(f"a reply of version {version} after the second", "IR026", only=only)
    def _(a: Attacker) -> None:
        entry, fields = _answer(a, a.scene.review.id, version)
        a.strike_put("reply", fact_row(facts.REPLY, entry, fields))


for _version in (0, 1, 2, 4):
    _enter_version(_version, "reply_version" if _version == 4 else None)


@ATTACKS.add("a reply by another insurer", "IR027", only="reply_review")
def _(a: Attacker) -> None:
    entry, fields = _answer(a, a.scene.stars.id, 1, log=a.scene.other_log)
    a.strike_put("reply", fact_row(facts.REPLY, entry, fields))


@ATTACKS.add("a reply shows the author's words as the insurer's", "IR023", only="reply_text")
def _(a: Attacker) -> None:
    name = a.scene.review_item
    fields = {
        "review": a.scene.stars.id,
        "version": 1,
        "item": name,
        "commitment": _commitment(a, name),
    }
    entry = a.entry("reply.published", fields)
    a.strike_put("reply", fact_row(facts.REPLY, entry, fields))
