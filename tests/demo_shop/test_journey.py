"""From a purchase to a removed text whose score still stands, all without JavaScript."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from .conftest import NOW
from .pages import Page, look, send
from .test_buying import buy, invitations
from .test_seeding import findings

PRODUCT = "/products/judeng-medical"
TEXT = "材料交了三次，第四十天才到账。"
REPLY = "让您跑了三趟，对不起。"


@pytest.fixture
def reviewed(app: Flask, client: FlaskClient) -> Page:
    """The receipt of a review of two stars."""
    buy(client, f"{PRODUCT}/buy")
    (link,) = invitations(app, client)
    filled = {"score": "2", "text": TEXT, "consent": "y"}
    return send(client, look(client, link), "正式公开", **filled)


def as_staff(client: FlaskClient, identity: str, text: str = TEXT) -> Page:
    """Sign in and open the review on the desk."""
    client.post("/identity", data={"identity": identity})
    desk = look(client, "/reviews/desk/")
    return look(client, next(url for label, url in desk.links.items() if text in label))


def average(client: FlaskClient) -> float:
    """The product's average."""
    answer = client.get("/reviews/api/v1/products/judeng-medical/summary")
    return float(json.loads(answer.data)["average"])


def test_a_review_stands_on_the_product_page(client: FlaskClient, reviewed: Page) -> None:
    assert reviewed.status == 200
    assert "作者密钥" in reviewed.text
    page = look(client, PRODUCT)
    assert TEXT in page.text


def test_the_reply_comes_to_the_page_and_to_the_inbox(
    app: Flask, client: FlaskClient, reviewed: Page
) -> None:
    page = as_staff(client, "reply-judeng")
    send(client, page, "发布", text=REPLY)
    assert REPLY in look(client, PRODUCT).text
    invitations(app, client)
    assert "橘灯保险回复了您的评价" in look(client, "/inbox").text


def test_a_text_goes_on_a_report_and_its_score_stays(
    app: Flask, client: FlaskClient, reviewed: Page
) -> None:
    before = average(client)
    page = as_staff(client, "compliance-judeng")
    assert "永久移除" not in page.html
    item = next(
        attributes["value"]
        for tag, attributes in page.tags
        if tag == "input" and attributes.get("name") == "items"
    )
    reported = send(
        client,
        page,
        "登记报告",
        authority="临江监管局",
        report_no="临监字第7号",
        filed_on=str(NOW.date()),
        ground="other",
        items=item,
        reasons="天数与记录不符。",
    )
    assert reported.status == 200
    send_removal(client, reported, item)
    wall = look(client, PRODUCT)
    assert TEXT not in wall.text
    assert "临监字第7号" in wall.text
    assert average(client) == before
    invitations(app, client)
    assert "评价文字被移除" in look(client, "/inbox").text
    assert findings(app) == []


def send_removal(client: FlaskClient, page: Page, item: str) -> None:
    """Remove the whole text on the report that the page offers."""
    options = [attributes.get("value", "") for tag, attributes in page.tags if tag == "option"]
    report = next(value for value in options if value.startswith("rp_"))
    answer = send(client, page, "永久移除", report=report, item=item, extent="whole", confirm="y")
    assert answer.status == 200
