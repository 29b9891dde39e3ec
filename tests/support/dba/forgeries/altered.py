"""The database is honest, and the code between it and the readers is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from insurance_reviews.moderation.tlog.note import Signer
from support.verifying import Liar

from ..forgery import Forgeries, Forgery
from ..scene import OTHER_PRODUCT, PRODUCT, Scene

ALL = Forgeries()

EXPORT, WALL, SUMMARY = "/reviews.jsonl", f"/products/{PRODUCT}/reviews", "/summary"


def everywhere(liar: Liar, review: str, change: Callable[[Any], object]) -> None:
    """Change one review wherever it is shown."""

    def one(shown: Any) -> None:
        if shown["id"] == review:
            change(shown)

    def wall(page: Any) -> None:
        for shown in page["items"]:
            one(shown)

    liar.about_json(EXPORT, one).about_json("/reviews?", wall)
    liar.about_json(f"/reviews/{review}", one)


@ALL.lies("a score is shown otherwise", "review-differs")
def _(liar: Liar, scene: Scene) -> None:
    everywhere(liar, scene.told.id, lambda shown: shown.update(score=5))


@ALL.lies("an author is shown otherwise", "review-differs")
def _(liar: Liar, scene: Scene) -> None:
    everywhere(liar, scene.told.id, lambda shown: shown.update(author="5e" * 32))


@ALL.lies("an average is shown otherwise", "figures-differ")
def _(liar: Liar, scene: Scene) -> None:
    liar.about_json(SUMMARY, lambda shown: shown.update(average=4.9))


@ALL.lies("a review is hidden from the wall", "wall-differs")
def _(liar: Liar, scene: Scene) -> None:
    def hide(page: Any) -> None:
        page["items"] = [one for one in page["items"] if one["id"] != scene.told.id]

    liar.about_json(WALL, hide)


@ALL.lies("a review is hidden from reviews.jsonl", "review-hidden")
def _(liar: Liar, scene: Scene) -> None:
    liar.about_json(EXPORT, lambda shown: shown["id"] != scene.told.id and shown)


@ALL.lies("a review is shown that is in no log", "review-unlogged")
def _(liar: Liar, scene: Scene) -> None:
    def invent(body: bytes) -> bytes:
        last = body.splitlines()[-1]
        index = f'"index":{scene.size + 1}'.encode()
        return body + last.replace(b'"index":%d' % scene.withdrawn.entry.index, index) + b"\n"

    liar.about(EXPORT, invent)


@ALL.lies("the wall begins with the best", "wall-differs")
def _(liar: Liar, scene: Scene) -> None:
    liar.about_json(WALL, lambda page: page["items"].sort(key=lambda one: -one["score"]))


@ALL.lies("the export is in another order", "reviews-disordered")
def _(liar: Liar, scene: Scene) -> None:
    liar.about(EXPORT, lambda body: b"".join(reversed(body.splitlines(keepends=True))))


@ALL.lies("a product is not listed", "product-hidden")
def _(liar: Liar, scene: Scene) -> None:
    def hide(listed: Any) -> None:
        listed["items"] = [one for one in listed["items"] if one["sku"] != OTHER_PRODUCT]

    only = Liar(liar.fetch).about_json("", hide).lies[0]
    liar.lies.append(lambda path, body: only(path, body) if path.endswith("/products") else body)


@ALL.lies("an older version of a reply is shown as the newest", "replies-differ")
def _(liar: Liar, scene: Scene) -> None:
    def turn_back(shown: Any) -> None:
        shown["reply"] = {**shown["reply"]["versions"][0], "versions": shown["reply"]["versions"]}

    everywhere(liar, scene.told.id, turn_back)


@ALL.lies("the newest version of a reply is not shown", "replies-differ")
def _(liar: Liar, scene: Scene) -> None:
    def forget(shown: Any) -> None:
        [first, _] = shown["reply"]["versions"]
        shown["reply"] = {**first, "versions": [first]}

    everywhere(liar, scene.told.id, forget)


@ALL.lies("a follow-up is not shown", "follow-ups-differ")
def _(liar: Liar, scene: Scene) -> None:
    everywhere(liar, scene.told.id, lambda shown: shown.update(follow_ups=[]))


@ALL.lies("a salt is withheld, so that nobody can check the text", "text-differs")
def _(liar: Liar, scene: Scene) -> None:
    everywhere(liar, scene.told.id, lambda shown: shown.update(salt=None))


@ALL.lies("a removed text is shown again", "text-returned")
def _(liar: Liar, scene: Scene) -> None:
    everywhere(liar, scene.removed.id, lambda shown: shown.update(text="又来了。", salt="00" * 32))


@ALL.lies("a removal is passed over in silence", "tombstone-differs")
def _(liar: Liar, scene: Scene) -> None:
    everywhere(liar, scene.removed.id, lambda shown: shown.update(tombstone=None))


@ALL.lies("a removal is shown as acknowledged, which it is not", "tombstone-differs")
def _(liar: Liar, scene: Scene) -> None:
    everywhere(
        liar,
        scene.redacted.id,
        lambda shown: shown["tombstone"].update(acknowledged="acknowledged"),
    )


@ALL.lies("the log hands out another key", "key-served")
def _(liar: Liar, scene: Scene) -> None:
    key = Signer.generate(scene.key.split("+", 1)[0]).verifier_key()
    liar.about("/log/anxin/key", lambda body: f"{key}\n".encode())


@ALL.lies("an entry is served otherwise than it was hashed", "root-differs")
def _(liar: Liar, scene: Scene) -> None:
    def rescore(body: bytes) -> bytes:
        return body.replace(b'"score":2', b'"score":5')

    liar.about("/tile/entries/", rescore)


def replay_old(liar: Liar, scene: Scene) -> None:
    """The checkpoint of a time before many entries."""
    liar.about("/log/anxin/checkpoint", lambda body: scene.early.encode())


ALL.append(
    Forgery("an old checkpoint is served for ever", "rollback", "review-unlogged", lie=replay_old)
)
