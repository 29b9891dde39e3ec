"""``<insurance-reviews>`` on pages that make it hard: strict ones, hostile ones, both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support import axe
from support.host import PREFIX

from .shops import (
    ELEMENT,
    Shop,
    Visit,
    bar,
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


@pytest.fixture(scope="module")
def shop(lasting_site: Site) -> Iterator[Shop]:
    """A shop that sells a product with six reviews, one of them answered."""
    world = lasting_site.host.world
    for number in range(6):
        review = world.submit(score=1 + number % 5, text=f"第{number}条：<b>理赔</b>很快。")
    world.reply(review, "谢谢您，详情见 https://anxin.example/claims 。")
    with opened(lasting_site) as shop:
        yield shop


def strict(shop: Shop) -> str:
    """The policy that ``docs/embedding.md`` asks for, and nothing else."""
    ours = shop.site.address
    return (
        f"default-src 'none'; script-src {ours}; connect-src {ours}; "
        "require-trusted-types-for 'script'; trusted-types insurance-reviews"
    )


def test_a_strict_policy_needs_the_documented_lines_only(shop: Shop) -> None:
    """No style source: the style sheet is adopted, not linked."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.page(wall() + summary("anxin-medical"), policy=strict(shop)))
        settle(page, 6)
        page.get_by_text("2.67").nth(1).wait_for()
        bar(page, 1)
        settle(page, 2)
        assert page.locator(".ir-wall").evaluate("wall => getComputedStyle(wall).display") == "grid"
        assert seen.complaints == []
        assert page.locator("b", has_text="理赔").count() == 0


def test_the_script_twice_does_not_hurt(shop: Shop) -> None:
    """Under two addresses, where the host allows the name of the policy once."""
    versioned = shop.site.address + shop.site.host.state.assets.url("define.js")
    with visit(shop) as seen:
        page = seen.page
        again = f'{shop.script}<script type="module" src="{versioned}"></script>'
        page.goto(shop.page(wall(), head=again, policy=strict(shop)))
        settle(page, 6)
        assert len(seen.fragments) == 1
        assert seen.complaints == []


#: How often a page that draws no frames is asked, in milliseconds.
FRAME = 20


def test_a_list_that_is_still_being_parsed_costs_one_request(shop: Shop) -> None:
    """The script was faster than the page: each element is made in a turn of its own."""
    products = ["anxin-medical", "anxin-motor", "boshan-motor", "nothing"]
    with visit(shop) as seen:
        page = seen.page

        def serve_late(route: Route) -> None:
            # By the clock: a page that waits for a script in its head draws no frames.
            page.wait_for_function(
                "!!customElements.get('insurance-reviews-summary')", polling=FRAME
            )
            route.fulfill(body="", content_type="text/javascript")

        page.route("**/late.js", serve_late)
        late = f'{shop.script.replace("<script", "<script async")}<script src="/late.js"></script>'
        page.goto(shop.page("".join(summary(name) for name in products), head=late))
        page.wait_for_function("said.filter((type) => type === 'loadend').length === 4")
        assert [query.count("product=") for query in seen.fragments] == [4]


def test_a_policy_that_does_not_know_us_leaves_the_link(shop: Shop) -> None:
    with visit(shop) as seen:
        page = seen.page
        policy = strict(shop).replace("trusted-types insurance-reviews", "trusted-types other")
        page.goto(shop.page(wall(), policy=policy))
        page.get_by_role("alert").get_by_role("button").wait_for()
        assert page.get_by_text("评价", exact=True).is_visible()
        assert any("trusted-types" in text.lower() for text in seen.complaints)


#: The hash of a file that is not there.
OTHER = "sha384-" + "A" * 64


def wait_for_complaint(seen: Visit, word: str) -> None:
    """Until the browser has said on the console that something is wrong."""
    for _ in range(80):
        if any(word in text for text in seen.complaints):
            return
        seen.page.wait_for_timeout(100)
    raise AssertionError(f"nobody complained of {word}: {seen.complaints}")


def test_the_script_can_be_pinned(shop: Shop) -> None:
    """The versioned script is kept for ever, and a changed one would not run."""
    assets = shop.site.host.state.assets
    address = shop.site.address + assets.url("define.js")
    tag = '<script type="module" src="{}" integrity="{}" crossorigin="anonymous"></script>'
    with visit(shop) as seen:
        head = tag.format(address, assets.integrity("define.js"))
        seen.page.goto(shop.page(wall(), head=head))
        settle(seen.page, 6)
        assert seen.complaints == []
        seen.page.goto(shop.page(wall(), head=tag.format(address, OTHER)))
        wait_for_complaint(seen, "integrity")
        assert seen.page.get_by_text("评价", exact=True).is_visible()


