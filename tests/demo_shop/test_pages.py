"""The shop's pages: there for everybody, in Chinese, asking nobody else for anything."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from insurance_reviews.demo_shop.catalogue import load

from .pages import look

SKUS = [one.sku for one in load().products]
PAGES = [
    "/",
    *(f"/products/{sku}" for sku in SKUS),
    "/products/qingyan-auto/buy",
    "/policies",
    "/inbox",
    "/identity",
    "/embedding",
]


@pytest.mark.parametrize("url", PAGES)
def test_a_page_is_served_whole(client: FlaskClient, url: str) -> None:
    response = client.get(url)
    page = look(client, url)
    assert response.status_code == 200
    assert '<html lang="zh-CN">' in page.html
    assert len(re.findall("<h1", page.html)) == 1
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "private, no-cache"
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("url", PAGES)
def test_a_page_has_nothing_inline_and_nothing_of_third_parties(
    client: FlaskClient, url: str
) -> None:
    for tag, attributes in look(client, url).tags:
        assert tag != "style"
        # What search engines read is data: no browser runs it.
        assert tag != "script" or attributes == {"type": "application/ld+json"}
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        if tag in {"link", "img", "iframe"}:
            address = attributes.get("src") or attributes["href"]
            assert address.startswith("/")
            assert not address.startswith("//")


# One product will do: its page has hundreds of links.
@pytest.mark.parametrize("url", ["/", "/products/judeng-travel", *PAGES[7:]])
def test_every_link_of_a_page_leads_somewhere(client: FlaskClient, url: str) -> None:
    page = look(client, url)
    stylesheets = [attributes["href"] for tag, attributes in page.tags if tag == "link"]
    for address in {*page.addresses, *stylesheets}:
        if not address.startswith("#"):
            with client.get(address, follow_redirects=True) as answer:
                assert answer.status_code == 200, address


def test_looking_sets_no_cookie(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/").headers
    assert "Set-Cookie" not in client.get("/products/judeng-medical").headers


@pytest.mark.parametrize("sku", SKUS)
def test_a_product_page_says_what_matters_and_what_buyers_say(
    client: FlaskClient, sku: str
) -> None:
    product = load().product(sku)
    page = look(client, f"/products/{sku}")
    for cover in product.coverage:
        assert cover.title in page.text
        assert cover.amount in page.text
    for term in product.terms:
        assert term.text in page.text
    assert all(one in page.text for one in product.exclusions)
    assert all(one.answer in page.text for one in product.faq)
    assert "保单持有人评价" in page.text


def test_the_walls_filters_stay_on_the_product_page(client: FlaskClient) -> None:
    """They lead back to the wall on that page, not to its top."""
    page = look(client, "/products/judeng-medical")
    filters = [link for link in page.addresses if "reviews-stage=claim" in link]
    assert filters
    assert all(link.startswith("/products/judeng-medical?") for link in filters)
    anchors = {link.partition("#")[2] for link in filters}
    assert anchors <= {attributes.get("id") for _, attributes in page.tags}
    assert look(client, filters[0]).status == 200


def test_the_plugins_pages_carry_the_shops_name_and_colours(client: FlaskClient) -> None:
    for url in ("/reviews/products/judeng-medical", "/reviews/link", "/reviews/log/judeng/"):
        page = look(client, url)
        assert page.links["坦言保险商城"] == "/"
        assert "/static/theme.css" in page.html


def test_no_link_of_a_framed_wall_ends_in_the_frame(client: FlaskClient) -> None:
    """Only walls may be framed; whatever else was opened there would be refused by the browser."""
    frame = "/reviews/frame/wall"
    page = look(client, f"{frame}?product=judeng-medical")
    links = [attributes for tag, attributes in page.tags if tag == "a"]
    staying = [one for one in links if one["href"].startswith((f"{frame}?", "#"))]
    leaving = [one for one in links if one not in staying]
    assert staying
    assert leaving
    assert all(one.get("target") == "_top" for one in leaving)
    assert not any("target" in one for one in staying)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/products/nothing", 404),
        ("/products/nothing/buy", 404),
        ("/policies/nothing", 404),
        ("/inbox/nothing", 404),
        ("/inbox/..%2fsecrets.json", 404),
        ("/nothing", 404),
    ],
)
def test_what_is_not_there_says_so(client: FlaskClient, url: str, status: int) -> None:
    page = look(client, url)
    assert page.status == status
    assert page.links["回到商城"] == "/"


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}]
)
def test_another_sites_form_is_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    identity = {"identity": "regulator"}
    assert client.post("/identity", data=identity, headers=headers).status_code == 403
    assert client.get("/reviews/regulator/").status_code == 403
    assert client.post("/identity", data=identity).status_code == 303
    assert client.get("/reviews/regulator/").status_code == 200


def test_health_tells_that_it_is_ready(app: Flask) -> None:
    assert app.test_client().get("/reviews/healthz").json == {"status": "ok"}
