"""What storefronts, insurers and regulators do over the API, each with a token."""

from __future__ import annotations

import json
from typing import Any

import pytest

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.tlog.note import Verifier
from insurance_reviews.moderation.tlog.proof import Receipt, check_receipt
from insurance_reviews.plugin.capabilities import token_hash
from support.api import Api, Json, faults, ok, refused
from support.host import ADDRESS
from support.world import AUTHORITY, TEXT

NAME = "刘经理"
LONG = f"找了{NAME}三次，{NAME}都说等通知。"


@pytest.fixture
def review(api: Api) -> str:
    """A review with words, of the insurer anxin."""
    submitted: str = api.submit(score=1, text=LONG, display_name="王小明")["id"]
    return submitted


def report(api: Api, review: str, **changed: Any) -> str:
    """A report that compliance filed about the review's text."""
    path = f"/reviews/{review}/regulator-reports"
    filed: str = ok(api.post(path, api.report(**changed), token="compliance-anxin"), 201)["id"]
    return filed


# --- tokens --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "holder"),
    [
        ("POST", "/policy-events", "shop"),
        ("POST", "/reviews/{review}/replies", "insurer-anxin"),
        ("GET", "/reviews/{review}/report-package", "compliance-anxin"),
        ("POST", "/reviews/{review}/regulator-reports", "compliance-anxin"),
        ("POST", "/reviews/{review}/removals", "compliance-anxin"),
        ("POST", "/regulator-reports/{report}/acknowledgements", "regulator"),
    ],
)
def test_unknown_and_foreign_tokens_answer_alike(
    api: Api, review: str, method: str, path: str, holder: str
) -> None:
    """No token, one of nobody's, one of another role, one of another insurer: one answer."""
    body = {"POST /policy-events": api.event()}.get(f"{method} {path}", {"text": "回复"})
    filed = report(api, review)
    before = api.host.world.snapshot()
    foreign = {"shop", "insurer-boshan", "compliance-boshan", "insurer-anxin", "regulator"}
    if holder == "insurer-anxin":
        foreign -= {"insurer-anxin"}
    headers = [{}, *({"Authorization": f"Bearer {token}"} for token in foreign - {holder})]
    headers += [
        {"Authorization": value}
        for value in (
            "",
            "Bearer",
            "Bearer ",
            "Bearer nobody",
            f"Basic {holder}",
            holder,
            f"Bearer {holder}x",
            f"Bearer {holder.upper()}",
            "Bearer 保险",
            f"Bearer {holder}, Bearer nobody",
        )
    ]
    if path.endswith("removals"):
        body = {"report": filed}
    elif path.endswith("regulator-reports"):
        body = api.report()
    elif path.endswith("acknowledgements"):
        body = {"verdict": "disputed"}
    path = path.format(review=review, report=filed)
    answers = [
        api.call(method, path, headers=each, json=body if method == "POST" else None)
        for each in headers
    ]
    told = {
        (answer.status_code, answer.get_data(), answer.headers["WWW-Authenticate"])
        for answer in answers
    }
    assert len(told) == 1
    refused(answers[0], 401, "unauthorized")
    assert api.host.world.snapshot() == before


def test_a_revoked_token_is_nobodys(api: Api) -> None:
    from insurance_reviews.plugin.services.catalogue import revoke_token

    world = api.host.world
    ok(api.post("/policy-events", api.event(), token="shop"), 201)
    world.write(lambda session: revoke_token(session, token_hash("shop"), world.now))
    refused(api.post("/policy-events", api.event(), token="shop"), 401, "unauthorized")


# --- policy events -------------------------------------------------------------------------------


def test_an_event_brings_one_invitation(api: Api) -> None:
    holder = {"name": "王小明", "email": "wang@example.cn", "phone": "13800138000"}
    answer = api.post("/policy-events", api.event(holder=holder), token="shop")
    invited = ok(answer, 201)
    token = invited["invitation"]["token"]
    assert invited == {
        "event": invited["event"],
        "invitation": {
            "token": token,
            "url": f"{ADDRESS}/reviews/i/{token}",
            "expires_at": "2026-05-31T09:30:00Z",
        },
    }
    assert answer.headers["Cache-Control"] == "no-store"
    assert ok(api.get("/products/anxin-medical/summary"))["stages"]["claim"]["eligible"] == 1


