"""Insurers and products side by side: the page and the call, from the same counters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from support.answers import check_refusal
from support.api import Json, ok
from support.host import API, PREFIX, Host
from support.pages import Browser

PAGE = f"{PREFIX}/compare"


@pytest.fixture(scope="module")
def filled(lasting_host: Host) -> Host:
    """Anxin does well with 40 claims, Boshan badly with 30, and Chunhe has three."""
    world = lasting_host.world
    for _ in range(20):
        world.submit(score=5, text=None, aspects={"speed": 4})
        world.submit(score=4, text=None, product="anxin-motor")
    for number in range(30):
        world.submit(score=1 + number % 2, text=None, product="boshan-motor")
    for _ in range(3):
        world.submit(score=5, text=None, product="chunhe-medical")
    world.submit(score=1, text=None, product="chunhe-medical", stage="renewal")
    for _ in range(10):
        world.invite("boshan-motor")
    return lasting_host


def call(host: Host, query: str) -> Json:
    answer: Json = ok(host.client().get(f"{API}/compare?{query}"))
    return answer


def names(host: Host, query: str) -> list[str]:
    return [item["product"] or item["insurer"] for item in call(host, query)["items"]]


@contextmanager
def counted(host: Host) -> Iterator[list[str]]:
    """The statements that are made meanwhile."""
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


def shown(html: str) -> list[str]:
    return re.findall(r'<li class="ir-side-by-side" id="c-([^"]+)"', html)


def test_insurers_are_compared_at_one_stage(filled: Host) -> None:
    anxin, boshan, chunhe = call(filled, "stage=claim")["items"]
    assert anxin == {
        "insurer": "anxin",
        "insurer_name": "安心保险",
        "product": None,
        "product_name": None,
        "average": 4.5,
        "interval": {"low": 4.19, "high": 4.66},
        "count": 40,
        "small_sample": False,
        "histogram": {"1": 0, "2": 0, "3": 0, "4": 20, "5": 20},
        "overlaps": 1,
        "aspects": {"speed": {"average": 4.0, "count": 20}},
        "eligible": 40,
        "coverage": 1.0,
        "all_stages": {
            "count": 40,
            "replies": {"rate": 0.0, "median_hours": None},
            "removals": 0,
        },
    }
    assert (boshan["average"], boshan["coverage"], boshan["overlaps"]) == (1.5, 0.75, 0)
    assert (chunhe["count"], chunhe["small_sample"], chunhe["overlaps"]) == (3, True, 1)
    assert chunhe["all_stages"]["count"] == 4


def test_products_are_compared_when_they_are_named(filled: Host) -> None:
    assert names(filled, "product=boshan-motor&product=anxin-medical") == [
        "anxin-medical",
        "boshan-motor",
    ]
    assert names(filled, "by=product&insurer=chunhe") == ["chunhe-medical", "chunhe-motor"]
    assert names(filled, "by=product&insurer=chunhe&product=boshan-motor") == [
        "boshan-motor",
        "chunhe-medical",
        "chunhe-motor",
    ]
    assert names(filled, "by=insurer&product=boshan-motor&insurer=chunhe") == ["boshan", "chunhe"]
    assert len(names(filled, "by=product")) == 6


def test_the_orders(filled: Host) -> None:
    """By average small samples come after the others; who has no figure comes last."""
    assert names(filled, "sort=name") == ["anxin", "boshan", "chunhe"]
    assert names(filled, "sort=average") == ["anxin", "boshan", "chunhe"]
    assert names(filled, "sort=count") == ["anxin", "boshan", "chunhe"]
    assert names(filled, "sort=coverage") == ["anxin", "chunhe", "boshan"]
    assert names(filled, "sort=average&by=product") == [
        "boshan-motor",
        "anxin-medical",
        "chunhe-medical",
        "anxin-motor",
        "boshan-medical",
        "chunhe-motor",
    ]


def test_pages_follow_each_other(filled: Host) -> None:
    for sort in ("name", "average", "count", "coverage"):
        every = names(filled, f"by=product&sort={sort}")
        paged, after = [], ""
        while True:
            answer = call(filled, f"by=product&sort={sort}&limit=4{after}")
            paged += [item["product"] for item in answer["items"]]
            assert answer["total"] == 6
            if answer["next"] is None:
                break
            after = f"&after={answer['next']}"
        assert paged == every


def test_replies_and_removals_are_of_all_stages(host: Host) -> None:
    """The median is the lower of two in the middle, over all of an insurer's products."""
    world = host.world
    reviews = [
        world.submit(product=product, stage=stage)
        for product in ("anxin-medical", "anxin-motor")
        for stage in ("claim", "renewal")
    ]
    for hours, review in zip((1, 2, 10), reviews, strict=False):
        world.pass_time(hours=hours)
        world.reply(review)
    world.remove(reviews[0], world.report(reviews[0]).id)
    anxin, boshan, _ = call(host, "stage=claim")["items"]
    assert anxin["count"] == 2
    assert anxin["all_stages"] == {
        "count": 4,
        "replies": {"rate": 0.75, "median_hours": 3},
        "removals": 1,
    }
    assert boshan["all_stages"]["replies"] == {"rate": None, "median_hours": None}
    medical, motor = call(host, "by=product&insurer=anxin")["items"]
    assert medical["all_stages"]["replies"] == {"rate": 1.0, "median_hours": 1}
    assert motor["all_stages"]["replies"] == {"rate": 0.5, "median_hours": 13}