def test_a_pinned_page_survives_an_upgrade_with_both_hashes(shop: Shop) -> None:
    """The old name leads to today's script, which the old hash alone does not allow."""
    today = shop.site.host.state.assets.integrity("define.js")
    old = f"{shop.site.address}{PREFIX}/static/define.0123456789ab.js"
    tag = '<script type="module" src="{}" integrity="{}" crossorigin="anonymous"></script>'
    with visit(shop) as seen:
        seen.page.goto(shop.wall(head=tag.format(old, f"{OTHER} {today}")))
        settle(seen.page, 6)
        assert seen.complaints == []
        seen.page.goto(shop.wall(head=tag.format(old, OTHER)))
        wait_for_complaint(seen, "integrity")
        assert seen.page.get_by_text("评价", exact=True).is_visible()


def test_the_definition_alone_registers_nothing(shop: Shop) -> None:
    """A host may name the elements itself, or build on them."""
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.page(wall().replace("insurance-reviews", "our-reviews"), head=""))
        page.evaluate(
            "async src => { const { InsuranceReviews } = await import(src);"
            " customElements.define('our-reviews', class extends InsuranceReviews {}) }",
            f"{shop.site.address}{PREFIX}/static/element.js",
        )
        page.locator("article.ir-review").nth(5).wait_for()
        assert page.evaluate("customElements.get('insurance-reviews')") is None


CLOBBERED = """
<form id="fetch" name="createElement"><input name="querySelectorAll"></form>
<form id="addEventListener"></form><form id="customElements"></form><form id="trustedTypes"></form>
<img name="createElement"><img name="querySelectorAll"><img name="body"><img name="history">
<form name="location"></form><form id="URL"></form><form id="DOMParser"></form><a id="history"></a>
"""
LATE_VANDAL = """
addEventListener("DOMContentLoaded", () => setTimeout(() => {
  for (const name of ["fetch", "URL", "URLSearchParams", "DOMParser", "AbortController", "JSON",
                      "Event", "CSSStyleSheet", "trustedTypes", "history", "setTimeout"])
    Object.defineProperty(globalThis, name, { value: () => { throw new Error("vandal") } });
}));
"""
#: What libraries of twenty years ago did, and what of it would be taken for an option of ours.
EXTENDED = """
for (const type of [Object, Array, String, Function, Element])
  for (const name of ["extend", "each", "clone", "size", "toQueryString", "is_ie",
                      "get", "method", "body", "root", "redirect", "integrity", "detail"])
    type.prototype[name] ??= function () { throw new Error("an extension of the host's was used") };
"""


def test_what_a_host_adds_to_all_objects_is_not_taken_for_ours(shop: Shop) -> None:
    """Neither for a parameter nor for an element's name, nor for an option of ``fetch``."""
    with visit(shop) as seen:
        page = seen.page
        extended = f"<script>{EXTENDED}</script>{shop.script}"
        page.goto(shop.page(wall("lazy") + summary("anxin-medical"), head=extended))
        settle(page, 6)
        page.get_by_text("2.67").nth(1).wait_for(state="attached")
        bar(page, 1)
        settle(page, 2)
        page.go_back()
        settle(page, 6)
        asked = sorted(url.split("?")[0] for url in seen.fragments)
        assert asked == ["summary", "wall", "wall", "wall"]
        known = {"product", "lang", "styles", "score"}
        for query in seen.fragments:
            assert {part.split("=")[0] for part in query.split("?")[1].split("&")} <= known
        assert seen.complaints == []


def test_names_of_the_hosts_elements_cover_nothing(shop: Shop) -> None:
    with visit(shop) as seen:
        page = seen.page
        page.goto(shop.page(CLOBBERED + wall()))
        page.locator("article.ir-review").nth(5).wait_for()
        bar(page, 1)
        page.locator("[data-key=score-1][aria-current]").wait_for()
        assert reviews(page) == 2
        page.go_back()
        page.locator("[data-key=score-1]:not([aria-current])").wait_for()
        assert reviews(page) == 6
        assert seen.complaints == []


