"""``<insurance-reviews>``: what it says by itself, in the words of its page or of the service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support import axe

from .shops import Shop, opened, settle, status, visit
from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Route


@pytest.fixture(scope="module")
def shop(lasting_site: Site) -> Iterator[Shop]:
    """A shop that sells a product with twelve reviews."""
    for number in range(12):
        lasting_site.host.world.submit(score=1 + number % 5, text=f"第{number}条：理赔很快。")
    with opened(lasting_site) as shop:
        yield shop


def fail(route: Route) -> None:
    """A server that does not answer."""
    route.abort()


def test_a_host_words_what_the_element_says(shop: Shop) -> None:
    """As text, whatever stands in it, in the page's language and direction."""
    words = {
        "failed": "<b>تعذر</b> التحميل",
        "retry": "<img src=x>إعادة",
        "shown": "<i>{n}</i> {n}",
    }
    own = " ".join(f"text-{key}='{said}'" for key, said in words.items())
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall(f'page-size="10" {own}', root='lang="ar" dir="rtl"'))
        settle(page, 10)
        page.route("**/embed/wall**", fail)
        page.locator("[data-key=more]").click()
        said = page.get_by_role("alert").locator("slot")
        button = page.get_by_role("alert").get_by_role("button")
        assert said.inner_text() == words["failed"]
        assert button.inner_text() == words["retry"]
        assert [part.get_attribute("lang") for part in (said, button)] == ["ar", "ar"]
        assert said.evaluate("part => getComputedStyle(part).direction") == "rtl"
        assert axe.violations(page) == []
        page.unroute("**/embed/wall**")
        button.click()
        settle(page, 12)
        assert status(page) == "<i>12</i> {n}"
        assert page.locator("insurance-reviews [role] b, insurance-reviews [role] i").count() == 0


def test_a_host_may_leave_out_the_number_and_leave_a_word_empty(shop: Shop) -> None:
    """An empty button could not be used."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall('lang="en" page-size="10" text-retry text-shown="更多评价"'))
        settle(page, 10)
        page.route("**/embed/wall**", fail)
        page.locator("[data-key=more]").click()
        page.get_by_text("The reviews could not be loaded.").wait_for()
        page.unroute("**/embed/wall**")
        page.get_by_role("button", name="Try again").click()
        settle(page, 12)
        assert status(page) == "更多评价"


def test_the_wall_that_is_shown_words_what_the_element_says(shop: Shop) -> None:
    """So the wordings of the service reach it; the first time, the page's attributes do."""
    with visit(shop) as seen:
        page = seen.page

        def reworded(route: Route) -> None:
            answer = route.fetch()
            body = answer.text().replace('data-failed="评价', 'data-failed="各位：评价')
            route.fulfill(response=answer, body=body)

        page.route("**/embed/wall**", reworded)
        page.goto(shop.wall())
        settle(page, 10)
        page.unroute("**/embed/wall**")
        page.route("**/embed/wall**", fail)
        page.locator("[data-key=more]").click()
        page.get_by_role("alert").get_by_text("各位：评价暂时没有加载出来。").wait_for()
