"""The form of entries: each field of each type, with what must not stand there."""

from __future__ import annotations

import doctest
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.redaction import BLOT, masks_of
from insurance_reviews.moderation.tlog.note import Signer
from insurance_reviews.moderation.verify import entries
from insurance_reviews.moderation.verify.entries import are_masks, check_entry, is_time
from support.static_log import ORIGIN, StaticShop

WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    6,
    2**53,
    "",
    "x",
    "\n",
    "a\nb",
    "é" * 1001,
    [],
    [1],
    {},
    {"a": 1},
]
#: What of these may stand in a field; all else may in none.
LAWFUL: dict[tuple[str, str], list[Any]] = {
    ("log.opened", "origin"): ["x"],
    ("invitation.issued", "product"): ["x"],
    ("review.submitted", "product"): ["x"],
    ("review.submitted", "aspects"): [{}, {"a": 1}],
    ("reply.published", "version"): [6, 2**53],
    ("report.filed", "authority"): ["x"],
    ("report.filed", "report_no"): ["x"],
    ("report.acknowledged", "note"): [None],
    ("text.removed", "author_key"): [None],
    ("text.removed", "redacted"): [None],
}


def samples() -> dict[str, dict[str, Any]]:
    """A right entry of each type."""
    shop = StaticShop()
    review = shop.review()
    shop.reply(review["id"])
    shop.follow_up(review["id"])
    report = shop.report(review["item"])
    shop.acknowledge(report, note=True)
    shop.remove(report, review, "█天就赔了。")
    shop.append("key.rotated", key=Signer(ORIGIN, b"n" * 32).verifier_key())
    return {leaf["type"]: leaf for leaf in map(json.loads, shop.leaves)}


SAMPLES = samples()
FIELDS = [(kind, field) for kind, leaf in SAMPLES.items() for field in leaf if field != "at"]


def test_the_example_in_the_docstring_is_true() -> None:
    assert doctest.testmod(entries).failed == 0


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_right_entry_is_right(kind: str) -> None:
    assert check_entry(SAMPLES[kind]) is None


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_what_must_not_stand_in_a_field(kind: str, field: str) -> None:
    leaf = SAMPLES[kind]
    accepted = [value for value in WRONG if check_entry({**leaf, field: value}) is None]
    # Lists compare 1 and True alike.
    assert list(map(repr, accepted)) == list(map(repr, LAWFUL.get((kind, field), [])))
    missing = {name: value for name, value in leaf.items() if name != field}
    assert check_entry(missing) is not None


@pytest.mark.parametrize("kind", SAMPLES)
def test_no_further_field_may_stand_in_an_entry(kind: str) -> None:
    assert check_entry({**SAMPLES[kind], "name": "王娜"}) is not None


@pytest.mark.parametrize("leaf", [None, 1, "x", [], [{}], {}, {"v": 1}, {"v": 1, "type": []}])
def test_what_is_no_entry_is_none(leaf: Any) -> None:
    assert check_entry(leaf) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"item": None},
        {"commitment": None},
        {"score": 5.0},
        {"aspects": {"speed": 6}},
        {"aspects": {"Speed": 5}},
        {"aspects": {"speed": True}},
        {"experienced": "2026-13"},
        {"author": "A" * 64},
        {"channel": "counter"},
        {"v": True},
    ],
)
def test_a_review_that_looks_right_and_is_not(changed: dict[str, Any]) -> None:
    assert check_entry({**SAMPLES["review.submitted"], **changed}) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"report": None},
        {"author_key": "00" * 32},
        {"report": None, "author_key": "00" * 32},  # A withdrawal takes all.
        {"redacted": {"item": "it_" + "a" * 26, "commitment": "00" * 32}},
        {"redacted": {"item": "it_" + "a" * 26, "commitment": "00" * 32, "masks": []}},
    ],
)
def test_a_removal_that_looks_right_and_is_not(changed: dict[str, Any]) -> None:
    assert check_entry({**SAMPLES["text.removed"], **changed}) is not None


@pytest.mark.parametrize("day", ["2026-02-30", "2026-2-3", "20260203", "2026-W06-2"])
def test_days_have_one_spelling(day: str) -> None:
    assert check_entry({**SAMPLES["report.filed"], "filed_on": day}) is not None


def test_items_are_sorted_and_each_there_once() -> None:
    one, two = "it_" + "a" * 26, "it_" + "b" * 26
    accepted = [
        items
        for items in ([one, two], [two, one], [one, one])
        if check_entry({**SAMPLES["report.filed"], "items": items}) is None
    ]
    assert accepted == [[one, two]]


@given(st.text(min_size=1, max_size=20), st.data())
def test_the_masks_of_every_redaction_have_their_form(text: str, data: st.DataObject) -> None:
    places = data.draw(st.sets(st.integers(0, len(text) - 1)))
    redacted = "".join(BLOT if n in places else c for n, c in enumerate(text))
    if redacted != text:
        assert are_masks(masks_of(text, redacted))


@pytest.mark.parametrize(
    "masks", [[[1, 1], [2, 1]], [[2, 1], [0, 1]], [[0, 2], [1, 1]], [[0, 0]], [[-1, 1]], [[0]], [0]]
)
def test_one_redaction_has_one_form(masks: Any) -> None:
    assert not are_masks(masks)


def test_times_are_whole_hours_that_never_go_back() -> None:
    values = [7200, 3600, 10800, 7201, "7200", 7200.0, True, None, 2**60 * 3600]
    assert [value for value in values if is_time(value, 7200)] == [7200, 10800]
