"""The past rewritten: words, replies, reports, removals."""

from __future__ import annotations

from insurance_reviews.moderation.commitment import Words, author_of, new_author_key

from ..forgery import Forgeries
from ..ledger import Ledger
from ..scene import ORIGINAL, REDACTED, Scene

ALL = Forgeries()


@ALL.past("a text is replaced, with a new commitment")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.reword(item(ledger, scene.told.id), text="服务一流，非常满意。")


@ALL.past("a name is replaced, with a new commitment")
def _(ledger: Ledger, scene: Scene) -> None:
    follow_up = ledger.the("followup.published", review=scene.told.id)
    for name in (item(ledger, scene.told.id), follow_up.leaf["item"]):
        ledger.reword(name, name="匿名用户")


@ALL.past("two reviews exchange their texts, with their commitments")
def _(ledger: Ledger, scene: Scene) -> None:
    one, other = item(ledger, scene.told.id), item(ledger, scene.praise.id)
    texts = ledger.words[one].text, ledger.words[other].text
    ledger.reword(one, text=texts[1])
    ledger.reword(other, text=texts[0])


@ALL.past("a text is dropped, as if there had been stars only")
def _(ledger: Ledger, scene: Scene) -> None:
    review = ledger.review(scene.praise.id)
    review.leaf.update(item=None, commitment=None)


@ALL.past("a follow-up is dropped")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.drop(ledger.the("followup.published", review=scene.told.id))
    ledger.grow_back(scene.size)


@ALL.past("a follow-up is moved to another review")
def _(ledger: Ledger, scene: Scene) -> None:
    follow_up = ledger.the("followup.published", review=scene.told.id)
    follow_up.leaf["review"] = scene.praise.id
    # An author has one name.
    ledger.reword(follow_up.leaf["item"], name=ledger.words[item(ledger, scene.praise.id)].name)


@ALL.past("a reply is altered")
def _(ledger: Ledger, scene: Scene) -> None:
    reply = ledger.the("reply.published", review=scene.told.id, version=1)
    ledger.reword(reply.leaf["item"], text="经查，投保人未如实告知。")


@ALL.past("the first version of a reply is dropped")
def _(ledger: Ledger, scene: Scene) -> None:
    first, second = ledger.find("reply.published", review=scene.told.id)
    ledger.drop(first)
    second.leaf["version"] = 1
    ledger.grow_back(scene.size)


@ALL.past("the newest version of a reply is dropped")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.drop(ledger.the("reply.published", review=scene.told.id, version=2))
    ledger.grow_back(scene.size)


@ALL.past("a report is dated otherwise")
def _(ledger: Ledger, scene: Scene) -> None:
    report = ledger.find("report.filed")[0]
    report.leaf["filed_on"] = "2026-03-02"


@ALL.past("a report gets another ground and number")
def _(ledger: Ledger, scene: Scene) -> None:
    report = ledger.find("report.filed")[0]
    report.leaf.update(ground="court_order", report_no="(2026)沪01民终1号")


@ALL.past("a report comes to name another text, which is removed on it")
def _(ledger: Ledger, scene: Scene) -> None:
    report, target = ledger.find("report.filed")[0], item(ledger, scene.told.id)
    report.leaf["items"] = sorted([*report.leaf["items"], target])
    ledger.remove(target, report=report.leaf["report"])


@ALL.past("a report is inserted in the past, and a text removed on it")
def _(ledger: Ledger, scene: Scene) -> None:
    target = item(ledger, scene.told.id)
    before, report = ledger.find("report.filed")[0], ledger.report(target)
    report.leaf["at"] = before.leaf["at"]
    ledger.put(before, report)
    ledger.remove(target, report=report.leaf["report"])


@ALL.past("the regulator's verdict is turned round")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.the("report.acknowledged", verdict="disputed").leaf["verdict"] = "acknowledged"


@ALL.past("the regulator's answer is dropped")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.drop(ledger.the("report.acknowledged", verdict="disputed"))
    ledger.grow_back(scene.size)


@ALL.past("a removal on a report becomes its author's withdrawal")
def _(ledger: Ledger, scene: Scene) -> None:
    key, review = new_author_key(), ledger.review(scene.removed.id)
    removal = ledger.the("text.removed", item=review.leaf["item"])
    removal.leaf.update(report=None, author_key=key)
    review.leaf["author"] = author_of(key)


@ALL.past("an author is replaced by somebody who withdraws")
def _(ledger: Ledger, scene: Scene) -> None:
    key, review = new_author_key(), ledger.review(scene.praise.id)
    review.leaf["author"] = author_of(key)
    ledger.remove(review.leaf["item"], author_key=key)


@ALL.past("a redaction says other words beside the blots")
def _(ledger: Ledger, scene: Scene) -> None:
    redact_anew(ledger, scene, REDACTED.replace("很差", "很好"))


@ALL.past("a redaction blots out more than it says")
def _(ledger: Ledger, scene: Scene) -> None:
    redact_anew(ledger, scene, REDACTED.replace("态度很差", "████"))


@ALL.past("a redaction is widened, its masks too")
def _(ledger: Ledger, scene: Scene) -> None:
    redact_anew(ledger, scene, REDACTED[:3] + "█" * 7 + REDACTED[10:], [[3, 7]])


@ALL.past("a redaction is undone")
def _(ledger: Ledger, scene: Scene) -> None:
    target = item(ledger, scene.redacted.id)
    ledger.drop(ledger.the("text.removed", item=target))
    ledger.words[target] = Words("司**", ORIGINAL)
    ledger.reword(target)
    ledger.grow_back(scene.size)


def item(ledger: Ledger, review: str) -> str:
    """The item that a review's own text was published as."""
    return str(ledger.review(review).leaf["item"])


def redact_anew(ledger: Ledger, scene: Scene, text: str, masks: object = None) -> None:
    """Another redaction in the place of the one that was made."""
    redacted = ledger.the("text.removed", item=item(ledger, scene.redacted.id)).leaf["redacted"]
    ledger.reword(redacted["item"], text=text)
    redacted["masks"] = masks or redacted["masks"]
