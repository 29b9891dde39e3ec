"""The main job in Chromium, with JavaScript and without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from insurance_reviews.moderation.commitment import author_of
from support.host import PREFIX

from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEXT = "报案三天后才有人来，刘经理一直说在走流程。\n最后赔了八成。"
STARS = ("非常不满意", "不满意", "一般", "满意", "非常满意")


def choose(page: Page, score: int) -> None:
    """Click the star, as a finger does: the radio itself is out of sight."""
    page.locator(f"label:has([name=score][value='{score}'])").click()


def fill(page: Page, text: str = TEXT, score: int = 2) -> None:
    choose(page, score)
    page.locator("label:has([name=aspect_speed][value='1'])").click()
    page.get_by_label("您的经历").fill(text)
    page.get_by_label("我同意按以上方式公开").check()


def shown(site: Site, path: str) -> dict[str, object]:
    """The review of a receipt's path, by the API."""
    review = re.search("rv_[a-z2-7]{26}", path)
    assert review is not None
    answer = site.host.client().get(f"{PREFIX}/api/v1/reviews/{review[0]}").get_json()
    assert isinstance(answer, dict)
    return answer


def test_the_key_never_leaves_the_browser(site: Site) -> None:
    """Made there, shown there, copied there; only its hash is ever sent."""
    path = site.invitation()
    with site.window(permissions=["clipboard-read", "clipboard-write"]) as window:
        page = window.open(path)
        page.wait_for_function("document.forms[0].elements.author.value.length === 64")
        fill(page)
        preview = page.get_by_role("complementary", name="预览")
        assert preview.locator("[data-preview-text]").text_content() == TEXT
        assert preview.locator("[data-preview-stars]").get_attribute("width") == "40"
        assert preview.get_by_text("王**").is_visible()
        assert page.locator("[data-counter]").text_content() == "还可写 4,971 字（共 5,000 字）"
        page.get_by_role("button", name="正式公开").dblclick()
        page.wait_for_url("**/receipt")
        key = page.locator("[data-key]").text_content() or ""
        assert re.fullmatch("[0-9a-f]{64}", key)
        page.get_by_role("button", name="复制密钥").click()
        page.get_by_role("status").get_by_text("已复制").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == key
        assert page.evaluate("sessionStorage.length") == 0
        assert not [sent for sent in window.sent if key in sent]
        [posted] = [sent for sent in window.sent if "action=publish" in sent]
        assert f"author={author_of(key)}" in posted
        assert "author_key=&" in posted
        review = shown(site, page.url)
        assert review["author"] == author_of(key)
        assert (review["score"], review["text"], review["aspects"]) == (2, TEXT, {"speed": 1})
        page.reload()
        assert (
            page.get_by_text("作者密钥只在提交后显示一次").is_visible()
            or page.locator("[data-key-gone]").is_visible()
        )
        assert page.locator("[data-key-box]").is_hidden()

        # Only now, to follow up, is it typed in by its owner.
        page.get_by_role("link", name="写追评或撤回").click()
        page.get_by_label("追评内容").fill("三周后到账。")
        page.locator("#follow-author_key").fill(key)
        page.get_by_role("button", name="公开追评").click()
        page.get_by_text("三周后到账。").wait_for()
    assert len(site.host.world.snapshot()["insurance_reviews_review"]) == 1


def test_the_whole_journey_without_javascript(site: Site) -> None:
    """Form, preview, edit, publish, receipt, wall; the server's key is shown once."""
    with site.window(java_script_enabled=False) as window:
        page = window.open(site.invitation())
        fill(page)
        page.get_by_role("button", name="预览").click()
        assert page.get_by_text("现在还没有公开").is_visible()
        assert page.get_by_role("article").get_by_text("最后赔了八成").is_visible()
        page.get_by_role("button", name="返回修改").click()
        assert page.get_by_label("您的经历").input_value() == TEXT
        assert page.locator("[name=aspect_speed][value='1']").is_checked()
        page.get_by_label("您的经历").fill(TEXT + "唉")
        page.get_by_role("button", name="正式公开").click()
        key = page.locator("[data-key]").text_content() or ""
        assert re.fullmatch("[0-9a-f]{64}", key)
        assert page.locator("[data-copy]").is_hidden()
        review = shown(site, page.url)
        assert (review["author"], review["text"]) == (author_of(key), TEXT + "唉")
        page.reload()
        assert page.locator("[data-key]").text_content() == ""

        window.open(f"{PREFIX}/products/anxin-medical")
        assert page.get_by_text("最后赔了八成").is_visible()
        page.locator(".ir-histogram a").first.click()
        assert page.locator("article.ir-review").count() == 0
        assert page.get_by_text("没有符合条件的评价").is_visible()
        page.get_by_role("link", name="显示全部").first.click()
        assert page.locator("article.ir-review").count() == 1


