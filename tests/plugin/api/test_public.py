"""What anybody may read over the API, from any page."""

from __future__ import annotations

import json
from itertools import product as combinations

import pytest

from insurance_reviews.moderation.tlog.note import Verifier
from insurance_reviews.moderation.tlog.proof import Receipt, check_receipt
from insurance_reviews.moderation.tlog.tile import parse_bundle
from insurance_reviews.plugin.services.catalogue import add_storefront
from support.api import Api, Json, faults, ok, refused
from support.host import API, PREFIX
from support.world import TEXT

STAGES = ("underwriting", "renewal", "claim")
ORIGIN = "shop.example/reviews/log/anxin"


@pytest.fixture
def filled(api: Api) -> list[Json]:
    """Twelve reviews of one product as their API shows them, oldest first."""
    world = api.host.world
    submitted = []
    for number, (stage, score) in enumerate(combinations(STAGES, (1, 5, 4, 5)), 1):
        world.pass_time(minutes=40)
        text = TEXT if number % 2 else None
        submitted.append(world.submit(stage=stage, score=score, text=text).id)
    return [ok(api.get(f"/reviews/{review}")) for review in submitted]


def pages(api: Api, query: str) -> list[Json]:
    """All reviews of a list, page after page."""
    found: list[Json] = []
    after = ""
    while True:
        page = ok(api.get(f"/products/anxin-medical/reviews?{query}{after}"))
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def test_the_products(api: Api) -> None:
    listed = ok(api.get("/products"))["items"]
    assert len(listed) == 6
    assert listed[0] == {
        "sku": "anxin-medical",
        "name": "百万医疗险",
        "insurer": "anxin",
        "insurer_name": "安心保险",
        "stages": ["underwriting", "renewal", "claim"],
    }


def test_a_product_without_reviews(api: Api) -> None:
    assert ok(api.get("/products/anxin-motor/reviews")) == {
        "product": "anxin-motor",
        "items": [],
        "next": None,
        "total": 0,
        "total_is_exact": True,
    }
    none = {
        "average": None,
        "interval": None,
        "count": 0,
        "small_sample": False,
        "histogram": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0},
    }
    assert ok(api.get("/products/anxin-motor/summary")) == {
        **none,
        "stages": {
            stage: {**none, "aspects": {}, "eligible": 0, "coverage": None, "months": []}
            for stage in STAGES
        },
        "months": [],
        "topics": [],
        "replies": {"rate": None, "median_hours": None},
        "removals": 0,
    }


@pytest.mark.usefixtures("filled")
def test_a_summary_counts_every_score(api: Api) -> None:
    """Averages have two decimals, half up; a review without aspects counts in none."""
    world = api.host.world
    for score in (3, 2):
        world.submit(stage="claim", score=score, aspects={"speed": score, "outcome": 5})
    world.invite(stage="claim")
    summary = ok(api.get("/products/anxin-medical/summary"))
    assert {name: summary[name] for name in ("average", "count", "histogram")} == {
        "average": 3.57,
        "count": 14,
        "histogram": {"1": 3, "2": 1, "3": 1, "4": 3, "5": 6},
    }
    claim = summary["stages"]["claim"]
    assert {name: claim[name] for name in claim if name != "months"} == {
        "average": 3.33,
        "interval": {"low": 1.78, "high": 4.72},
        "count": 6,
        "small_sample": True,
        "histogram": {"1": 1, "2": 1, "3": 1, "4": 1, "5": 2},
        "aspects": {"outcome": {"average": 5.0, "count": 2}, "speed": {"average": 2.5, "count": 2}},
        "eligible": 7,
        "coverage": 0.8571,
    }


