"""Calls of the REST API whose every answer is held against the API's own description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from .answers import PROBLEM, check_headers
from .host import API, PREFIX, Host

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

Json = dict[str, Any]


@dataclass
class Description:
    """``openapi.json`` as a judge of answers."""

    document: Json

    def operation(self, method: str, path: str) -> Json | None:
        """What is said about ``method`` at ``path`` (below ``/api/v1``)."""
        for template, operations in self.document["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path):
                found: Json | None = operations.get(method.lower())
                return found
        return None

    def check(self, method: str, path: str, response: TestResponse) -> None:
        """Fail unless the answer is one that the description allows."""
        operation = self.operation(method, path)
        assert operation is not None, f"{method} {path} is not described"
        described = operation["responses"].get(str(response.status_code))
        assert described is not None, (
            f"{method} {path}: {response.status_code} is not described: {response.text[:500]}"
        )
        [(media_type, content)] = described["content"].items()
        assert response.mimetype == media_type, f"{method} {path}: {response.mimetype}"
        if media_type.endswith("json"):
            self.validate(content["schema"], response.get_json(force=True))
        if media_type == PROBLEM:
            codes = described["description"].split(", ")
            assert response.get_json(force=True)["code"] in codes

    def validate(self, schema: Json, value: object) -> None:
        """Fail unless ``value`` has the form of ``schema``, which may point into the document."""
        root = {**schema, "components": self.document["components"]}
        jsonschema_rs.Draft202012Validator(root, validate_formats=True).validate(value)


@dataclass
class Api:
    """A program that calls the API of ``host``."""

    host: Host

    @cached_property
    def client(self) -> FlaskClient:
        return self.host.client()

    @cached_property
    def description(self) -> Description:
        return Description(self.client.get(f"{PREFIX}/openapi.json").get_json())

    def call(
        self, method: str, path: str, *, token: str | None = None, **options: Any
    ) -> TestResponse:
        """Make the call, and check headers and answer as for every call."""
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        response = self.client.open(API + path, method=method, headers=headers, **options)
        check_headers(response)
        plain = path.partition("?")[0]
        self.description.check(method, plain, response)
        return response

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: object, **options: Any) -> TestResponse:
        return self.call("POST", path, json=body, **options)

    # --- what a journey does again and again ---------------------------------------------------

    def event(self, **changed: Any) -> Json:
        """The body of a policy event, with a policy number of its own."""
        event = self.host.world.event()
        return {
            "policy_no": event.policy_no,
            "product": event.product,
            "stage": event.stage,
            "occurrence": event.occurrence,
            "occurred_on": event.occurred_on.isoformat(),
            **changed,
        }

    def report(self, **changed: Any) -> Json:
        """The body of a regulator report, with a number of its own."""
        report = self.host.world.report_input()
        return {
            "report_no": report.report_no,
            "authority": report.authority,
            "filed_on": report.filed_on.isoformat(),
            "ground": report.ground,
            "reasons": report.reasons,
            **changed,
        }

    def submit(self, **given: Any) -> Json:
        """A review on a new invitation: the answer."""
        body = {"invitation": self.host.world.invite(), "score": 4, **given}
        answer: Json = ok(self.post("/reviews", body), 201)
        return answer


def ok(response: TestResponse, status: int = 200) -> Any:
    """The JSON of an answer that must have ``status``."""
    assert response.status_code == status, response.get_data(as_text=True)[:500]
    return response.get_json()


def refused(response: TestResponse, status: int, code: str) -> Json:
    """The problem of an answer that must refuse with ``status`` and ``code``."""
    problem: Json = response.get_json(force=True) or {}
    assert (response.status_code, problem.get("code")) == (status, code), problem
    return problem


def faults(response: TestResponse) -> dict[str, str]:
    """Field → code of the faults in a 422."""
    listed = refused(response, 422, "invalid")["errors"]
    assert all(fault["detail"] for fault in listed)
    return {fault["field"]: fault["code"] for fault in listed}
