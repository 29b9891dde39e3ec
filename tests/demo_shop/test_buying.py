"""Buying, letting things happen, and the mails that come of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from insurance_reviews.demo_shop.policies import Happening
from insurance_reviews.demo_shop.shop import get_shop
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.deliver import deliver_due

from .conftest import NOW
from .pages import Page, look, send

BUY = "/products/qingyan-home/buy"
TODAY = (NOW + timedelta(hours=8)).date()


def buy(client: FlaskClient, url: str = BUY, **filled: str | None) -> Page:
    """Buy as the form suggests, but for what is ``filled`` otherwise."""
    return send(client, look(client, url), "确认投保", **{"agreed": "y", **filled})


def invitations(app: Flask, client: FlaskClient) -> list[str]:
    """Deliver, and read the visitor's invitations, newest first."""
    deliver_due(get_state(app))
    inbox = look(client, "/inbox")
    mails = [look(client, url) for url in inbox.addresses if url.startswith("/inbox/")]
    return [mail.links["写评价"] for mail in mails if "写评价" in mail.links]


def test_a_purchase_brings_a_policy_and_an_invitation(app: Flask, client: FlaskClient) -> None:
    page = buy(client, name="尉迟小满", email="Me@Mail.example", started_on="2026-01-31")
    assert page.status == 200
    assert "2026年1月31日" in page.text
    assert "me@mail.example" in page.text
    (link,) = invitations(app, client)
    form = look(client, link)
    assert "檐下家财险" in form.text
    assert "尉迟**" in form.text


def test_a_policys_number_stands_in_no_address(client: FlaskClient) -> None:
    page = buy(client)
    (policy,) = get_shop(client.application).policies.of_visitor(visitor(client))
    assert policy.number in page.text
    assert policy.number not in page.url + "".join(page.links.values())


def test_a_double_click_buys_once(app: Flask, client: FlaskClient) -> None:
    form = look(client, BUY)
    first = send(client, form, "确认投保", agreed="y")
    second = send(client, form, "确认投保", agreed="y")
    assert first.url == second.url
    assert len(invitations(app, client)) == 1


def test_renewals_and_claims_bring_an_invitation_each(app: Flask, client: FlaskClient) -> None:
    page = buy(client, started_on="2024-06-01")
    page = send(client, page, "让它发生", stage="renewal", occurred_on="2025-06-01")
    form = page
    page = send(client, form, "让它发生", stage="claim", occurred_on="2025-08-09")
    again = send(client, form, "让它发生", stage="claim", occurred_on="2025-08-09")
    assert page.text == again.text
    page = send(client, page, "让它发生", stage="claim", occurred_on="2025-08-09")
    assert "理赔（第 2 次）" in page.text
    assert len(set(invitations(app, client))) == 4


@pytest.mark.parametrize(
    ("filled", "message"),
    [
        ({"name": ""}, "请填写姓名。"),
        ({"name": " "}, "请填写姓名。"),
        ({"name": "满" * 41}, "姓名最多 40 个字。"),
        ({"name": "小\u200b满"}, "看不见的字符"),
        ({"email": ""}, "请填写邮箱"),
        ({"email": "me"}, "me@mail.example"),
        ({"email": "a b@mail.example"}, "me@mail.example"),
        ({"email": "me@mail.example\nBcc: you@mail.example"}, "me@mail.example"),
        ({"email": f"{'m' * 250}@mail.example"}, "邮箱太长了。"),
        ({"started_on": ""}, "请选一个日期。"),
        ({"started_on": "2026-02-30"}, "日期要写成"),
        ({"started_on": str(TODAY + timedelta(1))}, f"到 {TODAY} 之间"),
        ({"started_on": "1999-01-01"}, "之间的日期"),
        ({"agreed": None}, "请先确认读过条款。"),
        ({"request": "x"}, "页面已过期"),
        ({"request": "x" * 65}, "页面已过期"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_bought(
    client: FlaskClient, filled: dict[str, str | None], message: str
) -> None:
    page = buy(client, BUY, **filled)
    assert page.status == 422
    assert message in page.text
    assert get_shop(client.application).policies.of_visitor(visitor(client)) == []


@pytest.mark.parametrize(
    ("filled", "message"),
    [
        ({"stage": "underwriting"}, "请从列表里选一项。"),
        ({"stage": None}, "请从列表里选一项。"),
        ({"occurred_on": "2025-12-31"}, "2026-01-01"),
        ({"occurred_on": "x"}, "日期要写成"),
    ],
)
def test_nothing_impossible_happens(
    client: FlaskClient, filled: dict[str, str | None], message: str
) -> None:
    page = buy(client, started_on="2026-01-01")
    page = send(client, page, "让它发生", **{"stage": "claim", **filled})
    assert page.status == 422
    assert message in page.text
    (policy,) = get_shop(client.application).policies.of_visitor(visitor(client))
    assert [event.stage for event in policy.events] == ["underwriting"]


def test_a_trip_is_not_renewed(client: FlaskClient) -> None:
    page = buy(client, "/products/judeng-travel/buy")
    assert "续期缴费" not in page.html.partition("让一件事发生")[2]


def test_visitors_do_not_see_each_other(app: Flask, client: FlaskClient) -> None:
    """Neither policies nor mails, not even by buying with the other's address."""
    page = buy(client, email="me@mail.example")
    assert len(invitations(app, client)) == 1
    other = app.test_client()
    assert look(other, page.url).status == 404
    refused = buy(other, email="ME@mail.example")
    assert refused.status == 422
    assert "另一位演示访客" in refused.text
    mail = next(iter(get_shop(app).mail.glob("*.eml")))
    assert look(other, f"/inbox/{mail.name}").status == 404
    assert look(client, f"/inbox/{mail.name}").status == 200


def test_one_visitors_form_is_not_anothers(app: Flask, client: FlaskClient) -> None:
    """The name that makes a double click harmless belongs to its visitor."""
    request = "the-same-request"
    first, second = buy(client, request=request), buy(app.test_client(), request=request)
    assert first.status == second.status == 200
    assert first.url != second.url


def test_what_was_not_told_is_told_later(app: Flask, client: FlaskClient) -> None:
    """The process may die between the shop's record and the plugin's; the next telling makes up."""
    buy(client)
    shop = get_shop(app)
    (policy,) = shop.policies.of_visitor(visitor(client))
    shop.policies.happen(policy, Happening("0" * 16, "claim", TODAY))
    assert [event.stage for _, event in shop.policies.untold()] == ["claim"]
    send(client, look(client, f"/policies/{policy.id}"), "让它发生", stage="renewal")
    assert shop.policies.untold() == []
    assert len(invitations(app, client)) == 3


def test_the_inbox_waits_for_a_mail_that_is_on_its_way(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a worker it gives up soon and says so; with one the mail is simply there."""
    monkeypatch.setattr("insurance_reviews.demo_shop.views.inbox.PATIENCE", 0.05)
    buy(client)
    assert "还有一封邀请在路上" in look(client, "/inbox?expect=1").text
    deliver_due(get_state(app))
    page = look(client, "/inbox?expect=1")
    assert "还有一封邀请在路上" not in page.text
    assert "投保檐下家财险" in page.text


def test_the_worker_is_woken(app: Flask, client: FlaskClient) -> None:
    woken: list[date] = []
    get_shop(app).on_told.append(lambda: woken.append(TODAY))
    buy(client)
    assert woken == [TODAY]


def visitor(client: FlaskClient) -> str:
    """The name under which the shop knows this browser."""
    with client.session_transaction() as session:
        name: str = session["visitor"]
    return name
