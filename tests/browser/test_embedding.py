"""The desk's page about embedding, and the badge, in a real browser."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from support import axe
from support.host import PREFIX

from .shops import opened, settle, visit
from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Route

EMBED = f"{PREFIX}/desk/embed"


def test_a_snippet_is_copied_by_its_button(site: Site) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    with site.window("service-anxin", permissions=permissions) as window:
        page = window.open(EMBED)
        box = page.locator("#code-element")
        page.locator('[data-copies="code-element"]').click()
        page.get_by_text("已复制").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == box.text_content()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_complete_and_accessible(site: Site, script: bool, scheme: str) -> None:
    """Without JavaScript the boxes are there and the buttons are not."""
    site.host.world.submit(score=4, text="很快就赔了。")
    options = {"java_script_enabled": script, "color_scheme": scheme}
    with site.window("service-anxin", **options) as window:
        page = window.open(EMBED)
        assert page.locator("button[data-copies]:visible").count() == (8 if script else 0)
        assert page.locator("pre code").count() == 8
        page.locator("iframe").scroll_into_view_if_needed()
        page.frame_locator("iframe").get_by_text("很快就赔了。").wait_for()
        link = page.locator("insurance-reviews > a")
        assert link.is_visible() is not script
        if script:
            page.locator("insurance-reviews").get_by_text("很快就赔了。").wait_for()
            page.locator("insurance-reviews-summary").get_by_text("1 条评价").wait_for()
            assert axe.violations(page) == []


def come_late(route: Route) -> None:
    """So that the page is drawn before."""
    time.sleep(0.3)
    route.continue_()


def test_what_was_copied_moves_nothing(site: Site) -> None:
    """Pasted into a page as it is, it keeps the place free until the reviews are there."""
    site.host.world.submit(score=4, text="很快就赔了。")
    with site.window("service-anxin") as window:
        copied = window.open(EMBED).locator("#code-element").inner_text()
    with opened(site) as shop, visit(shop) as seen:
        seen.page.route("**/define.*", come_late)
        seen.page.goto(shop.page(f"{copied}<footer><p>关于本店</p></footer>", head=""))
        settle(seen.page, 1)
        assert seen.page.evaluate("shifts") == 0
        assert seen.complaints == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_hangs_over(site: Site, width: int) -> None:
    with site.window("service-anxin", viewport={"width": width, "height": 900}) as window:
        page = window.open(EMBED)
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_badges_words_end_inside_it(site: Site, lang: str, count: int) -> None:
    """Whatever font this machine has."""
    for _ in range(count):
        site.host.world.submit(score=4, text=None)
    with site.window() as window:
        page = window.open(f"{PREFIX}/badge/anxin-medical.svg?lang={lang}")
        end = page.evaluate(
            "Math.max(...[...document.querySelectorAll('text')].map(t => t.getBBox().x"
            " + t.getBBox().width))"
        )
        starts = page.evaluate(
            "[...document.querySelectorAll('text')].map(t => [t.getBBox().x, t.getBBox().width])"
        )
        assert end < page.evaluate("document.documentElement.width.baseVal.value") - 8
        for (left, width), (right, _) in pairwise(starts):
            assert left + width < right
