"""Entries that break a rule of the log, with rows that agree with them: who reads the log from its
beginning needs nothing kept to see it. The shop's own doctor, which compares rows with entries,
sees only what is marked."""

from __future__ import annotations

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.commitment import Words, new_author_key
from insurance_reviews.moderation.ids import new_id
from insurance_reviews.moderation.log import HOUR

from ..forgery import Forgeries
from ..ledger import Ledger
from ..scene import PRODUCT, Scene
from .past_texts import item

ALL = Forgeries()


@ALL.plain("an entry is dated before the one in front of it", "entry-time", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.review(scene.reported.id).leaf["at"] -= 100 * HOUR


@ALL.plain("an entry says its score twice", "leaf-not-canonical", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    review = ledger.review(scene.told.id)
    data = canonical.dumps(review.leaf)
    review.data = data.replace(b'"score":2', b'"score":2,"score":5')


@ALL.plain("an entry is spelt another way", "leaf-not-canonical", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    review = ledger.review(scene.told.id)
    review.data = canonical.dumps(review.leaf).replace(b'"score":2', b'"score":2.0')


@ALL.plain("an entry is of a type of its own", "entry-unknown", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.append("score.corrected", {"review": scene.told.id, "score": 5})


@ALL.plain("a review is invited by nobody", "review-uninvited")
def _(ledger: Ledger, scene: Scene) -> None:
    nobody = ledger.invite(PRODUCT, "claim")
    ledger.entries.append(ledger.stars(nobody))


@ALL.plain("a review is about another stage than its invitation", "review-uninvited")
def _(ledger: Ledger, scene: Scene) -> None:
    invitation = ledger.invite(PRODUCT, "renewal")
    ledger.entries += [invitation, ledger.stars(invitation, stage="claim")]


@ALL.plain("an invitation is used twice", "invitation-reused", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    # The column is unique, so that the row must say something else than the entry.
    used = ledger.invitation_of(ledger.review(scene.praise.id))
    again = ledger.stars(used)
    again.row["invitation"] = scene.unused
    ledger.entries.append(again)


@ALL.plain("a text is removed on a report that is not there", "removal-unreported", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.remove(item(ledger, scene.told.id), report=new_id("rp"))


@ALL.plain("a text is removed on a report about another", "removal-unreported", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    report = ledger.find("report.filed")[0].leaf["report"]
    ledger.remove(item(ledger, scene.told.id), report=report)


@ALL.plain("a text is removed first and reported afterwards", "removal-unreported")
def _(ledger: Ledger, scene: Scene) -> None:
    target = item(ledger, scene.told.id)
    report = ledger.report(target)
    ledger.remove(target, report=report.leaf["report"])
    ledger.entries.append(report)


@ALL.plain("a report is dated after its entry", "report-date")
def _(ledger: Ledger, scene: Scene) -> None:
    report = ledger.report(item(ledger, scene.told.id), filed_on="2027-01-01")
    ledger.entries.append(report)


@ALL.plain("a report is dated before its text", "report-date")
def _(ledger: Ledger, scene: Scene) -> None:
    target = item(ledger, scene.told.id)
    report = ledger.report(target, filed_on="2025-01-01")
    ledger.entries.append(report)
    ledger.remove(target, report=report.leaf["report"])


@ALL.plain("the regulator answers a report that is not there", "acknowledgement-unfounded")
def _(ledger: Ledger, scene: Scene) -> None:
    fields = {"report": new_id("rp"), "verdict": "acknowledged", "note": None}
    ledger.append("report.acknowledged", fields, note_item=None)


@ALL.plain("a text is withdrawn with another key", "removal-wrong-key", noticed=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.remove(item(ledger, scene.told.id), author_key=new_author_key())


@ALL.plain("a follow-up appears after its author withdrew", "follow-up-after-withdrawal")
def _(ledger: Ledger, scene: Scene) -> None:
    name, words = new_id("it"), Words("匿名用户", "误会一场。")
    ledger.words[name] = words
    fields = {"review": scene.withdrawn.id, "item": name, "commitment": words.commitment}
    ledger.append("followup.published", fields)


@ALL.plain("a reply skips a version", "reply-version")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.the("reply.published", review=scene.told.id, version=2).leaf["version"] = 3


@ALL.plain("a redacted text is legible where it was blotted out", "mask-broken")
def _(ledger: Ledger, scene: Scene) -> None:
    redact(ledger, scene, "三天到账，██。", [[0, 4]])


@ALL.plain("the blots of a redaction reach beyond its text", "mask-broken")
def _(ledger: Ledger, scene: Scene) -> None:
    redact(ledger, scene, "三天到账，███", [[5, 9]])


def redact(ledger: Ledger, scene: Scene, text: str, masks: list[list[int]]) -> None:
    """A redaction of today, on a report as it should be."""
    target = item(ledger, scene.praise.id)
    report = ledger.report(target)
    ledger.entries.append(report)
    words = Words(ledger.words[target].name, text)
    ledger.remove(target, words=words, masks=masks, report=report.leaf["report"])
