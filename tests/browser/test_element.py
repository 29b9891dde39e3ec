"""``<insurance-reviews>`` on a page of another origin: reading, narrowing, going back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support import axe
from support.host import PREFIX

from .shops import (
    ELEMENT,
    FALLBACK,
    RESERVED,
    Shop,
    Visit,
    bar,
    focused,
    opened,
    reviews,
    settle,
    status,
    summary,
    visit,
    wall,
)
from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

FOOTER = "<footer><p>关于本店</p></footer>"


@pytest.fixture(scope="module")
def shop(lasting_site: Site) -> Iterator[Shop]:
    """A shop that sells a product with twelve reviews, and others that have one or none."""
    world = lasting_site.host.world
    for number in range(12):
        stage = "claim" if number % 2 else "renewal"
        world.submit(score=1 + number % 5, stage=stage, text=f"第{number}条：理赔很快。")
    world.submit(product="anxin-motor", score=5, text="车险也不错。")
    with opened(lasting_site) as shop:
        yield shop


def fragment_of(page: Page) -> str:
    """What stands in the address after the hash."""
    return page.url.partition("#")[2]


def last_query(seen: Visit) -> set[str]:
    return set(seen.fragments[-1].partition("?")[2].split("&"))


def test_it_takes_the_place_of_a_link(shop: Shop) -> None:
    """By a request for the script, one for the style sheet and one for the reviews."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.page(wall() + FOOTER, head=shop.script + RESERVED))
        page.get_by_text("第11条").wait_for()
        settle(page, 10)
        assert not page.get_by_text("评价", exact=True).is_visible()
        assert seen.events() == ["loadstart", "load", "loadend"]
        assert [url.partition("?")[0].rpartition("/")[2] for url in seen.requests[1:]] == [
            "define.js",
            "wall",
            shop.site.host.state.assets.url("reviews.css").rpartition("/")[2],
        ]
        assert axe.violations(page) == []
        assert page.evaluate("shifts") == 0
        assert seen.complaints == []


def test_what_is_preloaded_is_not_asked_for_again(shop: Shop) -> None:
    """The style sheet and the first reviews, by the lines that ``docs/embedding.md`` shows."""
    site = shop.site
    sheet = site.address + site.host.state.assets.url("reviews.css")
    query = "product=anxin-medical&amp;lang=zh-CN&amp;styles=none"
    lines = "".join(
        f'<link rel="preload" as="fetch" crossorigin="anonymous" href="{address}">'
        for address in (sheet, f"{site.address}{PREFIX}/embed/wall?{query}")
    )
    with visit(shop) as seen:
        seen.page.goto(shop.wall(head=shop.script + lines))
        settle(seen.page, 10)
        assert len(seen.requests) == len(set(seen.requests)) == 4
        assert seen.complaints == []


def test_without_a_script_the_link_stays(shop: Shop) -> None:
    with visit(shop, java_script_enabled=False) as seen:
        seen.page.goto(shop.wall())
        assert seen.page.get_by_role("link", name="评价").is_visible()
        assert len(seen.requests) == 1


def test_filters_are_addresses_that_can_be_shared(shop: Shop) -> None:
    """And the back button undoes them one by one."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        bar(page, 4)
        settle(page, 2)
        assert fragment_of(page) == "reviews?score=4"
        assert status(page) == "符合条件的评价 2 条"
        page.locator("[data-key=stage-claim]").click()
        settle(page, 1)
        assert fragment_of(page) == "reviews?stage=claim&score=4"
        page.locator("[data-key=clear]").click()
        settle(page, 10)
        assert fragment_of(page) == "reviews"
        page.go_back()
        settle(page, 1)
        page.go_back()
        settle(page, 2)
        shared = page.url
        page.go_back()
        settle(page, 10)
        assert fragment_of(page) == ""
        page.go_forward()
        settle(page, 2)
        page.reload()
        settle(page, 2)
        assert page.evaluate("shifts") == 0
    with visit(shop) as seen:
        seen.page.goto(shared)
        settle(seen.page, 2)
        assert len(seen.fragments) == 1


def test_the_order_changes_in_place(shop: Shop) -> None:
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        page.locator("[data-key=sort-lowest]").click()
        page.wait_for_function("location.hash === '#reviews?sort=lowest'")
        page.locator("[data-key=sort-lowest][aria-current]").wait_for()
        first = page.locator("article .ir-stars").first
        assert first.get_attribute("aria-label") == "1 星，满分 5 星"
        assert focused(page) == "sort-lowest"
        assert status(page) == "12 条评价"


def test_more_reviews_come_below(shop: Shop) -> None:
    """The reader goes on where the new ones begin; the address stays."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall('page-size="5"'))
        settle(page, 5)
        before = page.url, page.evaluate("history.length")
        page.locator("[data-key=more]").press("Enter")
        settle(page, 10)
        assert page.locator("article").nth(5).locator("h3:focus").count() == 1
        assert status(page) == "已列出 10 条评价"
        page.locator("[data-key=more]").click()
        settle(page, 12)
        assert page.locator("[data-key=more], [data-key=first]").count() == 0
        assert not page.locator(".ir-pages").is_visible()
        ids = page.locator("article").evaluate_all("all => all.map((one) => one.id)")
        assert len(set(ids)) == 12
        assert (page.url, page.evaluate("history.length")) == before
        assert axe.violations(page) == []
        bar(page, 4)
        settle(page, 2)
        assert last_query(seen) == {
            "score=4", "product=anxin-medical", "limit=5", "lang=zh-CN", "styles=none"
        }  # fmt: skip


