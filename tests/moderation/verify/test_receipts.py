"""What becomes of a writer's receipt: beside the log, and without it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from insurance_reviews.moderation.tlog.note import Signer
from insurance_reviews.moderation.verify.fetch import Answer
from insurance_reviews.moderation.verify.outcome import Outcome
from insurance_reviews.moderation.verify.report import as_text
from support.receipts import proof_of, receipt_json
from support.static_log import ORIGIN, StaticShop, signed_checkpoint
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


def test_another_review_in_its_place_is_found(shop: StaticShop, tmp_path: Path) -> None:
    """Word for word as somebody else wrote it; also under the number of the one asked for."""
    review = shop.review(text="报案后第三天才来人。")
    path = write(tmp_path / "mine.json", receipt_json(shop, review))
    other = shop.reviews[0]
    between = liar(shop).about_json(f"/reviews/{review['id']}", lambda _: other)
    outcome = check_static(shop, between, receipts=[path])
    assert (outcome.codes, status(outcome)) == (["review-swapped"], "tampered")
    renamed = {**other, "id": review["id"]}
    between = liar(shop).about_json(f"/reviews/{review['id']}", lambda _: renamed)
    outcome = check_static(shop, between, receipts=[path])
    assert (outcome.codes, status(outcome)) == (["review-differs", "review-swapped"], "tampered")


@pytest.mark.parametrize("body", [b"[]", b"{", b"null", b'{"id":1}'])
def test_what_is_no_review_is_found(shop: StaticShop, tmp_path: Path, body: bytes) -> None:
    review = shop.review(text=None)
    path = write(tmp_path / "mine.json", receipt_json(shop, review))
    between = liar(shop).about(f"/reviews/{review['id']}", lambda _: body)
    outcome = check_static(shop, between, receipts=[path])
    assert outcome.exit_code == 1
    assert status(outcome) == "tampered"


def test_a_redaction_that_exchanges_the_name_is_found(shop: StaticShop, tmp_path: Path) -> None:
    """The new words are committed to, name and all: only who kept the old ones can tell."""
    review = shop.review(text="报案后第三天才来人。", who="王**")
    path = write(tmp_path / "mine.json", receipt_json(shop, review))
    text = shop.find(review["id"])
    text["display_name"] = "李**"
    shop.remove(shop.report(text["item"]), text, "报案███天才来人。")
    assert check_static(shop).exit_code == 0
    outcome = check_static(shop, receipts=[path])
    assert (outcome.codes, status(outcome)) == (["receipt-shown"], "tampered")
    assert "another name" in as_text(outcome)


@pytest.mark.parametrize("happens", [redacted, removed, withdrawn])
def test_what_happens_while_a_receipt_is_checked_is_no_finding(
    shop: StaticShop, tmp_path: Path, happens: Callable[[StaticShop, Json], None]
) -> None:
    """The review was read before the log that says what became of it."""
    review = shop.review(text="报案后第三天才来人。")
    path = write(tmp_path / "mine.json", receipt_json(shop, review))
    times = [happens]

    def fetch(url: str) -> Answer:
        answer = Answer.of(shop.fetch(url).body.read())
        if f"/reviews/{review['id']}" in url and times:
            times.pop()(shop, review)
        return answer

    outcome = check_static(shop, fetch, receipts=[path])
    assert (outcome.exit_code, outcome.codes) == (0, []), as_text(outcome)
    assert not times


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


@pytest.mark.parametrize("address", [False, True])
def test_a_receipt_of_another_signer_proves_nothing(
    shop: StaticShop, tmp_path: Path, address: bool
) -> None:
    """Neither for the log nor against it: anybody can sign with a key of his own."""
    key = shop.key
    forged = StaticShop(signers=(Signer(ORIGIN, b"o" * 32),))
    path = write(tmp_path / "mine.json", receipt_json(forged, forged.review(score=1)))
    outcome = check_static(shop, address=address, key=key, receipts=[path])
    assert (outcome.exit_code, outcome.codes, status(outcome)) == (2, [], "unchecked")
    assert [code for code, _ in outcome.findings.unchecked] == ["unknown-key"]


def test_a_signature_under_the_name_of_a_known_key_is_no_unknown_key(
    shop: StaticShop, tmp_path: Path
) -> None:
    receipt = receipt_json(shop, shop.review())
    proof = receipt["proof"]
    flipped = proof[:-10] + ("A" if proof[-10] != "A" else "B") + proof[-9:]
    path = write(tmp_path / "mine.json", {**receipt, "proof": flipped})
    for address in (False, True):
        outcome = check_static(shop, address=address, receipts=[path])
        assert (outcome.codes, status(outcome)) == (["receipt-invalid"], "tampered")


# --- new keys -------------------------------------------------------------------------------------

OLD, NEW, THIRD = (Signer(ORIGIN, letter * 32) for letter in (b"1", b"2", b"3"))


@dataclass
class Rotated:
    """A log of three keys in turn, and receipts of each time."""

    shop: StaticShop
    receipts: dict[str, Path]


@pytest.fixture
def rotated(tmp_path: Path) -> Rotated:
    shop, receipts = StaticShop(signers=(OLD,)), {}

    def write_one(when: str) -> None:
        review = shop.review(text=f"写于{when}。")
        receipts[when] = write(tmp_path / f"{when}.json", receipt_json(shop, review))

    write_one("old")
    shop.signers = (NEW, OLD)
    shop.append("key.rotated", key=NEW.verifier_key())
    write_one("overlap")
    shop.signers = (NEW,)
    write_one("new")
    shop.signers = (THIRD, NEW)
    shop.append("key.rotated", key=THIRD.verifier_key())
    shop.signers = (THIRD,)
    write_one("third")
    return Rotated(shop, receipts)


def all_of(rotated: Rotated, *keys: Signer, **options: Any) -> Outcome:
    [key, *more] = [signer.verifier_key() for signer in keys]
    paths = list(rotated.receipts.values())
    return check_static(rotated.shop, key=key, more_keys=more, receipts=paths, **options)


@pytest.mark.parametrize("keys", [(THIRD,), (THIRD, OLD), (OLD, THIRD), (OLD, NEW, THIRD)])
def test_receipts_of_every_key_stand_beside_the_log(
    rotated: Rotated, keys: tuple[Signer, ...]
) -> None:
    outcome = all_of(rotated, *keys)
    assert outcome.exit_code == 0, as_text(outcome)
    assert [verdict.status for verdict in outcome.receipts] == ["stands"] * 4
    told = ["None of the keys" in verdict.sentence for verdict in outcome.receipts]
    assert told == [OLD not in keys, False, False, False]


def test_without_the_log_a_receipt_needs_the_key_of_its_time(rotated: Rotated) -> None:
    outcome = all_of(rotated, NEW, address=False)
    assert (outcome.exit_code, outcome.codes) == (2, [])
    expected = ["unchecked", "offline", "offline", "unchecked"]
    assert [verdict.status for verdict in outcome.receipts] == expected
    assert all_of(rotated, OLD, NEW, THIRD, address=False).exit_code == 0


def test_the_old_key_alone_opens_nothing_new(rotated: Rotated) -> None:
    assert all_of(rotated, OLD).codes == ["checkpoint-key"]


def test_a_kept_checkpoint_of_a_retired_key_is_held_against_the_log(
    rotated: Rotated, tmp_path: Path
) -> None:
    shop, kept = rotated.shop, tmp_path / "kept"
    kept.write_text(signed_checkpoint(shop.leaves[:3], OLD), encoding="utf-8")
    assert check_static(shop, kept=[kept]).exit_code == 0
    shop.leaves[2] = shop.leaves[2].replace(b'"score":4', b'"score":5')
    shop.reviews[0]["score"] = 5
    # By itself a strange key convicts nobody; with the key it is the proof.
    outcome = check_static(shop, kept=[kept])
    assert (outcome.exit_code, outcome.codes) == (2, [])
    assert [code for code, _ in outcome.findings.unchecked] == ["unknown-key"]
    outcome = check_static(shop, kept=[kept], more_keys=[OLD.verifier_key()], evidence=tmp_path)
    assert (outcome.codes, len(outcome.evidence)) == (["fork"], 1)


@pytest.mark.parametrize("size", [6, 100])
def test_a_key_that_the_log_announced_convicts_it(
    rotated: Rotated, tmp_path: Path, size: int
) -> None:
    """Only the newest key was given; the log itself has named the one before."""
    shop, kept = rotated.shop, tmp_path / "kept"
    leaves = [*shop.leaves[:5], *[b"{}"] * (size - 5)]
    kept.write_text(signed_checkpoint(leaves, NEW), encoding="utf-8")
    outcome = check_static(shop, kept=[kept], evidence=tmp_path)
    assert outcome.codes == ["fork" if size == 6 else "rollback"]
    assert len(outcome.evidence) == 1


@pytest.mark.parametrize("size", [3, 100])
def test_a_forged_checkpoint_convicts_nobody(rotated: Rotated, tmp_path: Path, size: int) -> None:
    forger, kept = Signer(ORIGIN, b"f" * 32), tmp_path / "kept"
    kept.write_text(signed_checkpoint([b"{}"] * size, forger), encoding="utf-8")
    outcome = check_static(rotated.shop, kept=[kept], evidence=tmp_path)
    assert (outcome.exit_code, outcome.codes, outcome.evidence) == (2, [], [])


def test_a_forged_signature_of_an_announced_key_convicts_nobody(
    rotated: Rotated, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    note = signed_checkpoint([b"{}"] * 3, NEW)
    kept.write_text(note[:-10] + ("A" if note[-10] != "A" else "B") + note[-9:], encoding="utf-8")
    outcome = check_static(rotated.shop, kept=[kept])
    assert (outcome.exit_code, outcome.codes) == (2, [])


def test_a_receipt_of_a_strange_key_over_another_entry_is_no_proof(
    rotated: Rotated, tmp_path: Path
) -> None:
    """The tree is the log's, the entry is not: nothing that the forger signed makes it so."""
    shop, forger = rotated.shop, Signer(ORIGIN, b"f" * 32)
    review = shop.reviews[0]
    shop.signers = (forger,)
    receipt = receipt_json(shop, review)
    shop.signers = (THIRD,)
    leaf = receipt["leaf"].replace('"score":4', '"score":1')
    path = write(tmp_path / "forged.json", {**receipt, "leaf": leaf})
    assert status(check_static(shop, receipts=[path])) == "tampered"
    path = write(tmp_path / "forged.json", receipt)
    outcome = check_static(shop, receipts=[path])
    assert (outcome.exit_code, status(outcome)) == (0, "stands")
    assert "None of the keys that you trust" in " ".join(as_text(outcome).split())


def test_keys_of_different_logs_are_refused(shop: StaticShop) -> None:
    other = Signer("static.example/log/other", bytes(32)).verifier_key()
    outcome = check_static(shop, more_keys=[other])
    assert [code for code, _ in outcome.findings.unchecked] == ["key"]


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