def test_the_same_event_again_changes_nothing(api: Api) -> None:
    """However the number is written and the occurrence typed."""
    event = api.event(policy_no="PA-2026 0001", occurrence=1)
    first = ok(api.post("/policy-events", event, token="shop"), 201)
    before = api.host.world.snapshot()
    for same in (
        event,
        {**event, "occurrence": "1"},
        {**event, "policy_no": "pa20260001"},
        {**event, "policy_no": "ＰＡ ２０２６－０００１"},
        {**event, "holder": {"name": "另一个人"}},
    ):
        assert ok(api.post("/policy-events", same, token="shop"), 200) == first
    assert api.host.world.snapshot() == before


def test_only_its_own_shop_gets_the_invitation_and_only_unused(api: Api) -> None:
    event = api.event()
    first = ok(api.post("/policy-events", event, token="shop"), 201)
    other = ok(api.post("/policy-events", event, token="corner"), 200)
    assert other == {"event": first["event"], "invitation": None}
    api.submit(invitation=first["invitation"]["token"])
    again = ok(api.post("/policy-events", event, token="shop"), 200)
    assert again == {"event": first["event"], "invitation": None}


@pytest.mark.parametrize("changed", [{"product": "anxin-motor"}, {"occurred_on": "2026-02-19"}])
def test_another_product_or_date_is_a_conflict(api: Api, changed: Json) -> None:
    event = api.event()
    ok(api.post("/policy-events", event, token="shop"), 201)
    before = api.host.world.snapshot()
    again = api.post("/policy-events", {**event, **changed}, token="shop")
    refused(again, 409, "event-conflict")
    assert api.host.world.snapshot() == before
    # Another stage or occurrence is another event.
    ok(api.post("/policy-events", {**event, "stage": "renewal"}, token="shop"), 201)
    ok(api.post("/policy-events", {**event, "occurrence": "2"}, token="shop"), 201)


def test_a_product_not_granted_is_not_there(api: Api) -> None:
    """Told in the same words as one that does not exist."""
    answers = [
        api.post("/policy-events", api.event(product=product), token="corner")
        for product in ("boshan-medical", "nothing-at-all")
    ]
    refused(answers[0], 404, "not-found")
    assert answers[0].get_data() == answers[1].get_data()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"policy_no": ""}, {"policy_no": "required"}),
        ({"policy_no": " - "}, {"policy_no": "required"}),
        ({"policy_no": "P" * 65}, {"policy_no": "too-long"}),
        ({"policy_no": "P" * 201}, {"policy_no": "too-long"}),
        ({"policy_no": "P\nA"}, {"policy_no": "one-line"}),
        ({"policy_no": "P\u0007"}, {"policy_no": "character"}),
        ({"policy_no": 20260001}, {"policy_no": "type"}),
        ({"product": "not a sku"}, {"product": "form"}),
        ({"product": 5}, {"product": "type"}),
        ({"stage": "purchase"}, {"stage": "choice"}),
        ({"stage": None}, {"stage": "choice"}),
        ({"occurrence": ""}, {"occurrence": "required"}),
        ({"occurrence": "1" * 65}, {"occurrence": "too-long"}),
        ({"occurrence": 10**400}, {"occurrence": "type"}),
        ({"occurrence": True}, {"occurrence": "type"}),
        ({"occurred_on": "2026-03-04"}, {"occurred_on": "date-range"}),
        ({"occurred_on": "2016-01-01"}, {"occurred_on": "date-range"}),
        ({"occurred_on": "0001-01-01"}, {"occurred_on": "date-range"}),
        ({"occurred_on": "9999-12-31"}, {"occurred_on": "date-range"}),
        ({"occurred_on": "2026-02-30"}, {"occurred_on": "date"}),
        ({"occurred_on": "2026-03-02T00:00:00"}, {"occurred_on": "date"}),
        ({"occurred_on": "1772409600"}, {"occurred_on": "date"}),
        ({"occurred_on": 20514}, {"occurred_on": "date"}),
        ({"occurred_on": "２０２６-03-02"}, {"occurred_on": "date"}),
        ({"occurred_on": " 2026-03-02"}, {"occurred_on": "date"}),
        ({"holder": "王小明"}, {"holder": "type"}),
        ({"holder": {"nick": "x"}}, {"holder.nick": "unknown-field"}),
        ({"holder": {"name": "王\n明"}}, {"holder.name": "one-line"}),
        ({"holder": {"name": "王" * 65}}, {"holder.name": "too-long"}),
        ({"holder": {"email": "at home"}}, {"holder.email": "email"}),
        ({"holder": {"email": "@"}}, {"holder.email": "email"}),
        ({"holder": {"email": "a@b c"}}, {"holder.email": "email"}),
        ({"holder": {"email": "a" * 255}}, {"holder.email": "too-long"}),
        ({"holder": {"phone": "1" * 33}}, {"holder.phone": "too-long"}),
        ({"holder": {"phone": 138}}, {"holder.phone": "type"}),
    ],
    ids=str,
)
def test_a_bad_event_names_its_fields(
    lasting_api: Api, changed: Json, expected: dict[str, str]
) -> None:
    before = lasting_api.host.world.snapshot()
    assert (
        faults(lasting_api.post("/policy-events", lasting_api.event(**changed), token="shop"))
        == expected
    )
    assert lasting_api.host.world.snapshot() == before


