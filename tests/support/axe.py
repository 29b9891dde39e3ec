"""What axe has against a page, asked once the page is drawn as its readers see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: WCAG 2.2 AA, and what axe calls good practice.
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# axe measures colours and sizes as they are at this moment. `goto` waits for a page's style sheets,
# but a click that leads to a page waits only until that page begins. A link has no sheet while it
# loads, nor after that failed: a page without its style sheet is not looked at, but reported by
# the timeout.
_DRAWN = """
() => document.readyState === "complete"
  && document.fonts.status === "loaded"
  && Array.from(document.querySelectorAll("link[rel=stylesheet]")).every((link) => link.sheet)
  && document.getAnimations().every((animation) => animation.playState !== "running")
"""


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    """Each violated rule, what it asks for, and the first elements that violate it.

    Waits until style sheets, fonts and transitions are through, so measure sizes after it. What
    scripts still have to put on the page is the caller's to wait for.
    """
    page.wait_for_function(_DRAWN)
    found = Axe().run(page, options=_RULES).response["violations"]
    return [
        (one["id"], one["help"], [node["html"][:160] for node in one["nodes"][:2]]) for one in found
    ]
