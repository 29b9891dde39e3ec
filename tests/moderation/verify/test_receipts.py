"""What becomes of a writer's receipt: beside the log, and without it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insurance_reviews.moderation.tlog.note import Signer
from insurance_reviews.moderation.verify.outcome import Outcome
from insurance_reviews.moderation.verify.report import as_text
from support.receipts import proof_of, receipt_json
from support.static_log import ORIGIN, StaticShop
from support.verifying import check_static, liar

Json = dict[str, Any]


@pytest.fixture
def shop() -> StaticShop:
    shop = StaticShop()
    shop.review(text="别人写的。")
    return shop


def write(path: Path, receipt: Json) -> Path:
    path.write_text(json.dumps(receipt, ensure_ascii=False), encoding="utf-8")
    return path


def status(outcome: Outcome) -> str:
    [verdict] = outcome.receipts
    return verdict.status


def stands(shop: StaticShop, review: Json) -> None:
    """Nothing happens to it; only the log grows."""
    shop.review()


def redacted(shop: StaticShop, review: Json) -> None:
    text = shop.find(review["id"])
    shop.remove(shop.report(text["item"]), text, "报案███天才来人。")


def redacted_twice(shop: StaticShop, review: Json) -> None:
    redacted(shop, review)
    text = shop.find(review["id"])
    shop.remove(shop.report(text["item"]), text, "███████天才来人。"[:5] + text["text"][5:])


def removed(shop: StaticShop, review: Json) -> None:
    text = shop.find(review["id"])
    report = shop.report(text["item"])
    shop.remove(report, text)
    shop.acknowledge(report)


def withdrawn(shop: StaticShop, review: Json) -> None:
    shop.withdraw(review)


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        (stands, "stands"),
        (redacted, "redacted"),
        (redacted_twice, "redacted"),
        (removed, "removed"),
        (withdrawn, "withdrawn"),
    ],
)
@pytest.mark.parametrize("form", ["json", "proof"])
def test_a_receipt_tells_what_has_become_of_the_words(
    shop: StaticShop,
    tmp_path: Path,
    happens: Callable[[StaticShop, Json], None],
    expected: str,
    form: str,
) -> None:
    review = shop.review(text="报案后第三天才来人。")
    path = write(tmp_path / "mine.json", receipt_json(shop, review))
    if form == "proof":
        path = tmp_path / "mine.tlog-proof"
        path.write_text(proof_of(shop, review["log"]["index"]).format(), encoding="utf-8")
    happens(shop, review)
    outcome = check_static(shop, receipts=[path])
    assert (outcome.exit_code, status(outcome)) == (0, expected), as_text(outcome)
    answered = "the authority answered: acknowledged" in " ".join(as_text(outcome).split())
    assert answered == (expected == "removed")


def test_stars_follow_ups_and_replies_have_receipts_too(shop: StaticShop, tmp_path: Path) -> None:
    stars = shop.review(text=None)
    review = shop.review()
    below = [shop.follow_up(review["id"]), shop.reply(review["id"])]
    paths = [write(tmp_path / "stars.json", receipt_json(shop, stars))]
    for number, text in enumerate(below):
        paths.append(tmp_path / f"{number}.tlog-proof")
        paths[-1].write_text(proof_of(shop, text["log"]["index"]).format(), encoding="utf-8")
    outcome = check_static(shop, receipts=paths)
    assert [verdict.status for verdict in outcome.receipts] == ["stands"] * 3, as_text(outcome)


def test_a_lie_about_a_single_review_is_found(shop: StaticShop, tmp_path: Path) -> None:
    """The export is honest; only the page of this review is not."""
    review = shop.review(text="报案后第三天才来人。")
    path = write(tmp_path / "mine.json", receipt_json(shop, review))
    between = liar(shop).about_json(
        f"/reviews/{review['id']}", lambda shown: shown.update(text="很满意。")
    )
    outcome = check_static(shop, between, receipts=[path])
    assert (outcome.codes, status(outcome)) == (["receipt-shown", "text-differs"], "tampered")


def test_a_log_that_was_rewritten_under_a_receipt_is_found(
    shop: StaticShop, tmp_path: Path
) -> None:
    """With everything rebuilt and signed anew; the receipt's checkpoint is the evidence."""
    review = shop.review(score=4)
    path = write(tmp_path / "mine.json", receipt_json(shop, review))
    index = review["log"]["index"]
    shop.leaves[index] = shop.leaves[index].replace(b'"score":4', b'"score":1')
    shop.reviews[-1]["score"] = 1
    outcome = check_static(shop, receipts=[path], evidence=tmp_path)
    assert outcome.codes == ["fork", "receipt-entry"]
    assert status(outcome) == "tampered"
    assert len(outcome.evidence) == 1


def test_a_log_that_ends_before_a_receipt_is_found(shop: StaticShop, tmp_path: Path) -> None:
    review = shop.review()
    path = write(tmp_path / "mine.json", receipt_json(shop, review))
    del shop.leaves[-2:], shop.reviews[-1], shop.invitations[-1]
    outcome = check_static(shop, receipts=[path], evidence=tmp_path)
    assert (outcome.codes, status(outcome)) == (["rollback"], "tampered")


def test_a_receipt_can_be_checked_without_asking_anybody(shop: StaticShop, tmp_path: Path) -> None:
    review = shop.review()
    path = write(tmp_path / "mine.json", receipt_json(shop, review))
    outcome = check_static(shop, address=False, receipts=[path])
    assert (outcome.exit_code, status(outcome)) == (0, "offline")
    assert "The log itself was not asked" in as_text(outcome)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"text": "别的。"}, "receipt-words"),
        ({"name": "李**"}, "receipt-words"),
        ({"salt": "00" * 32}, "receipt-words"),
        ({"salt": None}, "receipt-words"),
        ({"author_key": "00" * 32}, "receipt-words"),
    ],
)
def test_a_receipt_that_was_altered_proves_nothing(
    shop: StaticShop, tmp_path: Path, changed: Json, code: str
) -> None:
    receipt = receipt_json(shop, shop.review())
    path = write(tmp_path / "mine.json", {**receipt, **changed})
    outcome = check_static(shop, address=False, receipts=[path])
    assert (outcome.codes, status(outcome)) == ([code], "tampered")


def test_a_receipt_of_another_signer_proves_nothing(shop: StaticShop, tmp_path: Path) -> None:
    key = shop.key
    shop.signers = (Signer(ORIGIN, b"o" * 32),)
    path = write(tmp_path / "mine.json", receipt_json(shop, shop.review()))
    outcome = check_static(shop, address=False, key=key, receipts=[path])
    assert outcome.codes == ["receipt-invalid"]


def test_a_bare_proof_needs_the_log(shop: StaticShop, tmp_path: Path) -> None:
    path = tmp_path / "mine.tlog-proof"
    path.write_text(proof_of(shop, 2).format(), encoding="utf-8")
    outcome = check_static(shop, address=False, receipts=[path])
    assert (outcome.exit_code, status(outcome)) == (2, "unchecked")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2}',
        '{"version": 1, "proof": 1, "leaf": ""}',
        '{"version": 1, "proof": "", "leaf": "", "salt": "x"}',
        "c2sp.org/tlog-proof@v1\n",
        "[" * 100_000,
        "\udcff",
    ],
)
def test_a_file_that_is_no_receipt_is_refused(shop: StaticShop, tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    outcome = check_static(shop, receipts=[path])
    assert outcome.exit_code == 2
    assert [code for code, _ in outcome.findings.unchecked] == ["receipt"]
