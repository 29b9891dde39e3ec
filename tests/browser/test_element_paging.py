"""``<insurance-reviews>``: more reviews below the first, pages without any, and the way back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from support.host import PREFIX

from .shops import ELEMENT, Shop, Visit, bar, focused, opened, settle, status, visit
from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

MORE = "[data-key=more]"
REVIEWS = 63


@pytest.fixture(scope="module")
def shop(lasting_site: Site) -> Iterator[Shop]:
    """A shop that sells a product with more reviews than one request brings."""
    for number in range(REVIEWS):
        lasting_site.host.world.submit(score=1 + number % 5, text=f"第{number}条：理赔很快。")
    with opened(lasting_site) as shop:
        yield shop


EMPTY = '<div class="ir-empty"><p>目前还没有找到。后面还有评价可以继续查找。</p></div>'


def without_reviews(html: str) -> str:
    """A page of a search that found nothing, and has more to look through."""
    return re.sub(r'<div class="ir-list">.*</article>\s*</div>', EMPTY, html, flags=re.DOTALL)


def the_last(html: str) -> str:
    """A page that ends the wall."""
    return re.sub(r"<a [^>]*data-key=\"more\".*?</a>", "", html)


Change = Callable[[str], str]


def turning(page: Page, *changes: Change) -> None:
    """Change the wall's pages, the first by the first; those after the last are left alone."""
    left = list(changes)

    def served(route: Route) -> None:
        answer = route.fetch()
        change = left.pop(0) if left else str
        route.fulfill(response=answer, body=change(answer.text()))

    page.route("**/embed/wall**", served)


def test_a_search_may_begin_with_pages_that_have_no_reviews(shop: Shop) -> None:
    """There is no list yet that what comes next could be put into."""
    with visit(shop) as seen:
        page = seen.page
        turning(page, without_reviews, without_reviews)
        page.goto(shop.wall())
        page.get_by_text("后面还有评价").wait_for()
        page.locator(MORE).press("Enter")
        assert "后面还有评价" in status(page)
        assert focused(page) == "more"
        page.locator(MORE).press("Enter")
        settle(page, 10)
        assert page.locator("article h3:focus").count() == 1
        assert page.locator(".ir-empty").count() == 0
        page.locator(MORE).press("Enter")
        settle(page, 20)
        assert seen.complaints == []


def test_a_search_may_end_without_any(shop: Shop) -> None:
    """Then the last page says so where nothing stood before either."""
    with visit(shop) as seen:
        page = seen.page
        last = EMPTY.replace("目前还没有找到。后面还有评价可以继续查找", "没有评价写到：太空")
        turning(
            page, without_reviews, lambda html: the_last(without_reviews(html)).replace(EMPTY, last)
        )
        page.goto(shop.wall())
        page.locator(MORE).press("Enter")
        page.locator(".ir-empty", has_text="没有评价写到").wait_for()
        assert focused(page) == "保单持有人评价"
        assert page.locator(f"{MORE}, [role=alert] button").count() == 0


@pytest.mark.parametrize("end", [False, True])
def test_a_later_page_may_have_no_reviews(shop: Shop, end: bool) -> None:
    """The reader stays at the button, or where the button is gone at the last review."""
    with visit(shop) as seen:
        page = seen.page

        def empty(html: str) -> str:
            return the_last(without_reviews(html)) if end else without_reviews(html)

        turning(page, str, empty)
        page.goto(shop.wall())
        settle(page, 10)
        page.locator(MORE).press("Enter")
        assert status(page) == "已列出 10 条评价"
        assert page.locator("article").count() == 10
        assert page.locator(".ir-empty").count() == 0
        if end:
            assert page.locator("article").last.locator("h3:focus").count() == 1
        else:
            assert focused(page) == "more"
        assert seen.complaints == []


