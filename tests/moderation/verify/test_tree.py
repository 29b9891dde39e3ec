"""Every byte that a log publishes is covered: sizes at the edges of tiles, and flipped bits."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insurance_reviews.moderation.verify import fetch as fetching
from insurance_reviews.moderation.verify.fetch import Answer
from insurance_reviews.moderation.verify.findings import Findings
from insurance_reviews.moderation.verify.outcome import Outcome
from insurance_reviews.moderation.verify.passed import Passed
from insurance_reviews.moderation.verify.replay import replaying
from insurance_reviews.moderation.verify.site import Site
from insurance_reviews.moderation.verify.tree import Tree
from support import static_log
from support.static_log import INSURER, ORIGIN, StaticShop
from support.verifying import check_static, liar

LOG = f"{static_log.PREFIX}/log/{INSURER}/"


@cache
def shop_of(entries: int) -> StaticShop:
    """A log of exactly so many entries; most are invitations."""
    shop = StaticShop()
    if entries > 2:
        shop.review()
    while len(shop.leaves) < entries:
        shop.invite()
    return shop


def check_files(shop: StaticShop, change: Callable[[str, bytes], bytes | None]) -> Outcome:
    """Verify the shop with each file of its log changed on its way."""
    between = liar(shop)
    between.lies.append(
        lambda path, body: (
            change(path.removeprefix(f"/log/{INSURER}/"), body)
            if path.startswith("/log/")
            else body
        )
    )
    return check_static(shop, between)


@pytest.mark.parametrize("entries", [1, 2, 3, 5, 7, 255, 256, 257, 511, 512, 513])
def test_a_log_of_any_size_is_clean(entries: int) -> None:
    outcome = check_static(shop_of(entries))
    assert (outcome.exit_code, outcome.counts["entries"]) == (0, entries)


class Counting(io.BytesIO):
    """A body that remembers how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data

    def read1(self, size: int | None = -1, /) -> bytes:
        return self.read(size)


def test_large_bundles_are_read_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many requests are under way: only the one whose turn it is is read to its end."""
    monkeypatch.setattr(fetching, "FREE", 1000)
    shop, bodies = shop_of(2049), dict[int, Counting]()

    def fetch(url: str) -> Answer:
        answer = shop.fetch(url)
        if "/tile/entries/" not in url:
            return answer
        number = int(url.rpartition("/entries/")[2][:3])
        bodies[number] = Counting(answer.body.read())
        return Answer(answer.status, bodies[number])

    with replaying(Findings(), ORIGIN) as replay:
        site = Site.of(fetch, LOG, ORIGIN)
        tree = Tree(site, Findings(), Passed(replay.database), workers=4)
        for index, _ in enumerate(tree.read_to(2049)):
            if index % 64 == 0:
                time.sleep(0.005)  # Enough for all that is under way to come to its end.
            taken = [body.taken for number, body in bodies.items() if number > index // 256]
            assert max(taken, default=0) <= 1000, f"while entry {index} is looked at"
    assert (tree.size, len(bodies)) == (2049, 9)
    assert min(bodies[number].taken for number in range(8)) > 10_000


def test_nobody_waits_when_the_log_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under way then comes to its end, instead of waiting for ever."""
    monkeypatch.setattr(fetching, "FREE", 1000)
    for status, code in ((404, 1), (500, 2)):
        shop = shop_of(2049)

        def fetch(url: str, shop: StaticShop = shop, status: int = status) -> Answer:
            if url.endswith("/tile/entries/001"):
                return Answer.of(b"", status)
            return shop.fetch(url)

        assert check_static(shop, fetch, workers=4).exit_code == code


@pytest.mark.parametrize("entries", [65536, 65537])
def test_a_log_with_three_levels_of_tiles_is_clean(entries: int) -> None:
    shop = shop_of(65537)
    shorter = StaticShop(leaves=[])
    shorter.leaves[:] = shop.leaves[:entries]
    shorter.reviews, shorter.listed = shop.reviews, shop.listed
    shorter.invitations = shop.invitations[: entries - 2]
    outcome = check_static(shorter)
    assert (outcome.exit_code, outcome.counts["entries"]) == (0, entries)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_flipped_bit_in_a_published_file_is_found(data: st.DataObject) -> None:
    shop = shop_of(data.draw(st.sampled_from([3, 257, 513])))
    path = data.draw(st.sampled_from(sorted(shop.files())))
    bit = data.draw(st.integers(0, 8 * len(shop.files()[path]) - 1))

    def flip(asked: str, body: bytes) -> bytes:
        if asked != path:
            return body
        changed = bytearray(body)
        changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)

    assert check_files(shop, flip).exit_code == 1, (path, bit)


@pytest.mark.parametrize("path", sorted(shop_of(513).files()))
def test_a_file_that_is_not_served_is_missed(path: str) -> None:
    outcome = check_files(shop_of(513), lambda asked, body: None if asked == path else body)
    match path:
        case "checkpoint":
            assert outcome.exit_code == 2
        case "key":
            assert outcome.exit_code == 0  # Handing it out proves nothing anyhow.
        case _:
            assert outcome.codes in (["bundle-missing"], ["tile-missing"])


def test_a_partial_tile_that_has_been_filled_up_meanwhile_is_found_in_the_full_one() -> None:
    """c2sp.org/tlog-tiles: a log may stop serving a partial tile once the full one is there."""
    old, new = shop_of(300), shop_of(600)
    new_files = new.files()
    assert new.leaves[:300] == old.leaves

    def fetch(url: str) -> Answer:
        path = url.removeprefix(LOG)
        if url.startswith(LOG) and path.startswith("tile/"):
            data = new_files.get(path)
            return Answer.of(b"", 404) if data is None else Answer.of(data)
        return old.fetch(url)

    outcome = check_static(old, fetch)
    # The tile of level 1 is a partial one of another width still, and is not served any more.
    assert outcome.codes == ["tile-missing"]
    assert [finding.message for finding in outcome.findings.told] == [
        "tile/1/000.p/1 is not served"
    ]


def test_the_entry_that_was_changed_is_named() -> None:
    shop = shop_of(513)

    def change(path: str, body: bytes) -> bytes:
        at = body.find(b'"score":4')
        return body if at < 0 else body[: at + 8] + b"1" + body[at + 9 :]

    outcome = check_files(shop, change)
    assert {"review-differs", "root-differs", "tile-differs"} <= {*outcome.codes}
    named = {found.index for found in outcome.findings.told if found.code == "tile-differs"}
    assert shop.reviews[0]["log"]["index"] in named


def test_more_than_a_file_may_hold_is_not_read() -> None:
    shop = shop_of(3)
    outcome = check_files(
        shop, lambda path, body: body + bytes(20_000) if path.startswith("tile/0/") else body
    )
    assert outcome.codes == ["tile-malformed"]
