"""What ``test_pages.py`` does not come by: a wall with everything on it as an element on pages of
every kind, single reviews whose words are gone, their proof, and the badge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import axe
from support.host import PREFIX
from support.world import TEXT

from .shops import ELEMENT, Shop, opened, visit
from .test_pages import wall as everything
from .watch import Site

DARK = (
    '<meta name="color-scheme" content="dark"><style>body { background: #111; color: #eee }</style>'
)
#: Who is around: the page's language and direction, and what it has in its head.
HOSTS = {
    "light": ('lang="zh-CN"', ""),
    "dark": ('lang="zh-CN"', DARK),
    "from the right": ('lang="ar" dir="rtl"', ""),
    "from the right, dark": ('lang="ar" dir="rtl"', DARK),
}


@pytest.fixture(scope="module")
def shop(lasting_site: Site) -> Iterator[Shop]:
    """A shop that sells what has reviews of every kind."""
    everything(lasting_site)
    with opened(lasting_site) as shop:
        yield shop


@pytest.mark.parametrize("host", HOSTS)
def test_the_element_with_everything_on_it(shop: Shop, host: str) -> None:
    """On a phone, with all that can be unfolded unfolded."""
    root, head = HOSTS[host]
    with visit(shop, viewport={"width": 390, "height": 844}) as seen:
        page = seen.page
        page.goto(shop.wall(head=shop.script + head, root=root))
        page.locator(".ir-stone").nth(2).wait_for()
        page.wait_for_function(f"{ELEMENT}.complete")
        page.evaluate(
            f"for (const one of {ELEMENT}.shadowRoot.querySelectorAll('details')) one.open = true"
        )
        page.locator(".ir-version").first.wait_for()
        assert axe.violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert seen.complaints == []


def gone(site: Site, how: str) -> str:
    """The path of a review whose words are gone."""
    world = site.host.world
    review = world.submit(text=TEXT, display_name="王小明")
    report = world.report(review)
    match how:
        case "removed":
            world.remove(review, report.id)
            world.acknowledge(report.id)
        case "redacted":
            world.remove(review, report.id, redacted=TEXT.replace("查勘员", "███"))
            world.acknowledge(report.id, "disputed", "未收到。")
        case "withdrawn":
            world.withdraw(review)
    return f"{PREFIX}/r/{review.id}"


@pytest.mark.parametrize("how", ["removed", "redacted", "withdrawn"])
def test_a_review_whose_words_are_gone(lasting_site: Site, how: str) -> None:
    """Its own page, and the page that checks it, once that has checked what is public."""
    path = gone(lasting_site, how)
    for scheme in ("light", "dark"):
        with lasting_site.window(color_scheme=scheme) as window:
            page = window.open(path)
            page.locator(".ir-stone").wait_for()
            assert axe.violations(page) == []
            page = window.open(f"{path}/verify")
            page.locator("summary").nth(1).click()
            page.locator("[data-public]").click()
            page.locator("[data-verdict] h2").wait_for()
            assert axe.violations(page) == []


@pytest.mark.parametrize("product", ["anxin-medical", "anxin-motor"])
def test_the_badge_on_a_page(shop: Shop, product: str) -> None:
    """It is a picture, which is drawn, and its words are the page's."""
    src = f"{shop.site.address}{PREFIX}/badge/{product}.svg"
    with visit(shop) as seen:
        page = seen.page
        picture = f'<img src="{src}" width="224" height="36" alt="安心百万医疗险的评价">'
        page.goto(shop.page(f'<a href="/p">{picture}</a>', head=""))
        page.wait_for_function("document.images[0].complete && document.images[0].naturalWidth")
        assert page.get_by_role("link", name="安心百万医疗险的评价").is_visible()
        assert axe.violations(page) == []
        assert seen.complaints == []
