"""What a hostile shop answers costs no memory, and what an honest one answers is read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from insurance_reviews.moderation.verify import live, shown, walls
from insurance_reviews.moderation.verify.bounded import MAX_DEPTH, Oversize, items, loads
from insurance_reviews.moderation.verify.findings import (
    LONGEST_MESSAGE,
    MOST_SAID,
    MOST_TOLD,
    CannotCheck,
    Findings,
)
from insurance_reviews.moderation.verify.kept import MOST_FORKS
from insurance_reviews.moderation.verify.replay import BATCH_BYTES, MOST_KEYS, replaying
from insurance_reviews.moderation.verify.site import MAX_PRODUCT, PRODUCT_MARKS
from support.hostile_answers import SHAPES, body, largest
from support.static_log import ORIGIN, SIGNER, StaticShop, name, signed_checkpoint
from support.verifying import check_static, liar

MARKS = 100


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "data",
    [
        b"[" + b"0," * MARKS + b"0]",
        b"[" + b"[]," * MARKS + b"0]",
        b"{" + b'"a":1,' * MARKS + b'"a":1}',
        nested(MAX_DEPTH + 1),
        b'["[", ' + nested(MAX_DEPTH) + b"]",
        b'"' + rb"\"" * 1_000_000 + b"[,:" * MARKS + b'",' + nested(20),
    ],
)
def test_more_values_or_deeper_ones_are_not_parsed(data: bytes) -> None:
    with pytest.raises(Oversize):
        loads(data, MARKS)


@pytest.mark.parametrize(
    "value",
    [
        "[{,:" * 1_000,
        '\\"[' * 1_000 + "\\",
        {"[": ["}", {"a": '"'}]},
        list(range(MARKS)),
    ],
)
def test_what_stands_in_a_text_does_not_count(value: object) -> None:
    assert value == loads(json.dumps(value).encode(), MARKS)
    assert value == loads(json.dumps(value, indent=1).encode(), MARKS)


@pytest.mark.parametrize("number", [b"1e99999999999999999999", b"9" * 5_000])
def test_a_number_that_no_memory_holds_is_no_json(number: bytes) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        loads(number, MARKS)


@pytest.mark.parametrize(
    "value",
    [
        {"items": []},
        {"items": [1]},
        {"items": [{"a": [1, {"b": 2}]}, "],", [], None]},
        {"before": {"items": [1]}, "items": [[1, 2]], "after": [3, 4]},
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_items_are_those_of_the_list(value: dict[str, Any], indent: int | None) -> None:
    assert value["items"] == list(items(json.dumps(value, indent=indent).encode(), 1_000, MARKS))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"items":{}}',
        b'{"items":[1,]}',
        b'{"items":[,1]}',
        b'{"items":[1,2',
        b'{"items":[1]',
        b'{"items":[1]}}',
        b'{"items":[1],"items":[2]}',
        b'["items",[1]]',
        b'{"items":["' + b"a" * 1_000 + b'"]}',
        b'{"items":[],"more":"' + b"a" * 1_000 + b'"}',
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, AttributeError)):
        list(items(data, 1_000, MARKS))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("address", ["reviews.jsonl", "/summary", "/reviews?", "/api/v1/products"])
def test_a_large_answer_is_a_finding_and_no_more(address: str, shape: str) -> None:
    shop = StaticShop()
    shop.review()
    large = body(shape, 3_000_000)
    outcome = check_static(shop, liar(shop).about(address, lambda _: large))
    assert "shown-malformed" in outcome.codes
    assert outcome.findings.unchecked == []


def test_what_is_packed_is_not_unpacked() -> None:
    """A thousand bytes may stand for a million; nobody has asked for them."""
    shop = StaticShop()
    shop.review()
    outcome = check_static(shop, liar(shop).about("/summary", gzip.compress))
    assert outcome.codes == ["shown-malformed"]


def test_a_wall_of_long_reviews_is_read_a_few_at_a_time() -> None:
    shop = StaticShop()
    for _ in range(60):
        review = shop.review(text="字" * 5_000)
        for _ in range(2):
            shop.reply(review["id"], "答" * 5_000)
    between = liar(shop)
    assert check_static(shop, between).exit_code == 0
    limits = [path.partition("limit=")[2] for path in between.asked if "limit=" in path]
    assert limits[:2] == ["50", "7"]
    assert {limit.partition("&")[0] for limit in limits[1:]} == {"7"}


def test_a_review_may_be_as_large_as_it_may_be() -> None:
    shop = StaticShop()
    data = largest(shop.review())
    outcome = check_static(shop, liar(shop).about("reviews.jsonl", lambda _: data + b"\n"))
    assert outcome.codes == ["text-differs"]
    assert outcome.counts["reviews"] == 1


def test_a_long_list_of_products_is_read() -> None:
    shop = StaticShop()
    shop.review("p-1")
    others = [
        {"sku": f"o-{number}", "name": "年金险" * 40, "insurer": "other", "stages": ["claim"]}
        for number in range(10_000)
    ]

    def extend(path: str, data: bytes) -> bytes:
        if path != "/api/v1/products":
            return data
        longer = json.dumps({"items": [*others, *json.loads(data)["items"]]}).encode()
        assert len(longer) > 100 * MAX_PRODUCT
        return longer

    between = liar(shop)
    between.lies.append(extend)
    assert len(others) > PRODUCT_MARKS
    outcome = check_static(shop, between)
    assert outcome.exit_code == 0
    assert outcome.counts["products"] == 1


def test_an_export_is_compared_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing between two of them, or out of order, is found all the same."""
    shop = StaticShop()
    for _ in range(12):
        shop.review()
    monkeypatch.setattr(walls, "PORTION", 2_000)
    assert check_static(shop).exit_code == 0

    def swap(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        return b"".join([*lines[:2], *lines[3:7], lines[8], lines[7], *lines[9:11]])

    outcome = check_static(shop, liar(shop).about("reviews.jsonl", swap))
    hidden = [one.index for one in outcome.findings.told if one.code == "review-hidden"]
    entries = [review["log"]["index"] for review in shop.reviews]
    assert hidden == [entries[2], entries[7], entries[11]]
    assert outcome.codes == ["review-hidden", "reviews-disordered"]


def test_an_export_without_end_ends() -> None:
    shop = StaticShop()
    shop.review()
    outcome = check_static(shop, liar(shop).about("reviews.jsonl", lambda data: b"{}\n" * 100_000))
    assert "reviews.jsonl has more lines than the log has entries" in {
        one.message for one in outcome.findings.told
    }
    assert outcome.counts["reviews"] == len(shop.leaves)


def test_rows_wait_by_their_bytes() -> None:
    shop = StaticShop()
    masks = [[2 * number, 1] for number in range(5_000)]
    redacted = {"item": name("it", 9), "commitment": "0" * 64, "masks": masks}
    fields = {"item": name("it", 1), "report": name("rp", 1), "author_key": None}
    shop.append("text.removed", **fields, redacted=redacted)
    with replaying(Findings(), ORIGIN) as replay:
        replay.add(shop.leaves[0])
        for _ in range(2 * BATCH_BYTES // len(shop.leaves[1])):
            replay.add(shop.leaves[1])
        written = replay.one("SELECT count(*) FROM removal")
        assert written is not None
        assert len(shop.leaves[1]) * written[0] >= BATCH_BYTES


def test_a_log_has_not_any_number_of_keys() -> None:
    shop = StaticShop()
    for number in range(MOST_KEYS + 5):
        seed = number.to_bytes(32, "big")
        shop.append("key.rotated", key=type(SIGNER)(ORIGIN, seed).verifier_key())
    outcome = check_static(shop)
    assert outcome.codes == ["key-rotated"]
    assert outcome.findings.count == 5


@pytest.mark.parametrize("length", [2**53 - 10, 10**10])
def test_a_mask_of_any_length_is_compared(length: int) -> None:
    """No text of that length is made."""
    shop = StaticShop()
    review = shop.review(text="报案后王经理说不赔。")
    shop.remove(shop.report(review["item"]), review, "报案后███说不赔。")
    leaf = json.loads(shop.leaves[-1])
    leaf["redacted"]["masks"] = [[3, length]]
    shop.leaves[-1] = json.dumps(
        leaf, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    assert check_static(shop).codes == ["mask-broken"]


def test_a_log_may_say_anything_of_the_figures() -> None:
    """More aspects than anybody rates are not compared; months and hours are counted on disk."""
    shop = StaticShop()
    for number in range(3):
        aspects: dict[str, Any] = {f"a{number}_{one}": 5 for one in range(400)}
        shop.review(**aspects)
    outcome = check_static(shop)
    assert outcome.exit_code == 2
    assert [code for code, _ in outcome.findings.unchecked] == ["too-large"]


def test_texts_below_a_review_are_looked_at_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_BELOW", 3)
    shop = StaticShop()
    review = shop.review()
    for _ in range(3):
        shop.follow_up(review["id"])
    assert check_static(shop).exit_code == 0
    hidden = shop.reviews[0]["follow_ups"].pop()
    assert check_static(shop).codes == ["follow-ups-differ"]
    shop.reviews[0]["follow_ups"].append(hidden)


def test_findings_are_short_however_much_is_shown() -> None:
    findings, large = Findings(), "x" * 100_000
    for number in range(MOST_TOLD + 50):
        findings.add("review-differs", f"{number} {large}", log=[large] * 500, shown={large: large})
        findings.could_not(CannotCheck(f"{number} {large}"))
    assert findings.count == MOST_TOLD + 50
    assert len(findings.told) == len(findings.unchecked) == MOST_TOLD
    assert max(len(one.message) for one in findings.told) == LONGEST_MESSAGE
    assert max(len(one.log or "") for one in findings.told) == MOST_SAID
    assert max(len(one.shown or "") for one in findings.told) <= MOST_SAID
    assert max(len(message) for _, message in findings.unchecked) == LONGEST_MESSAGE


def test_a_log_that_forks_at_each_request_leaves_a_few_proofs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_SEEN", 5)
    shop = StaticShop()
    for number in range(30):
        shop.review(f"p-{number}")
    asked = 0

    def another(data: bytes) -> bytes:
        nonlocal asked
        asked += 1
        if asked == 1:
            return data
        forged: str = signed_checkpoint([*shop.leaves[:-1], str(asked).encode()])
        return forged.encode()

    between = liar(shop).about("/checkpoint", another)
    outcome = check_static(shop, between, evidence=tmp_path)
    assert asked > MOST_FORKS + 5
    assert "fork" in outcome.codes
    assert len(list(tmp_path.glob("fork-*.txt"))) == len(outcome.evidence) == MOST_FORKS


def test_no_evidence_is_left_where_tests_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that says nothing of it leaves no file in the folder from which it was started."""
    monkeypatch.chdir(tmp_path)
    shop, notes = StaticShop(), []
    shop.review()

    def another(data: bytes) -> bytes:
        notes.append(signed_checkpoint([*shop.leaves[:-1], b"another"]).encode())
        return data if len(notes) == 1 else notes[-1]

    assert "fork" in check_static(shop, liar(shop).about("/checkpoint", another)).codes
    assert list(tmp_path.iterdir()) == []