@pytest.mark.parametrize("script", [True, False])
def test_staff_do_their_work(site: Site, script: bool) -> None:
    """Reply, amend, report, redact, acknowledge; and the score still stands."""
    review = site.host.world.submit(score=1, text=TEXT)
    desk = f"{PREFIX}/desk/reviews/{review.id}"
    with site.window("service-anxin", java_script_enabled=script) as window:
        page = window.open(f"{PREFIX}/desk/")
        page.get_by_role("link", name="报案三天后").click()
        page.get_by_label("回复").fill("抱歉，已转理赔部。")
        page.get_by_role("button", name="发布回复").click()
        page.get_by_role("button", name="发布修改后的回复").wait_for()
        assert page.get_by_text("抱歉，已转理赔部。").first.is_visible()
    with site.window("compliance-anxin", java_script_enabled=script) as window:
        page = window.open(desk)
        page.get_by_label("监管机构").fill("上海监管局")
        page.get_by_label("报告编号").fill("函〔2026〕7号")
        page.get_by_label("报告日期").fill("2026-03-02")
        page.locator("#report-ground").select_option("personal_data")
        page.locator("#report-items").check()
        page.locator("#report-reasons").fill("出现“刘经理”")
        page.get_by_role("button", name="登记报告").click()
        page.locator("#removal-passages").fill("刘经理")
        page.locator("#removal-confirm").check()
        page.get_by_role("button", name="永久移除").click()
        page.get_by_text("███").first.wait_for()
    with site.window("regulator", java_script_enabled=script) as window:
        page = window.open(f"{PREFIX}/regulator/")
        page.get_by_role("link", name="函〔2026〕7号").click()
        page.locator("[name=verdict][value=acknowledged]").check()
        page.get_by_role("button", name="公开答复").click()
        page.get_by_text("监管机构已确认").first.wait_for()
    with site.window() as window:
        page = window.open(f"{PREFIX}/r/{review.id}")
        assert page.get_by_text("刘经理").count() == 0
        assert page.get_by_text("函〔2026〕7号").is_visible()
    answer = site.host.client().get(f"{PREFIX}/api/v1/products/anxin-medical/summary").get_json()
    assert (answer["average"], answer["count"]) == (1.0, 1)


def test_five_thousand_characters(site: Site) -> None:
    """Emoji count one each, as the server counts; one more is said before it is sent."""
    text = "😀" * 2_500 + "שלום" * 500 + "e\u0301" * 250
    with site.window() as window:
        page = window.open(site.invitation())
        fill(page, text + "字字")
        assert "超出 2 字" in (page.locator("[data-counter]").text_content() or "")
        page.get_by_role("button", name="正式公开").click()
        page.locator("[data-errors]").wait_for()
        assert page.get_by_label("您的经历").input_value() == text + "字字"
        page.get_by_label("您的经历").fill(text)
        page.get_by_role("button", name="正式公开").click()
        page.wait_for_url("**/receipt")
        assert shown(site, page.url)["text"] == text.replace("e\u0301", "é")


def test_no_text_reorders_its_neighbours(site: Site) -> None:
    """A text may change its own direction, with whatever marks; names, dates and stars stay."""
    text = "\u202eesreveR \u2067אבג\u202b"
    review = site.host.world.submit(text=text, display_name="王小明")
    with site.window() as window:
        page = window.open(f"{PREFIX}/r/{review.id}")
        name = page.locator(".ir-name").bounding_box()
        month = page.locator(".ir-who span").bounding_box()
        assert name is not None
        assert month is not None
        assert name["x"] < month["x"]
        assert page.locator(".ir-text bdi").text_content() == text
        foot = page.locator(".ir-foot").inner_text()
        assert foot.startswith("2026年3月2日")


