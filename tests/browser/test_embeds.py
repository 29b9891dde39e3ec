"""Walls on a page of another origin: in a frame, and as a fragment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Request, Response

from insurance_reviews.plugin.services.catalogue import add_storefront
from support import axe
from support.host import PREFIX
from support.live import serve

from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

FRAME = '<iframe src="{src}" title="评价" width="600" height="700" {attributes}></iframe>'


@pytest.fixture
def shop(site: Site) -> Iterator[str]:
    """Another shop, at another origin: ``/?html=…`` is a page of its own that holds that."""

    @Request.application
    def app(request: Request) -> Response:
        head = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>别家商城</title>'
        return Response(head + request.args.get("html", ""), content_type="text/html")

    with serve(app) as address:
        yield address


def grant(site: Site, origin: str) -> None:
    world = site.host.world
    world.write(
        lambda session: add_storefront(
            session, "other", "别家商城", world.now, insurers=["anxin"], origins=[origin]
        )
    )


def framed(page: Page, site: Site, shop: str, attributes: str = "") -> None:
    src = f"{site.address}{PREFIX}/frame/wall?product=anxin-medical"
    page.goto(shop)
    page.set_content(f"<h1>商品</h1>{FRAME.format(src=src, attributes=attributes)}")


@pytest.mark.parametrize("script", [True, False])
def test_in_a_frame_all_is_read_and_written(site: Site, shop: str, script: bool) -> None:
    """Filters stay in the frame; what leads elsewhere opens in the whole window. No cookie."""
    for score in (5, 4, 4):
        site.host.world.submit(score=score)
    grant(site, shop)
    with site.browser.new_context(locale="zh-CN", java_script_enabled=script) as context:
        page = context.new_page()
        page.set_default_timeout(8_000)
        framed(page, site, shop)
        wall = page.frame_locator("iframe")
        wall.locator(".ir-histogram a").nth(1).click()
        wall.locator(".ir-total").wait_for()
        assert wall.locator("article.ir-review").count() == 2
        assert page.url.startswith(shop)
        wall.get_by_role("link", name="写评价").click()
        page.wait_for_url(f"{site.address}{PREFIX}/link**")
        assert page.get_by_label("保单号").is_visible()
        page.go_back()
        framed(page, site, shop)
        page.frame_locator("iframe").locator(".ir-foot a").first.click()
        page.wait_for_url(f"{site.address}{PREFIX}/r/**")
        assert context.cookies() == []


def test_a_shop_that_was_not_granted_frames_nothing(site: Site, shop: str) -> None:
    grant(site, "https://somebody.else.example")
    with site.browser.new_context() as context:
        page = context.new_page()
        refused = []
        page.on("console", lambda message: refused.append(message.text))
        framed(page, site, shop)
        page.wait_for_timeout(500)
        assert page.frame_locator("iframe").locator("article").count() == 0
        assert any("frame-ancestors" in text for text in refused)


def test_nothing_else_can_be_framed(site: Site, shop: str) -> None:
    """Not even by a shop that was granted walls: forms and desks stay out of frames."""
    grant(site, shop)
    with site.browser.new_context() as context:
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        paths = [site.invitation(), f"{PREFIX}/link", f"{PREFIX}/desk/", f"{PREFIX}/products"]
        page.goto(shop)
        page.set_content("".join(f'<iframe src="{site.address}{path}"></iframe>' for path in paths))
        page.wait_for_timeout(800)
        assert len([text for text in refused if "frame-ancestors" in text]) == len(paths)


def test_a_fragment_stands_on_the_page_of_another_origin(site: Site, shop: str) -> None:
    """Put there by a script that fetched it: styled, accessible, its links lead to us."""
    site.host.world.submit(score=4, text="很快就赔了。")
    with site.browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{shop}/?html=<main><h1>商品</h1><div id=place></div></main>")
        page.evaluate(
            "async src => { const answer = await fetch(src, {credentials: 'omit'});"
            " document.getElementById('place').innerHTML = await answer.text() }",
            f"{site.address}{PREFIX}/embed/wall?product=anxin-medical",
        )
        page.get_by_text("很快就赔了。").wait_for()
        page.wait_for_function(
            "getComputedStyle(document.querySelector('.ir-wall')).display === 'grid'"
        )
        assert axe.violations(page) == []
        page.locator(".ir-histogram a").nth(1).click()
        page.wait_for_url(f"{site.address}{PREFIX}/products/anxin-medical?score=4**")
