"""Whatever happens to reviews, in whatever order: an honest shop is clean, at every size."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from insurance_reviews.moderation.verify.report import as_text
from support.static_log import StaticShop
from support.verifying import check_static

EVENTS = st.sampled_from(
    ["invite", "review", "stars", "reply", "follow-up", "remove", "redact", "answer", "withdraw"]
)


def happen(shop: StaticShop, keys: dict[str, str], event: str, data: st.DataObject) -> None:
    """One event, if it can happen now."""
    product = data.draw(st.sampled_from(["p-1", "p-2"]))
    stage = data.draw(st.sampled_from(["underwriting", "renewal", "claim"]))
    score = data.draw(st.integers(1, 5))
    if event == "invite":
        shop.invite(product, stage)
    elif event in ("review", "stars"):
        text = "报案三天后█才来。" if event == "review" else None
        review = shop.review(product, stage, score, text, speed=score, attitude=6 - score)
        keys[review["id"]] = review["author_key"]
    elif shop.reviews:
        _below(shop, keys, event, data)


def _below(shop: StaticShop, keys: dict[str, str], event: str, data: st.DataObject) -> None:
    review = shop.reviews[data.draw(st.integers(0, len(shop.reviews) - 1))]
    texts = [text for text in shop._texts(review) if text["text"]]
    withdrawn = any(
        text["tombstone"] and text["tombstone"]["ground"] == "withdrawn"
        for text in (review, *review["follow_ups"])
    )
    if event == "reply":
        shop.reply(review["id"], data.draw(st.sampled_from(["谢谢。", "已赔。"])))
    elif event == "follow-up" and not withdrawn:
        shop.follow_up(review["id"])
    elif event == "withdraw":
        shop.withdraw({"id": review["id"], "author_key": keys[review["id"]]})
    elif event in ("remove", "redact") and texts:
        _remove(shop, texts[data.draw(st.integers(0, len(texts) - 1))], event, data)
    elif event == "answer" and shop._reports:
        report = data.draw(st.sampled_from(sorted(shop._reports)))
        shop.acknowledge(report, data.draw(st.sampled_from(["acknowledged", "disputed"])))


def _remove(shop: StaticShop, text: dict[str, object], event: str, data: st.DataObject) -> None:
    words = str(text["text"])
    place = data.draw(st.integers(0, len(words) - 1))
    redacted = f"{words[:place]}█{words[place + 1 :]}" if event == "redact" else None
    if redacted != words:
        shop.remove(shop.report(str(text["item"])), text, redacted)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(EVENTS, st.integers(0, 30)), max_size=25), st.data())
def test_an_honest_shop_is_clean_whatever_happens(
    events: list[tuple[str, int]], data: st.DataObject
) -> None:
    shop, keys = StaticShop(), dict[str, str]()
    for event, hours in events:
        shop.at += 3600 * hours
        happen(shop, keys, event, data)
    outcome = check_static(shop)
    assert outcome.exit_code == 0, as_text(outcome)
    assert outcome.counts["reviews"] == len(shop.reviews)


def test_a_chain_that_leads_back_to_its_beginning_ends() -> None:
    """No honest log publishes an item twice; a dishonest one must not keep the verifier busy."""
    shop = StaticShop()
    review = shop.review(text="报案三天后才来。")
    first, second = review["item"], shop.new("it")
    report = shop.report(first)
    commitment = review["commitment"]
    for item, redacted in ((first, second), (second, first), (first, second)):
        masks = {"item": redacted, "commitment": commitment, "masks": [[0, 1]]}
        shop.append("text.removed", item=item, report=report, author_key=None, redacted=masks)
    assert {"item-repeated", "removal-repeated"} <= {*check_static(shop).codes}
