"""The log as a whole: cut off, signed by somebody else, shown to two people as two."""

from __future__ import annotations

from insurance_reviews.moderation.tlog.note import Signer

from ..forgery import FORK, Forgeries, Forgery
from ..ledger import Ledger
from ..scene import OTHER_PRODUCT, PRODUCT, Scene

ALL = Forgeries()


@ALL.past("the database is rolled back to an older state", "rollback")
def _(ledger: Ledger, scene: Scene) -> None:
    cut(ledger, scene)


@ALL.past("the database is rolled back, and the log grows on from there")
def _(ledger: Ledger, scene: Scene) -> None:
    cut(ledger, scene)
    ledger.grow_back(scene.size + 5)


@ALL.plain("a new key signs, which the log never announced", "checkpoint-key")
def _(ledger: Ledger, scene: Scene) -> None:
    take_key(ledger, ledger.origin)


@ALL.plain("the log goes on under a new origin", "checkpoint-key")
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.origin = "shop.example/reviews/log/anxin2"
    take_key(ledger, ledger.origin)
    ledger.entries[0].leaf["origin"] = ledger.origin


@ALL.past("a new key is announced in a past that never was")
def _(ledger: Ledger, scene: Scene) -> None:
    signer = Signer.generate(ledger.origin)
    entry = ledger.new("key.rotated", {"key": signer.verifier_key()})
    before = ledger.review(scene.reported.id)
    entry.leaf["at"] = before.leaf["at"]
    ledger.put(before, entry)
    ledger.signers = (signer, *ledger.signers)


def split_view(ledger: Ledger, scene: Scene) -> None:
    """Another history, for this reader only."""
    ledger.review(scene.told.id).leaf["score"] = 5
    ledger.grow_back(scene.size + 4)


ALL.append(Forgery("two readers are shown two histories", FORK, forge=split_view))
ALL.append(
    Forgery(
        "two readers are shown two histories, and one asks for a witness",
        "not-witnessed",
        "not-witnessed",
        policy=True,
        forge=split_view,
    )
)


@ALL.plain("a witness's line is put under another tree", "checkpoint-signature", policy=True)
def _(ledger: Ledger, scene: Scene) -> None:
    ledger.review(scene.told.id).leaf["score"] = 5
    [row] = ledger.cosignatures
    ledger.statements.append(
        "INSERT INTO insurance_reviews_cosignature (log, size, name, at, line) "
        f"VALUES ({row['log']}, {row['size']}, '{row['name']}', {row['at']}, '{row['line']}')"
    )


def cut(ledger: Ledger, scene: Scene) -> None:
    """An older state: before the second product's first review."""
    del ledger.entries[ledger.entries.index(ledger.review(scene.reported.id)) :]
    ledger.entries[-1].sealed = True
    assert {entry.leaf.get("product") for entry in ledger.entries} >= {PRODUCT, OTHER_PRODUCT}


def take_key(ledger: Ledger, origin: str) -> None:
    """Everything is signed by a new key, which claims to have been there from the beginning."""
    signer = Signer.generate(origin)
    ledger.signers, ledger.key = (signer,), signer.verifier_key()
    ledger.notes.clear()