def test_a_shared_address_leads_to_the_reviews(shop: Shop) -> None:
    """Down the page, and at once, even where they would wait to be looked for."""
    high = '<div style="height: 4000px"></div>'
    with visit(shop) as seen:
        seen.page.goto(shop.page(high + wall("lazy")) + "#reviews?stage=claim&sort=oldest")
        settle(seen.page, 6)
        top = seen.page.evaluate(f"{ELEMENT}.getBoundingClientRect().top")
        assert -1 < top < 1
        assert seen.page.locator("[data-key=stage-claim][aria-current]").count() == 1


def test_a_link_of_the_hosts_leads_to_a_view(shop: Shop) -> None:
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.page('<a href="#reviews?stage=claim">理赔评价</a>' + wall()))
        settle(page, 10)
        page.get_by_text("理赔评价", exact=True).click()
        settle(page, 6)
        page.go_back()
        settle(page, 10)


def test_a_page_in_the_address_has_a_way_to_the_first(shop: Shop) -> None:
    """What our own page's address holds can be put behind the shop's."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall('page-size="10"'))
        settle(page, 10)
        href = page.locator("[data-key=more]").get_attribute("href") or ""
        after = re.search(r"after=[^&]+", href)
        assert after
        page.goto(shop.wall() + f"#reviews?{after[0]}")
        settle(page, 2)
        page.locator("[data-key=first]").press("Enter")
        settle(page, 10)
        assert focused(page) == "保单持有人评价"


def test_a_mistyped_address_shows_everything(shop: Shop) -> None:
    with visit(shop) as seen:
        for mistyped in ("score=9", "stage=nothing", "after=x", "sort=best&score=2"):
            seen.page.goto(shop.wall() + f"#reviews?{mistyped}")
            settle(seen.page, 10)
            assert seen.events() == ["loadstart", "load", "loadend"]


def test_a_form_of_the_walls_changes_it_in_place(shop: Shop) -> None:
    """As the search does: by its fields, of which empty ones are left out."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        page.evaluate(
            f"const {{ content }} = {ELEMENT};"
            "const form = document.createElement('form');"
            "form.setAttribute('action', content.firstElementChild.dataset.wall);"
            "for (const [name, value] of [['score', '4'], ['stage', ''], ['lang', 'en']])"
            "  form.append(Object.assign(document.createElement('input'), {name, value}));"
            "form.append(document.createElement('button'));"
            "content.firstElementChild.prepend(form)"
        )
        page.locator("form button").first.click()
        settle(page, 2)
        assert fragment_of(page) == "reviews?score=4"


def test_an_address_changes_nothing_but_the_view(shop: Shop) -> None:
    """Whoever makes a link to the shop chooses no product, language or size."""
    with visit(shop) as seen:
        query = "product=anxin-motor&lang=en&limit=1&styles=all&score=4"
        seen.page.goto(shop.wall() + f"#reviews?{query}")
        settle(seen.page, 2)
        assert last_query(seen) == {
            "score=4", "product=anxin-medical", "lang=zh-CN", "styles=none"
        }  # fmt: skip


