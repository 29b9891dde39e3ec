"""Searching and filtering a wall, in our pages and inside a shop's, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from support import axe
from support.host import PREFIX

from .shops import Shop, opened, settle, visit
from .watch import Site

WALL = f"{PREFIX}/products/anxin-medical"


@pytest.fixture(scope="module")
def shop(lasting_site: Site) -> Iterator[Shop]:
    """A shop with reviews of which some speak of what others do not."""
    world = lasting_site.host.world
    for number in range(14):
        world.submit(stage="claim", score=1 + number % 5, text=f"第{number}次，理赔拖了很久。")
    said = world.submit(
        stage="claim", score=1, text="免赔額没有說明，拒赔了。", aspects={"speed": 1}
    )
    world.reply(said, "免赔额写在条款第八条。")
    world.submit(stage="renewal", score=5, text="Great insurer, 免赔额很低。" + "续保很方便。" * 80)
    with opened(lasting_site) as shop:
        yield shop


@pytest.mark.parametrize("script", [True, False])
def test_a_page_is_searched_with_and_without_a_script(shop: Shop, script: bool) -> None:
    with shop.site.window(java_script_enabled=script) as window:
        page = window.open(WALL)
        box = page.get_by_role("searchbox", name="在评价中查找")
        box.fill("免賠額")
        box.press("Enter")
        page.get_by_text("符合条件的评价 2 条").wait_for()
        assert parse_qs(urlsplit(page.url).query) == {"q": ["免賠額"]}
        # A long text begins with what was found; all of it is under it.
        found = page.locator("article mark").all_text_contents()
        assert found == ["免赔额", "免赔额", "免赔額", "免赔额"]
        page.get_by_text("阅读全文").click()
        assert page.get_by_role("searchbox").input_value() == "免賠額"
        page.get_by_role("link", name="最相关").click()
        page.get_by_role("link", name="去掉这个条件： 含：免賠額").or_(
            page.locator("[data-key=clear-q]")
        ).first.click()
        assert page.locator("article").count() == 10
        assert urlsplit(page.url).query == ""


def test_filters_hold_together_without_a_script(shop: Shop) -> None:
    with shop.site.window(java_script_enabled=False) as window:
        page = window.open(f"{WALL}?stage=claim")
        page.get_by_text("更多筛选").click()
        page.get_by_label("公司回复").select_option("yes")
        page.get_by_label("细项打分").select_option("speed:1")
        page.get_by_role("button", name="应用").click()
        page.get_by_text("符合条件的评价 1 条").wait_for()
        assert parse_qs(urlsplit(page.url).query) == {
            "stage": ["claim"],
            "replied": ["yes"],
            "aspect": ["speed:1"],
        }
        assert page.locator("[data-key=clear-replied]").is_visible()
        page.locator("[data-key=topic-refusal]").click()
        assert page.locator("article").count() == 1
        page.get_by_role("link", name="显示全部").click()
        assert page.locator("article").count() == 10


def test_nothing_found_says_what_to_do(shop: Shop) -> None:
    with shop.site.window() as window:
        page = window.open(f"{WALL}?q=%E5%A4%AA%E7%A9%BA")
        page.get_by_text("没有评价写到：太空").wait_for()
        assert page.get_by_text("试试少写几个字").is_visible()
        assert axe.violations(page) == []


def test_a_wall_inside_a_shop_is_searched_in_place(shop: Shop) -> None:
    """The address can be shared, the back button leads back, and the box keeps the focus."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        box = page.get_by_role("searchbox")
        box.fill("理赔 拖了")
        box.press("Enter")
        page.locator("[data-key=clear-q]").wait_for()
        settle(page, 10)
        assert page.url.partition("#")[2].startswith("reviews?q=")
        assert page.locator("insurance-reviews article mark").count() == 10
        page.get_by_role("link", name="查看更多评价").click()
        settle(page, 14)
        box = page.get_by_role("searchbox")
        box.fill("免赔额")
        box.press("Enter")
        settle(page, 2)
        shared = page.url
        page.go_back()
        settle(page, 14)
        page.go_back()
        settle(page, 10)
        assert page.locator("[data-key=clear-q]").count() == 0
        page.goto("about:blank")
        page.goto(shared)
        settle(page, 2)
        assert page.get_by_role("searchbox").input_value() == "免赔额"
        assert axe.violations(page) == []
        assert seen.complaints == []
