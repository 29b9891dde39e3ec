"""Rows, words and counters that no longer fit the log, which stays as it was signed."""

from __future__ import annotations

from ..forgery import Forgeries
from ..ledger import Ledger
from ..scene import OTHER_PRODUCT, PRODUCT, Scene
from .past_texts import item

ALL = Forgeries()
_COUNT = "insurance_reviews_review_count"


@ALL.plain("a score is changed in its row alone", "review-differs", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.review(scene.told.id).row["score"] = 5


@ALL.plain("a review is moved to another product in its row alone", "review-differs", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.review(scene.told.id).row["product"] = OTHER_PRODUCT


@ALL.plain("a text is exchanged under its salt", "text-differs", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.misword(item(ledger, scene.told.id), text="服务一流，非常满意。")


@ALL.plain("a name is exchanged under its salt", "text-differs", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.misword(item(ledger, scene.told.id), name="王**")


@ALL.plain(
    "two reviews exchange their texts, and not their commitments", "text-differs", noticed=True
)
def _(ledger: Ledger, scene: Scene) -> None:
    one, other = item(ledger, scene.told.id), item(ledger, scene.praise.id)
    ledger.words[one], ledger.words[other] = ledger.words[other], ledger.words[one]


@ALL.plain("a reply is exchanged under its salt", "text-differs", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    reply = ledger.the("reply.published", review=scene.told.id, version=2)
    ledger.misword(reply.leaf["item"], text="经查，投保人未如实告知。")


@ALL.plain("a text is gone without a removal", "text-gone", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    del ledger.words[item(ledger, scene.told.id)]


@ALL.plain("a review is gone from its table", "review-hidden", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.statements.append(f"DELETE FROM insurance_reviews_review WHERE id = '{scene.stars.id}'")


@ALL.plain("an average is polished", "figures-differ", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.statements.append(f"DELETE FROM {_COUNT} WHERE product = '{PRODUCT}' AND score = 1")


@ALL.plain("a histogram is polished, and the average kept", "figures-differ", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.statements.append(f"UPDATE {_COUNT} SET n = 2 * n WHERE product = '{PRODUCT}'")


@ALL.plain("coverage is polished", "figures-differ", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.statements.append("UPDATE insurance_reviews_invitation_count SET n = n - 1 WHERE n > 2")


@ALL.plain("a bad month is polished", "figures-differ", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.statements.append("UPDATE insurance_reviews_month_count SET total = 5 * n")


@ALL.plain("the rate of replies is polished", "figures-differ", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.statements.append("UPDATE insurance_reviews_reply_delay SET n = n + 2")


@ALL.plain("removals are not counted", "figures-differ", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.statements.append("UPDATE insurance_reviews_product_state SET removals = 0")
