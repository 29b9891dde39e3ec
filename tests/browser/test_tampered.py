"""What the check of a receipt finds in Chromium when a shop, or a log, has been tampered with.

It is done on the way from the server to the browser: what a shop would have to serve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from insurance_reviews.moderation.commitment import Words
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from support.host import PREFIX
from support.world import AUTHORITY, TEXT

from .checking import Json, Rewritten, changed_leaf, checking, data_of, receipt_of, shows
from .watch import Site

# --- What was tampered with ---------------------------------------------------------------------


OTHERWISE: list[tuple[Callable[[Json], object], str, str]] = [
    (lambda shown: shown.update(score=5), "facts", "登记簿里是 1 星，本站显示 5 星"),
    (lambda shown: shown["aspects"].update(speed=4), "facts", "理赔速度：登记簿里是 1"),
    (lambda shown: shown["aspects"].clear(), "facts", "本站显示 –"),
    (lambda shown: shown.update(product="anxin-motor"), "facts", "anxin-motor"),
    (lambda shown: shown.update(stage="renewal"), "facts", "本站显示 续期缴费"),
    (lambda shown: shown.update(experienced_on="2020-01"), "facts", "2020-01"),
    (lambda shown: shown.update(submitted_at="2020-01-01T00:00:00Z"), "facts", "2020-01-01"),
    (lambda shown: shown.update(author="00" * 32), "facts", "作者密钥的指纹"),
    (lambda shown: shown["log"].update(index=3), "facts", "本站显示 3"),
    (lambda shown: shown.update(text="很满意。"), "text", "很满意。"),
    (lambda shown: shown.update(text=TEXT + " "), "text", "不是当初写的"),
    (lambda shown: shown.update(display_name="李**"), "text", "不是当初写的"),
    (lambda shown: shown.update(salt="00" * 32), "text", "不是当初写的"),
    (lambda shown: shown.update(item="it_" + "a" * 26), "text", "不是当初写的"),
    (
        lambda shown: shown.update(text=None, salt=None, display_name="保单持有人"),
        "text",
        "登记簿里却没有移除它的记录",
    ),
    (lambda shown: shown.update(GONE), "text", "登记簿里却没有移除它的记录"),
    (lambda shown: shown.update(tombstone=REPORTED), "text", "不是当初写的"),
]


def test_shown_otherwise(shelf: Site) -> None:
    review = shelf.host.world.submit(
        score=1, text=TEXT, display_name="王小明", aspects={"speed": 1}
    )
    receipt = receipt_of(shelf, review)
    with checking(shelf, review.id, {}) as check:
        for change, step, told in OTHERWISE:
            check.served[data_of(review)] = shows(change)
            assert check.run(receipt).wrong == [step], told
            assert (check.kind, check.title) == ("bad", "这条评价被动了手脚。")
            assert told in check.verdict
            assert told in check.said(step)
        # A bare proof shows it as well.
        assert check.run(receipt["proof"]).wrong == [step]


def test_words_where_none_were_written(shelf: Site) -> None:
    review = shelf.host.world.submit(text=None)
    added = {"text": "很满意。", "salt": "00" * 32, "item": "it_" + "a" * 26}
    change = shows(lambda shown: shown.update(added))
    with checking(shelf, review.id, {data_of(review): change}) as check:
        assert check.run(receipt_of(shelf, review)).wrong == ["text"]
        assert "当初没有写文字，现在却显示了文字" in check.verdict


def _below(change: Callable[[Json], object]) -> Callable[[Json], object]:
    return lambda shown: change(shown["follow_ups"][0])


def test_follow_ups_shown_otherwise(shelf: Site) -> None:
    """Other words, somebody else's, or one that the log has never seen."""
    world = shelf.host.world
    review, other = world.submit(text=TEXT), world.submit(text=TEXT)
    receipt = receipt_of(shelf, review)
    world.follow_up(review)
    world.follow_up(other)
    answer = shelf.host.client().get(f"{PREFIX}{data_of(other)}")
    foreign = answer.get_json()["follow_ups"][0]
    changes: list[Callable[[Json], object]] = [
        lambda follow_up: follow_up.update(text="很满意。"),
        lambda follow_up: follow_up.update(text=None, salt=None),
        lambda follow_up: follow_up.update(display_name="李**"),
        lambda follow_up: follow_up.pop("display_name"),
        lambda follow_up: follow_up.update(foreign),
        lambda follow_up: follow_up["log"].update(foreign["log"]),
        lambda follow_up: follow_up["log"].update(index=1),
        lambda follow_up: follow_up["log"].update(index=9_999),
        lambda follow_up: follow_up.update(log=None),
    ]
    with checking(shelf, review.id, {}) as check:
        for change in changes:
            check.served[data_of(review)] = shows(_below(change))
            assert check.run(receipt).wrong == ["followups"]
            assert check.kind == "bad"


