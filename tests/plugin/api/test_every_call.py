"""Bad input to every call of the API, made from its own description.

A call that joins the API joins these tests, and fails them until it says what a good body is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from insurance_reviews.plugin.api import ENDPOINTS
from insurance_reviews.plugin.api.endpoint import Endpoint
from support.answers import check_refusal
from support.api import Api, Json, ok
from support.host import API
from support.world import TEXT

#: For each call with a body: who makes it, and a body that it would take.
GOOD: dict[str, tuple[str | None, Callable[[Api], Json]]] = {
    "submitReview": (
        None,
        lambda api: {
            "invitation": api.host.world.invite(),
            "score": 4,
            "aspects": {"speed": 3},
            "text": TEXT,
            "display_name": "王小明",
            "author": "0f" * 32,
            "confirm_personal_data": True,
        },
    ),
    "addFollowUp": (
        None,
        lambda api: {"author_key": "5e" * 32, "text": TEXT, "confirm_personal_data": True},
    ),
    "withdraw": (None, lambda api: {"author_key": "5e" * 32}),
    "recordPolicyEvent": (
        "shop",
        lambda api: api.event(holder={"name": "王", "email": "w@example.cn", "phone": "138"}),
    ),
    "reply": ("insurer-anxin", lambda api: {"text": TEXT}),
    "fileReport": ("compliance-anxin", lambda api: api.report(items=["it_nothing"])),
    "acknowledgeReport": ("regulator", lambda api: {"verdict": "disputed", "note": TEXT}),
    "removeText": (
        "compliance-anxin",
        lambda api: {"report": "rp_nothing", "item": "it_nothing", "redacted_text": "█"},
    ),
}
WITH_BODY = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]
WRONG_TYPES: list[object] = [
    None,
    True,
    7,
    -1,
    1.5,
    10**400,
    "",
    "x",
    [],
    [None],
    {},
    {"x": 1},
    [[[]]],
]
NO_TEXTS = {"\\u0000": "U+0000", "a\\ud800b": "U+D800", "\\udfff": "U+DFFF"}
JUNK = [
    "x",
    "%00",
    "a%00b",
    "%0A",
    "%20",
    "%25",
    "%FF",
    "%ED%A0%80",
    "%E4%BF%9D",
    "%2e%2e",
    "%2F",
    "%3Cscript%3E",
    "'%20OR%20'1'='1",
    "x" * 3_000,
    "%F0%9F%98%80",
    "-1",
    "999999999999999999999",
]


@pytest.fixture(scope="module")
def review(lasting_api: Api) -> str:
    """A review with words, which nobody manages to change here."""
    submitted: str = lasting_api.submit(text=TEXT)["id"]
    return submitted


def path_of(endpoint: Endpoint, review: str) -> str:
    values = {
        "review": review,
        "report": "rp_nothing",
        "token": "x",
        "sku": "anxin-medical",
        "slug": "anxin",
    }
    return re.sub(r"<(\w+)>", lambda found: values[found[1]], endpoint.path)


def test_every_call_with_a_body_has_its_cases() -> None:
    assert {endpoint.name for endpoint in WITH_BODY} == set(GOOD)


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=lambda endpoint: endpoint.name)
def test_bodies_that_are_none(lasting_api: Api, review: str, endpoint: Endpoint) -> None:
    """Not JSON, not UTF-8, not an object, too long, or something else altogether."""
    token, make = GOOD[endpoint.name]
    good = json.dumps(make(lasting_api)).encode()
    name = json.loads(good).popitem()[0]
    before = lasting_api.host.world.snapshot()

    def code(raw: bytes, content_type: str | None = "application/json") -> str:
        answer = lasting_api.call(
            "POST", path_of(endpoint, review), token=token, data=raw, content_type=content_type
        )
        return str(check_refusal(answer)["code"])

    broken = [
        b"",
        b" ",
        b"{",
        good[:-1],
        good + b"x",
        good + good,
        b"\xef\xbb\xbf" + good,
        good.decode().encode("utf-16"),
        b'{"text": "\xff\xfe"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"text": "\x00"}',
        b'{"score": NaN}',
        b'{"score": -Infinity}',
        b'{"score": 0x5}',
        b"{'score': 5}",
        b"[" * 30_000,
        b"[" * 30_000 + b"]" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ]
    assert {code(raw) for raw in broken} == {"json"}
    assert {code(raw) for raw in (b"[]", b"null", b"5", b'"x"', b"true", b"[{}]")} == {"invalid"}
    twice = b'{"%s": 1, ' % name.encode() + good[1:]
    assert code(twice) == "invalid"
    assert code(b'{"' + b"x" * 60_000 + b'": 1}') == "invalid"
    assert code(b'{"\\ud800": 1, "\\ud800": 2}') == "invalid"
    long = good[:-1] + b" " * 65_536 + good[-1:]
    assert code(long) == "body-too-large"
    others = [
        None,
        "",
        "json",
        "text/plain",
        "text/json",
        "application/json; charset=gbk",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/problem+json",
        "application/json, text/plain",
    ]
    assert {code(good, other) for other in others} == {"content-type"}
    assert lasting_api.host.world.snapshot() == before


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=lambda endpoint: endpoint.name)
def test_fields_of_a_wrong_form(lasting_api: Api, review: str, endpoint: Endpoint) -> None:
    """What the description does not allow is refused, and the field is named."""
    token, make = GOOD[endpoint.name]
    good = make(lasting_api)
    assert endpoint.body is not None
    schema = {
        "$ref": f"#/components/schemas/{endpoint.body.__name__}",
        "components": lasting_api.description.document["components"],
    }
    judge = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    judge.validate(good)
    before = lasting_api.host.world.snapshot()

    def fields(raw: str) -> dict[str, str]:
        path = path_of(endpoint, review)
        answer = lasting_api.call(
            "POST", path, token=token, data=raw.encode(), content_type="application/json"
        )
        problem: Any = check_refusal(answer, 422)
        assert all(fault["detail"] for fault in problem["errors"])
        return {fault["field"]: fault["code"] for fault in problem["errors"]}

    tried = 0
    for name in good:
        without = {other: value for other, value in good.items() if other != name}
        if not judge.is_valid(without):
            assert fields(json.dumps(without)) == {name: "required"}
        for wrong in WRONG_TYPES:
            body = {**good, name: wrong}
            if not judge.is_valid(body):
                assert {found.split(".")[0] for found in fields(json.dumps(body))} == {name}, wrong
                tried += 1
        for escape in NO_TEXTS:
            raw = json.dumps({**good, name: "?"}).replace('"?"', f'"{escape}"')
            assert fields(raw) == {name: "character"}
    assert tried >= 7 * len(good)
    assert fields(json.dumps({**good, "x": 1})) == {"x": "unknown-field"}
    assert lasting_api.host.world.snapshot() == before


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_addresses_of_nothing(lasting_api: Api, review: str, endpoint: Endpoint) -> None:
    """Whatever stands where an id should: it is not there, or nobody may, or scores are locked."""
    token, make = GOOD.get(endpoint.name, (None, lambda api: {}))
    token = {"getReportPackage": "compliance-anxin"}.get(endpoint.name, token)
    before = lasting_api.host.world.snapshot()
    options: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"}} if token else {}
    if endpoint.method == "POST":
        options["json"] = make(lasting_api)
        before = lasting_api.host.world.snapshot()
    for parameter in re.findall(r"<(\w+)>", endpoint.path):
        for junk in JUNK:
            path = endpoint.path.replace(f"<{parameter}>", junk)
            answer = lasting_api.client.open(
                API + path_of_text(path, review), method=endpoint.method, **options
            )
            problem = check_refusal(answer)
            if endpoint.status == 403 and "%2F" not in path:
                assert problem["code"] == "score-locked"
            else:
                assert answer.status_code in {404, 405}, path
    assert lasting_api.host.world.snapshot() == before


def path_of_text(path: str, review: str) -> str:
    return path.replace("<review>", review)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_queries_of_nonsense(lasting_api: Api, review: str, endpoint: Endpoint) -> None:
    """Parameters that a call does not read are left alone; those it reads are checked."""
    if endpoint.method != "GET" or endpoint.roles:
        return
    path = path_of(endpoint, review)
    plain = lasting_api.client.get(API + path).status_code
    for query in ("%00=%00", "a=%FF%FE", "&&&", "=", "x" * 8_000, "%", "a=1&a=2", "lang=%00"):
        answer = lasting_api.client.get(f"{API}{path}?{query}")
        assert answer.status_code in {plain, 422}, query
    assert ok(lasting_api.client.get(f"{API}/products?utm_source=mail&utm_source=x"))
