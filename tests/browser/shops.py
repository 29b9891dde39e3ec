"""Pages of another shop, at an origin of its own, on which our embeds stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from support.host import PREFIX
from support.live import serve

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from .watch import Site

DEFINE = f"{PREFIX}/static/define.js"
FALLBACK = '<a href="https://shop.example/reviews">评价</a>'
ELEMENT = "document.querySelector('insurance-reviews')"
#: What ``docs/embedding.md`` asks a shop to put into its style sheet.
RESERVED = """<style>
insurance-reviews:not(:defined) { display: block; min-height: 100vh }
insurance-reviews-summary:not(:defined) {
  display: inline-block; vertical-align: top; min-width: 13rem; min-height: 44px
}
</style>"""


@dataclass
class Shop:
    """The shop, what its pages hold, and the site whose embeds they carry."""

    site: Site
    address: str = ""
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    @property
    def script(self) -> str:
        """The one line that makes the elements work."""
        return f'<script type="module" src="{self.site.address}{DEFINE}"></script>'

    def page(
        self,
        body: str,
        *,
        head: str | None = None,
        policy: str | None = None,
        root: str = 'lang="zh-CN"',
    ) -> str:
        """The address of a new page. ``head`` is our script, unless it is given; ``root`` are the
        attributes of the page itself."""
        path = f"/{len(self.pages)}"
        html = (
            f'<!doctype html><html {root}><head><meta charset="utf-8"><title>商品</title>'
            '<meta name="viewport" content="width=device-width">'
            f"{self.script if head is None else head}</head><body><main><h1>商品</h1>{body}</main>"
        )
        headers = {"Content-Security-Policy": policy} if policy else {}
        self.pages[path] = (html, headers)
        return self.address + path

    def wall(self, attributes: str = "", **page: Any) -> str:
        """The address of a new page with a wall."""
        return self.page(wall(attributes), **page)


@contextmanager
def opened(site: Site) -> Iterator[Shop]:
    """The shop, while it is served."""
    shop = Shop(site)

    @Request.application
    def app(request: Request) -> Response:
        if request.path not in shop.pages:
            return Response(status=204)  # The browser looks for an icon.
        html, headers = shop.pages[request.path]
        return Response(html, content_type="text/html; charset=utf-8", headers=headers)

    with serve(app) as address:
        shop.address = address
        yield shop


def wall(attributes: str = "") -> str:
    """The element with its fallback."""
    product = "" if "product=" in attributes else ' product="anxin-medical"'
    return f"<insurance-reviews{product} {attributes}>{FALLBACK}</insurance-reviews>"


def summary(product: str) -> str:
    """The element of a list, with its fallback."""
    return (
        f'<insurance-reviews-summary product="{product}"><a href="/p">评价</a>'
        "</insurance-reviews-summary>"
    )


def reviews(page: Page) -> int:
    """How many reviews all walls of the page show."""
    return page.locator("article.ir-review").count()


def settle(page: Page, count: int) -> None:
    """Wait until the first wall shows so many reviews and nothing is under way."""
    page.wait_for_function(
        f"n => {ELEMENT}.complete &&"
        f" {ELEMENT}.shadowRoot.querySelectorAll('article.ir-review').length === n",
        arg=count,
    )


def bar(page: Page, score: int) -> None:
    """Narrow the first wall to a score, or widen it again."""
    page.locator(f"[data-key=score-{score}]").click()


def focused(page: Page) -> str:
    """The focused control by its key, or a heading by its text."""
    return str(
        page.evaluate(
            f"{ELEMENT}.shadowRoot.activeElement?.dataset.key"
            f" ?? {ELEMENT}.shadowRoot.activeElement?.innerText ?? ''"
        )
    )


def status(page: Page) -> str:
    """What a screen reader is told."""
    region = page.locator("insurance-reviews [role=status]")
    page.wait_for_function(f"{ELEMENT}.shadowRoot.querySelector('[role=status]').textContent")
    return region.inner_text().strip()


@dataclass
class Visit:
    """A visitor's window on the shop: what it asked us for, and what it complained about."""

    page: Page
    shop: Shop
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def fragments(self) -> list[str]:
        """The queries of all walls and summaries that were asked for."""
        return [url.split("/embed/")[1] for url in self.requests if "/embed/" in url]

    def events(self) -> list[str]:
        """What the elements have said so far, where :func:`watched` listens."""
        found: list[str] = json.loads(self.page.evaluate("JSON.stringify(globalThis.said ?? [])"))
        return found


#: Collects the elements' events: they do not bubble, so it listens on the way down to them.
LISTEN = """
globalThis.said = [];
for (const type of ["loadstart", "load", "error", "loadend"])
  document.addEventListener(type, (event) => {
    if (event.target.localName?.startsWith("insurance-reviews")) said.push(event.type);
  }, true);
"""
#: Adds up what moves without the reader's doing, as browsers measure it.
SHIFTS = """
globalThis.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@contextmanager
def visit(shop: Shop, **options: Any) -> Iterator[Visit]:
    """A window at the shop. At the end nothing may have been stored, and nobody else asked."""
    options = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", **options}
    with shop.site.browser.new_context(**options) as context:
        context.add_init_script(LISTEN + SHIFTS)
        page = context.new_page()
        page.set_default_timeout(8_000)
        seen = Visit(page, shop)
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda message: seen.complaints.append(message.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        yield seen
        check_that_nothing_stays(context, seen)


def check_that_nothing_stays(context: BrowserContext, seen: Visit) -> None:
    """No cookie, no storage, no third party."""
    ours = (seen.shop.address, seen.shop.site.address)
    assert [url for url in seen.requests if not url.startswith(ours)] == []
    assert context.cookies() == []
    assert seen.page.evaluate("localStorage.length + sessionStorage.length") == 0