def test_a_stage_that_the_product_has_not(api: Api) -> None:
    from insurance_reviews.plugin.services.catalogue import add_product

    world = api.host.world
    world.write(
        lambda s: add_product(s, "trip", "anxin", "旅行险", world.now, stages=["underwriting"])
    )
    event = api.event(product="trip")
    assert faults(api.post("/policy-events", event, token="shop")) == {"stage": "choice"}


# --- replies -------------------------------------------------------------------------------------


def test_a_reply_and_its_versions(api: Api, review: str) -> None:
    """Every version stays readable; the newest stands first."""
    path = f"/reviews/{review}/replies"
    first = ok(api.post(path, {"text": "抱歉\r\n已转交。"}, token="insurer-anxin"), 201)
    second = ok(api.post(path, {"text": "已赔付。"}, token="compliance-anxin"), 201)
    origin = "shop.example/reviews/log/anxin"
    assert first == {"review": review, "version": 1, "log": {"origin": origin, "index": 3}}
    assert second == {"review": review, "version": 2, "log": {"origin": origin, "index": 4}}
    reply = ok(api.get(f"/reviews/{review}"))["reply"]
    assert [version["text"] for version in reply["versions"]] == ["抱歉\n已转交。", "已赔付。"]
    newest = reply.pop("versions")[-1]
    assert reply == newest
    assert reply["version"] == 2
    assert ok(api.get("/products/anxin-medical/summary"))["replies"] == {
        "rate": 1.0,
        "median_hours": 0,
    }
    for text, code in (("", "required"), (" \n", "required"), ("字" * 5_001, "too-long")):
        bad = api.post(path, {"text": text}, token="insurer-anxin")
        assert faults(bad) == {"text": code}
    unknown = api.post("/reviews/rv_x/replies", {"text": "谁"}, token="insurer-anxin")
    refused(unknown, 404, "not-found")


# --- report, acknowledge, remove -----------------------------------------------------------------


def test_report_first_then_remove_and_the_score_stays(api: Api, review: str) -> None:
    """The way of the issue's first paragraph."""
    removals = f"/reviews/{review}/removals"
    boss = "compliance-anxin"
    score = ok(api.get("/products/anxin-medical/summary"))["average"]
    for body in ({}, {"report": None}, {"report": "rp_none"}, {"report": ""}):
        refused(api.post(removals, body, token=boss), 409, "regulator-report-required")
    filed = report(api, review, report_no="函〔2026〕5号")
    removed = ok(api.post(removals, {"report": filed}, token=boss), 201)
    shown = ok(api.get(f"/reviews/{review}"))
    assert removed == {
        "review": review,
        "item": shown["item"],
        "redacted_item": None,
        "log": {"origin": "shop.example/reviews/log/anxin", "index": 4},
    }
    tombstone = {
        "removed_on": "2026-03-02",
        "ground": "personal_data",
        "authority": AUTHORITY,
        "report_no": "函〔2026〕5号",
        "acknowledged": None,
        "redacted": False,
    }
    assert (shown["text"], shown["salt"], shown["tombstone"]) == (None, None, tombstone)
    assert (shown["score"], shown["display_name"]) == (1, "保单持有人")
    summary = ok(api.get("/products/anxin-medical/summary"))
    assert (summary["average"], summary["count"], summary["removals"]) == (score, 1, 1)
    refused(api.post(removals, {"report": filed}, token=boss), 409, "text-removed")
    gone = api.post(f"/reviews/{review}/regulator-reports", api.report(), token=boss)
    refused(gone, 409, "text-removed")
    path = f"/regulator-reports/{filed}/acknowledgements"
    body = {"verdict": "disputed", "note": "未收到附件"}
    assert ok(api.post(path, body, token="regulator"), 201) == {
        "report": filed,
        "verdict": "disputed",
        "log": {"origin": "shop.example/reviews/log/anxin", "index": 5},
    }
    assert ok(api.get(f"/reviews/{review}"))["tombstone"]["acknowledged"] == "disputed"
    refused(api.post(path, body, token="regulator"), 409, "already-acknowledged")
    ok(api.post(path, {"verdict": "acknowledged"}, token="regulator"), 201)
    assert ok(api.get(f"/reviews/{review}"))["tombstone"]["acknowledged"] == "acknowledged"


