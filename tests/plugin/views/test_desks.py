"""The desks: who gets in, and forms that only they can send."""

from __future__ import annotations

from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient

from insurance_reviews.plugin.services.reviews import Submitted
from support.answers import check_refusal
from support.host import PREFIX, STAFF, Host
from support.pages import Browser
from support.world import AUTHORITY, TEXT

#: Every form of the desks, by the end of its address: who may send it, and a good one.
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "reply": ("service-anxin", {"text": "抱歉"}),
    "report": (
        "compliance-anxin",
        {
            "report_no": "1",
            "authority": AUTHORITY,
            "filed_on": "2026-03-02",
            "ground": "other",
            "reasons": "见附件",
        },
    ),
    "removal": ("compliance-anxin", {"extent": "whole", "confirm": "y"}),
    "acknowledgement": ("regulator", {"verdict": "disputed"}),
}


@pytest.fixture
def review(host: Host) -> Submitted:
    """A review with words, of the insurer anxin, which compliance has reported."""
    return host.world.submit(text=TEXT)


@pytest.fixture
def report(host: Host, review: Submitted) -> str:
    return host.world.report(review).id


def places(review: str, report: str) -> dict[str, tuple[str, str]]:
    """Each form: the page it stands on, and where it is sent."""
    page = f"{PREFIX}/desk/reviews/{review}"
    answer = f"{PREFIX}/regulator/reports/{report}"
    return {
        "reply": (page, f"{page}/reply"),
        "report": (page, f"{page}/report"),
        "removal": (page, f"{page}/removal"),
        "acknowledgement": (answer, answer),
    }


def good(host: Host, review: Submitted, report: str, name: str) -> dict[str, Any]:
    item = host.world.item_of(review)
    extra = {"report": {"items": item}, "removal": {"report": report, "item": item}}
    return {**FORMS[name][1], **extra.get(name, {})}


def token_of(client: FlaskClient, page: str) -> str:
    form = Browser(client).open(page).forms[0]
    return form.values["csrf_token"][0]


def test_every_form_of_the_desks_is_tried_here(host: Host) -> None:
    """A new one must join, or be a holder's, whose authority is in the address or the body."""
    posts = {
        str(rule).removeprefix(PREFIX)
        for rule in host.app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and str(rule).startswith(PREFIX)
    }
    assert {path for path in posts if not path.startswith("/api/")} == {
        "/desk/reviews/<review>/reply",
        "/desk/reviews/<review>/report",
        "/desk/reviews/<review>/removal",
        "/regulator/reports/<report>",
        "/i/<token>",
        "/r/<review>/author/follow-up",
        "/r/<review>/author/withdrawal",
        "/r/<review>/receipt.json",
        "/link",
    }


@pytest.mark.parametrize("name", FORMS)
def test_a_form_needs_its_session(host: Host, review: Submitted, report: str, name: str) -> None:
    """No token, somebody else's, an altered one; sent from another site: 403, nothing written."""
    page, url = places(review.id, report)[name]
    who = FORMS[name][0]
    client = host.client(who)
    own, foreign = token_of(client, page), token_of(host.client(who), page)
    fields = good(host, review, report, name)
    before = host.world.snapshot()
    for token in (None, "", "x", own[:-1] + ("0" if own[-1] != "0" else "1"), foreign, own * 2):
        data = {**fields} if token is None else {**fields, "csrf_token": token}
        assert check_refusal(client.post(url, data=data), 403)["code"] == "csrf"
    sent = {**fields, "csrf_token": own}
    for site in ("cross-site", "same-site", "nonsense", ""):
        answer = client.post(url, data=sent, headers={"Sec-Fetch-Site": site})
        assert check_refusal(answer, 403)["code"] == "csrf", site
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        answer = client.post(url, data=sent, headers={"Origin": origin})
        assert check_refusal(answer, 403)["code"] == "csrf", origin
    assert host.world.snapshot() == before
    # Browsers that are too old for the header send the token, and that is enough.
    answer = client.post(url, data=sent)
    assert answer.status_code == 303
    assert host.world.snapshot() != before


