"""Three pages of different people, and the same wall on each of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from insurance_reviews.demo_shop.app import create_app
from insurance_reviews.demo_shop.place import Place
from support import axe
from support.checkout import ROOT
from support.live import serve

from .conftest import PUBLIC_URL
from .pages import look

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from playwright.sync_api import Browser, Locator, Page

SKU = "judeng-medical"
FLASK, STATIC, LEGACY = (
    f"{path}/{SKU}" for path in ("/products", "/hosts/static", "/hosts/legacy")
)
FROM_THE_RIGHT = f"{LEGACY}?dir=rtl"
PAGES = [FLASK, STATIC, LEGACY, FROM_THE_RIGHT]
#: How the wall is drawn, wherever it stands. The font is the page's own.
KEY_STYLES = """
wall => ["", ".ir-h", ".ir-tabs a", ".ir-text", ".ir-review h3, .ir-review time"].map(selector => {
  const element = selector ? wall.querySelector(selector) : wall;
  if (!element) return `no ${selector}`;
  const style = getComputedStyle(element);
  return ["display", "fontSize", "fontWeight", "lineHeight", "letterSpacing", "wordSpacing",
    "direction", "float", "textTransform", "textDecorationLine",
  ].map(name => `${selector} ${name}: ${style[name]}`);
})
"""


@dataclass
class Visit:
    """A window on a page, and what it complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Locator:
        """Go there; the wall when it shows reviews."""
        self.page.goto(self.address + path)
        wall = self.page.locator("main .ir-wall, insurance-reviews .ir-wall").first
        wall.locator(".ir-review").first.wait_for()
        return wall


@dataclass
class Demo:
    """The served shop."""

    browser: Browser
    address: str

    @contextmanager
    def visit(self, **options: Any) -> Iterator[Visit]:
        """Nothing may complain, be stored, or be asked from anybody else."""
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", **options}
        with self.browser.new_context(**options) as context:
            page = context.new_page()
            page.set_default_timeout(8_000)
            seen = Visit(page, self.address)
            page.on("console", lambda message: seen.complaints.append(message.text))
            page.on("pageerror", lambda error: seen.complaints.append(str(error)))
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            yield seen
            page.wait_for_load_state()
            assert seen.complaints == []
            assert [url for url in asked if not url.startswith(self.address)] == []
            assert context.cookies() == []
            assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.fixture(scope="module")
def demo(
    seeded: Place, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """A shop that knows its true address: the element is asked for at it."""
    folder = tmp_path_factory.mktemp("hosts") / "shop"
    place = Place(shutil.copytree(seeded.folder, folder))
    apps: list[Flask] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return apps[0].wsgi_app(environ, start_response)

    with serve(app) as address:
        apps.append(create_app(place, public_url=address))
        yield Demo(chromium, address)


@pytest.mark.parametrize("path", PAGES)
def test_the_wall_shows_and_its_filters_work(demo: Demo, path: str) -> None:
    with demo.visit() as seen:
        wall = seen.open(path)
        if path.startswith(LEGACY):
            seen.page.locator("html[data-vandalised]").wait_for()
        total = wall.locator(".ir-review").count()
        wall.locator('[data-key="stage-claim"]').click()
        wall.locator('[data-key="stage-claim"][aria-current]').wait_for()
        claims = wall.locator(".ir-review").all_inner_texts()
        assert claims
        assert all("理赔赔付" in claim for claim in claims)
        assert seen.page.url.startswith(demo.address + path.partition("?")[0])
        seen.page.go_back()
        wall.locator('[data-key="stage-all"][aria-current]').wait_for()
        assert wall.locator(".ir-review").count() == total


def test_the_wall_looks_the_same_on_all_of_them(demo: Demo) -> None:
    with demo.visit() as seen:
        looks = {path: seen.open(path).evaluate(KEY_STYLES) for path in PAGES}
    assert looks[FLASK][0][0] == " display: grid"
    for path in PAGES:
        assert looks[path] == looks[FLASK], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_static_page_is_accessible_and_fits_a_phone(demo: Demo, scheme: Any) -> None:
    with demo.visit(viewport={"width": 390, "height": 844}, color_scheme=scheme) as seen:
        seen.open(STATIC)
        assert axe.violations(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 390


def test_all_stars_of_the_static_page_come_in_one_answer(demo: Demo) -> None:
    with demo.visit() as seen:
        asked: list[str] = []
        seen.page.on("request", lambda request: asked.append(request.url))
        seen.open(STATIC)
        for stars in seen.page.locator("insurance-reviews-summary").all():
            stars.locator("[data-product]").wait_for()
        assert len([url for url in asked if "/embed/summary" in url]) == 1


def test_the_static_page_may_lie_at_another_origin(demo: Demo) -> None:
    """Under a name that is not ours, all that it embeds is asked for across origins."""
    complaints: list[str] = []
    with demo.browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(demo.address.replace("127.0.0.1", "localhost") + STATIC)
        wall = page.locator("insurance-reviews .ir-wall")
        wall.locator('[data-key="stage-claim"]').click()
        wall.locator('[data-key="stage-claim"][aria-current]').wait_for()
        assert page.url.endswith(f"{STATIC}#reviews?stage=claim")
        assert complaints == []
        assert context.cookies() == []


@pytest.mark.parametrize("path", [STATIC, LEGACY])
def test_without_javascript_there_is_a_link(demo: Demo, path: str) -> None:
    with demo.browser.new_context(java_script_enabled=False, locale="zh-CN") as context:
        page = context.new_page()
        page.goto(demo.address + path)
        if path == LEGACY:
            frame = page.frame_locator("iframe")
            page.locator("iframe").scroll_into_view_if_needed()
            frame.locator(".ir-review").first.wait_for()
        page.locator("insurance-reviews a").click()
        page.wait_for_url(f"{demo.address}/reviews/products/{SKU}")
        assert page.locator(".ir-review").count() > 0


def test_the_frame_of_the_portal_opens(demo: Demo) -> None:
    with demo.visit() as seen:
        seen.open(LEGACY)
        seen.page.locator("iframe").scroll_into_view_if_needed()
        seen.page.frame_locator("iframe").locator(".ir-review").first.wait_for()


@pytest.mark.parametrize("path", [STATIC, LEGACY, FROM_THE_RIGHT])
def test_nothing_is_inline(client: FlaskClient, path: str) -> None:
    page = look(client, path)
    assert page.status == 200
    assert [tag for tag, _ in page.tags if tag == "style"] == []
    assert all("src" in attributes for tag, attributes in page.tags if tag == "script")
    for _, attributes in page.tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_the_strict_page_allows_what_the_documentation_says(client: FlaskClient) -> None:
    """And nothing more, but its own style sheet and pictures."""
    said = (ROOT / "docs" / "embedding.md").read_text("utf-8")
    lines = re.search(r"^script-src [^`]*", said, re.MULTILINE)
    assert lines is not None
    documented = " ".join(lines[0].split()).replace("https://reviews.example", PUBLIC_URL)
    own, found, added = client.get(STATIC).headers["Content-Security-Policy"].partition(documented)
    assert (found, added) == (documented, "")
    assert own == (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; "
    )


@pytest.mark.parametrize("kind", ["static", "legacy"])
def test_an_unknown_product_has_no_page(client: FlaskClient, kind: str) -> None:
    assert client.get(f"/hosts/{kind}/nothing").status_code == 404