def test_tampering_is_seen_on_both_engines(place: Site) -> None:
    review = place.host.world.submit(score=1, text=TEXT)
    change = shows(lambda shown: shown.update(score=2, text="很满意。"))
    with checking(place, review.id, {data_of(review): change}) as check:
        assert check.run(receipt_of(place, review)).wrong == ["facts", "text"]
        quoted = check.page.locator("[data-verdict] blockquote").all_inner_texts()
        assert quoted == [TEXT, "很满意。"]


def test_a_review_that_is_gone(shelf: Site) -> None:
    """Its page is there all the same, and any log of the site may be its own."""
    review = shelf.host.world.submit(product="boshan-medical", text=TEXT)
    receipt = receipt_of(shelf, review)
    with checking(shelf, review.id, {data_of(review): 404}) as check:
        assert check.run(receipt).wrong == ["facts"]
        assert "不再显示这条评价" in check.verdict
    never = review.id[:-4] + "aaaa"
    with checking(shelf, never) as check:
        assert "绝不能消失" in check.page.locator(".ir-lead").inner_text()
        assert check.page.locator("[data-public]").count() == 0
        assert check.run(receipt).title == "这是另一条评价的回执。"
        assert check.run({**receipt, "proof": "x"}).title == "这份回执不完整。"


def test_removed_otherwise_than_logged(shelf: Site) -> None:
    world = shelf.host.world
    review = world.submit(text=TEXT)
    receipt = receipt_of(shelf, review)
    redacted = TEXT.replace("查勘员", "███")
    report = world.report(review)
    world.remove(review, report.id, redacted=redacted)
    world.acknowledge(report.id, "disputed", "未收到")

    changes: list[Callable[[Json], object]] = [
        lambda shown: shown["tombstone"].update(report_no="沪金监函〔2026〕999号"),
        lambda shown: shown["tombstone"].update(acknowledged=None),
        lambda shown: shown.update(text=redacted.replace("自费药", "███")),
        lambda shown: shown.update(text=redacted.replace("自费药", "好药好")),
        lambda shown: shown.update(text=None, salt=None),
        lambda shown: shown.update(text=TEXT),
        lambda shown: shown.update(tombstone=None),
    ]
    with checking(shelf, review.id, {}) as check:
        for change in changes:
            check.served[data_of(review)] = shows(change)
            assert check.run(receipt).wrong == ["text"]
            assert check.kind == "bad"
        # Blots without the original: these words fit no commitment, whatever they were.
        for text in (redacted.replace("自费药", "███"), redacted.replace("自费药", "好药好")):
            check.served[data_of(review)] = shows(_updated({"text": text}))
            assert check.run(receipt["proof"]).wrong == ["text"]


# --- A log that is not what it was --------------------------------------------------------------


@pytest.mark.parametrize("where", ["an older entry", "the review itself", "fewer", "the last one"])
def test_a_log_rewritten(shelf: Site, where: str) -> None:
    """With all tiles rebuilt, signed with the right key, and the shop in line with it."""
    world = shelf.host.world
    review = world.submit(score=1, text=TEXT)
    world.invite()
    receipt = receipt_of(shelf, review)
    world.invite()
    log = Rewritten(shelf)
    leaves = log.leaves()
    index = receipt["index"]
    match where:
        case "an older entry":
            leaves[2] = changed_leaf(leaves[2], score=5)
        case "the review itself":
            leaves[index] = changed_leaf(leaves[index], score=5)
        case "the last one":
            leaves[index + 1] = changed_leaf(leaves[index + 1], product="anxin-motor")
        case "fewer":
            del leaves[index:]
    served = log.serve(leaves)
    served[data_of(review)] = shows(lambda shown: shown.update(score=5))
    with checking(shelf, review.id, served) as check:
        check.run(receipt)
        assert {"consistency", "facts"} <= set(check.wrong)
        assert ("有记录被抽走了" in check.verdict) == (where == "fewer")
        assert check.kind == "bad"
        bare = check.run(receipt["proof"])
        assert (bare.kind, bare.wrong) == ("bad", ["consistency"])