@pytest.mark.parametrize("name", FORMS)
def test_an_old_form_has_expired(host: Host, review: Submitted, report: str, name: str) -> None:
    page, url = places(review.id, report)[name]
    client = host.client(FORMS[name][0])
    fields = {**good(host, review, report, name), "csrf_token": token_of(client, page)}
    expired = "19990101000000##" + fields["csrf_token"].partition("##")[2]
    answer = client.post(url, data={**fields, "csrf_token": expired})
    assert check_refusal(answer, 403)["code"] == "csrf"


def test_everybody_stays_at_their_desk(host: Host, review: Submitted, report: str) -> None:
    """By role, and by insurer; what is another's is not there."""
    urls = {name: url for name, (_, url) in places(review.id, report).items()}
    desks = [name for name, staff in STAFF.items() if staff.insurer]

    def found(name: str) -> int:
        return 200 if name.endswith("anxin") else 404

    pages = {
        f"{PREFIX}/desk/": dict.fromkeys(desks, 200),
        f"{PREFIX}/desk/compliance": {name: 200 for name in desks if "compliance" in name},
        f"{PREFIX}/desk/reviews/{review.id}": {name: found(name) for name in desks},
        f"{PREFIX}/desk/reviews/{review.id}/package": {
            name: found(name) for name in desks if "compliance" in name
        },
        f"{PREFIX}/regulator/": {"regulator": 200},
        f"{PREFIX}/regulator/reports/{report}": {"regulator": 200},
    }
    posts = {
        urls["reply"]: set(desks),
        urls["report"]: {name for name in desks if "compliance" in name},
        urls["removal"]: {name for name in desks if "compliance" in name},
        urls["acknowledgement"]: {"regulator"},
    }
    before = host.world.snapshot()
    for who in (None, *STAFF):
        client = host.client(who)
        for path, allowed in pages.items():
            answer = client.get(path)
            assert answer.status_code == allowed.get(who or "", 403), (who, path)
            assert answer.headers["Cache-Control"] == "no-store"
        for path, senders in posts.items():
            code = check_refusal(client.post(path, data={}))["code"]
            expected = {"csrf", "not-found"} if who in senders else {"forbidden"}
            assert code in expected, (who, path)
    assert host.world.snapshot() == before


def test_another_insurers_review_cannot_be_acted_on(
    host: Host, review: Submitted, report: str
) -> None:
    """With a valid form of one's own, too."""
    theirs = host.world.submit(product="boshan-motor", text=TEXT)
    client = host.client("compliance-boshan")
    token = token_of(client, f"{PREFIX}/desk/reviews/{theirs.id}")
    before = host.world.snapshot()
    for name, (_, url) in places(review.id, report).items():
        if name == "acknowledgement":
            continue
        data = {**good(host, review, report, name), "csrf_token": token}
        check_refusal(client.post(url, data=data), 404)
    # Nor their text by the address of one's own.
    data = {"extent": "whole", "confirm": "y", "csrf_token": token}
    data |= {"report": report, "item": host.world.item_of(review)}
    answer = client.post(f"{PREFIX}/desk/reviews/{theirs.id}/removal", data=data)
    assert answer.status_code == 422
    assert host.world.snapshot() == before


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("/reply", {"text": ""}),
        ("/reply", {"text": "字" * 5_001}),
        ("/reply", {"text": "\x00"}),
        ("/report", {"report_no": ""}),
        ("/report", {"report_no": "x" * 65}),
        ("/report", {"authority": "x" * 121}),
        ("/report", {"authority": "x" * 110}),
        ("/report", {"authority": "a\x07"}),
        ("/report", {"filed_on": "2026-02-30"}),
        ("/report", {"filed_on": "2020-01-01"}),
        ("/report", {"filed_on": "2026-03-04"}),
        ("/report", {"filed_on": ""}),
        ("/report", {"filed_on": "20260302"}),
        ("/report", {"filed_on": "2026-W10-1"}),
        ("/report", {"ground": "unfriendly"}),
        ("/report", {"reasons": ""}),
        ("/report", {"items": "it_x"}),
        ("/report", {"items": None}),
        ("/removal", {"report": "rp_x"}),
        ("/removal", {"item": "it_x"}),
        ("/removal", {"extent": "half"}),
        ("/removal", {"extent": "passages", "passages": ""}),
        ("/removal", {"extent": "passages", "passages": "不在文中"}),
        ("/removal", {"confirm": None}),
        ("", {"verdict": None}),
        ("", {"verdict": "perhaps"}),
        ("", {"verdict": "disputed", "note": "字" * 5_001}),
        ("", {"verdict": "disputed", "note": "\x07"}),
    ],
    ids=str,
)
def test_a_bad_form_says_what_is_wrong(
    lasting_host: Host, form: str, values: dict[str, str | None]
) -> None:
    """At the top, leading to the field; nothing is written."""
    world = lasting_host.world
    review = world.submit(text=TEXT)
    report = world.report(review).id
    name = form.removeprefix("/") or "acknowledgement"
    page, _ = places(review.id, report)[name]
    browser = Browser(lasting_host.client(FORMS[name][0]))
    before = world.snapshot()
    fields = {**good(lasting_host, review, report, name), **values}
    answer = browser.open(page).submit(form, **fields)
    assert answer.status == 422
    assert "data-errors" in answer.html
    assert world.snapshot() == before


