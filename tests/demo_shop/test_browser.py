"""The shop's pages in a real browser: accessible in both schemes, and at home on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from insurance_reviews.demo_shop.app import create_app
from insurance_reviews.demo_shop.place import Place
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.deliver import deliver_due
from support import axe

from .conftest import PUBLIC_URL

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from playwright.sync_api import Browser, Page

PAGES = ["/", "/products/songpan-critical", "/policies", "/identity", "/embedding", "/nothing"]
#: What stands alone and is pressed with a finger. Links within sentences are exempt.
TARGETS = ".button, .plain, .door, .check, .choice label, nav a, summary, input, .back a, .foot a"
TOO_SMALL = """
selector => Array.from(document.querySelectorAll(selector))
  .filter(e => !e.closest(".insurance-reviews") && e.type !== "hidden" && e.type !== "checkbox")
  .map(e => [e.textContent || e.name, e.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.height < 43.5 || box.width < 24))
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)
"""


@pytest.fixture
def shop(
    place: Place, live_server: Callable[[WSGIApplication], str]
) -> tuple[str, Callable[[], int]]:
    """The address of a served shop, and how to deliver its mails."""
    app = create_app(place, public_url=PUBLIC_URL)
    return live_server(app), lambda: deliver_due(get_state(app))


def visits(page: Page, address: str, deliver: Callable[[], int]) -> Iterator[str]:
    """Look at everything that the shop shows, one page after the other."""
    for path in PAGES:
        page.goto(address + path)
        yield path
    page.goto(f"{address}/products/qingyan-home/buy")
    yield "buying"
    page.get_by_label("投保人姓名").fill("")
    page.get_by_role("button", name="确认投保").click()
    yield "refused"
    page.get_by_label("投保人姓名").fill("沈小满")
    page.get_by_label("保单生效日").fill("2026-01-31")
    page.get_by_label("我读过").check()
    page.get_by_role("button", name="确认投保").click()
    yield "bought"
    deliver()
    page.get_by_role("link", name="打开收件箱").click()
    yield "inbox"
    page.get_by_role("link", name="投保檐下家财险").click()
    yield "mail"
    page.goto(f"{address}/identity")
    page.get_by_role("button", name="监管人员").click()
    page.goto(f"{address}/policies")
    yield "policies of a regulator"


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_pages_are_accessible_and_fit(
    chromium: Browser, shop: tuple[str, Callable[[], int]], width: int, scheme: str
) -> None:
    """No violation of WCAG 2.2 AA, no sideways scrolling, no small target, no foreign request."""
    address, deliver = shop
    found: list[object] = []
    with chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="zh-CN",
    ) as window:
        page = window.new_page()
        page.on(
            "request",
            lambda request: None if request.url.startswith(address) else found.append(request.url),
        )
        page.on("pageerror", lambda error: found.append(str(error)))
        for name in visits(page, address, deliver):
            found += [(name, *violation) for violation in axe.violations(page)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append((name, "too wide"))
            found += [(name, target) for target in page.evaluate(TOO_SMALL, TARGETS)]
    assert found == []
