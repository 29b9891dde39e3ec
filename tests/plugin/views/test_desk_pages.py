"""The desks' lists: every report and review is reached, figures are of all, and a page costs the
same however much there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from insurance_reviews.plugin.services.catalogue import add_product
from insurance_reviews.plugin.services.moderation import report_review
from insurance_reviews.plugin.services.reviews import Submitted
from support.host import PREFIX, Host
from support.world import World

MANY = 105
COMPLIANCE, REGULATOR = f"{PREFIX}/desk/compliance", f"{PREFIX}/regulator/"
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_REPORT_NO = re.compile(r"<bdi>(沪金监函〔2026〕\d+号)</bdi>")
_FIGURE = re.compile(r"<dt>([^<]+)</dt><dd>([\d,]+)</dd>")
_TOTAL = re.compile(r'class="ir-total">([\d,]+)')


@dataclass
class Desk:
    """A member of staff who reads."""

    host: Host
    who: str

    def __post_init__(self) -> None:
        self.client = self.host.client(self.who)

    def page(self, url: str) -> str:
        response = self.client.get(url)
        assert response.status_code == 200, response.text[:500]
        return response.text

    def pages(self, url: str | None) -> Iterator[str]:
        """The page at ``url`` and all that follow it."""
        while url is not None:
            yield (text := self.page(url))
            following = _NEXT.search(text)
            url = unescape(following[1]) if following else None

    def report_numbers(self, url: str) -> list[str]:
        """What is listed on all pages together."""
        return [number for text in self.pages(url) for number in _REPORT_NO.findall(text)]

    def figures(self, url: str) -> list[int]:
        """The figures over a list, in their order."""
        return [int(number) for _, number in _FIGURE.findall(self.page(url))]

    def total(self, url: str) -> int:
        """The number over the list of reviews."""
        found = _TOTAL.search(self.page(url))
        assert found is not None
        return int(found[1])


def report_often(world: World, review: Submitted, times: int) -> list[str]:
    """Reports about the review's text, all within one hour; their numbers."""
    given = [world.report_input() for _ in range(times)]
    insurer = world.insurer_of(review)
    world.write(
        lambda session: [
            report_review(session, world.context, insurer, review.id, one, world.now)
            for one in given
        ]
    )
    return [one.report_no for one in given]