def test_a_redaction_hides_passages_only(api: Api, review: str) -> None:
    """The new text is shown with its own salt and commitment, and may be redacted further."""
    boss, removals = "compliance-anxin", f"/reviews/{review}/removals"
    before = ok(api.get(f"/reviews/{review}"))
    filed = report(api, review)
    once = LONG.replace(NAME, "███", 1)
    for bad in (LONG, LONG + "█", LONG[:-1], once.replace("三", "两"), "", "█"):
        answer = api.post(removals, {"report": filed, "redacted_text": bad}, token=boss)
        assert faults(answer) == {"redacted_text": "redaction"}
    body = {"report": filed, "redacted_text": once}
    removed = ok(api.post(removals, body, token=boss), 201)
    shown = ok(api.get(f"/reviews/{review}"))
    assert shown["text"] == once
    assert shown["item"] == removed["redacted_item"] != before["item"]
    assert shown["commitment"] != before["commitment"]
    assert shown["display_name"] == "王**"
    assert shown["tombstone"]["redacted"] is True
    # The first report was about the text that is gone; a further redaction needs its own.
    refused(api.post(removals, body, token=boss), 409, "regulator-report-required")
    again = {"report": report(api, review), "redacted_text": once.replace(NAME, "███")}
    ok(api.post(removals, again, token=boss), 201)
    assert ok(api.get(f"/reviews/{review}"))["text"] == LONG.replace(NAME, "███")
    ok(api.post(removals, {"report": report(api, review)}, token=boss), 201)
    assert ok(api.get(f"/reviews/{review}"))["text"] is None
    assert ok(api.get("/products/anxin-medical/summary"))["removals"] == 3


def test_a_report_may_name_any_text_of_the_insurer(api: Api) -> None:
    """Follow-ups and replies too, several at once; and only what it names can go."""
    boss = "compliance-anxin"
    submitted = api.submit(text=TEXT)
    review, key = submitted["id"], submitted["author_key"]
    ok(api.post(f"/reviews/{review}/follow-ups", {"author_key": key, "text": "追评"}), 201)
    ok(api.post(f"/reviews/{review}/replies", {"text": "回复"}, token="insurer-anxin"), 201)
    shown = ok(api.get(f"/reviews/{review}"))
    own, [follow_up], reply = shown["item"], shown["follow_ups"], shown["reply"]
    filed = report(api, review, items=[follow_up["item"], reply["item"]])
    removals = f"/reviews/{review}/removals"
    body = {"report": filed, "item": own}
    refused(api.post(removals, body, token=boss), 409, "regulator-report-required")
    refused(api.post(removals, {"report": filed}, token=boss), 409, "regulator-report-required")
    ok(api.post(removals, {"report": filed, "item": follow_up["item"]}, token=boss), 201)
    ok(api.post(removals, {"report": filed, "item": reply["item"]}, token=boss), 201)
    shown = ok(api.get(f"/reviews/{review}"))
    assert shown["text"] == TEXT
    assert [shown["follow_ups"][0]["text"], shown["reply"]["text"]] == [None, None]
    assert shown["reply"]["versions"][0]["tombstone"] == shown["reply"]["tombstone"]
    other = ok(api.get(f"/reviews/{api.submit(text=TEXT)['id']}"))["item"]
    foreign = api.submit(text=TEXT, invitation=api.host.world.invite("boshan-medical"))
    theirs = ok(api.get(f"/reviews/{foreign['id']}"))["item"]
    for items in ([theirs], [own, theirs], ["it_none"], ["it_none", own]):
        path = f"/reviews/{review}/regulator-reports"
        refused(api.post(path, api.report(items=items), token=boss), 404, "item-unknown")
    # Of the same insurer, but under another review: reported, yes; removed from here, no.
    elsewhere = {"report": report(api, review, items=[other]), "item": other}
    refused(api.post(removals, elsewhere, token=boss), 404, "item-unknown")


