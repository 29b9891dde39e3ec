"""The past rewritten: scores, reviews, invitations, their order and their time."""

from __future__ import annotations

from insurance_reviews.moderation.log import HOUR

from ..forgery import Forgeries
from ..ledger import Entry, Ledger
from ..scene import OTHER_PRODUCT, PRODUCT, Scene

ALL = Forgeries()


@ALL.past("a score is changed everywhere")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.review(scene.told.id).leaf["score"] = 5


@ALL.past("an aspect is changed everywhere")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.review(scene.told.id).leaf["aspects"] = {"speed": 5, "attitude": 5}


@ALL.past("a review is moved to another stage, with its invitation")
def _(ledger: Ledger, scene: Scene) -> None:
    move(ledger, scene, stage="renewal")


@ALL.past("a review is moved to another product, with its invitation")
def _(ledger: Ledger, scene: Scene) -> None:
    move(ledger, scene, product=OTHER_PRODUCT)


@ALL.past("the month of an experience is changed")
def _(ledger: Ledger, scene: Scene) -> None:
    review = ledger.review(scene.told.id)
    review.leaf["experienced"] = "2021-01"
    event = ledger.events[ledger.invitation_of(review).more["event"]]
    event["occurred_on"] = "2021-01-20"


@ALL.past("an author is replaced")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.review(scene.told.id).leaf["author"] = "5e" * 32


@ALL.past("a review is dropped with all that hung on it")
def _(ledger: Ledger, scene: Scene) -> None:
    drop(ledger, ledger.review(scene.told.id))
    ledger.grow_back(scene.size)


@ALL.past("a review is dropped, and a dummy put in its place")
def _(ledger: Ledger, scene: Scene) -> None:
    review = ledger.review(scene.told.id)
    dummy = ledger.stars(ledger.invitation_of(review))
    dummy.leaf["at"] = review.leaf["at"]
    ledger.put(review, dummy)
    drop(ledger, review)
    ledger.grow_back(scene.size)


@ALL.past("a review is dropped, and its invitation too")
def _(ledger: Ledger, scene: Scene) -> None:
    review = ledger.review(scene.removed.id)
    invitation = ledger.invitation_of(review)
    drop(ledger, review)
    ledger.drop(invitation)
    ledger.grow_back(scene.size)


@ALL.past("a review is inserted in the past")
def _(ledger: Ledger, scene: Scene) -> None:
    before = ledger.review(scene.stars.id)
    invitation = ledger.invite(PRODUCT, "claim")
    review = ledger.stars(invitation)
    for entry in (invitation, review):
        entry.leaf["at"] = before.leaf["at"]
    ledger.put(before, invitation, review)


@ALL.past("two reviews change places")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.swap(ledger.review(scene.told.id), ledger.review(scene.praise.id))


@ALL.past("a review is back-dated")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.review(scene.told.id).leaf["at"] -= HOUR


@ALL.past("a reply is back-dated, so that it came sooner")
def _(ledger: Ledger, scene: Scene) -> None:
    at = ledger.review(scene.stars.id).leaf["at"]
    review = {"review": scene.told.id}
    for entry in [*ledger.find("followup.published", **review), *ledger.find("reply.published")]:
        entry.leaf["at"] = at


@ALL.past("an unused invitation is dropped, so that coverage rises")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.drop(ledger.the("invitation.issued", invitation=scene.unused))
    for _ in range(2):
        invitation = ledger.invite(PRODUCT, "claim")
        ledger.entries += [invitation, ledger.stars(invitation)]


def move(ledger: Ledger, scene: Scene, **where: str) -> None:
    """Invitation, review and policy event."""
    review = ledger.review(scene.told.id)
    for entry in (review, ledger.invitation_of(review)):
        entry.leaf.update(where)


def drop(ledger: Ledger, review: Entry) -> None:
    """The review and all that hangs on it."""
    ledger.drop(*ledger.hanging_on(review), review)