@contextmanager
def counted(host: Host) -> Iterator[list[str]]:
    """The statements that pages make meanwhile."""
    # The look at every log before the first answer is made once.
    host.state.start_guard.check()
    made: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        made.append(statement)

    event.listen(host.state.work.engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(host.state.work.engine, "before_cursor_execute", note)


def test_a_page_costs_the_same_however_many_reports_there_are(host: Host) -> None:
    """Reports about several reviews, with answers, removals and redactions among them."""
    world = host.world
    reviews = [world.submit(text="甲乙丙丁") for _ in range(4)]
    follow_up = world.submit(text="戊己庚辛")
    world.follow_up(follow_up)
    world.reply(follow_up)
    reviews.append(follow_up)
    pages = {
        "compliance-anxin": [
            COMPLIANCE,
            f"{COMPLIANCE}?status=open",
            f"{PREFIX}/desk/reviews/{follow_up.id}",
        ],
        "regulator": [REGULATOR, f"{REGULATOR}?status=acknowledged"],
    }

    def cost() -> dict[str, int]:
        made = {}
        for who, urls in pages.items():
            desk = Desk(host, who)
            for url in urls:
                with counted(host) as statements:
                    desk.page(url)
                made[url] = len(statements)
        return made

    for review in reviews:
        world.acknowledge(world.report(review).id, note="已阅")
    world.remove(reviews[0])
    world.remove(reviews[1], redacted="甲█丙丁")
    few = cost()
    for review in reviews[2:]:
        report_often(world, review, 8)
        world.acknowledge(world.report(review).id, note="已阅")
        world.acknowledge(world.report(review).id, "disputed")
    world.remove(reviews[2])
    world.remove(reviews[3], redacted="甲乙█丁")
    assert few == cost()
    assert max(few.values()) < 30


def test_paging_reaches_every_report_once(host: Host) -> None:
    """Whatever hour they fall into, and whosever log they stand in."""
    world = host.world
    anxin, boshan = world.submit(), world.submit(product="boshan-motor")
    ours = report_often(world, anxin, MANY)
    theirs = report_often(world, boshan, 30)
    world.pass_time(hours=3)
    ours += report_often(world, anxin, 3)
    theirs += report_often(world, boshan, 3)
    compliance, regulator = Desk(host, "compliance-anxin"), Desk(host, "regulator")
    assert list(reversed(ours)) == compliance.report_numbers(COMPLIANCE)
    listed = regulator.report_numbers(REGULATOR)
    assert sorted(ours + theirs) == sorted(listed)
    assert set(ours[-3:] + theirs[-3:]) == set(listed[:6])
    assert compliance.figures(COMPLIANCE) == [MANY + 3, MANY + 3, 0, 0]
    assert regulator.figures(REGULATOR) == [MANY + 36, MANY + 36]


def test_the_filter_by_answer_pages_too_and_goes_by_the_latest(host: Host) -> None:
    world = host.world
    review = world.submit()
    expected: dict[str, list[str]] = {"open": report_often(world, review, 25)}
    for verdict in ("acknowledged", "disputed"):
        expected[verdict] = []
        for _ in range(22):
            given = world.report_input()
            report = world.write(
                lambda s, given=given: report_review(  # type: ignore[misc]
                    s, world.context, "anxin", review.id, given, world.now
                )
            )
            world.acknowledge(report.id)
            if verdict == "disputed":
                world.acknowledge(report.id, "disputed")
            expected[verdict].append(given.report_no)
    for who, url in (("compliance-anxin", COMPLIANCE), ("regulator", REGULATOR)):
        desk = Desk(host, who)
        for status, numbers in expected.items():
            filtered = f"{url}?status={status}"
            assert list(reversed(numbers)) == desk.report_numbers(filtered)
            assert desk.figures(filtered)[:2] == [69, 25]
        assert len(desk.report_numbers(f"{url}?status=unheard-of")) == 69


def test_figures_count_every_text_once(host: Host) -> None:
    world = host.world
    reviews = [world.submit(text="甲乙丙丁") for _ in range(6)]
    report_often(world, reviews[0], MANY)
    for review in reviews[:2]:
        world.remove(review)
    world.remove(reviews[2], redacted="甲█丙丁")
    for masked in ("█乙丙丁", "█乙█丁"):
        world.remove(reviews[3], redacted=masked, item=world.item_of(reviews[3]))
    world.remove(reviews[4], redacted="甲█丙丁")
    world.remove(reviews[4], item=world.item_of(reviews[4]))
    world.withdraw(reviews[5])
    desk = Desk(host, "compliance-anxin")
    # Removed are 0, 1 and, in the end, 4; redacted stand 2 and 3; 5 is its author's own doing.
    filed = MANY + 2 + 1 + 2 + 2
    assert [filed, filed, 3, 2] == desk.figures(COMPLIANCE)
    assert Desk(host, "compliance-boshan").figures(COMPLIANCE) == [0, 0, 0, 0]


def test_a_reviews_page_lists_every_report_on_it(host: Host) -> None:
    world = host.world
    review = world.submit()
    numbers = report_often(world, review, MANY)
    page = Desk(host, "compliance-anxin").page(f"{PREFIX}/desk/reviews/{review.id}")
    assert list(reversed(numbers)) == _REPORT_NO.findall(page)
    assert all(f"{number} · " in page for number in numbers)
    assert (
        _REPORT_NO.findall(Desk(host, "service-anxin").page(f"{PREFIX}/desk/reviews/{review.id}"))
        == []
    )


def test_a_redacted_follow_up_is_still_called_one(host: Host) -> None:
    world = host.world
    review = world.submit()
    world.follow_up(review, "子丑寅卯")
    item = world.own(review).texts[1].item
    world.remove(review, item=item, redacted="子█寅卯")
    report = world.report(review, [world.own(review).texts[1].item])
    page = Desk(host, "regulator").page(f"{REGULATOR}reports/{report.id}?lang=en")
    assert "Follow-up" in page


def test_the_number_of_reviews_is_that_of_the_filters_not_of_the_page(host: Host) -> None:
    world = host.world
    listed = [world.submit(score=1 + number % 5, text=None) for number in range(23)]
    listed += [world.submit(stage="renewal", score=5, text=None) for _ in range(2)]
    world.submit(product="boshan-motor")
    for review in (*listed[:3], listed[-1]):
        world.reply(review)
        world.reply(review, "补充说明。")
    desk, url = Desk(host, "service-anxin"), f"{PREFIX}/desk/"
    expected = {
        "": 25,
        "?score=1": 5,
        "?stage=renewal": 2,
        "?stage=claim&score=5": 4,
        "?reply=unanswered": 21,
        "?reply=unanswered&score=1": 4,
        "?reply=unanswered&stage=renewal": 1,
        "?reply=unanswered&stage=renewal&score=4": 0,
    }
    assert expected == {filters: desk.total(url + filters) for filters in expected}
    for filters, number in expected.items():
        rows = [
            r
            for text in desk.pages(url + filters)
            for r in re.findall(r"/desk/reviews/rv_\w+", text)
        ]
        assert number == len(rows) == len(set(rows))


@pytest.mark.parametrize(
    ("who", "url"),
    [
        ("compliance-anxin", COMPLIANCE),
        ("regulator", REGULATOR),
        ("service-anxin", f"{PREFIX}/desk/"),
    ],
)
def test_a_cursor_that_is_none_of_ours_is_refused(host: Host, who: str, url: str) -> None:
    client = host.client(who)
    for cursor in (
        "x",
        "1-2",
        "1-2-3-4",
        "-1-1-1",
        "01-1-1",
        "1-1-" + "9" * 30,
        "%00",
        "１-1-1",
        "",
    ):
        assert client.get(f"{url}?before={cursor}").status_code == 422, cursor


def test_the_index_of_products_is_one_statement_for_all_scores(host: Host) -> None:
    world, client = host.world, host.client()
    for score in (1, 2, 2):
        world.submit(score=score, text=None)
    with counted(host) as few:
        page = client.get(f"{PREFIX}/products").text
    assert "1.67" in page or "1.7" in page
    for number in range(9):
        add = partial(
            add_product, sku=f"more-{number}", insurer="anxin", name="又一款", now=world.now
        )
        world.write(add)
    world.submit(product="more-1", score=5)
    with counted(host) as many:
        page = client.get(f"{PREFIX}/products").text
    assert len(few) == len(many)
    assert page.count("/products/more-") == 9
