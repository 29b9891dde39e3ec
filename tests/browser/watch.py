"""Watching a browser: what it asks for, what it sends, what it complains about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from insurance_reviews.plugin.services.policy_events import Holder
from support.host import PREFIX, Host

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

#: Leaving a page at once aborts what it still loads.
_HARMLESS = ("net::ERR_ABORTED",)


@dataclass
class Window:
    """A window of a visitor's, and everything that it did."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Type an address of the site."""
        self.page.goto(self.site.address + path)
        return self.page

    def _saw(self, request: Request) -> None:
        if not request.url.startswith(self.site.address):
            self.complaints.append(f"a request left for {request.url}")
        self.sent.append(f"{request.url}\n{request.headers}\n{request.post_data or ''}")


@dataclass
class Site:
    """The host, served at an address."""

    host: Host
    address: str
    browser: Browser

    def invitation(self, name: str | None = "王小明", **changed: Any) -> str:
        """The path of a new invitation."""
        token = self.host.world.invite(holder=Holder(name=name), **changed)
        return f"{PREFIX}/i/{token}"

    @contextmanager
    def window(self, staff: str | None = None, **options: Any) -> Iterator[Window]:
        """A window of its own. Nothing in it may fail, complain, or leave for another origin."""
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", **options}
        with self.browser.new_context(**options) as context:
            window = Window(context.new_page(), self)
            page, complaints = window.page, window.complaints
            page.set_default_timeout(8_000)
            page.on("request", window._saw)
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("requestfailed", lambda r: complaints.append(f"{r.url}: {r.failure}"))
            if staff is not None:
                window.open(f"/sign-in/{staff}?next={PREFIX}/products")
            yield window
            page.wait_for_load_state()
            # A status that the test asked for is reported on the console, too.
            expected = ("the server responded with a status of 4", *_HARMLESS)
            assert [text for text in complaints if not any(part in text for part in expected)] == []