def test_what_the_hosts_scripts_replace_later_is_not_used(shop: Shop) -> None:
    with visit(shop) as seen:
        page = seen.page
        page.add_init_script(LATE_VANDAL)
        page.goto(shop.wall())
        page.locator("article.ir-review").nth(5).wait_for()
        page.wait_for_timeout(100)
        bar(page, 1)
        page.locator("[data-key=score-1][aria-current]").wait_for()
        assert reviews(page) == 2


@pytest.mark.parametrize(
    "fetch",
    [
        "() => Promise.reject(new Error('switched off'))",
        "() => { throw new Error('switched off') }",
        "async () => new Response('<section data-wall>', {headers: {'Content-Type': 'text/html'}})",
        "async () => 'no response at all'",
    ],
)
def test_a_fetch_that_was_replaced_before_cannot_feed_us(shop: Shop, fetch: str) -> None:
    """What does not come from our origin is not shown; the link stays."""
    with visit(shop) as seen:
        page = seen.page
        page.add_init_script(f"globalThis.fetch = {fetch}")
        page.goto(shop.wall())
        page.get_by_role("alert").get_by_role("button").wait_for()
        assert page.get_by_text("评价", exact=True).is_visible()
        assert page.locator("[data-wall]").count() == 0


def test_a_name_that_is_taken_stays_its_owners(shop: Shop) -> None:
    with visit(shop) as seen:
        page = seen.page
        page.add_init_script(
            "customElements.define('insurance-reviews', class extends HTMLElement {})"
        )
        page.goto(shop.page(wall() + summary("anxin-medical")))
        page.get_by_text("6 条评价").wait_for()
        assert page.get_by_text("评价", exact=True).first.is_visible()
        assert seen.complaints == []


HOSTILE = """<style>
* { all: unset !important; }
* { text-transform: uppercase !important; letter-spacing: 1em !important; line-height: 3 !important;
    text-align: right !important; color: red !important;
    text-indent: 5em !important; white-space: nowrap !important; }
body * { font-size: 40px !important; }
insurance-reviews { display: flex !important; }
a, button, article, section, h2, h3 { display: none !important; }
.insurance-reviews, .ir-wall { display: none !important; }
</style>"""


#: Follows from the room that an element is given.
MEASURES = (
    "^(min-|max-)?(width|height|inline-size|block-size)$|^(top|right|bottom|left)$"
    "|inset|origin|columns"
)


def look(page: Page, selector: str) -> dict[str, str]:
    """How an element is drawn, wherever it stands."""
    found: dict[str, str] = page.locator(selector).first.evaluate(
        """(element, measures) => {
          const style = getComputedStyle(element);
          const names = [...style].filter((name) => !name.startsWith("--"));
          const looks = names.filter((name) => !new RegExp(measures).test(name));
          return Object.fromEntries(looks.map((name) => [name, style.getPropertyValue(name)]));
        }""",
        MEASURES,
    )
    return found


def test_a_hosts_style_sheet_changes_nothing_inside(shop: Shop) -> None:
    """But the font, which is the host's, on purpose."""
    looks = []
    for head in ("", HOSTILE):
        with visit(shop) as seen:
            page = seen.page
            page.goto(shop.wall(head=shop.script + head))
            settle(page, 6)
            looks.append([look(page, name) for name in (".ir-text", ".ir-h", ".ir-tabs a", "svg")])
            assert page.locator(".ir-wall").bounding_box()["width"] > 1000  # type: ignore[index]
            bar(page, 1)
            settle(page, 2)
    for calm, stormy in zip(*looks, strict=True):
        different = {name for name in calm if calm[name] != stormy[name]}
        assert different <= {"font-family"}


@pytest.mark.parametrize("style", ["float: left", "display: inline-block", "position: absolute"])
def test_it_has_a_width_where_content_decides(shop: Shop, style: str) -> None:
    with visit(shop) as seen:
        head = (
            f"{shop.script}<style>insurance-reviews {{ {style} }} main {{ display: flex }}</style>"
        )
        seen.page.goto(shop.wall(head=head))
        settle(seen.page, 6)
        assert seen.page.locator(".ir-wall").bounding_box()["width"] >= 320  # type: ignore[index]


