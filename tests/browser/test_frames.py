"""Framed walls on pages of another origin: as high as they are, and heard by those who may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support import axe
from support.host import PREFIX

from .shops import Shop, opened, visit
from .test_embeds import grant
from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def shop(lasting_site: Site) -> Iterator[Shop]:
    """A shop that may frame the walls of a product with six reviews."""
    for number in range(6):
        lasting_site.host.world.submit(score=1 + number % 5)
    with opened(lasting_site) as shop:
        grant(lasting_site, shop.address)
        yield shop


def frame(shop: Shop, more: str = "") -> str:
    src = f"{shop.site.address}{PREFIX}/frame/wall?product=anxin-medical"
    return f'<iframe src="{src}" title="评价" width="600" {more}></iframe>'


FRAMES = f'<script type="module" src="{{}}{PREFIX}/static/frames.js"></script>'


def height(page: Page) -> float:
    return float(page.evaluate("document.querySelector('iframe').clientHeight"))


def fits(page: Page) -> None:
    """Wait until the frame is as high as what is in it."""
    page.wait_for_function("document.querySelector('iframe').style.height !== ''")
    inside = page.frame_locator("iframe >> nth=0").locator("body")
    inside.locator("main").wait_for()
    for _ in range(50):
        needed = inside.evaluate(
            "body => body.lastElementChild.getBoundingClientRect().bottom + scrollY"
        )
        if abs(height(page) - needed) <= 1:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the frame has {height(page)}, its wall {needed}")


@pytest.mark.parametrize("late", [False, True])
def test_a_frame_is_as_high_as_its_wall(shop: Shop, late: bool) -> None:
    """Also when it has loaded before the script has, and after a filter."""
    script = FRAMES.format(shop.site.address)
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.page(frame(shop), head="" if late else script))
        if late:
            page.frame_locator("iframe >> nth=0").locator("article").first.wait_for()
            page.wait_for_timeout(300)
            page.evaluate("src => import(src)", f"{shop.site.address}{PREFIX}/static/frames.js")
        fits(page)
        full = height(page)
        assert full > 1200
        page.frame_locator("iframe >> nth=0").locator("[data-key=score-1]").click()
        page.frame_locator("iframe >> nth=0").locator(".ir-total").wait_for()
        fits(page)
        assert height(page) < full
        page.set_viewport_size({"width": 390, "height": 844})
        page.evaluate("document.querySelector('iframe').width = 320")
        page.wait_for_timeout(300)
        fits(page)
        assert not any("postMessage" in text for text in seen.complaints)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_around_chooses_the_colours(shop: Shop, theme: str) -> None:
    """Whatever the reader prefers, and in the next view, too."""
    grounds = {"light": "rgb(255, 255, 255)", "dark": "rgb(24, 28, 26)"}
    other = {"light": "dark", "dark": "light"}[theme]
    with visit(shop, color_scheme=other) as seen:
        page = seen.page
        asked = frame(shop).replace("?product", f"?theme={theme}&amp;product")
        page.goto(shop.page(asked, root='lang="zh-CN"'))
        inside = page.frame_locator("iframe")
        for _ in range(2):
            inside.locator("article").first.wait_for()
            ground = inside.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
            assert ground == grounds[theme]
            inside.locator("[data-key=stage-claim]").click()
            inside.locator("[data-key=stage-claim][aria-current]").wait_for()
        assert axe.violations(page) == []


def test_nobody_else_is_believed(shop: Shop) -> None:
    """Neither another window of the right origin, nor the right window of another origin, nor
    nonsense."""
    script = FRAMES.format(shop.site.address)
    with visit(shop) as seen:
        page = seen.page
        strange = shop.page(
            "",
            head="<script>parent.postMessage("
            "{type: 'insurance-reviews:height', height: 9}, '*')</script>",
        )
        page.goto(
            shop.page(f'{frame(shop)}<iframe id="strange" src="{strange}"></iframe>', head=script)
        )
        fits(page)
        before = height(page)
        page.evaluate("postMessage({type: 'insurance-reviews:height', height: 9}, '*')")
        inside = page.frames[1]
        assert inside.url.startswith(shop.site.address)
        for bad in ("{height: 9}", "null", "'insurance-reviews:height'",
                    "{type: 'insurance-reviews:height', height: 'x'}",
                    "{type: 'insurance-reviews:height', height: -1}",
                    "{type: 'insurance-reviews:height', height: NaN}"):  # fmt: skip
            inside.evaluate(f"parent.postMessage({bad}, '*')")
        page.wait_for_timeout(200)
        assert height(page) == before
        assert page.evaluate("document.getElementById('strange').style.height") == ""
        assert [text for text in seen.complaints if "postMessage" in text] == []


def test_a_framed_wall_answers_the_page_around_it_only(shop: Shop) -> None:
    """Asked by a frame beside it, it says nothing; and it names whom it tells."""
    with visit(shop) as seen:
        page = seen.page
        ask = "parent.frames[0].postMessage({type: 'insurance-reviews:height?'}, '*')"
        page.goto(shop.page(frame(shop) + '<iframe srcdoc="<p>x"></iframe>', head=""))
        page.frame_locator("iframe >> nth=0").locator("article").first.wait_for()
        page.wait_for_timeout(300)
        page.evaluate(
            "globalThis.heard = []; addEventListener('message', (e) => heard.push(e.data))"
        )
        page.frames[2].evaluate(
            "globalThis.heard = []; addEventListener('message', (e) => heard.push(e.data))"
        )
        page.frames[2].evaluate(ask)
        page.wait_for_timeout(200)
        assert page.evaluate("heard") == []
        assert page.frames[2].evaluate("heard") == []
        page.evaluate("frames[0].postMessage({type: 'insurance-reviews:height?'}, '*')")
        page.wait_for_function("heard.length === 1")
        assert page.evaluate("heard[0].type") == "insurance-reviews:height"