def test_every_order_and_filter_page_by_page(api: Api, filled: list[Json]) -> None:
    """Whatever the size of a page, all pages together are the list, once each, in its order."""
    newest = filled[::-1]
    orders = {
        "": newest,
        "sort=newest": newest,
        "sort=oldest": filled,
        "sort=highest": sorted(newest, key=lambda review: -review["score"]),
        "sort=lowest": sorted(newest, key=lambda review: review["score"]),
        "stage=claim": [review for review in newest if review["stage"] == "claim"],
        "score=5": [review for review in newest if review["score"] == 5],
        "stage=renewal&score=5&sort=oldest": [filled[5], filled[7]],
        "score=4&sort=highest": [review for review in newest if review["score"] == 4],
        "score=2": [],
    }
    for query, expected in orders.items():
        total = ok(api.get(f"/products/anxin-medical/reviews?{query}"))["total"]
        assert total == len(expected), query
        for limit in (1, 3, 12, 50):
            assert pages(api, f"{query}&limit={limit}") == expected, (query, limit)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("stage=purchase", {"stage": "choice"}),
        ("score=0", {"score": "score"}),
        ("score=6", {"score": "score"}),
        ("score=five", {"score": "type"}),
        ("score=", {"score": "type"}),
        ("sort=best", {"sort": "choice"}),
        ("sort=relevant", {"sort": "query-needed"}),
        ("limit=0", {"limit": "too-small"}),
        ("limit=51", {"limit": "too-large"}),
        ("limit=9" + "9" * 4_400, {"limit": "type"}),
        ("after=x", {"after": "cursor"}),
        ("after=n-01", {"after": "cursor"}),
        ("after=n-%D9%A1", {"after": "cursor"}),
        ("after=", {"after": "cursor"}),
        ("after=%00", {"after": "cursor"}),
        ("after=n-1%0A", {"after": "cursor"}),
        ("after=o-5", {"after": "cursor"}),
        ("after=h5-5", {"after": "cursor"}),
        ("after=n-5&sort=oldest", {"after": "cursor"}),
        ("after=h5-5&sort=lowest", {"after": "cursor"}),
        ("after=h-5&sort=highest", {"after": "cursor"}),
        ("after=n-" + "9" * 40, {"after": "cursor"}),
        ("after=n-" + "9" * 80, {"after": "too-long"}),
        ("sort=newest&sort=oldest", {"sort": "repeated"}),
        ("page=2", {"page": "unknown-field"}),
        ("q=" + "赔" * 501, {"q": "too-long"}),
        ("topic=理赔", {"topic": "choice"}),
        ("aspect=colour", {"aspect": "choice"}),
        ("aspect=speed:6", {"aspect": "form"}),
        ("replied=maybe", {"replied": "choice"}),
        ("followed_up=perhaps", {"followed_up": "choice"}),
        ("has_text=", {"has_text": "choice"}),
        ("since=2026-13", {"since": "month"}),
        ("until=2026", {"until": "month"}),
        ("since=2026-02&until=2026-01", {"until": "period"}),
        ("score=9&limit=x", {"score": "score", "limit": "type"}),
    ],
)
def test_a_bad_parameter_is_named(lasting_api: Api, query: str, expected: dict[str, str]) -> None:
    assert faults(lasting_api.get(f"/products/anxin-medical/reviews?{query}")) == expected


def test_a_cursor_far_away_is_an_empty_page(api: Api, filled: list[Json]) -> None:
    assert filled
    last = "9" * 18
    assert ok(api.get(f"/products/anxin-medical/reviews?after=o-{last}&sort=oldest"))["items"] == []
    assert len(ok(api.get(f"/products/anxin-medical/reviews?after=n-{last}"))["items"]) == 10
    assert ok(api.get("/products/anxin-medical/reviews?after=n-0&lang=en"))["items"] == []


def test_the_export_is_the_log_in_order(api: Api, filled: list[Json]) -> None:
    """One JSON object per line, the same as each review's own address shows."""
    api.submit(invitation=api.host.world.invite("boshan-motor"))
    answer = api.get("/insurers/anxin/reviews.jsonl")
    lines = answer.get_data(as_text=True).split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == filled
    later = api.get(f"/insurers/anxin/reviews.jsonl?from={filled[5]['log']['index']}")
    assert [json.loads(line) for line in later.get_data(as_text=True).splitlines()] == filled[5:]
    for start in (f"{2**53 - 1}", "1000"):
        assert api.get(f"/insurers/anxin/reviews.jsonl?from={start}").get_data() == b""
    bad = {"-1": "too-small", f"{2**53}": "too-large", "x": "type"}
    for start, code in bad.items():
        assert faults(api.get(f"/insurers/anxin/reviews.jsonl?from={start}")) == {"from": code}
    refused(api.get("/insurers/nobody/reviews.jsonl"), 404, "not-found")


def test_a_receipt_proves_the_entry(api: Api) -> None:
    """Checked with the log's public key and the entry from its public bundle, and nothing else."""
    review = api.submit(text=TEXT)
    api.submit()
    answer = api.get(f"/reviews/{review['id']}/receipt")
    assert answer.content_type == "text/plain; charset=utf-8"
    receipt = Receipt.parse(answer.get_data(as_text=True))
    assert receipt.index == review["log"]["index"] == 2
    root = f"{PREFIX}/log/anxin"
    key = Verifier.parse(api.client.get(f"{root}/key").get_data(as_text=True).strip())
    bundle = parse_bundle(api.client.get(f"{root}/tile/entries/000.p/5").get_data())
    leaf = bundle[receipt.index]
    assert json.loads(leaf)["review"] == review["id"]
    assert check_receipt(receipt, leaf, key, origin=ORIGIN).size == 5
    checkpoint = api.client.get(f"{root}/checkpoint").get_data(as_text=True)
    assert receipt.checkpoint == checkpoint