def test_what_cannot_be_compared(filled: Host) -> None:
    client = filled.client()
    for address in (f"{API}/compare", PAGE):
        for query in ("insurer=nobody", "product=nothing", "insurer=anxin&insurer=nobody"):
            check_refusal(client.get(f"{address}?{query}"), 404)
        for query, field in (
            ("stage=divorce", "stage"),
            ("by=colour", "by"),
            ("sort=best", "sort"),
            ("limit=0", "limit"),
            ("limit=51", "limit"),
            ("insurer=%00", "insurer.0"),
            ("insurer=anxin&insurer=A%20B", "insurer.1"),
            ("product=%F0%9F%98%80", "product.0"),
            ("after=nobody", "after"),
            ("&".join(["insurer=anxin"] * 51), "insurer"),
        ):
            problem = check_refusal(client.get(f"{address}?{query}"), 422)
            assert problem["errors"][0]["field"] == field, query  # type: ignore[index]
    check_refusal(client.get(f"{API}/compare?stage=claim&stage=renewal"), 422)


def test_the_page_shows_what_the_call_says(filled: Host) -> None:
    browser = Browser(filled.client())
    for query in (
        "stage=claim",
        "stage=renewal&sort=count",
        "by=product&sort=coverage",
        "insurer=boshan&insurer=anxin&sort=average",
        "product=anxin-motor&product=chunhe-medical",
        "by=product&limit=2&after=anxin-motor",
        "utm_source=mail",
    ):
        known = query if "utm" not in query else ""
        page = browser.open(f"{PAGE}?{query}")
        assert page.status == 200
        assert shown(page.html) == names(filled, known), query


def test_the_page_says_what_the_figures_do_not_tell(filled: Host) -> None:
    browser = Browser(filled.client())
    page = browser.open(PAGE)
    assert "区间有重叠的，凭现有的评价还分不出高下。" in page.text
    assert "样本较少：只有 3 条评价" in page.text
    assert "这个次序不是排名" not in page.text
    assert "这个次序不是排名" in browser.open(f"{PAGE}?sort=average").text
    apart = browser.open(f"{PAGE}?insurer=anxin&insurer=boshan")
    assert "各家的区间互不重叠" in apart.text
    alike = browser.open(f"{PAGE}?insurer=anxin&insurer=chunhe")
    assert "各家的区间都有重合的部分" in alike.text
    assert "这里只有一个" in browser.open(f"{PAGE}?insurer=anxin").text
    assert page.html.count("暂无评价") == 0
    assert browser.open(f"{PAGE}?stage=underwriting").html.count("暂无评价") == 3