def test_what_is_refused_by_the_floor_is_told_in_the_form(
    host: Host, review: Submitted, report: str
) -> None:
    """The same number twice, and an answer twice."""
    boss = Browser(host.client("compliance-anxin"))
    page, _ = places(review.id, report)["report"]
    fields = good(host, review, report, "report")
    assert boss.open(page).submit("/report", **fields).status == 200
    again = boss.open(page).submit("/report", **fields)
    assert (again.status, again.form("/report").values["report_no"]) == (409, ["1"])
    officer = Browser(host.client("regulator"))
    page, _ = places(review.id, report)["acknowledgement"]
    assert officer.open(page).submit(verdict="disputed").status == 200
    assert officer.open(page).submit(verdict="disputed").status == 409


def test_the_desk_lists_and_filters(host: Host) -> None:
    world = host.world
    for number in range(25):
        review = world.submit(score=1 + number % 5, stage="claim" if number % 2 else "renewal")
        if number % 3 == 0:
            world.reply(review)
    world.submit(product="boshan-motor")
    desk = Browser(host.client("service-anxin")).open(f"{PREFIX}/desk/")
    seen = [link for link in desk.links if "/desk/reviews/" in link]
    older = desk.browser.open(next(link for link in desk.links if "before=" in link))
    seen += [link for link in older.links if "/desk/reviews/" in link]
    assert len(seen) == len(set(seen)) == 25
    for query, expected in (
        ("reply=unanswered", 16),
        ("score=5", 5),
        ("stage=claim", 12),
        ("stage=claim&score=1&reply=unanswered", 1),
        ("stage=nonsense&score=9", 20),
    ):
        listed = desk.browser.open(f"{PREFIX}/desk/?{query}")
        rows = [link for link in listed.links if "/desk/reviews/" in link]
        assert len(rows) == expected, query


def test_reports_are_listed_by_their_answer(host: Host) -> None:
    world = host.world
    open_, taken, disputed = (world.report(world.submit(text=TEXT)).id for _ in range(3))
    theirs = world.report(world.submit(product="boshan-motor", text=TEXT)).id
    world.acknowledge(taken)
    world.acknowledge(disputed, "disputed", "未收到")
    officer = Browser(host.client("regulator"))

    def listed(query: str) -> set[str]:
        page = officer.open(f"{PREFIX}/regulator/{query}")
        return {link.rsplit("/", 1)[-1] for link in page.links if "/reports/" in link}

    assert listed("") == {open_, taken, disputed, theirs}
    assert listed("?status=open") == {open_, theirs}
    assert listed("?status=acknowledged") == {taken}
    assert listed("?status=disputed") == {disputed}
    assert officer.open(f"{PREFIX}/regulator/reports/rp_x").status == 404
    boss = Browser(host.client("compliance-anxin")).open(f"{PREFIX}/desk/compliance")
    assert "未收到" not in Browser(host.client()).open(f"{PREFIX}/products/anxin-medical").html
    assert boss.text.count("〔2026〕") == 3


def test_staff_are_the_hosts(host: Host) -> None:
    """The page says who is signed in; nothing of it is ours to keep."""
    page = Browser(host.client("service-anxin")).open(f"{PREFIX}/desk/")
    assert STAFF["service-anxin"].name in page.text
    with host.app.test_request_context(f"{PREFIX}/desk/"):
        assert not [name for name in g if not name.startswith("_insurance_reviews")]
