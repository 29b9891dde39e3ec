"""Every finding has somebody who provokes it; nothing else is found in a shop that is honest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import Cosigner
from insurance_reviews.moderation.tlog.merkle import EMPTY_ROOT
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from insurance_reviews.moderation.verify.findings import CODES
from insurance_reviews.moderation.verify.report import as_json, as_text
from support.checkout import ROOT
from support.receipts import receipt_json
from support.static_log import ORIGIN, SIGNER, StaticShop, name, signed_checkpoint
from support.verifying import Liar, check_static, liar

OTHER = Signer(ORIGIN, b"o" * 32)


def scene() -> StaticShop:
    """A shop in which everything has happened once."""
    shop = StaticShop()
    shop.invite()
    first = shop.review(text="报案后王经理说不赔。", speed=2)
    shop.review(stage="renewal", score=5, text=None)
    other = shop.review("p-2", "underwriting", 1, text="条款看不懂。")
    shop.at += 7200
    shop.reply(first["id"])
    shop.reply(first["id"], "已赔。")
    shop.follow_up(first["id"])
    report = shop.report(first["item"])
    shop.remove(report, first, "报案后███说不赔。")
    shop.acknowledge(report, "disputed", note=True)
    gone = shop.review(text="不该写的。")
    shop.remove(shop.report(gone["item"]), gone)
    shop.withdraw(other)
    shop.review(text="很好。")
    shop.review(text="还行。")
    return shop


def test_an_honest_shop_is_clean() -> None:
    outcome = check_static(scene())
    assert outcome.exit_code == 0, as_text(outcome)


Provoke = Callable[[StaticShop, Liar, Path], dict[str, Any] | None]
PROVOKED: dict[str, Provoke] = {}


def provokes(code: str) -> Callable[[Provoke], Provoke]:
    def note(provoke: Provoke) -> Provoke:
        PROVOKED[code] = provoke
        return provoke

    return note


@pytest.mark.parametrize("code", CODES)
def test_each_finding_can_be_provoked(code: str, tmp_path: Path) -> None:
    shop = scene()
    between = liar(shop)
    options = PROVOKED[code](shop, between, tmp_path) or {}
    outcome = check_static(shop, between, evidence=tmp_path, **options)
    assert code in outcome.codes, as_text(outcome)
    assert outcome.exit_code == 1
    assert code in {finding["code"] for finding in as_json(outcome)["findings"]}
    assert f"[{code}]" in as_text(outcome)


def test_no_finding_is_provoked_that_does_not_exist() -> None:
    assert PROVOKED.keys() == CODES.keys()


@pytest.mark.parametrize("code", CODES)
def test_each_finding_is_documented(code: str) -> None:
    text = (ROOT / "docs" / "verifying.md").read_text(encoding="utf-8")
    assert f"| `{code}` | {CODES[code]} |" in text


# --- the checkpoint -------------------------------------------------------------------------------


def served(between: Liar, note: str) -> None:
    between.about("/log/anxin/checkpoint", lambda body: note.encode())


@provokes("checkpoint-malformed")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    served(between, "Under construction")


@provokes("checkpoint-signature")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    size = len(shop.leaves)
    between.about(
        "/checkpoint", lambda body: body.replace(b"\n%d\n" % size, b"\n%d\n" % (size - 1))
    )


@provokes("checkpoint-key")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    served(between, signed_checkpoint(shop.leaves, OTHER))


@provokes("checkpoint-origin")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    served(between, sign_note(Checkpoint("elsewhere", 1, bytes(32)).format(), SIGNER))


@provokes("checkpoint-empty")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    served(between, sign_note(Checkpoint(ORIGIN, 0, EMPTY_ROOT).format(), SIGNER))


@provokes("key-served")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    between.about("/key", lambda body: f"{OTHER.verifier_key()}\n".encode())


@provokes("not-witnessed")
def _(shop: StaticShop, between: Liar, folder: Path) -> dict[str, Any]:
    return {"policy": policy_file(folder)}


def policy_file(folder: Path) -> Path:
    witness = Cosigner("witness.example/w1", bytes(32))
    path = folder / "policy"
    path.write_text(f"witness W {witness.verifier_key()}\nquorum W\n")
    return path


# --- the tree -------------------------------------------------------------------------------------


@provokes("tile-missing")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    between.about("/tile/0/", lambda body: None)


@provokes("tile-malformed")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    between.about("/tile/0/", lambda body: body[:-1])


@provokes("tile-differs")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    between.about("/tile/0/", lambda body: body[:-1] + bytes([body[-1] ^ 1]))


@provokes("bundle-missing")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    between.about("/tile/entries/", lambda body: None)


@provokes("bundle-malformed")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    between.about("/tile/entries/", lambda body: body[:-1])


@provokes("root-differs")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    """All is rebuilt, tiles included; only the checkpoint is the old one."""
    note = signed_checkpoint(shop.leaves)
    shop.leaves[3] = shop.leaves[3].replace(b'"score":4', b'"score":1')
    served(between, note)


def keep(folder: Path, note: str) -> dict[str, Any]:
    path = folder / "kept"
    path.write_text(note)
    return {"kept": [path]}


@provokes("rollback")
def _(shop: StaticShop, between: Liar, folder: Path) -> dict[str, Any]:
    kept = keep(folder, signed_checkpoint(shop.leaves))
    del shop.leaves[-1]
    return kept


@provokes("fork")
def _(shop: StaticShop, between: Liar, folder: Path) -> dict[str, Any]:
    """Rebuilt and signed anew by the operator himself."""
    kept = keep(folder, signed_checkpoint(shop.leaves[:5]))
    shop.leaves[3] = shop.leaves[3].replace(b'"score":4', b'"score":1')
    return kept


# --- the entries ----------------------------------------------------------------------------------


@provokes("leaf-not-canonical")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    shop.leaves[1] = shop.leaves[1].replace(b":", b": ", 1)


@provokes("entry-unknown")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    shop.append("review.deleted", review=shop.new("rv"))


@provokes("entry-fields")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    shop.append("invitation.issued", invitation=shop.new("iv"), product="p-1", stage="funeral")


@provokes("entry-time")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    shop.at -= 3600
    shop.invite()


@provokes("log-opened")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    shop.append("log.opened", origin=ORIGIN, insurer="anxin")


@provokes("key-rotated")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    shop.append("key.rotated", key=Signer("elsewhere", bytes(32)).verifier_key())


# --- what the entries owe each other --------------------------------------------------------------


def again(shop: StaticShop, kind: str, **changed: Any) -> None:
    """Append the first entry of ``kind`` once more."""
    leaf = next(leaf for leaf in map(json.loads, shop.leaves) if leaf["type"] == kind)
    fields = {key: value for key, value in leaf.items() if key not in ("v", "type", "at")}
    shop.append(kind, **{**fields, **changed})


@provokes("invitation-repeated")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "invitation.issued")


@provokes("review-repeated")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "review.submitted", invitation=shop.invite(), item=shop.new("it"))


@provokes("invitation-reused")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "review.submitted", review=shop.new("rv"), item=shop.new("it"))


@provokes("review-uninvited")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    """The invitation was for another stage."""
    invitation = shop.invite(stage="renewal")
    again(
        shop,
        "review.submitted",
        review=shop.new("rv"),
        invitation=invitation,
        item=None,
        commitment=None,
    )


@provokes("item-repeated")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "review.submitted", review=shop.new("rv"), invitation=shop.invite())


@provokes("follow-up-unfounded")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "followup.published", review=name("rv", 999), item=shop.new("it"))


@provokes("follow-up-after-withdrawal")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    withdrawn = next(review for review in shop.reviews if review["product"] == "p-2")
    shop.follow_up(withdrawn["id"])


@provokes("reply-unfounded")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "reply.published", review=name("rv", 999), item=shop.new("it"))


@provokes("reply-version")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "reply.published", version=4, item=shop.new("it"))


@provokes("report-repeated")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "report.filed")


@provokes("report-unfounded")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    shop.report(name("it", 999))


@provokes("report-on-gone-text")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "report.filed", report=shop.new("rp"), report_no="later")


@provokes("report-number-repeated")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "report.filed", report=shop.new("rp"))


@provokes("report-date")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    """Dated back, as if the text had been reported before it was written."""
    shop.report(shop.reviews[-1]["item"], filed_on="2026-01-01")


@provokes("acknowledgement-unfounded")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    shop.acknowledge(name("rp", 999))


@provokes("removal-unfounded")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    """More unknown texts go on a report than it has reasons and notes."""
    report = shop.report(shop.reviews[-1]["item"])
    for _ in range(2):
        fields = {"report": report, "author_key": None, "redacted": None}
        shop.append("text.removed", item=shop.new("it"), **fields)


@provokes("removal-repeated")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    again(shop, "text.removed")


@provokes("removal-unreported")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    report = shop.report(shop.reviews[-2]["item"])
    shop.remove(report, shop.reviews[-1])


@provokes("removal-wrong-key")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    shop.withdraw({**shop.reviews[-1], "author_key": "00" * 32})


# --- what is shown --------------------------------------------------------------------------------


def each(change: Callable[[dict[str, Any]], Any], between: Liar) -> None:
    """Change each review of the export."""
    between.about_json("reviews.jsonl", change)


def where(test: Callable[[dict[str, Any]], Any], **changed: Any) -> Callable[[dict[str, Any]], Any]:
    """A change of the reviews that pass the test."""

    def change(review: dict[str, Any]) -> None:
        if test(review):
            review.update(changed)

    return change


@provokes("shown-malformed")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    between.about("reviews.jsonl", lambda body: body[:-3])


@provokes("review-hidden")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    each(lambda review: review["score"] != 1, between)


@provokes("review-unlogged")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    """One that praises is added at the end."""
    praise = {**shop.reviews[-1], "id": name("rv", 999), "log": {"origin": ORIGIN, "index": 99}}
    between.about("reviews.jsonl", lambda body: body + json.dumps(praise).encode() + b"\n")


@provokes("review-differs")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    each(where(lambda review: review["score"] == 1, score=5), between)


@provokes("reviews-disordered")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    between.about(
        "reviews.jsonl", lambda body: b"".join(sorted(body.splitlines(keepends=True))[::-1])
    )


@provokes("text-differs")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    each(where(lambda review: review["text"] == "很好。", text="非常好。"), between)


@provokes("text-gone")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    each(where(lambda review: review["text"] == "很好。", text=None, salt=None), between)


@provokes("text-returned")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    each(where(lambda review: review["tombstone"] and not review["text"], text="又来了"), between)


@provokes("mask-broken")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    each(where(lambda review: "█" in (review["text"] or ""), text="报案后王经理说不赔。"), between)


@provokes("tombstone-differs")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    """The authority disputed the report; the shop says that it agreed."""

    def agree(review: dict[str, Any]) -> None:
        if review["tombstone"] and review["tombstone"]["acknowledged"]:
            review["tombstone"]["acknowledged"] = "acknowledged"

    each(agree, between)


@provokes("follow-ups-differ")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    each(lambda review: review.update(follow_ups=[]), between)


@provokes("replies-differ")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    """The first version is shown as if it had not been amended."""

    def unsay(review: dict[str, Any]) -> None:
        if review["reply"]:
            review["reply"] = {
                **review["reply"]["versions"][0],
                "versions": review["reply"]["versions"],
            }

    each(unsay, between)


@provokes("product-hidden")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    """A product that went badly is not listed any more."""

    def unlist(answer: dict[str, Any]) -> None:
        if "sku" in answer.get("items", [{}])[0]:
            del answer["items"][1:]

    between.about_json("/api/v1/products", unlist)


@provokes("wall-differs")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    """The best first."""

    def best_first(page: dict[str, Any]) -> None:
        page["items"].sort(key=lambda review: -review["score"])

    between.about_json("/reviews?", best_first)


@provokes("figures-differ")
def _(shop: StaticShop, between: Liar, folder: Path) -> None:
    between.about_json("/summary", lambda summary: summary.update(average=5.0))


# --- receipts -------------------------------------------------------------------------------------


@provokes("review-swapped")
def _(shop: StaticShop, between: Liar, folder: Path) -> dict[str, Any]:
    """Asked for one review, the shop answers with another one, word for word as it was written."""
    asked, other = shop.reviews[-1], shop.reviews[0]
    between.about_json(f"/reviews/{asked['id']}", lambda _: other)
    return receipt_file(folder, receipt_json(shop, asked))


def receipt_file(folder: Path, value: dict[str, Any]) -> dict[str, Any]:
    path = folder / "receipt.json"
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return {"receipts": [path]}


@provokes("receipt-invalid")
def _(shop: StaticShop, between: Liar, folder: Path) -> dict[str, Any]:
    receipt = receipt_json(shop, shop.reviews[-1])
    return receipt_file(
        folder, {**receipt, "leaf": receipt["leaf"].replace('"score":4', '"score":5')}
    )


@provokes("receipt-entry")
def _(shop: StaticShop, between: Liar, folder: Path) -> dict[str, Any]:
    given = receipt_file(folder, receipt_json(shop, shop.reviews[-1]))
    index = shop.reviews[-1]["log"]["index"]
    shop.leaves[index] = shop.leaves[index].replace(b'"score":4', b'"score":1')
    return given


@provokes("receipt-words")
def _(shop: StaticShop, between: Liar, folder: Path) -> dict[str, Any]:
    return receipt_file(folder, {**receipt_json(shop, shop.reviews[-1]), "text": "我没写过这个。"})


@provokes("receipt-shown")
def _(shop: StaticShop, between: Liar, folder: Path) -> dict[str, Any]:
    """A redaction that alters what it does not blot out: only who wrote it can tell."""
    review = shop.reviews[-1]
    given = receipt_file(folder, receipt_json(shop, review))
    report = shop.report(review["item"])
    words = shop.words(review["display_name"], "█好。")
    masks = {"item": shop.new("it"), "commitment": words.commitment, "masks": [[0, 1]]}
    fields = {"report": report, "author_key": None, "redacted": masks}
    shop.append("text.removed", item=review["item"], **fields)
    review.update(item=masks["item"], commitment=words.commitment)
    review.update(text=words.text, salt=words.salt.hex())
    review["tombstone"] = {
        "removed_on": review["at"][:10],
        "ground": "personal_data",
        "authority": "监管局",
        "report_no": json.loads(shop.leaves[-2])["report_no"],
        "acknowledged": None,
        "redacted": True,
    }
    shop.removed["p-1"] += 1
    return given