@pytest.mark.parametrize(
    "path",
    [
        "/products/nothing/reviews",
        "/products/nothing/summary",
        "/products/%E4%BF%9D/summary",
        "/reviews/rv_nothing",
        "/reviews/rv_nothing/receipt",
        "/reviews/%00",
        "/reviews/%FF%FE",
        "/insurers/%00/reviews.jsonl",
        "/products/%00/reviews",
        "/products/%2e%2e/summary",
        f"/reviews/{'x' * 9000}",
    ],
)
def test_what_is_not_there(lasting_api: Api, path: str) -> None:
    refused(lasting_api.get(path), 404, "not-found")


def test_anybody_may_read_from_any_page(api: Api) -> None:
    """Public answers and their refusals are open to every origin, without credentials."""
    review = api.submit(text=TEXT)["id"]
    for path in (
        "/products",
        "/products/anxin-medical/reviews",
        "/products/anxin-medical/summary",
        "/insurers/anxin/reviews.jsonl",
        f"/reviews/{review}",
        f"/reviews/{review}/receipt",
        "/products/nothing/summary",
        "/products/anxin-medical/reviews?limit=0",
    ):
        answer = api.get(path, headers={"Origin": "https://elsewhere.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path
        assert "Access-Control-Allow-Credentials" not in answer.headers
    for path in (
        "/openapi.json",
        "/api/v1/openapi.json",
        "/api/v1/nothing",
        "/embed/wall?product=anxin-medical",
        "/embed/wall?product=nothing",
        "/embed/wall",
        "/embed/summary?product=anxin-medical",
        "/log/anxin/checkpoint",
        "/log/anxin/key",
        "/log/anxin/tile/0/000.p/3",
        "/log/nobody/checkpoint",
        "/log/anxin/tile/0/000.p/300",
        "/static/reviews.css",
        "/static/nothing.css",
    ):
        answer = api.client.get(PREFIX + path, headers={"Origin": "https://elsewhere.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path


def test_what_a_token_opens_is_closed_to_other_pages(api: Api) -> None:
    token = api.host.world.invite()
    answers = [
        api.get(f"/invitations/{token}"),
        api.post("/policy-events", api.event(), token="shop"),
        api.post("/reviews", {"invitation": token, "score": 5}),
    ]
    assert [answer.status_code for answer in answers] == [200, 201, 201]
    for answer in answers:
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://shop.example", True),
        ("https://shop.example:8443", False),
        ("http://shop.example", False),
        ("https://shop.example.evil.example", False),
        ("https://evilshop.example", False),
        ("https://user@shop.example", False),
        ("https://SHOP.example", False),
        ("null", False),
    ],
)
def test_other_calls_are_for_the_pages_of_storefronts(api: Api, origin: str, allowed: bool) -> None:
    """Answers, refusals and preflights name a registered origin, or none; never credentials."""
    api.host.world.write(
        lambda session: add_storefront(
            session,
            "origins",
            "网店",
            api.host.world.now,
            insurers=["anxin"],
            origins=["https://shop.example"],
        )
    )
    expected = origin if allowed else None
    headers = {"Origin": origin}
    review = api.submit(text=TEXT)["id"]
    answers = [
        api.get(f"/invitations/{api.host.world.invite()}", headers=headers),
        api.get("/invitations/none", headers=headers),
        api.get(f"/reviews/{review}/report-package", headers=headers),
        api.client.post(f"{API}/reviews", json={"score": 9}, headers=headers),
        api.client.put(f"{API}/reviews/{review}", json={}, headers=headers),
    ]
    asking = {**headers, "Access-Control-Request-Headers": "content-type"}
    for path, method in (
        ("reviews", "POST"),
        ("invitations/none", "GET"),
        ("policy-events", "POST"),
    ):
        asked = {**asking, "Access-Control-Request-Method": method}
        preflight = api.client.options(f"{API}/{path}", headers=asked)
        assert preflight.status_code == 204
        answers.append(preflight)
        if allowed:
            assert method in preflight.headers["Access-Control-Allow-Methods"]
            assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]
    for answer in answers:
        assert answer.headers.get("Access-Control-Allow-Origin") == expected
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    reading = {**asking, "Access-Control-Request-Method": "GET"}
    for path in ("products", f"reviews/{review}", "products/anxin-medical/reviews"):
        preflight = api.client.options(f"{API}/{path}", headers=reading)
        assert preflight.headers["Access-Control-Allow-Origin"] == "*"


def test_head_answers_as_get_without_a_body(api: Api) -> None:
    for path in ("/products", "/products/anxin-medical/reviews", "/reviews/rv_nothing"):
        head, get = api.client.head(API + path), api.client.get(API + path)
        assert (head.status_code, head.get_data()) == (get.status_code, b"")
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