def test_the_hosts_fragment_and_history_are_its_own(shop: Shop) -> None:
    """A fragment that is the host's stays; the way back works by the history alone."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall() + "#/tab/3")
        settle(page, 10)
        page.evaluate("history.replaceState({of: 'the host'}, '')")
        bar(page, 4)
        settle(page, 2)
        assert fragment_of(page) == "/tab/3"
        assert page.evaluate("history.state.of") == "the host"
        page.go_back()
        settle(page, 10)
        assert page.evaluate("history.state.of") == "the host"
        page.evaluate("location.hash = '#elsewhere'")
        page.wait_for_timeout(100)
        assert len(seen.fragments) == 3
        assert reviews(page) == 10


def test_a_name_for_the_address(shop: Shop) -> None:
    """So that a host's tab and our view are one fragment, and a base does not bend it."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall('address="tab-reviews"', head=f'<base href="/x/">{shop.script}'))
        settle(page, 10)
        path = page.evaluate("location.pathname")
        page.evaluate("location.hash = '#tab-reviews'")
        bar(page, 4)
        settle(page, 2)
        assert fragment_of(page) == "tab-reviews?score=4"
        assert page.evaluate("location.pathname") == path


def test_two_walls_do_not_meet(shop: Shop) -> None:
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.page(wall() + wall('product="anxin-motor"')))
        settle(page, 10)
        second = page.locator("insurance-reviews").nth(1)
        second.locator("[data-key=score-1]").click()
        second.get_by_text("没有符合条件的评价").wait_for()
        assert fragment_of(page) == "reviews-anxin-motor?score=1"
        assert reviews(page) == 10
        page.locator("insurance-reviews").first.locator("[data-key=score-4]").click()
        settle(page, 2)
        page.go_back()
        settle(page, 10)
        assert second.get_by_text("没有符合条件的评价").is_visible()
        page.go_back()
        second.get_by_text("车险也不错").wait_for()
        assert reviews(page) == 11
        assert fragment_of(page) == ""


def test_other_clicks_are_the_browsers(shop: Shop) -> None:
    """A link that is opened elsewhere leads to our own page with the same view."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        page.evaluate(
            "globalThis.untouched = [];"
            "for (const type of ['click', 'auxclick']) addEventListener(type, (event) => {"
            " untouched.push(!event.defaultPrevented); event.preventDefault() })"
        )
        link = page.locator("[data-key=score-4]")
        link.click(modifiers=["Control"])
        link.click(modifiers=["Shift"])
        link.click(modifiers=["Meta"])
        link.click(modifiers=["Alt"])
        link.click(button="middle")
        assert page.evaluate("untouched") == [True] * 5
        assert len(seen.fragments) == 1
        target = f"{shop.site.address}{PREFIX}/products/anxin-medical?lang=zh-CN&score=4"
        assert link.get_attribute("href") == target


def test_writing_happens_at_our_origin(shop: Shop) -> None:
    """No form stands in the host's page; the button leads to ours."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        assert page.locator("textarea, [type=radio], [method=post]").count() == 0
        page.get_by_role("link", name="写评价").click()
        page.wait_for_url(f"{shop.site.address}{PREFIX}/link**")
        assert page.get_by_label("保单号").is_visible()
        page.go_back()
        settle(page, 10)


def test_focus_survives(shop: Shop) -> None:
    """On the same control, or else on the heading; what was open stays open."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        page.locator("summary").last.click()
        for key, count in (("stage-claim", 6), ("score-2", 2), ("sort-oldest", 2)):
            page.locator(f"[data-key={key}]").press("Enter")
            page.locator(f"[data-key={key}][aria-current]").wait_for()
            settle(page, count)
            assert focused(page) == key
        assert page.locator("details[open]").count() == 1
        page.locator("[data-key=clear-score]").press("Enter")
        settle(page, 6)
        assert focused(page) == "保单持有人评价"
        # A reader who is elsewhere is not called back.
        page.locator("h1").evaluate("h1 => { h1.tabIndex = 0; h1.focus() }")
        page.go_back()
        settle(page, 2)
        assert page.evaluate("document.activeElement.localName") == "h1"


def test_each_review_leads_to_its_proof(shop: Shop) -> None:
    """By one click, out of the shop's page: where it stands in the log, its receipt, the check."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        review = page.locator("article").nth(2)
        name = review.get_attribute("id")
        review.get_by_role("link", name="核验这条评价").click()
        page.wait_for_url(f"{shop.site.address}{PREFIX}/r/{name}*#proof")
        proof = page.get_by_role("heading", name="核验这条评价").locator("xpath=..")
        assert proof.bounding_box()["y"] < 900  # type: ignore[index]
        assert proof.get_by_text(name or "").is_visible()
        receipt = proof.get_by_role("link", name="下载回执").get_attribute("href") or ""
        answer = page.request.get(shop.site.address + receipt)
        assert (answer.status, answer.text().split()[0]) == (200, "c2sp.org/tlog-proof@v1")
        proof.get_by_role("link", name="核验", exact=True).click()
        page.wait_for_url(f"{shop.site.address}{PREFIX}/r/{name}/verify*")


