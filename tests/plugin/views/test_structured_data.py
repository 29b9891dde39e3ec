"""What search engines read: no more than the page shows, and nothing where it would be praise of
oneself."""

from __future__ import annotations

import json
import re
import struct
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.plugin.structured_data import script_json
from support.host import ADDRESS, PREFIX, Host, mounted
from support.world import INSURERS, TEXT, World

WALL = f"{PREFIX}/products/anxin-medical"
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>&quot;&lt;",
    "a\u2028b\u2029c",
    '\\"},{"@type":"Organization"',
    "\\u003c/script\\u003e",
)
_BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.S)


def data_of(page: str) -> dict[str, Any] | None:
    """The one block of a page."""
    found = _BLOCK.findall(page)
    assert len(found) <= 1
    return json.loads(found[0]) if found else None


def meta(page: str, name: str) -> str:
    [found] = re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)">', page)
    return unescape(found)


def canonical(page: str) -> str:
    [found] = re.findall(r'<link rel="canonical" href="([^"]*)">', page)
    return unescape(found)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_ends_the_block(text: str) -> None:
    written = script_json({"reviewBody": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"reviewBody": text}


@given(st.recursive(st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_whatever_is_written_is_read_again(value: Any) -> None:
    written = script_json(value)
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == value


def test_a_wall_is_a_product_with_its_average_and_reviews(host: Host) -> None:
    first = host.world.submit(score=4, display_name="王小明", text=HOSTILE[0] + TEXT)
    bare = host.world.submit(score=1, text=None)
    data = data_of(host.client().get(WALL).text)
    assert data is not None
    assert (data["@context"], data["@type"]) == ("https://schema.org", "Product")
    assert data["url"] == ADDRESS + WALL
    assert data["brand"] == {"@type": "Brand", "name": INSURERS["anxin"]}
    assert data["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": "2.50",
        "reviewCount": 2,
        "bestRating": 5,
        "worstRating": 1,
    }
    stars_only, worded = data["review"]
    assert stars_only["url"] == f"{ADDRESS}{PREFIX}/r/{bare.id}"
    assert "reviewBody" not in stars_only
    assert worded["url"] == f"{ADDRESS}{PREFIX}/r/{first.id}"
    assert worded["reviewBody"] == HOSTILE[0] + TEXT
    assert worded["reviewRating"]["ratingValue"] == 4
    assert worded["author"]["@type"] == "Person"
    assert worded["author"]["name"] in host.client().get(WALL).text
    published = datetime.fromisoformat(worded["datePublished"])
    assert published.astimezone(UTC).date() == host.world.today


def test_only_what_the_page_shows(host: Host) -> None:
    """The reviews of this page and filter; the average, which every page of a wall shows."""
    for number in range(12):
        host.world.submit(score=1 + number % 5, text=None)
    for query in ("", "?score=5", "?limit=3&sort=oldest", "?stage=renewal"):
        page = host.client().get(WALL + query).text
        data = data_of(page)
        assert data is not None
        shown = re.findall(r'<article class="ir-review" id="(rv_\w+)"', page)
        assert [review["url"].rpartition("/")[2] for review in data["review"]] == shown
        assert data["aggregateRating"]["reviewCount"] == 12


def test_a_text_that_is_gone_is_gone_here_too(host: Host) -> None:
    world = host.world
    removed, withdrawn, redacted = world.submit(), world.submit(), world.submit(text="张三很慢")
    world.remove(removed)
    world.withdraw(withdrawn)
    world.remove(redacted, redacted="██很慢")
    for review, body in ((removed, None), (withdrawn, None), (redacted, "██很慢")):
        page = host.client().get(f"{PREFIX}/r/{review.id}").text
        data = data_of(page)
        assert data is not None
        assert data["@type"] == "Review"
        assert data["itemReviewed"]["@type"] == "Product"
        assert "aggregateRating" not in data["itemReviewed"]
        assert data.get("reviewBody") == body
        assert data["author"] == {"@type": "Person", "name": data["author"]["name"]}
        assert data["author"]["name"] in page
        assert TEXT not in page
        assert meta(page, "og:description") == meta(page, "description")
        assert (meta(page, "description") == body) == (body is not None)
        assert meta(page, "og:url") == canonical(page) == f"{ADDRESS}{PREFIX}/r/{review.id}"


def test_without_reviews_there_is_nothing_to_tell(host: Host) -> None:
    assert data_of(host.client().get(WALL).text) is None
    assert data_of(host.client().get("/product/anxin-medical").text) is None


def test_a_hosts_own_page_has_it_and_fragments_and_frames_have_not(host: Host) -> None:
    """A fragment is put into pages of others by a script, and a frame is not their page."""
    host.world.submit(text=HOSTILE[1])
    data = data_of(host.client().get("/product/anxin-medical").text)
    assert data is not None
    assert data["review"][0]["reviewBody"] == HOSTILE[1]
    assert data["url"] == ADDRESS + WALL
    for url in ("embed/wall", "frame/wall", "embed/summary"):
        page = host.client().get(f"{PREFIX}/{url}?product=anxin-medical").text
        assert data_of(page) is None


def test_an_insurer_that_runs_the_page_is_not_praised_by_itself(world: World) -> None:
    """On its own products nothing is said, and the page says why it is not independent."""
    own, other = world.submit(), world.submit(product="boshan-motor")
    with mounted(world, operator=INSURERS["anxin"]) as host:
        for url in (WALL, f"{PREFIX}/r/{own.id}", "/product/anxin-medical"):
            assert data_of(host.client().get(url).text) is None
        assert "不是独立的第三方" in host.client().get(WALL).text
        for url in (f"{PREFIX}/products/boshan-motor", f"{PREFIX}/r/{other.id}"):
            page = host.client().get(url).text
            assert data_of(page) is not None
            assert "不是独立的第三方" not in page


def test_no_insurer_is_rated(host: Host) -> None:
    """Organisations appear as the brand of a product and nowhere else."""
    review = host.world.submit()
    pages = (WALL, f"{PREFIX}/r/{review.id}", f"{PREFIX}/products", f"{PREFIX}/log/anxin/")
    for page in pages:
        assert "Organization" not in str(data_of(host.client().get(page).text))


def test_filters_belong_to_the_plain_wall_and_further_pages_to_themselves(host: Host) -> None:
    for number in range(12):
        host.world.submit(score=1 + number % 5, text=None)
    plain = ADDRESS + WALL
    for query in ("", "?score=5", "?sort=oldest", "?lang=en", "?limit=5", "?utm_source=x"):
        assert canonical(host.client().get(WALL + query).text) == plain
    page = host.client().get(WALL).text
    [following] = re.findall(r'<link rel="next" href="([^"]*)">', page)
    second = host.client().get(f"{unescape(following)}&lang=en").text
    assert canonical(second) == ADDRESS + unescape(following)
    assert f'<link rel="prev" href="{WALL}?lang=en">' in second
    assert 'rel="next"' not in second
    assert 'rel="prev"' not in page
    filtered = host.client().get(f"{WALL}?limit=5&after=n-9").text
    assert canonical(filtered) == plain


def test_a_shared_link_says_what_is_behind_it(host: Host) -> None:
    host.world.submit(score=4)
    page = host.client().get(f"{WALL}?lang=en").text
    assert meta(page, "description") == (
        "1 review of 百万医疗险 by 安心保险: 4.00 of 5 stars. Only policyholders can write."
    )
    assert meta(page, "og:title") == "Reviews of 百万医疗险"
    review = host.world.submit(text='  两行\n"字" <b>' + "长" * 200)
    page = host.client().get(f"{PREFIX}/r/{review.id}").text
    assert meta(page, "description").startswith('两行 "字" <b>长长')
    assert meta(page, "description").endswith("…")
    assert len(meta(page, "description")) == 120


def test_the_index_and_the_logs_say_what_they_are(host: Host) -> None:
    """Under one address each, however they were reached."""
    for path, said in (("products", "What policyholders say"), ("log/anxin/", "A list that only")):
        page = host.client().get(f"{PREFIX}/{path}?lang=en&utm_source=x").text
        assert canonical(page) == meta(page, "og:url") == f"{ADDRESS}{PREFIX}/{path}"
        assert meta(page, "description").startswith(said)
    assert canonical(host.client().get(f"{PREFIX}/").text) == f"{ADDRESS}{PREFIX}/products"


def test_a_shared_link_has_a_picture(host: Host) -> None:
    """Of the size that it says, at an absolute address which never changes its meaning."""
    review = host.world.submit()
    for path in (WALL, f"{PREFIX}/r/{review.id}", f"{PREFIX}/compare"):
        page = host.client().get(f"{path}?lang=zh-TW").text
        assert meta(page, "twitter:card") == "summary_large_image"
        assert meta(page, "og:image:alt") == "保戶評價"
        url = meta(page, "og:image")
        assert url.startswith(f"{ADDRESS}{PREFIX}/static/share.")
        answer = host.client().get(url.removeprefix(ADDRESS))
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.content_type == meta(page, "og:image:type")
        # Width and height stand at the start of every PNG (its chunk IHDR).
        size = struct.unpack(">II", answer.data[16:24])
        assert size == tuple(int(meta(page, f"og:image:{side}")) for side in ("width", "height"))
        assert len(answer.data) < 30_000


@pytest.mark.parametrize("filters", ["", "sort=oldest&", "score=1&", "sort=oldest&stage=claim&"])
def test_the_pages_before_are_the_pages_after_backwards(host: Host, filters: str) -> None:
    for number in range(14):
        stage = "claim" if number % 3 else "renewal"
        host.world.submit(score=1 + number % 2, stage=stage, text=None)
    here: str | None = f"{WALL}?{filters}limit=3"
    forwards, backwards = [], []
    while here is not None:
        page = host.client().get(here).text
        forwards.append(re.findall(r'<article class="ir-review" id="(rv_\w+)"', page))
        last, here = here, neighbour(page, "next")
    here = last
    while here is not None:
        page = host.client().get(here).text
        backwards.append(re.findall(r'<article class="ir-review" id="(rv_\w+)"', page))
        here = neighbour(page, "prev")
    assert len(forwards) > 1
    assert forwards == backwards[::-1]


def test_orders_by_score_name_no_page_before(host: Host) -> None:
    for _ in range(3):
        host.world.submit(text=None)
    page = host.client().get(f"{WALL}?sort=highest&limit=1").text
    following = neighbour(page, "next")
    assert following is not None
    assert neighbour(host.client().get(following).text, "prev") is None


def neighbour(page: str, relation: str) -> str | None:
    found = re.findall(rf'<link rel="{relation}" href="([^"]*)">', page)
    return unescape(found[0]) if found else None
