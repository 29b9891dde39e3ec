"""Walls as pages, fragments and frames: the API's parameters, links that lead on."""

from __future__ import annotations

import re

import pytest

from insurance_reviews.plugin.search import find
from support.answers import check_refusal
from support.host import ADDRESS, API, PREFIX, Host
from support.pages import Browser, Page

WALLS = {
    "page": f"{PREFIX}/products/anxin-medical",
    "fragment": f"{PREFIX}/embed/wall?product=anxin-medical",
    "frame": f"{PREFIX}/frame/wall?product=anxin-medical",
}


@pytest.fixture
def filled(host: Host) -> Host:
    """Twelve reviews of one product."""
    for number in range(12):
        host.world.submit(score=1 + number % 5, stage="claim" if number % 2 else "renewal")
    return host


def reviews_on(page: Page) -> list[str]:
    return re.findall(r'<article class="ir-review" id="(rv_[a-z2-7]{26})"', page.html)


def listed(host: Host, query: str) -> list[str]:
    answer = host.client().get(f"{API}/products/anxin-medical/reviews?{query}").get_json()
    return [review["id"] for review in answer["items"]]


def joined(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}"


@pytest.mark.parametrize("wall", WALLS)
def test_the_parameters_are_the_apis(filled: Host, wall: str) -> None:
    browser = Browser(filled.client())
    for query in (
        "sort=newest",
        "sort=oldest",
        "sort=highest&limit=5",
        "sort=lowest&stage=claim",
        "score=5",
        "stage=renewal&score=1&limit=1",
        "limit=50",
        "utm_source=mail&colour=red",
    ):
        page = browser.open(joined(WALLS[wall], query))
        known = "&".join(part for part in query.split("&") if not part.startswith(("utm", "col")))
        assert reviews_on(page) == listed(filled, known), query
    for query in ("stage=x", "score=9", "sort=best", "limit=0", "limit=51", "limit=x", "after=x"):
        answer = filled.client().get(joined(WALLS[wall], query))
        problem = check_refusal(answer, 422)
        assert problem["errors"][0]["field"] == query.split("=")[0]  # type: ignore[index]


@pytest.mark.parametrize("wall", WALLS)
def test_its_pages_follow_each_other(filled: Host, wall: str) -> None:
    """By links that keep filter, order and size."""
    browser = Browser(filled.client())
    page = browser.open(joined(WALLS[wall], "sort=oldest&limit=5"))
    seen = reviews_on(page)
    # Links to this page in another language hold its cursor too.
    while following := [link for link in page.links if "after=" in link and "lang=" not in link]:
        assert "limit=5" in following[0]
        assert len(seen) < 12, "the pages go round in circles"
        page = browser.open(following[0])
        seen += reviews_on(page)
    assert seen == listed(filled, "sort=oldest&limit=50")
    assert len(seen) == 12


def test_the_bars_and_tabs_are_filters(filled: Host) -> None:
    browser = Browser(filled.client())
    page = browser.open(WALLS["page"])
    five = browser.open(next(link for link in page.links if link.endswith("?score=5")))
    assert reviews_on(five) == listed(filled, "score=5")
    claim = browser.open(next(link for link in five.links if "stage=claim" in link))
    assert reviews_on(claim) == listed(filled, "score=5&stage=claim")
    everything = browser.open(next(link for link in claim.links if link == WALLS["page"]))
    assert len(reviews_on(everything)) == 10


def test_the_bars_of_a_stage_stand_below_its_own_average(filled: Host) -> None:
    """Not below that of all stages alone, which they do not explain."""
    for query, of_stage in (("", False), ("?stage=claim", True)):
        page = Browser(filled.client()).open(WALLS["page"] + query)
        before_bars = page.html.partition("ir-histogram")[0]
        assert ("<b>理赔赔付 2.83</b> 6 条评价" in before_bars) is of_stage
        assert sum(map(int, re.findall(r'ir-bar-count">(\d+)<', page.html))) == 12 - 6 * of_stage


def test_a_bad_filter_says_on_the_page_what_is_wrong(filled: Host) -> None:
    """The parameter and the remedy, in the reader's language."""
    page = Browser(filled.client()).open(f"{WALLS['page']}?score=9&sort=best")
    assert page.status == 422
    assert "score 评分是 1 到 5 的整数。" in page.text
    assert "sort 请从以下选项中选择：newest, oldest, highest, lowest, relevant。" in page.text


@pytest.mark.parametrize("wall", WALLS)
def test_a_query_without_end_is_cut(filled: Host, wall: str) -> None:
    """Every link repeats it: sixty thousand characters made a page of a megabyte."""
    client = filled.client()
    plain = client.get(joined(WALLS[wall], "q=" + "查" * 500))
    cut = client.get(joined(WALLS[wall], "q=" + "查" * 20_000))
    assert (plain.status_code, cut.status_code) == (200, 200)
    assert cut.text == plain.text


def test_a_total_that_was_not_counted_out_is_what_there_is_at_least(
    filled: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "COUNTED", 5)
    page = Browser(filled.client(), "en").open(joined(WALLS["page"], "q=查勘员"))
    assert "At least 5 reviews found" in page.text
    monkeypatch.setattr(find, "COUNTED", 0)
    page = Browser(filled.client(), "en").open(joined(WALLS["page"], "q=查勘"))
    assert "found" not in page.text


def test_what_has_no_product(filled: Host) -> None:
    client = filled.client()
    for path in ("/embed/wall", "/embed/summary", "/frame/wall"):
        for query in ("", "?product=", "?sku=anxin-medical"):
            answer = client.get(f"{PREFIX}{path}{query}")
            problem = check_refusal(answer, 422)
            assert problem["errors"][0]["field"] == "product"  # type: ignore[index]
        for product in ("nothing", "%00", "%FF", "x" * 3_000, "a%20b"):
            check_refusal(client.get(f"{PREFIX}{path}?product={product}"))


def test_a_summary_fits_into_a_list(filled: Host) -> None:
    answer = filled.client().get(f"{PREFIX}/embed/summary?product=anxin-medical")
    html = answer.get_data(as_text=True)
    assert html.count("<a ") == 1
    assert f'href="{ADDRESS}{PREFIX}/products/anxin-medical"' in html
    assert "2.75" in html


def test_words_stay_words(host: Host) -> None:
    """Whatever a person writes is text on every page: no tag, no attribute, no entity of theirs."""
    hostile = '<script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;" onload="x\' {{7*7}}'
    review = host.world.submit(text=hostile, display_name=None)
    host.world.reply(review, f"{hostile} https://anxin.example/?a=1&b=<i>")
    client = host.client()
    for path in (*WALLS.values(), f"{PREFIX}/r/{review.id}", "/product/anxin-medical"):
        html = client.get(path).get_data(as_text=True)
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "49" not in re.sub(r"[0-9a-f]{40,}|rv_\w+|\.[0-9a-f]{12}\.", "", html)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize("path", ["/embed/wall", "/embed/summary"])
def test_a_fragment_holds_on_a_page_of_any_origin(filled: Host, path: str) -> None:
    """Every address in it is absolute."""
    html = filled.client().get(f"{PREFIX}{path}?product=anxin-medical").get_data(as_text=True)
    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert addresses
    assert all(address.startswith(f"{ADDRESS}{PREFIX}/") for address in addresses)