def test_it_can_wait_until_it_is_near(shop: Shop) -> None:
    high = '<div style="height: 4000px"></div>'
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.page(high + wall("lazy") + summary("anxin-motor") + FOOTER))
        page.get_by_text("5.00").wait_for(state="attached")
        page.wait_for_timeout(200)
        assert [query.partition("?")[0] for query in seen.fragments] == ["summary"]
        page.mouse.wheel(0, 2600)
        settle(page, 10)
        assert page.evaluate(f"{ELEMENT}.getBoundingClientRect().top > innerHeight")
        assert page.evaluate("shifts") == 0


def test_attributes_can_change(shop: Shop) -> None:
    """Those that change together make one request; another product begins anew."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall() + "#reviews?score=4")
        settle(page, 2)
        page.evaluate(
            f"{ELEMENT}.setAttribute('product', 'anxin-motor');"
            f"{ELEMENT}.setAttribute('lang', 'en'); {ELEMENT}.setAttribute('page-size', '3')"
        )
        settle(page, 1)
        assert page.get_by_text("车险也不错。").is_visible()
        assert page.get_by_text("1 review", exact=True).first.is_visible()
        assert last_query(seen) == {
            "product=anxin-motor", "lang=en", "limit=3", "styles=none"
        }  # fmt: skip
        assert len(seen.fragments) == 2
        page.evaluate(f"{ELEMENT}.setAttribute('theme', 'dark')")
        page.evaluate(f"{ELEMENT}.reload()")
        settle(page, 1)
        assert len(seen.fragments) == 3


def test_it_can_be_moved_and_removed(shop: Shop) -> None:
    """Moved, it keeps what it has; removed while it loads, it asks no longer and says nothing."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 10)
        page.evaluate(f"document.body.append({ELEMENT})")
        page.wait_for_timeout(100)
        assert len(seen.fragments) == 1
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.failure or ""))
        page.route("**/embed/wall**", lambda route: None)
        bar(page, 4)
        page.wait_for_function("said.length === 4")
        page.wait_for_function(f"{ELEMENT}.content.ariaBusy === 'true'")
        page.evaluate(f"globalThis.removed = {ELEMENT}; removed.remove()")
        page.wait_for_timeout(200)
        assert failed == ["net::ERR_ABORTED"]
        assert seen.events()[3:] == ["loadstart"]
        assert seen.complaints == []
        # It comes back with what it was to show.
        page.unroute("**/embed/wall**")
        page.evaluate("document.body.append(removed)")
        settle(page, 2)
        assert seen.events()[4:] == ["loadstart", "load", "loadend"]


def answer(route: Route, **given: object) -> None:
    route.fulfill(headers={"Access-Control-Allow-Origin": "*", **given.pop("headers", {})}, **given)  # type: ignore[arg-type, dict-item]


FAILURES = {
    "no network": lambda route: route.abort(),
    "an error": lambda route: answer(route, status=500, body="<b>", content_type="text/html"),
    "not HTML": lambda route: answer(route, status=200, body="{}", content_type="text/plain"),
    "another page": lambda route: answer(route, body="<p>登录</p>", content_type="text/html"),
}


@pytest.mark.parametrize(
    ("what", "failure"),
    [*(("embed/wall", failure) for failure in FAILURES), ("reviews.*.css", "no network")],
)
def test_a_failure_says_so_and_can_be_tried_again(shop: Shop, what: str, failure: str) -> None:
    with visit(shop) as seen:
        page = seen.page
        page.route(f"**/{what}**", FAILURES[failure])
        page.goto(shop.wall())
        page.get_by_role("alert").get_by_text("评价暂时没有加载出来。").wait_for()
        assert page.get_by_text("评价", exact=True).is_visible()
        assert seen.events() == ["loadstart", "error", "loadend"]
        assert any("insurance-reviews" in text for text in seen.complaints)
        assert axe.violations(page) == []
        page.unroute(f"**/{what}**")
        page.get_by_role("button", name="再试一次").press("Enter")
        settle(page, 10)
        assert page.get_by_role("alert").get_by_role("button").count() == 0
        assert focused(page) == "保单持有人评价"
        assert seen.events()[3:] == ["loadstart", "load", "loadend"]


