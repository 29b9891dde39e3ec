"""The keyboard alone: from the invitation to the saved receipt, and through a wall in a shop."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from insurance_reviews.moderation.commitment import author_of
from support.host import API

from .shops import ELEMENT, opened, settle, visit
from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEXT = "报案三天后才有人来。\n最后赔了八成。"
#: The element that has the focus, in whatever shadow; what it is called here; where its ring is.
FOCUS = """() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const ringed = [at, at.closest("label")].filter(Boolean).find((one) => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one);
    const { width, height } = one.getBoundingClientRect();
    return outlineStyle === "solid" && parseFloat(outlineWidth) >= 2
      && !/, 0\\)$|transparent/.test(outlineColor) && width >= 12 && height >= 12;
  });
  const box = ringed?.getBoundingClientRect();
  return {
    name: at.dataset.key || at.getAttribute("part") || at.name || at.innerText.trim(),
    value: at.value ?? "",
    checked: at.checked ?? false,
    visible: Boolean(box) && box.bottom > 0 && box.top < innerHeight && box.left < innerWidth,
  };
}"""


@dataclass
class Keys:
    """A reader's keyboard. Wherever it leads, the focus must be seen."""

    page: Page
    #: Where it has been, in order.
    stops: list[str] = field(default_factory=list)

    def press(self, key: str) -> dict[str, object]:
        """Press a key that moves the focus; what has it now."""
        self.page.keyboard.press(key)
        focus: dict[str, object] = self.page.evaluate(FOCUS)
        assert focus["visible"], f"after {self.stops} and {key}: {focus}"
        self.stops.append(str(focus["name"]))
        return focus

    def to(self, name: str, key: str = "Tab") -> None:
        """Go on to the control called ``name``."""
        for _ in range(60):
            if self.press(key)["name"] == name:
                return
        raise AssertionError(f"{name} cannot be reached: {self.stops}")

    def choose(self, group: str, value: str) -> None:
        """By the arrows, in a group of radio buttons that has the focus."""
        for _ in range(6):
            focus = self.press("ArrowRight")
            assert (focus["name"], focus["checked"]) == (group, True)
            if focus["value"] == value:
                return
        raise AssertionError(f"{value} cannot be chosen in {group}")


def test_from_the_invitation_to_the_saved_receipt(site: Site) -> None:
    with site.window() as window:
        page = window.open(site.invitation())
        page.wait_for_function("document.forms[0].elements.author.value.length === 64")
        keys = Keys(page)
        keys.to("跳到正文")
        page.keyboard.press("Enter")
        assert keys.press("Tab")["name"] == "score"
        keys.choose("score", "4")
        for aspect in ("speed", "guidance", "outcome"):
            assert keys.press("Tab")["name"] == f"aspect_{aspect}"
            keys.choose(f"aspect_{aspect}", "2")
        assert keys.press("Tab")["name"] == "aspect_attitude"  # Left out.
        assert keys.press("Tab")["name"] == "text"
        page.keyboard.type(TEXT)
        assert keys.press("Tab")["name"] == "display_name"
        assert keys.press("ArrowDown")["value"] == "anonymous"
        assert keys.press("ArrowUp")["value"] == "masked"
        keys.to("consent")
        page.keyboard.press("Space")
        # Back for a last word.
        keys.to("text", "Shift+Tab")
        page.keyboard.press("Control+End")
        page.keyboard.type("唉。")
        keys.to("consent")
        publish = keys.press("Tab")
        assert (publish["name"], publish["value"]) == ("action", "publish")
        page.keyboard.press("Enter")
        page.wait_for_url("**/receipt")

        page.wait_for_function("!document.querySelector('[data-key-box]').hidden")
        keys = Keys(page)
        keys.to("跳到正文")
        page.keyboard.press("Enter")
        assert keys.press("Tab")["name"] == "保存回执"
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        receipt = json.loads(download.value.path().read_text("utf-8"))
        assert receipt["text"] == TEXT + "唉。"
        review = page.url.split("/")[-2]
        found = site.host.client().get(f"{API}/reviews/{review}").get_json()
        assert (found["score"], found["text"]) == (4, TEXT + "唉。")
        assert found["aspects"] == {"speed": 2, "guidance": 2, "outcome": 2}
        assert found["author"] == author_of(receipt["author_key"])
        keys.to("复制密钥")
        keys.to("查看我的评价")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/r/{review}")


def says(page: Page, text: str) -> None:
    """Wait until the live region of the wall says ``text``."""
    page.wait_for_function(
        f"text => {ELEMENT}.shadowRoot.querySelector('[role=status]').textContent.trim() === text",
        arg=text,
    )


def test_through_a_wall_in_a_shop(site: Site) -> None:
    """Tabs, filters and the next page: the focus stays, and what was found is said."""
    for number in range(12):
        site.host.world.submit(score=1 + number % 4, stage="claim" if number % 2 else "renewal")
    with opened(site) as shop, visit(shop) as seen:
        page = seen.page
        page.goto(shop.wall('page-size="10"'))
        settle(page, 10)
        keys = Keys(page)
        keys.to("stage-claim")
        bars = [f"score-{score}" for score in (5, 4, 3, 2, 1)]
        tabs = ["stage-all", "stage-underwriting", "stage-renewal", "stage-claim"]
        assert [stop for stop in keys.stops if stop in ("write", *bars, *tabs)] == [
            "write", *bars, *tabs
        ]  # fmt: skip
        page.keyboard.press("Enter")
        says(page, "符合条件的评价 6 条")
        assert page.evaluate(FOCUS)["name"] == "stage-claim"

        keys.to("score-4", "Shift+Tab")
        page.keyboard.press("Enter")
        says(page, "符合条件的评价 3 条")
        assert page.evaluate(FOCUS)["name"] == "score-4"

        keys.to("clear")
        page.keyboard.press("Enter")
        says(page, "12 条评价")
        # What had the focus is gone: a heading has it, at the wall's beginning.
        assert page.evaluate(FOCUS)["name"] == "heading"
        assert keys.press("Tab")["name"] == "write"

        keys.to("more")
        page.keyboard.press("Enter")
        says(page, "已列出 12 条评价")
        assert page.locator("article").nth(10).locator("h3:focus").count() == 1
        assert keys.press("Tab")["name"] == "核验这条评价"
        review = page.locator("article").nth(10).get_attribute("id")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/r/{review}*#proof")
        assert seen.complaints == []
