"""Data for search engines stays data in a real browser, whatever people wrote into it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.host import PREFIX

from .watch import Site

#: What runs where the data is not escaped; each sets ``hacked``.
HOSTILE = (
    "</script><script>hacked = 1</script>",
    "</SCRIPT ><img src=x onerror=hacked=1>",
    "<!--<script></script><script>hacked = 1</script>-->",
    "a\u2028b\u2029c",
    '\\"};hacked = 1;//',
)
_DATA = 'script[type="application/ld+json"]'


@pytest.mark.parametrize("bypass_csp", [False, True])
def test_no_text_leaves_the_data(site: Site, bypass_csp: bool) -> None:
    """With our policy and without it: the texts are read as they were written."""
    reviews = [site.host.world.submit(text=text) for text in HOSTILE]
    pages = [f"{PREFIX}/products/anxin-medical", "/product/anxin-medical"]
    pages += [f"{PREFIX}/r/{review.id}" for review in reviews]
    found: set[str] = set()
    with site.window(bypass_csp=bypass_csp) as window:
        for path in pages:
            page = window.open(path)
            [text] = page.locator(_DATA).all_text_contents()
            data: dict[str, Any] = json.loads(text)
            found |= {one["reviewBody"] for one in data.get("review", [data])}
            assert page.evaluate("typeof hacked") == "undefined"
            assert page.locator("script:not([src]):not([type])").count() == 0
    # What separates lines in old JavaScript is stored as a line break.
    assert {text for text in HOSTILE if "\u2028" not in text} <= found
    assert len(found) == len(HOSTILE)


def test_without_the_escapes_some_of_it_runs(site: Site) -> None:
    """The control: this harness would see it."""
    ran = 0
    with site.browser.new_context() as context:
        page = context.new_page()
        for text in HOSTILE:
            raw = json.dumps({"reviewBody": text}, ensure_ascii=False)
            page.goto(f"{site.address}/fails")  # Any page of the host's: it has no policy.
            page.set_content(f'<script type="application/ld+json">{raw}</script>')
            page.wait_for_timeout(50)
            ran += page.evaluate("typeof hacked") != "undefined"
    assert ran > 0