def test_a_checkpoint_of_nothing(shelf: Site) -> None:
    """Another root over the same tiles; a signature by nobody; the note of another log."""
    world = shelf.host.world
    review = world.submit(text=TEXT)
    receipt = receipt_of(shelf, review)
    world.invite()
    ref, signer = world.ref(), world.context.logs.keys.signer("anxin")
    size = len(Rewritten(shelf).leaves())
    other = Signer.generate(ref.origin)
    foreign = world.context.logs.keys.signer("boshan")
    forged = Checkpoint(ref.origin, size, bytes(32)).format()
    notes = {
        sign_note(forged, signer): ["consistency"],
        sign_note(forged, other): ["key"],
        sign_note(Checkpoint("shop.example/reviews/log/boshan", 3, bytes(32)).format(), foreign): [
            "key"
        ],
        "nothing": ["key"],
    }
    with checking(shelf, review.id, {}) as check:
        for note, wrong in notes.items():
            check.served["/log/anxin/checkpoint"] = note.encode()
            assert check.run(receipt).wrong == wrong, note
            assert check.kind == "bad"
        # And another key is announced than the one that signs.
        check.served["/log/anxin/key"] = other.verifier_key().encode()
        assert check.run(receipt).wrong == ["key"]
        assert "既不是由您回执里的密钥签名" in check.verdict
        gone = shows(lambda shown: shown.update(text=None, salt=None))
        check.served[data_of(review)] = gone
        assert check.run(receipt).wrong == ["key", "text"]
        assert "已不能说明缘由" in check.verdict


def test_a_key_that_nobody_announced(shelf: Site) -> None:
    """The log is whole, but signed with another key; then even with an entry in a rewritten log."""
    world = shelf.host.world
    review = world.submit(text=TEXT)
    receipt = receipt_of(shelf, review)
    world.invite()
    other = Signer.generate(world.ref().origin)
    log = Rewritten(shelf, signer=other)
    leaves = log.leaves()
    with checking(shelf, review.id, log.serve(leaves)) as check:
        assert check.run(receipt).wrong == ["key"]
        assert "却没有任何一条记录公告过" in check.verdict
        assert check.run(receipt["proof"]).kind == "unclear"
    leaves[-1] = changed_leaf(leaves[2], type="key.rotated", key=other.verifier_key())
    leaves[2] = changed_leaf(leaves[2], score=5)
    with checking(shelf, review.id, log.serve(leaves)) as check:
        assert check.run(receipt).wrong == ["key", "consistency"]


REPORT: Json = {
    "v": 1,
    "type": "report.filed",
    "at": 1772442000,
    "report": "rp_" + "a" * 26,
    "authority": AUTHORITY,
    "report_no": "1",
    "filed_on": "2026-03-02",
    "ground": "other",
    "reasons": "00" * 32,
}
REMOVAL: Json = {
    "v": 1,
    "type": "text.removed",
    "at": 1772442000,
    "report": REPORT["report"],
    "author_key": None,
    "redacted": None,
}
REPORTED: Json = {
    "removed_on": "2026-03-02",
    "ground": "other",
    "authority": AUTHORITY,
    "report_no": "1",
    "acknowledged": None,
    "redacted": False,
}
TAKEN_BACK: Json = {**REPORTED, "ground": "withdrawn", "authority": None, "report_no": None}
GONE: Json = {"text": None, "salt": None, "display_name": "保单持有人", "tombstone": REPORTED}


@dataclass(frozen=True)
class Forgery:
    """Entries that an operator adds to a log, honestly signed, and what the shop then shows."""

    entries: tuple[Json, ...]
    shown: Json
    told: str = ""


