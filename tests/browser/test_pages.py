"""Every page in every state, as it is really served: accessible, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from support import axe
from support.host import PREFIX
from support.world import TEXT

from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

PRESS = "[name=action][value={}]"


@dataclass(frozen=True)
class State:
    """How a page comes to look as it does."""

    path: Callable[[Site], str]
    staff: str | None = None
    act: Callable[[Page], object] = lambda page: None
    script: bool = True


def wall(site: Site) -> str:
    """A wall with everything on it: stars only, words, a follow-up, replies, tombstones."""
    world = site.host.world
    world.submit(score=5, text=None, aspects={"speed": 5, "outcome": 4})
    told = world.submit(score=1, display_name="欧阳娜娜", aspects={"speed": 1})
    world.follow_up(told)
    world.reply(told, "抱歉。")
    world.reply(told, "抱歉，详见 https://anxin.example/help 。")
    world.remove(world.submit(score=2))
    world.remove(world.submit(score=2), redacted=TEXT.replace("查勘员", "███"))
    world.withdraw(world.submit(score=3))
    return f"{PREFIX}/products/anxin-medical"


def long_wall(site: Site) -> str:
    for score in (1, 2, 3, 4, 5, 5, 5, 4, 4, 3, 2):
        site.host.world.submit(score=score, text="W" * 300 if score == 5 else None)
    return f"{PREFIX}/products/anxin-medical?score=5"


def one_review(site: Site) -> str:
    review = site.host.world.submit(text=TEXT)
    site.host.world.reply(review)
    return f"{PREFIX}/r/{review.id}"


def author_page(site: Site) -> str:
    return f"{PREFIX}/r/{site.host.world.submit(text=TEXT).id}/author"


def desk_review(site: Site) -> str:
    review = site.host.world.submit(text=TEXT)
    site.host.world.reply(review)
    site.host.world.report(review)
    return f"{PREFIX}/desk/reviews/{review.id}"


def some_reports(site: Site) -> str:
    world = site.host.world
    world.remove(world.submit(text=TEXT))
    world.acknowledge(world.report(world.submit(text=TEXT)).id, "disputed", "未收到")
    return world.report(world.submit(text=TEXT)).id


def desk(site: Site) -> str:
    some_reports(site)
    return f"{PREFIX}/desk/"


def used(site: Site) -> str:
    token = site.host.world.invite()
    site.host.world.submit(token)
    return f"{PREFIX}/i/{token}"


def expired(site: Site) -> str:
    path = site.invitation()
    site.host.world.pass_time(days=91)
    return path


def fill(page: Page, text: str = TEXT) -> None:
    page.locator("label:has([name=score][value='2'])").click()
    page.locator("[name=text]").fill(text)
    page.locator("[name=consent]").check()


def send(page: Page, button: str, text: str = TEXT) -> None:
    fill(page, text)
    page.locator(PRESS.format(button)).click()
    page.wait_for_load_state()


def send_nothing(page: Page) -> None:
    page.locator("form").first.evaluate("form => { form.noValidate = true; form.requestSubmit() }")
    page.locator("[data-errors]").wait_for()


STATES = {
    "index": State(lambda site: f"{PREFIX}/products"),
    "wall, empty": State(lambda site: f"{PREFIX}/products/anxin-motor"),
    "wall, full": State(wall),
    "wall, earlier versions": State(wall, act=lambda page: page.locator("summary").last.click()),
    "wall, told": State(wall, act=lambda page: page.locator("summary").first.click()),
    "wall, filtered": State(long_wall),
    "wall, in a frame": State(lambda site: f"{PREFIX}/frame/wall?product=anxin-motor"),
    "wall, the host's page": State(lambda site: wall(site) and "/product/anxin-medical"),
    "review": State(one_review),
    "form": State(lambda site: site.invitation(), act=fill),
    "form, anonymous": State(lambda site: site.invitation(None)),
    "form, without script": State(lambda site: site.invitation(), script=False),
    "form, errors": State(lambda site: site.invitation(), act=send_nothing),
    "form, personal data": State(
        lambda site: site.invitation(), act=lambda page: send(page, "publish", "请打13800138000")
    ),
    "form, preview": State(
        lambda site: site.invitation(), act=lambda page: send(page, "preview"), script=False
    ),
    "receipt": State(lambda site: site.invitation(), act=lambda page: send(page, "publish")),
    "receipt, without script": State(
        lambda site: site.invitation(), act=lambda page: send(page, "publish"), script=False
    ),
    "invitation, used": State(used),
    "invitation, expired": State(expired),
    "invitation, unknown": State(lambda site: f"{PREFIX}/i/x"),
    "author": State(author_page),
    "author, errors": State(author_page, act=send_nothing),
    "link": State(lambda site: f"{PREFIX}/link"),
    "link, errors": State(lambda site: f"{PREFIX}/link", act=send_nothing),
    "link, sent": State(lambda site: f"{PREFIX}/link?sent=1"),
    "log": State(lambda site: f"{PREFIX}/log/anxin/"),
    "desk": State(desk, "service-anxin"),
    "desk, empty": State(lambda site: f"{PREFIX}/desk/?stage=renewal", "service-anxin"),
    "desk, review": State(desk_review, "service-anxin"),
    "compliance, review": State(desk_review, "compliance-anxin"),
    "compliance, errors": State(desk_review, "compliance-anxin", act=send_nothing),
    "compliance": State(
        lambda site: some_reports(site) and f"{PREFIX}/desk/compliance", "compliance-anxin"
    ),
    "regulator": State(lambda site: some_reports(site) and f"{PREFIX}/regulator/", "regulator"),
    "regulator, report": State(
        lambda site: f"{PREFIX}/regulator/reports/{some_reports(site)}", "regulator"
    ),
    "error, not found": State(lambda site: f"{PREFIX}/nothing"),
    "error, forbidden": State(lambda site: f"{PREFIX}/desk/"),
    "error, bad filter": State(lambda site: f"{PREFIX}/products/anxin-medical?score=9"),
}


@pytest.mark.parametrize("name", STATES)
def test_a_page(lasting_site: Site, name: str) -> None:
    """On a phone in the dark: nothing that axe has against it, and no scrolling sideways.

    Every state by light and on a wide screen, too: ``tests/widgets/test_browser.py``, on samples.
    """
    state = STATES[name]
    path = state.path(lasting_site)
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
    with lasting_site.window(state.staff, java_script_enabled=state.script, **phone) as window:
        page = window.open(path)
        state.act(page)
        if state.script:
            assert axe.violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            return
        html = page.content()
    # axe is a script itself, so it looks at the same page with ours left out.
    with lasting_site.browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.route("**/*.js", lambda route: route.abort())
        page.route("**/it", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(f"{lasting_site.address}/it")
        assert axe.violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
