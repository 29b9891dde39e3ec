"""The pages in a real browser: accessible, within their policy, and comfortable with JavaScript."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from insurance_reviews.widgets.i18n import LANGUAGES
from support import axe
from support.live import serve

from .gallery import app
from .holders import INVITATION, KEY
from .scenes import SCENES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PAGES = [name for name in SCENES if not name.startswith("mail")]
# Controls of a form, and links that stand alone. Links within sentences are exempt, and a box or a
# circle that lies within its label.
TARGETS = (
    ".ir-button, .ir-link, .ir-chip, .ir-check, .ir-rate, .ir-tabs a, summary, select, textarea,"
    " input:not([type=hidden], .ir-check input, .ir-rate input), .ir-histogram a, .ir-errors a,"
    " .ir-foot a, .ir-top a, .ir-row, .ir-side-name a, .ir-summary"
)
SMALL = (
    "selector => Array.from(document.querySelectorAll(selector), e => [e.className ||"
    " e.tagName, e.getBoundingClientRect()]).filter(([, b]) => b.width && (b.height"
    " < 43.5 || b.width < 43.5)).map(([c, b]) => `${c} ${b.width}x${b.height}`)"
)


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    """The scenes, served under the policy of our pages."""
    with serve(app) as address:
        yield address


def context(browser: Browser, width: int, scheme: str, **options: bool) -> BrowserContext:
    """A window of its own."""
    return browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=width < 500,
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_axe_finds_nothing(chromium: Browser, gallery: str, width: int, scheme: str) -> None:
    """No violation of WCAG 2.2 AA or of good practice, in any state of any page."""
    found = []
    with context(chromium, width, scheme) as window:
        page = window.new_page()
        for name in PAGES:
            page.goto(f"{gallery}/{name}")
            found += [(name, *violation) for violation in axe.violations(page)]
    assert found == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_wider_than_a_phone(chromium: Browser, gallery: str, lang: str) -> None:
    """Nobody scrolls sideways at 390 pixels, and fingers hit what they mean (44 pixels)."""
    found = []
    with context(chromium, 390, "light") as window:
        page = window.new_page()
        for name in PAGES:
            page.goto(f"{gallery}/{name}?lang={lang}")
            if page.evaluate("document.documentElement.scrollWidth") > 390:
                found.append((name, "too wide"))
            found += [(name, target) for target in page.evaluate(SMALL, TARGETS)]
    assert found == []


def test_a_mouse_hits_what_it_means_too(chromium: Browser, gallery: str) -> None:
    """Who has a tremor has no touch screen for it."""
    found = []
    with context(chromium, 1280, "light") as window:
        page = window.new_page()
        for name in PAGES:
            page.goto(f"{gallery}/{name}")
            assert page.evaluate("matchMedia('(pointer: fine)').matches")
            found += [(name, target) for target in page.evaluate(SMALL, TARGETS)]
    assert found == []


#: Their preview asks the server, which the gallery is not: see tests/browser/test_embedding.py.
LIVE = frozenset({"desk-embed", "desk-embed-nowhere"})


def test_no_page_offends_its_policy(chromium: Browser, gallery: str) -> None:
    """The browser reports no violation, no error and no failed request."""
    said: list[str] = []
    with context(chromium, 1280, "light") as window:
        page = window.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("requestfailed", lambda request: said.append(f"{request.url}: {request.failure}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith(gallery) else said.append(request.url),
        )
        for name in PAGES:
            if name not in LIVE:
                page.goto(f"{gallery}/{name}")
    # A refused date comes back as it was typed, and the browser says that it cannot show it.
    # Leaving a page at once aborts what it still loads.
    harmless = ("2025-13-40", "net::ERR_ABORTED")
    assert [text for text in said if not any(part in text for part in harmless)] == []


@pytest.fixture
def form(chromium: Browser, gallery: str) -> Iterator[Page]:
    """The review form, with JavaScript."""
    with context(chromium, 1280, "light") as window:
        page = window.new_page()
        page.goto(f"{gallery}/invitation")
        page.wait_for_function("document.forms[0].elements.author.value.length === 64")
        yield page


def test_the_author_key_is_made_and_kept_in_the_browser(form: Page, gallery: str) -> None:
    """Only its hash is in the form; the receipt page shows the key once, and forgets it."""
    name = f"insurance-reviews/author/{INVITATION.id}"
    key = form.evaluate("name => sessionStorage.getItem(name)", name)
    assert re.fullmatch(r"[0-9a-f]{64}", key)
    expected = hashlib.sha256(b"insurance-reviews/author/v1\0" + bytes.fromhex(key)).hexdigest()
    assert form.locator("[name=author]").input_value() == expected
    assert form.locator("[name=author_key]").input_value() == ""
    form.reload()
    form.wait_for_function("document.forms[0].elements.author.value.length === 64")
    assert form.locator("[name=author]").input_value() == expected

    form.goto(f"{gallery}/receipt-later")
    assert form.locator("[data-key]").text_content() == key
    assert form.locator("[data-key-gone]").count() == 0
    form.reload()
    assert form.locator("[data-key-box]").is_hidden()
    assert form.locator("[data-key-gone]").is_visible()


def test_a_key_from_the_server_is_shown_as_it_is(form: Page, gallery: str) -> None:
    """And can be copied without blanks."""
    form.context.grant_permissions(["clipboard-read", "clipboard-write"])
    form.goto(f"{gallery}/receipt")
    assert form.locator("[data-key]").text_content() == KEY
    form.get_by_role("button", name="复制密钥").click()
    form.get_by_role("status").get_by_text("已复制").wait_for()
    assert form.evaluate("navigator.clipboard.readText()") == KEY


def test_without_storage_the_servers_key_stays(chromium: Browser, gallery: str) -> None:
    """A key that could not be shown later is not used."""
    with context(chromium, 1280, "light") as window:
        page = window.new_page()
        page.add_init_script(
            "Storage.prototype.setItem = () => { throw new DOMException('full') };"
        )
        page.goto(f"{gallery}/invitation")
        page.wait_for_timeout(200)
        assert page.locator("[name=author]").input_value() == ""
        assert page.locator("[name=author_key]").input_value() == KEY


def test_counts_code_points(form: Page) -> None:
    """As the server does: an emoji is one character."""
    form.get_by_label("您的经历").fill("😀" * 10)
    assert form.locator("[data-counter]").text_content() == "还可写 4,990 字（共 5,000 字）"
    form.get_by_label("您的经历").fill("字" * 5_002)
    assert form.locator("[data-counter]").text_content() == "超出 2 字"


def test_previews_while_writing(form: Page) -> None:
    """Stars, aspects, name and words, and words stay words."""
    form.get_by_role("group", name="总体评分").get_by_label("满意", exact=False).nth(2).check()
    form.get_by_role("group", name="理赔速度").get_by_label("2 星").check()
    form.get_by_label("匿名用户").check()
    form.get_by_label("您的经历").fill("<b>快</b>\n第二行")
    preview = form.get_by_role("complementary", name="预览")
    assert preview.locator("[data-preview-stars]").get_attribute("width") == "80"
    assert preview.locator("[data-preview-text]").text_content() == "<b>快</b>\n第二行"
    assert preview.locator("[data-preview-name]").text_content() == "匿名用户"
    assert preview.locator("dl").text_content() == "理赔速度2"
    assert preview.get_by_text("只打了分").is_hidden()
    form.get_by_label("您的经历").fill("")
    assert preview.locator("[data-preview-name]").text_content() == "保单持有人"


def test_a_double_click_sends_once(form: Page) -> None:
    """And the button that was pressed is named in what is sent."""
    form.get_by_role("group", name="总体评分").get_by_label("非常满意").check()
    form.get_by_label("我同意按以上方式公开").check()
    form.evaluate(
        "window.sent = 0; document.forms[0].addEventListener('submit', e => {"
        " if (!e.defaultPrevented) sent++; e.preventDefault() })"
    )
    button = form.get_by_role("button", name="正式公开")
    button.dblclick()
    assert form.evaluate("sent") == 1
    assert button.get_attribute("aria-disabled") == "true"


def test_keyboard_alone(form: Page) -> None:
    """Tab to the stars, arrows to choose, on through the form to the button."""
    form.locator("#review-score").focus()
    for _ in range(3):
        form.keyboard.press("ArrowRight")
    assert form.locator("[name=score]:checked").get_attribute("value") in {"3", "4"}
    reached = []
    for _ in range(12):
        form.keyboard.press("Tab")
        reached.append(form.evaluate("document.activeElement.name || document.activeElement.href"))
    wanted = ["aspect_speed", "aspect_guidance", "aspect_outcome", "aspect_attitude", "text"]
    assert reached[:5] == wanted
    assert reached[5:7] == ["display_name", f"{form.url.rsplit('/', 1)[0]}/reviews/log/qingyan/"]
    assert reached[7:10] == ["consent", "action", "action"]


def test_errors_take_the_focus(chromium: Browser, gallery: str) -> None:
    """The summary is where a screen reader starts, without JavaScript too."""
    with context(chromium, 1280, "light", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{gallery}/invitation-refused")
        assert page.locator("[data-errors]:focus").count() == 1
        page.get_by_role("link", name="请点选一到五颗星").click()
        assert page.url.endswith("#review-score")
        page.goto(f"{gallery}/invitation-private")
        assert page.locator(".ir-warning:focus").count() == 1


def test_without_javascript_nothing_is_missing(chromium: Browser, gallery: str) -> None:
    """The form is whole; what only JavaScript can fill stays out of sight."""
    with context(chromium, 1280, "light", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{gallery}/invitation")
        assert page.get_by_role("button", name="预览").is_visible()
        assert page.locator("[data-preview]").is_hidden()
        assert page.locator("[data-counter]").is_hidden()
        assert page.locator("[name=author_key]").input_value() == KEY
        page.goto(f"{gallery}/receipt")
        assert page.locator("[data-key]").text_content() == KEY
        assert page.locator("[data-copy]").is_hidden()


def test_a_light_page_stays_light(chromium: Browser, gallery: str) -> None:
    """In a host that declares no dark scheme nothing turns dark, whatever the reader prefers."""
    with context(chromium, 1280, "dark") as window:
        page = window.new_page()
        page.goto(f"{gallery}/fragment-wall")
        wall = page.locator("section.insurance-reviews")
        assert wall.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
        page.goto(f"{gallery}/wall")
        assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") != (
            "rgb(255, 255, 255)"
        )


#: The contrast of everything that has words of its own with the ground that it stands on.
CONTRAST = """
() => {
  const curve = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map((value) => curve(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    const own = element ? getComputedStyle(element).backgroundColor : "rgb(255, 255, 255)";
    return own === "rgba(0, 0, 0, 0)" ? ground(element.parentElement) : own;
  };
  const found = [];
  for (const element of document.querySelectorAll(".insurance-reviews *")) {
    const { clipPath, color } = getComputedStyle(element);
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (clipPath !== "none" || !element.getClientRects().length) continue;
    const [dark, bright] = [light(color), light(ground(element))].sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < 7) found.push(`${element.className || element.tagName} ${contrast.toFixed(2)}`);
  }
  return found;
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_asks_for_more_contrast_gets_it(chromium: Browser, gallery: str, scheme: str) -> None:
    """7 : 1 for all words (WCAG AAA); lines and empty stars are as dark as words."""
    found = []
    with context(chromium, 1280, scheme) as window:
        page = window.new_page()
        page.goto(f"{gallery}/wall")
        assert page.evaluate(CONTRAST) != []
        page.emulate_media(contrast="more")
        for name in ("wall", "wall-filtered", "compare", "invitation-refused", "desk", "receipt"):
            page.goto(f"{gallery}/{name}")
            found += [(name, words) for words in page.evaluate(CONTRAST)]
        assert found == []
        page.goto(f"{gallery}/wall")
        ink = page.locator(".ir-h").evaluate("e => getComputedStyle(e).color")
        assert page.locator("rect.ir-off").first.evaluate("e => getComputedStyle(e).stroke") == ink
        tab = page.locator(".ir-tabs [aria-current]")
        assert tab.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        page.goto(f"{gallery}/invitation")
        field = page.get_by_label("您的经历")
        assert field.evaluate("e => getComputedStyle(e).borderTopColor") == ink


MOVING = """
() => [...document.querySelectorAll("*")].filter((element) => {
  const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
  return transitionDuration !== "0s" || animationName !== "none" || scrollBehavior === "smooth";
}).length
"""


def test_who_asks_for_less_motion_gets_none(chromium: Browser, gallery: str) -> None:
    """Nothing but stars in a form moves at all, and those do not, then."""
    with context(chromium, 1280, "light") as window:
        page = window.new_page()
        page.goto(f"{gallery}/invitation")
        assert page.evaluate(MOVING) > 0
        page.emulate_media(reduced_motion="reduce")
        for name in PAGES:
            page.goto(f"{gallery}/{name}")
            assert (name, page.evaluate(MOVING)) == (name, 0)


def test_a_short_review_keeps_together(chromium: Browser, gallery: str) -> None:
    """Its words and its date, beside a column that is higher than both."""
    with context(chromium, 1280, "light") as window:
        page = window.new_page()
        page.goto(f"{gallery}/wall")
        tops = page.locator(".ir-body:has(> .ir-text:first-child)").evaluate_all(
            "all => all.map((body) => {"
            " const [words, date] = [body.firstElementChild, body.lastElementChild];"
            " body.replaceChildren(words, date); words.textContent = '好';"
            " return date.getBoundingClientRect().top - body.getBoundingClientRect().top })"
        )
        assert len(tops) > 2
        # A line and the gap below it.
        assert max(tops) < 46


def test_an_index_on_a_phone_has_one_shape(chromium: Browser, gallery: str) -> None:
    """Stars stand below the names, however short a name is."""
    with context(chromium, 390, "light") as window:
        page = window.new_page()
        page.goto(f"{gallery}/products")
        starts = page.locator(".ir-row-end").evaluate_all(
            "all => all.map((end) => end.getBoundingClientRect().left)"
        )
        assert len(starts) > 1
        assert len(set(starts)) == 1