def test_one_number_once_per_text(api: Api, review: str) -> None:
    """One report may cover several reviews under one number; the same text twice is an error."""
    filed = report(api, review, report_no="1")
    boss, path = "compliance-anxin", f"/reviews/{review}/regulator-reports"
    again = api.post(path, api.report(report_no="1"), token=boss)
    assert refused(again, 409, "report-exists")["report"] == filed
    report(api, api.submit(text=TEXT)["id"], report_no="1")
    report(api, review, report_no="1", authority="另一机关")


def test_stars_can_be_neither_reported_nor_removed(api: Api) -> None:
    review = api.submit(score=1)["id"]
    boss = "compliance-anxin"
    refused(
        api.post(f"/reviews/{review}/regulator-reports", api.report(), token=boss), 409, "no-text"
    )
    refused(api.post(f"/reviews/{review}/removals", {"report": "rp_x"}, token=boss), 409, "no-text")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"report_no": ""}, {"report_no": "required"}),
        ({"report_no": "x" * 65}, {"report_no": "too-long"}),
        ({"report_no": "1\n2"}, {"report_no": "one-line"}),
        ({"authority": " "}, {"authority": "required"}),
        ({"authority": "x" * 101}, {"authority": "too-long"}),
        ({"reasons": ""}, {"reasons": "required"}),
        ({"reasons": "字" * 5_001}, {"reasons": "too-long"}),
        ({"ground": "unfriendly"}, {"ground": "choice"}),
        ({"filed_on": "2026-02-28"}, {"filed_on": "date-range"}),
        ({"filed_on": "2026-03-04"}, {"filed_on": "date-range"}),
        ({"filed_on": "soon"}, {"filed_on": "date"}),
        ({"items": []}, {"items": "required"}),
        ({"items": ["it_x"] * 201}, {"items": "too-many"}),
        ({"items": "it_x"}, {"items": "type"}),
        ({"items": [5]}, {"items.0": "type"}),
        ({"items": ["\x00"]}, {"items.0": "character"}),
        ({"report_no": "", "reasons": ""}, {"report_no": "required", "reasons": "required"}),
    ],
    ids=str,
)
def test_a_bad_report_names_its_fields(
    lasting_api: Api, changed: Json, expected: dict[str, str]
) -> None:
    review = lasting_api.submit(text=TEXT)["id"]
    before = lasting_api.host.world.snapshot()
    path = f"/reviews/{review}/regulator-reports"
    assert (
        faults(lasting_api.post(path, lasting_api.report(**changed), token="compliance-anxin"))
        == expected
    )
    assert lasting_api.host.world.snapshot() == before


def test_filed_from_the_day_before_to_the_day_after(api: Api, review: str) -> None:
    for number, day in enumerate(("2026-03-01", "2026-03-02", "2026-03-03")):
        report(api, review, filed_on=day, report_no=str(number))


def test_a_bad_acknowledgement_names_its_fields(api: Api, review: str) -> None:
    path = f"/regulator-reports/{report(api, review)}/acknowledgements"
    for body, expected in (
        ({}, {"verdict": "required"}),
        ({"verdict": "perhaps"}, {"verdict": "choice"}),
        ({"verdict": "disputed", "note": "字" * 5_001}, {"note": "too-long"}),
        ({"verdict": "disputed", "note": 5}, {"note": "type"}),
    ):
        assert faults(api.post(path, body, token="regulator")) == expected
    unknown = api.post(
        "/regulator-reports/rp_x/acknowledgements", {"verdict": "disputed"}, token="regulator"
    )
    refused(unknown, 404, "report-unknown")


def test_the_report_package_is_always_the_same_bytes(api: Api, review: str) -> None:
    """The text, the score and the proof; whatever else happens in the log meanwhile."""
    path = f"/reviews/{review}/report-package"
    first = api.get(path, token="compliance-anxin")
    assert first.status_code == 200
    assert first.headers["Content-Disposition"] == (
        f'attachment; filename="report-package-{review}.json"'
    )
    package = canonical.loads(first.get_data())
    assert package["review"] == ok(api.get(f"/reviews/{review}"))
    leaf = json.loads(package["entry"])
    assert (leaf["type"], leaf["score"], leaf["review"]) == ("review.submitted", 1, review)
    receipt = Receipt.parse(package["receipt"])
    assert receipt.index == 2
    key = Verifier.parse(package["verifier_key"])
    check_receipt(receipt, package["entry"].encode(), key, origin=key.name)
    api.submit(text="别的评价")
    report(api, api.submit(text="又一条")["id"])
    assert api.get(path, token="compliance-anxin").get_data() == first.get_data()
    refused(api.get("/reviews/rv_x/report-package", token="compliance-anxin"), 404, "not-found")
