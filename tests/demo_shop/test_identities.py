"""One click into each role, to its desk, and out again."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from insurance_reviews.demo_shop import identities
from insurance_reviews.demo_shop.catalogue import load

from .pages import look

INSURERS = [one.slug for one in load().insurers]


@pytest.mark.parametrize("slug", INSURERS)
@pytest.mark.parametrize("number", [0, 1])
def test_an_insurers_staff_sees_its_own_desk(client: FlaskClient, slug: str, number: int) -> None:
    one = identities.of_insurer(slug)[number]
    answer = client.post("/identity", data={"identity": one.key}, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.request.path == f"/reviews{one.desk}"
    page = look(client, "/reviews/desk/")
    assert one.staff.name in page.text
    assert load().insurer(slug).name in page.text
    may_remove = client.get("/reviews/desk/compliance").status_code == 200
    assert may_remove == ("compliance" in one.staff.roles)
    assert client.get("/reviews/regulator/").status_code == 403


def test_the_regulator_sees_every_report(client: FlaskClient) -> None:
    client.post("/identity", data={"identity": "regulator"})
    page = look(client, "/reviews/regulator/")
    assert "临监网评报字第00417号" in page.text
    assert "云监消函〔评〕第1387号" in page.text
    assert client.get("/reviews/desk/").status_code == 403


def test_leaving_a_role_closes_the_desk(client: FlaskClient) -> None:
    client.post("/identity", data={"identity": "reply-judeng"})
    page = look(client, "/")
    assert "橘灯保险客服专员" in page.text
    client.post(page.form("退出身份").action)
    assert client.get("/reviews/desk/").status_code == 403
    assert "橘灯保险客服专员" not in look(client, "/").text


@pytest.mark.parametrize("key", ["", "reply-nobody", "admin"])
def test_there_are_no_other_roles(client: FlaskClient, key: str) -> None:
    assert client.post("/identity", data={"identity": key}).status_code == 404
    assert client.get("/reviews/desk/").status_code == 403
