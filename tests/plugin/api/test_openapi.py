"""The description is whole, and says what the design froze."""

from __future__ import annotations

import re

from insurance_reviews.plugin.api import ENDPOINTS
from insurance_reviews.plugin.messages import PROBLEMS
from support.api import Api, ok
from support.host import ADDRESS, API, PREFIX, Host

FROZEN = """
POST /policy-events
GET /invitations/{token}
POST /reviews
POST /reviews/{review}/follow-ups
POST /reviews/{review}/withdrawal
GET /products
GET /products/{sku}/reviews
GET /products/{sku}/summary
GET /compare
GET /insurers/{slug}/reviews.jsonl
GET /reviews/{review}
GET /reviews/{review}/receipt
POST /reviews/{review}/replies
GET /reviews/{review}/report-package
POST /reviews/{review}/regulator-reports
POST /regulator-reports/{report}/acknowledgements
POST /reviews/{review}/removals
PUT /reviews/{review}
PATCH /reviews/{review}
DELETE /reviews/{review}
"""


def test_it_lies_at_the_prefix_and_beside_the_calls(lasting_api: Api) -> None:
    document = lasting_api.description.document
    assert ok(lasting_api.client.get(f"{API}/openapi.json")) == document
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": f"{ADDRESS}{PREFIX}/api/v1"}]


def test_it_holds_every_frozen_call_and_no_other(lasting_api: Api) -> None:
    described = {
        f"{method.upper()} {path}"
        for path, operations in lasting_api.description.document["paths"].items()
        for method in operations
    }
    assert described == set(FROZEN.split("\n")) - {""}


def test_it_describes_every_route_of_the_api(lasting_host: Host) -> None:
    described = {f"{API}{endpoint.path}" for endpoint in ENDPOINTS}
    routed = {
        str(rule) for rule in lasting_host.app.url_map.iter_rules() if str(rule).startswith(API)
    }
    assert routed == {*described, f"{API}/openapi.json"}


def test_every_code_of_a_call_is_a_known_problem(lasting_api: Api) -> None:
    """And every answer of an operation is described with its type and form."""
    for path, operations in lasting_api.description.document["paths"].items():
        for method, operation in operations.items():
            assert operation["operationId"]
            for status, answer in operation["responses"].items():
                [media_type] = answer["content"]
                where = f"{method} {path} {status}"
                assert (media_type == "application/problem+json") == (int(status) >= 400), where
                if int(status) >= 400:
                    codes = answer["description"].split(", ")
                    assert all(PROBLEMS[code].status == int(status) for code in codes), where


def test_references_lead_somewhere(lasting_api: Api) -> None:
    document = lasting_api.description.document
    text = lasting_api.client.get(f"{PREFIX}/openapi.json").get_data(as_text=True)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named <= set(document["components"]["schemas"])