def test_its_links_lead_on(filled: Host) -> None:
    """To the other stages and orders with what was chosen, to an insurer's products, to a wall."""
    browser = Browser(filled.client())
    page = browser.open(f"{PAGE}?insurer=anxin&insurer=chunhe&lang=en")
    assert "Compare insurers" in page.text
    renewal = browser.open(next(link for link in page.links if "stage=renewal" in link))
    assert shown(renewal.html) == ["anxin", "chunhe"]
    assert "lang=en" in next(link for link in page.links if "stage=renewal" in link)
    by_count = browser.open(next(link for link in renewal.links if "sort=count" in link))
    assert shown(by_count.html) == ["chunhe", "anxin"]
    products = browser.open(
        next(link for link in page.links if "by=product" in link and link.count("insurer=") == 1)
    )
    assert shown(products.html) == ["anxin-medical", "anxin-motor"]
    wall = browser.open(next(link for link in products.links if "/products/anxin-motor" in link))
    assert 'data-key="stage-claim"' in wall.html


def test_the_form_chooses_without_a_script(filled: Host) -> None:
    page = Browser(filled.client()).open(f"{PAGE}?stage=renewal&sort=count")
    form = page.html[page.html.index("<form") : page.html.index("</form>")]
    assert 'method="get"' in form
    assert re.findall(r'name="insurer" value="(\w+)"', form) == ["anxin", "boshan", "chunhe"]
    assert re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form) == [
        ("stage", "renewal"),
        ("by", "insurer"),
        ("sort", "count"),
    ]


def test_a_stage_that_is_not_offered(host: Host) -> None:
    """Said instead of counted, and nobody vanishes from what was chosen."""
    world = host.world
    world.submit(product="anxin-medical", stage="renewal")
    page = Browser(host.client()).open(f"{PAGE}?by=product&insurer=anxin&stage=renewal")
    assert shown(page.html) == ["anxin-medical", "anxin-motor"]


def test_its_cost_does_not_grow(host: Host) -> None:
    """Six statements, whatever was written."""
    world = host.world

    def cost() -> list[int]:
        made = []
        for query in ("", "?by=product", "?insurer=anxin&sort=average"):
            with counted(host) as statements:
                assert host.client().get(f"{PAGE}{query}").status_code == 200
            made.append(len([one for one in statements if one.startswith(("SELECT", "WITH"))]))
        return made

    few = cost()
    for product in ("anxin-medical", "anxin-motor", "boshan-motor"):
        world.reply(world.submit(product=product, stage="renewal"))
        world.submit(product=product)
    assert cost() == few == [6, 6, 6]


def test_its_search_engine_address(filled: Host) -> None:
    html = Browser(filled.client()).open(f"{PAGE}?insurer=boshan&sort=count&lang=en").html
    [canonical] = re.findall(r'<link rel="canonical" href="([^"]+)"', html)
    assert canonical.endswith("/reviews/compare?stage=claim&amp;insurer=boshan")


@pytest.mark.parametrize(
    ("query", "noindex"),
    [("", 0), ("?stage=claim&by=product", 0), ("?insurer=boshan", 1), ("?product=anxin-motor", 1)],
)
def test_no_search_engine_lists_every_choice(filled: Host, query: str, noindex: int) -> None:
    """There are as many as combinations; those that show all are few."""
    html = filled.client().get(PAGE + query).text
    assert html.count('<meta name="robots" content="noindex">') == noindex


def test_every_language_keeps_what_was_chosen(filled: Host) -> None:
    page = Browser(filled.client()).open(f"{PAGE}?insurer=anxin&insurer=boshan")
    for lang in ("zh-CN", "zh-TW", "en"):
        link = next(link for link in page.links if f"lang={lang}" in link)
        assert shown(Browser(filled.client()).open(link).html) == ["anxin", "boshan"]


def test_programs_of_other_origins_may_ask(filled: Host) -> None:
    answer = filled.client().get(f"{API}/compare")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