def test_by_keyboard_alone(site: Site) -> None:
    """From the top of the page to the receipt, without touching the mouse."""
    with site.window() as window:
        page = window.open(site.invitation())
        page.wait_for_function("document.forms[0].elements.author.value.length === 64")
        keyboard = page.keyboard

        def tab_to(selector: str) -> None:
            for _ in range(40):
                if page.evaluate("s => document.activeElement.matches(s)", selector):
                    return
                keyboard.press("Tab")
            raise AssertionError(f"{selector} cannot be reached")

        tab_to("[name=score]")
        for _ in range(3):
            keyboard.press("ArrowRight")
        tab_to("[name=aspect_speed]")
        keyboard.press("ArrowRight")
        tab_to("[name=text]")
        keyboard.type("理赔很快。")
        tab_to("[name=display_name]")
        tab_to("[name=consent]")
        keyboard.press("Space")
        tab_to("button[value=publish]")
        keyboard.press("Enter")
        page.wait_for_url("**/receipt")
        review = shown(site, page.url)
        assert review["text"] == "理赔很快。"
        assert review["score"] in {3, 4}
        tab_to("a[href$='/author']")
        keyboard.press("Enter")
        page.wait_for_url("**/author")


def test_personal_data_is_marked_and_then_decided(site: Site) -> None:
    for script in (True, False):
        with site.window(java_script_enabled=script) as window:
            page = window.open(site.invitation())
            fill(page, "请打13800138000")
            page.get_by_role("button", name="正式公开").click()
            assert page.locator("mark").text_content() == "13800138000"
            assert page.locator(".ir-warning:focus").count() == 1
            page.get_by_label("我已看过").check()
            page.get_by_role("button", name="正式公开").click()
            page.wait_for_url("**/receipt")
            assert shown(site, page.url)["text"] == "请打13800138000"


@pytest.mark.parametrize("script", [True, False])
def test_two_windows_one_invitation(site: Site, script: bool) -> None:
    """The second is told that the review is there, and led to it."""
    path = site.invitation()
    with site.window(java_script_enabled=script) as first, site.window() as second:
        pages = [window.open(path) for window in (first, second)]
        for page in pages:
            fill(page)
        for page in pages:
            page.get_by_role("button", name="正式公开").click()
        pages[0].wait_for_url("**/receipt")
        pages[1].get_by_text("每份邀请只能用一次").or_(
            pages[1].get_by_text("已经")
        ).first.wait_for()
        assert pages[1].url.endswith(path)
    assert len(site.host.world.snapshot()["insurance_reviews_review"]) == 1


def test_the_back_button_sends_nothing(site: Site) -> None:
    """Back from the receipt the form stands there; sent again it leads to the same receipt."""
    with site.window() as window:
        page = window.open(site.invitation())
        fill(page)
        page.get_by_role("button", name="正式公开").click()
        page.wait_for_url("**/receipt")
        receipt = page.url
        page.go_back()
        page.wait_for_load_state()
        # no-store: the page is asked for again, and says that the invitation was used.
        assert page.get_by_role("button", name="正式公开").count() == 0
        assert page.locator(f"a[href$='{receipt.split('/')[-2]}']").count() >= 1
    assert len(site.host.world.snapshot()["insurance_reviews_review"]) == 1


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("path", [f"{PREFIX}/products/anxin-medical", "/product/anxin-medical"])
def test_more_reviews_are_a_link(site: Site, path: str, script: bool) -> None:
    """On our page and on the host's: all are read, each once, and one click leads back."""
    for number in range(23):
        site.host.world.submit(score=1 + number % 5)
    with site.window(java_script_enabled=script) as window:
        page = window.open(f"{path}?reviews-sort=lowest&sort=lowest")
        reviews, seen = page.locator("article.ir-review"), []
        for count in (10, 10, 3):
            assert reviews.count() == count
            seen += [review.get_attribute("id") for review in reviews.all()]
            more = page.get_by_role("link", name="查看更多评价")
            if count == 10:
                more.click()
                page.wait_for_url("**after=**")
        assert more.count() == 0
        assert len(set(seen)) == 23
        assert page.locator("[data-key=sort-lowest][aria-current]").count() == 1
        page.get_by_role("link", name="回到第一页").click()
        page.wait_for_url(lambda url: "after=" not in url)
        assert [review.get_attribute("id") for review in reviews.all()] == seen[:10]


def test_the_wall_in_a_page_of_the_host(site: Site) -> None:
    """Inside the host's page filters work as links, and nothing of the host's leaks in."""
    for score in (5, 4, 4):
        site.host.world.submit(score=score)
    with site.window() as window:
        page = window.open("/product/anxin-medical")
        assert page.locator("article.ir-review").count() == 3
        page.locator(".ir-histogram a").nth(1).click()
        page.wait_for_url("**reviews-score=4**")
        assert page.locator("article.ir-review").count() == 2
        assert page.locator("h1").text_content() == "anxin-medical"
