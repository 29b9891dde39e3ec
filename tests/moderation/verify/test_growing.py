"""A shop that lives on while it is read gives no false alarm, and hides nothing by being busy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insurance_reviews.moderation.tlog.note import Signer
from insurance_reviews.moderation.verify.fetch import Answer, Fetch
from insurance_reviews.moderation.verify.report import as_text
from insurance_reviews.moderation.verify.walls import ATTEMPTS
from support import static_log
from support.evidence import read_evidence, sizes_of_fork
from support.static_log import StaticShop, signed_checkpoint
from support.verifying import Liar, check_static


class Busy:
    """A shop in which something happens before it answers at some addresses."""

    def __init__(self, shop: StaticShop, part: str, happens: Callable[[], object], times: int = 1):
        self.shop = shop
        self.part = part
        self.happens = happens
        self.times = times

    def __call__(self, url: str) -> Answer:
        if self.part in url and self.times:
            self.times -= 1
            self.happens()
        return self.shop.fetch(url)


def shop_with_reviews() -> StaticShop:
    shop = StaticShop()
    for score in (5, 3, 1):
        shop.review(score=score)
    return shop


EVENTS: dict[str, Callable[[StaticShop], object]] = {
    "a review": lambda shop: shop.review(score=2),
    "a reply": lambda shop: shop.reply(shop.reviews[0]["id"]),
    "a follow-up": lambda shop: shop.follow_up(shop.reviews[0]["id"]),
    "a removal": lambda shop: shop.remove(shop.report(shop.reviews[1]["item"]), shop.reviews[1]),
    "a redaction": lambda shop: shop.remove(
        shop.report(shop.reviews[1]["item"]), shop.reviews[1], "█天就赔了。"
    ),
}


@pytest.mark.parametrize("part", ["reviews.jsonl", "/summary", "/reviews?", "/api/v1/products"])
@pytest.mark.parametrize("event", EVENTS)
def test_what_happens_while_it_is_read_is_no_finding(event: str, part: str) -> None:
    shop = shop_with_reviews()
    outcome = check_static(shop, Busy(shop, part, lambda: EVENTS[event](shop)))
    assert outcome.exit_code == 0, as_text(outcome)
    assert outcome.counts["entries"] == len(shop.leaves)


def test_what_happened_after_it_was_shown_is_no_finding() -> None:
    """The export is older than the checkpoint that follows it."""
    shop = shop_with_reviews()
    old = b"".join(shop.fetch(f"{static_log.PREFIX}/api/v1/insurers/anxin/reviews.jsonl").body)

    def fetch(url: str) -> Answer:
        if "reviews.jsonl" in url:
            for happens in EVENTS.values():
                if happens is not EVENTS["a redaction"]:
                    happens(shop)
            return Answer.of(old)
        return shop.fetch(url)

    outcome = check_static(shop, fetch)
    assert outcome.exit_code == 0, as_text(outcome)


def test_a_lie_told_while_something_happens_is_found() -> None:
    shop = shop_with_reviews()
    busy = Liar(
        Busy(shop, "reviews.jsonl", lambda: shop.reply(shop.reviews[0]["id"])), static_log.PREFIX
    )
    busy.about_json("reviews.jsonl", lambda review: review.update(score=5))
    assert "review-differs" in check_static(shop, busy).codes


def test_a_busy_shop_cannot_be_compared_and_is_not_accused() -> None:
    """Figures that fit no moment, while entries keep coming, are read again, and then left."""
    shop = shop_with_reviews()
    busy = Liar(Busy(shop, "/summary", lambda: shop.invite(), ATTEMPTS), static_log.PREFIX)
    busy.about_json("/summary", lambda summary: summary.update(removals=7))
    outcome = check_static(shop, busy)
    assert outcome.exit_code == 2
    assert [code for code, _ in outcome.findings.unchecked] == ["log-busy"]


def test_figures_that_fit_no_moment_are_found_once_the_log_is_quiet() -> None:
    shop = shop_with_reviews()
    busy = Liar(Busy(shop, "/summary", lambda: shop.invite(), 2), static_log.PREFIX)
    busy.about_json("/summary", lambda summary: summary.update(removals=7))
    outcome = check_static(shop, busy)
    assert outcome.codes == ["figures-differ"]


@pytest.mark.parametrize("part", ["reviews.jsonl", "/summary", "/key"])
@pytest.mark.parametrize("entries", [7, 256, 300])
def test_a_log_that_turns_into_another_while_it_is_read_is_found(
    entries: int, part: str, tmp_path: Path
) -> None:
    """And both histories are written down, whenever it happens."""
    shop = shop_with_reviews()
    while len(shop.leaves) < entries:
        shop.invite()

    def turn() -> None:
        shop.leaves[2] = shop.leaves[2].replace(b'"score":5', b'"score":1')
        shop.invite()

    between: Fetch = Busy(shop, part, turn)
    if part == "/key":  # The key is asked for last; another one, so that the log is asked again.
        between = Liar(between, static_log.PREFIX).about("/key", lambda _: b"another\n")
    outcome = check_static(shop, between, evidence=tmp_path)
    assert "fork" in outcome.codes
    assert [sizes_of_fork(path) for path in outcome.evidence] == [(entries, entries + 1)]


def test_a_log_that_turns_and_breaks_off_leaves_both_checkpoints(tmp_path: Path) -> None:
    shop = shop_with_reviews()
    before = signed_checkpoint(shop.leaves)

    def turn() -> None:
        shop.leaves[2] = shop.leaves[2].replace(b'"score":5', b'"score":1')
        while len(shop.leaves) < 300:
            shop.invite()

    between = Liar(Busy(shop, "reviews.jsonl", turn), static_log.PREFIX)
    between.about("/tile/entries/001", lambda _: None)
    outcome = check_static(shop, between, evidence=tmp_path)
    assert "fork" in outcome.codes
    [path] = outcome.evidence
    told = read_evidence(path)
    assert (told.kept, told.served) == (before, signed_checkpoint(shop.leaves))


def test_an_entry_that_is_served_again_as_another_one_contradicts_the_checkpoint(
    tmp_path: Path,
) -> None:
    """One root cannot cover both: so it is no fork, and the checkpoint proves it by itself."""
    shop = shop_with_reviews()

    def change(data: bytes) -> bytes:
        return data.replace(b'"score":5', b'"score":1') if len(shop.leaves) > 7 else data

    between = Liar(Busy(shop, "reviews.jsonl", shop.invite), static_log.PREFIX)
    between.about("/tile/entries/", change)
    outcome = check_static(shop, between, evidence=tmp_path)
    assert outcome.codes == ["root-differs", "tile-differs"]
    told = [one for one in outcome.findings.told if one.code == "root-differs"]
    assert [(one.index, one.message) for one in told] == [
        (2, "entry 2 was served again as another one, which nobody has signed")
    ]
    assert outcome.evidence == list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("entries", [7, 256, 300])
def test_a_smaller_checkpoint_of_another_tree_is_found(entries: int, tmp_path: Path) -> None:
    shop = shop_with_reviews()
    while len(shop.leaves) < entries:
        shop.invite()
    for size in {1, 2, entries - 1, entries // 2, min(255, entries - 1), min(256, entries - 1)}:
        other = signed_checkpoint([*shop.leaves[: size - 1], b"{}"])
        outcome = check_static(shop, Turning(shop, other), evidence=tmp_path)
        assert outcome.codes == ["fork"], size
        [path] = outcome.evidence
        assert sizes_of_fork(path) == (size, entries)
        path.unlink()


def test_a_copy_that_lags_behind_is_not_accused() -> None:
    shop = shop_with_reviews()
    for size in range(1, len(shop.leaves)):
        lagging = Turning(shop, signed_checkpoint(shop.leaves[:size]))
        assert check_static(shop, lagging).exit_code == 0, size


def test_a_log_that_shrinks_while_it_is_read_shows_what_it_has_not() -> None:
    """Another, smaller tree: what is shown is then compared with the one that was signed first."""
    shop = shop_with_reviews()

    def shrink() -> None:
        del shop.leaves[-2:], shop.reviews[-1]

    outcome = check_static(shop, Busy(shop, "reviews.jsonl", shrink))
    assert "review-hidden" in outcome.codes


class Turning:
    """A log whose later checkpoints are ``note``; ``None`` hides them."""

    def __init__(self, shop: StaticShop, note: str | None) -> None:
        self.shop = shop
        self.note = note
        self.asked = 0

    def __call__(self, url: str) -> Answer:
        if url.endswith("/checkpoint"):
            self.asked += 1
            if self.asked > 1:
                return Answer.of((self.note or "").encode(), 404 if self.note is None else 200)
        return self.shop.fetch(url)


def test_a_checkpoint_that_vanishes_is_not_tampering() -> None:
    outcome = check_static(shop := shop_with_reviews(), Turning(shop, None))
    assert (outcome.exit_code, outcome.codes) == (2, [])


def test_a_checkpoint_that_is_suddenly_signed_by_somebody_else_is_found() -> None:
    shop = shop_with_reviews()
    other = signed_checkpoint(shop.leaves, Signer(shop.origin, b"o" * 32))
    assert check_static(shop, Turning(shop, other)).codes == ["checkpoint-key"]


def test_a_second_root_for_one_size_is_found(tmp_path: Path) -> None:
    shop = shop_with_reviews()
    other = signed_checkpoint([*shop.leaves[:-1], b"{}"])
    outcome = check_static(shop, Turning(shop, other), evidence=tmp_path)
    assert outcome.codes == ["fork"]
    [path] = outcome.evidence
    assert sizes_of_fork(path) == (len(shop.leaves), len(shop.leaves))


def test_a_checkpoint_that_covers_more_than_is_served_is_found() -> None:
    shop = shop_with_reviews()
    more = signed_checkpoint([*shop.leaves, b"{}"])
    assert check_static(shop, Turning(shop, more)).codes == ["bundle-missing"]


@pytest.mark.parametrize(
    ("part", "code", "codes"),
    [
        ("/api/v1/", 2, []),
        ("/api/v1/products", 2, []),
        ("reviews.jsonl", 2, []),
        ("/summary", 1, ["product-hidden"]),
        ("/reviews?", 1, ["product-hidden"]),
    ],
)
def test_what_is_not_there_at_all(part: str, code: int, codes: list[str]) -> None:
    """A site without the API may be a mirror of the log; a listed product must have its pages."""
    shop = shop_with_reviews()
    between = Liar(shop.fetch, static_log.PREFIX).about(part, lambda body: None)
    outcome = check_static(shop, between)
    assert (outcome.exit_code, outcome.codes) == (code, codes)