def test_a_failed_change_leaves_what_was_there(shop: Shop) -> None:
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall('lang="en"'))
        settle(page, 10)
        page.route("**/embed/wall**", FAILURES["an error"])
        page.locator("[data-key=more]").click()
        retry = page.get_by_role("button", name="Try again")
        retry.wait_for()
        assert reviews(page) == 10
        assert page.evaluate(
            f"{ELEMENT}.shadowRoot.querySelector('button').getBoundingClientRect().bottom"
            " <= innerHeight"
        )
        page.unroute("**/embed/wall**")
        retry.click()
        settle(page, 12)
        assert page.get_by_role("alert").inner_text() == ""


def test_a_host_has_its_own_words_for_a_failure(shop: Shop) -> None:
    with visit(shop) as seen:
        page = seen.page
        page.route("**/embed/wall**", FAILURES["an error"])
        own = '<b slot="error">打 400-000 问我们。</b></insurance-reviews>'
        page.goto(shop.page(wall().replace("</insurance-reviews>", own)))
        page.get_by_role("alert").wait_for()
        assert page.get_by_text("打 400-000 问我们。").is_visible()
        assert not page.get_by_text("评价暂时没有加载出来。").is_visible()


def test_many_summaries_cost_one_request(shop: Shop) -> None:
    """An unknown product keeps its link, and takes no other along."""
    products = ["anxin-medical", "nothing", "anxin-motor", "boshan-motor", "anxin-medical", "x&y"]
    with visit(shop) as seen:
        page = seen.page
        rows = "".join(f"<p>{summary(name)} 起保 100 元</p>" for name in products)
        page.goto(shop.page(rows, head=shop.script + RESERVED))
        page.get_by_text("1 条评价").wait_for()
        page.wait_for_function("said.filter((type) => type === 'loadend').length === 6")
        lines = page.locator("insurance-reviews-summary").evaluate_all(
            "all => all.map((one) => (one.shadowRoot.querySelector('a') ?? one).innerText)"
        )
        lines = [" ".join(line.split()) for line in lines]
        assert lines == [
            "2.75 12 条评价", "评价", "5.00 1 条评价", "暂无评价", "2.75 12 条评价", "评价"
        ]  # fmt: skip
        assert seen.events().count("load") == 4
        assert len(seen.fragments) == 1
        assert page.evaluate("shifts") == 0
        assert axe.violations(page) == []
        page.locator("p a").filter(has_text="5.00").click()
        page.wait_for_url(f"{shop.site.address}{PREFIX}/products/anxin-motor*")


def test_a_hundred_summaries_cost_two_requests(shop: Shop) -> None:
    names = ["anxin-medical", *(f"p-{number}" for number in range(99))]
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.page("".join(summary(name) for name in names)))
        page.get_by_text("12 条评价").wait_for()
        page.wait_for_function("said.filter((type) => type === 'loadend').length === 100")
        assert [query.count("product=") for query in seen.fragments] == [50, 50]


LANGUAGES = {
    "its own": ("en", 'lang="en"', 'lang="zh-CN"', "zh-CN"),
    "the page's": ("en", "", 'lang="en-GB"', "zh-CN"),
    "the reader's": ("en", "", "", "en-US"),
    "the reader's, if the page's is unknown": ("en", "", 'lang="fr"', "en-US"),
    "Chinese as it is written there": ("zh-TW", "", 'lang="zh-HK"', "en-US"),
    "Chinese, whatever its region": ("zh-CN", "", 'lang="zh-SG"', "en-US"),
}


@pytest.mark.parametrize("case", LANGUAGES)
def test_the_language_is(shop: Shop, case: str) -> None:
    expected, own, of_page, of_reader = LANGUAGES[case]
    with visit(shop, locale=of_reader) as seen:
        seen.page.goto(shop.wall(own, root=of_page))
        settle(seen.page, 10)
        heading = seen.page.locator("insurance-reviews h2").inner_text()
        words = {"en": "Policyholders' reviews", "zh-CN": "保单持有人评价", "zh-TW": "保戶評價"}
        assert heading == words[expected]


def test_a_product_without_reviews(shop: Shop) -> None:
    with visit(shop) as seen:
        seen.page.goto(shop.wall('product="boshan-motor"'))
        seen.page.get_by_text("还没有评价").wait_for()
        assert axe.violations(seen.page) == []
        assert seen.complaints == []


def test_the_fallback_is_what_crawlers_read(shop: Shop) -> None:
    """It is in the page from the start and stays in it."""
    with visit(shop) as seen:
        seen.page.goto(shop.wall())
        settle(seen.page, 10)
        assert FALLBACK in seen.page.content()
