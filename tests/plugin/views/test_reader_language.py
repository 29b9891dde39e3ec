"""Who asked for a language in the address goes on in it, wherever our links lead."""

from __future__ import annotations

import re
from html import unescape

import pytest

from support.host import PREFIX, Host

#: Addresses of pages for readers; data, files and what checks are the same in every language.
PAGE = re.compile(rf'href="([^"]*{PREFIX}/(?:products|r|link|log|compare)\b[^"]*)"')
TOOLS = re.compile(r"/(checkpoint|key|witnessed|tile/.*)$|\.json$")


def pages_linked(html: str) -> list[str]:
    """Where a reader may go from here, but for the choice of another language itself."""
    body = re.sub(r'<a [^>]*hreflang="[^"]*"[^>]*>|<link [^>]*>', "", html)
    found = [unescape(url) for url in PAGE.findall(body)]
    return [url for url in found if not TOOLS.search(url.partition("?")[0])]


@pytest.mark.parametrize(
    "path",
    ["/products", "/products/anxin-medical", "/embed/wall", "/embed/summary", "/frame/wall"],
)
def test_a_wall_leads_on_in_the_language_that_was_asked_for(host: Host, path: str) -> None:
    host.world.submit()
    asked = {"lang": "en"} | (
        {"product": "anxin-medical"} if "wall" in path or "sum" in path else {}
    )
    page = host.client().get(PREFIX + path, query_string=asked).text
    linked = pages_linked(page)
    assert linked
    assert [url for url in linked if "lang=en" not in url] == []
    own = host.client().get(PREFIX + path, query_string={**asked, "lang": ""}).text
    assert "lang=en" not in "".join(pages_linked(own))


def test_a_review_its_form_and_its_receipt_stay_in_it(host: Host) -> None:
    review, client = host.world.submit(), host.client()
    page = client.get(f"{PREFIX}/r/{review.id}?lang=en").text
    assert [url for url in pages_linked(page) if "lang=en" not in url] == []
    token = host.world.invite()
    fields = {"score": "4", "display_name": "anonymous", "consent": "y"}
    sent = client.post(f"{PREFIX}/i/{token}?lang=en", data=fields)
    assert sent.status_code == 303
    assert sent.location.endswith("/receipt?lang=en")
    receipt = client.get(sent.location).text
    assert '<html lang="en"' in receipt
    asked = client.post(f"{PREFIX}/link?lang=en", data={"policy_no": "P1", "email": "a@b.example"})
    assert asked.location == f"{PREFIX}/link?sent=1&lang=en"


def test_what_search_engines_are_told_names_no_language(host: Host) -> None:
    host.world.submit()
    page = host.client().get(f"{PREFIX}/products/anxin-medical?lang=en").text
    [canonical] = re.findall(r'<link rel="canonical" href="([^"]*)"', page)
    assert canonical.endswith("/products/anxin-medical")
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert "lang=" not in data