def test_a_refused_page_does_not_bring_another_view(shop: Shop) -> None:
    """What cannot be continued is not continued by the first page without filters."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        bar(page, 4)
        page.locator("[data-key=score-4][aria-current]").wait_for()
        href = page.locator(MORE).get_attribute("href") or ""
        page.locator(MORE).evaluate(
            "(link, href) => link.setAttribute('href', href)",
            re.sub("after=[^&#]+", "after=x", href),
        )
        page.locator(MORE).click()
        page.get_by_role("alert").get_by_role("button").wait_for()
        assert page.locator("article").count() == 10
        assert page.locator("[data-key=score-4][aria-current]").count() == 1
        assert len(seen.fragments) == 3
        # The view is still the one that is shown.
        page.evaluate(f"{ELEMENT}.reload()")
        settle(page, 10)
        assert "score=4" in seen.fragments[-1]


def load_more(page: Page, *counts: int) -> None:
    for count in counts:
        page.locator(MORE).click()
        settle(page, count)


def limits(seen: Visit) -> list[str]:
    """How many reviews each request asked for."""
    found = [re.search(r"limit=(\d+)", query) for query in seen.fragments]
    return [one[1] if one else "" for one in found]


def test_the_way_back_finds_as_many_reviews(shop: Shop) -> None:
    """After a filter, by the history; after another page and after a reload, from its state."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        length = page.evaluate("history.length")
        load_more(page, 20)
        bar(page, 4)
        page.locator("[data-key=score-4][aria-current]").wait_for()
        settle(page, 10)
        assert page.evaluate("history.length") == length + 1
        assert page.url.endswith("#reviews?score=4")
        page.go_back()
        settle(page, 20)
        assert limits(seen) == ["", "", "", "20"]
        page.get_by_role("link", name="核验这条评价").nth(15).click()
        page.wait_for_url(f"{shop.site.address}{PREFIX}/r/**")
        page.go_back()
        settle(page, 20)
        page.reload()
        settle(page, 20)
        ids = page.locator("article").evaluate_all("all => all.map((one) => one.id)")
        assert len(set(ids)) == 20
        load_more(page, 30)
        page.go_forward()
        page.wait_for_url(f"{shop.site.address}{PREFIX}/r/**")
        assert seen.complaints == []


def test_more_than_a_request_brings_comes_in_several(shop: Shop) -> None:
    """The server gives fifty at a time."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall('page-size="25"'))
        settle(page, 25)
        load_more(page, 50, REVIEWS)
        bar(page, 4)
        page.locator("[data-key=score-4][aria-current]").wait_for()
        settle(page, 12)
        page.go_back()
        settle(page, REVIEWS)
        assert limits(seen) == ["25", "25", "25", "25", "50", "13"]
        ids = page.locator("article").evaluate_all("all => all.map((one) => one.id)")
        assert len(set(ids)) == REVIEWS
        assert page.locator(MORE).count() == 0


def test_a_number_in_the_address_loads_nothing(shop: Shop) -> None:
    """Only what this reader loaded is loaded again."""
    with visit(shop) as seen:
        seen.page.goto(shop.wall() + "#reviews?limit=50")
        settle(seen.page, 10)
        assert limits(seen) == [""]


@pytest.mark.parametrize("address", ["评价", "our reviews", "50%"])
def test_a_name_in_any_script_is_shared(shop: Shop, address: str) -> None:
    """In the address it stands percent-encoded."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall(f'address="{address}"'))
        settle(page, 10)
        bar(page, 4)
        page.locator("[data-key=score-4][aria-current]").wait_for()
        page.locator("[data-key=sort-lowest]").click()
        page.wait_for_function("location.hash.endsWith('?score=4&sort=lowest')")
        shared = page.url
        page.goto("about:blank")
        page.goto(shared)
        page.locator("[data-key=score-4][aria-current]").wait_for()
        page.goto("about:blank")
        page.goto(shared.partition("#")[0] + "#%E8%AF")  # no character
        settle(page, 10)
        assert seen.complaints == []