def forgeries(item: str) -> dict[str, Forgery]:
    """By what is wrong with them. `item` is the review's own."""
    new = "it_" + "b" * 26
    report, removal = {**REPORT, "items": [item]}, {**REMOVAL, "item": item}
    unreported = {**removal, "report": None}
    back = {**GONE, "tombstone": TAKEN_BACK}
    words = Words("匿名用户", TEXT.replace("查勘员", "███").replace("自费药", "███"))
    masked = {"item": new, "commitment": words.commitment, "masks": [[5, 3]]}
    shown = {"item": new, "text": words.text, "salt": words.salt.hex()}
    blotted = {**shown, "tombstone": {**REPORTED, "redacted": True}}
    circle = {"item": item, "commitment": "00" * 32, "masks": 1}
    no_report = "没有一份提交监管机构的报告提到它"
    return {
        "nothing": Forgery((report, removal), GONE),
        "no report": Forgery((removal,), back, no_report),
        "a report on another text": Forgery(({**report, "items": [new]}, removal), back, no_report),
        "a report afterwards": Forgery((removal, report), back, no_report),
        "neither report nor key": Forgery((unreported,), back, no_report),
        "another key": Forgery(
            ({**unreported, "author_key": "00" * 32},), back, "用的却不是作者的密钥"
        ),
        "other words instead": Forgery(
            (report, removal), {**GONE, "text": "很满意。", "salt": "00" * 32}, "不是当初写的"
        ),
        "more than the masks": Forgery(
            (report, {**removal, "redacted": masked}), blotted, "超出了登记簿载明的遮盖范围"
        ),
        "a circle": Forgery((report, {**removal, "redacted": circle}), GONE, "文字不见了"),
        "no sense": Forgery(({**report, "items": 1}, {**removal, "redacted": 1}), GONE, no_report),
    }


def test_removals_that_the_log_should_not_carry(shelf: Site) -> None:
    review = shelf.host.world.submit(text=TEXT)
    receipt = receipt_of(shelf, review)
    log = Rewritten(shelf)
    leaves = log.leaves()
    with checking(shelf, review.id, {}) as check:
        for what, forgery in forgeries(receipt["item"]).items():
            added = [changed_leaf(b"{}", **entry) for entry in forgery.entries]
            check.served = log.serve([*leaves, *added])
            check.served[data_of(review)] = shows(_updated(forgery.shown))
            check.run(receipt)
            if what == "nothing":
                assert (check.kind, check.wrong) == ("lawful", [])
                # The same, but the signed tree holds other entries than are served.
                other = log.serve([*leaves, *(changed_leaf(leaf, at=1) for leaf in added)])
                hashes = {path: other[path] for path in other if "entries" not in path}
                check.served.update(hashes)
                check.run(receipt)
                assert (check.kind, check.wrong) == ("bad", ["consistency", "text"])
            else:
                assert (check.kind, check.wrong) == ("bad", ["text"]), what
                assert forgery.told in check.verdict, what


def _updated(values: Json) -> Callable[[Json], object]:
    return lambda shown: shown.update(values)


def test_a_report_on_a_follow_up_removes_no_review(shelf: Site) -> None:
    """Both are gone, and one report names one of them."""
    world = shelf.host.world
    review = world.submit(text=TEXT)
    world.follow_up(review)
    receipt = receipt_of(shelf, review)
    follow_up = world.own(review).texts[1].item
    log = Rewritten(shelf)
    report = {**REPORT, "items": [follow_up]}
    removals = [{**REMOVAL, "item": item} for item in (receipt["item"], follow_up)]
    added = [changed_leaf(b"{}", **entry) for entry in (report, *removals)]
    served = log.serve([*log.leaves(), *added])

    def hide(shown: Json) -> None:
        shown.update(GONE)
        shown["follow_ups"][0].update({**GONE, "display_name": None})

    served[data_of(review)] = shows(hide)
    with checking(shelf, review.id, served) as check:
        assert check.run(receipt).wrong == ["text"]
        assert "没有一份提交监管机构的报告提到它" in check.verdict
        assert check.steps["followups"] == "ok"