def test_it_leaves_the_host_alone(shop: Shop) -> None:
    """No style, name or handler of ours reaches the page; its own elements look as before."""
    body = '<p class="ir-h">本店</p><button class="ir-button">买</button><ul><li>一</li></ul>'
    seen_looks = []
    for head in ("", None):
        with visit(shop) as seen:
            page = seen.page
            page.goto(shop.page(body + wall(), head=head))
            if head is None:
                settle(page, 6)
            seen_looks.append(
                [look(page, name) for name in ("main > p", "main > button", "li", "h1")]
            )
            names = page.evaluate("Object.keys(globalThis)")
            assert not [name for name in names if "insurance" in name.lower()]
    assert seen_looks[0] == seen_looks[1]


def test_themes(shop: Shop) -> None:
    """The page's own scheme, unless the attribute says otherwise; a host's properties reach in."""
    section = f"{ELEMENT}.shadowRoot.querySelector('section')"
    ground = f"getComputedStyle({section}).backgroundColor"
    light, dark = "rgb(255, 255, 255)", "rgb(24, 28, 26)"
    declared = '<meta name="color-scheme" content="light dark">'
    for attribute, head, expected in (
        ("", "", light),
        ("", declared, dark),
        ('theme="light"', declared, light),
        ('theme="dark"', "", dark),
        ('theme="auto"', "", dark),
    ):
        with visit(shop, color_scheme="dark") as seen:
            seen.page.goto(shop.wall(attribute, head=shop.script + head))
            settle(seen.page, 6)
            assert seen.page.evaluate(ground) == expected
            if attribute == 'theme="dark"':
                assert axe.violations(seen.page) == []
    with visit(shop) as seen:
        own = """<style>:root { --insurance-reviews-surface: rgb(1, 2, 3) }
        insurance-reviews::part(write) { border-radius: 0 }
        insurance-reviews::part(review) { background: rgb(4, 5, 6) }</style>"""
        seen.page.goto(shop.wall(head=shop.script + own))
        settle(seen.page, 6)
        assert seen.page.evaluate(ground) == "rgb(1, 2, 3)"
        assert look(seen.page, "article")["background-color"] == "rgb(4, 5, 6)"
        assert look(seen.page, "[part=write]")["border-top-left-radius"] == "0px"


def test_on_a_page_from_right_to_left(shop: Shop) -> None:
    """Chinese and English run from left to right, there, too."""
    with visit(shop, viewport={"width": 390, "height": 844}) as seen:
        page = seen.page
        page.goto(shop.wall('lang="en"', root='lang="ar" dir="rtl"'))
        settle(page, 6)
        assert look(page, ".ir-text")["direction"] == "ltr"
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert axe.violations(page) == []
        # So does what the element itself says, which is no part of the page's Arabic either.
        bar(page, 1)
        settle(page, 2)
        assert status(page) == "2 reviews found"
        assert spoken(page, "status") == ("en", "ltr")
        page.route("**/embed/wall**", lambda route: route.abort())
        bar(page, 2)
        page.get_by_role("alert").get_by_text("could not be loaded").wait_for()
        assert spoken(page, "alert") == ("en", "ltr")


@pytest.mark.parametrize(
    ("lang", "says"), [("zh-TW", "評價暫時沒有載入。"), ("zh", "评价暂时没有")]
)
def test_what_it_says_is_marked_by_its_language(shop: Shop, lang: str, says: str) -> None:
    """Where no server has said which."""
    with visit(shop) as seen:
        page = seen.page
        page.route("**/embed/wall**", lambda route: route.abort())
        page.goto(shop.page(f'<div lang="{lang}">{wall()}</div>', root='lang="ar" dir="rtl"'))
        page.get_by_role("alert").get_by_text(says).wait_for()
        assert spoken(page, "alert") == ("zh-TW" if lang == "zh-TW" else "zh-CN", "ltr")


def spoken(page: Page, role: str) -> tuple[str, str]:
    """The language and direction of what a live region says."""
    part = " slot" if role == "alert" else ""
    region = page.locator(f"insurance-reviews [role={role}]{part}")
    direction = region.evaluate("region => getComputedStyle(region).direction")
    return region.get_attribute("lang") or "", str(direction)


def test_in_forced_colors_and_at_400_percent(shop: Shop) -> None:
    with visit(shop, forced_colors="active", viewport={"width": 320, "height": 256}) as seen:
        page = seen.page
        page.goto(shop.wall())
        settle(page, 6)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        outline = look(page, "[data-key=stage-all]")["outline-style"]
        assert outline == "solid"
