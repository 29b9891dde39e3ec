"""The API's description (OpenAPI 3.1), made from the same table that registers the routes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ..messages import PROBLEMS
from .endpoint import Endpoint
from .models import NoParameters
from .shapes import COMPONENTS

#: Codes that any call may answer with; those of a body only where there is one.
_GENERAL = ("busy", "unavailable", "log-behind", "log-unsigned")
_OF_BODY = ("bad-request", "body-too-large", "content-type", "json", "invalid")
#: A call that appends to a log may find that it cannot be signed.
_OF_WRITING = ("key-file",)
Json = dict[str, Any]


def describe(endpoints: Sequence[Endpoint], server: str, version: str) -> Json:
    """The document for an API that is mounted at ``server``."""
    schemas: Json = dict(COMPONENTS)
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        path = re.sub(r"<(\w+)>", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Insurance Reviews",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: Endpoint, schemas: Json) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": _responses(endpoint),
    }
    if endpoint.body is not None:
        name = endpoint.body.__name__
        schemas[name] = _schema(endpoint.body, schemas)
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
        }
    if endpoint.roles:
        operation["security"] = [{"token": []}]
        operation["description"] = f"Token: {' or '.join(endpoint.roles)}."
    return operation


def _path_parameters(endpoint: Endpoint) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"<(\w+)>", endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[Json]:
    if endpoint.parameters is NoParameters:
        return []
    schema = endpoint.parameters.model_json_schema()
    return [
        {"name": name, "in": "query", "required": False, "schema": _without_null(member)}
        for name, member in schema["properties"].items()
    ]


def _without_null(schema: Json) -> Json:
    """A query has no null: an optional parameter is one that is absent."""
    if "anyOf" in schema:
        [schema] = [choice for choice in schema["anyOf"] if choice != {"type": "null"}]
    return {key: value for key, value in schema.items() if key not in {"title", "default"}}


def _schema(model: type[BaseModel], schemas: Json) -> Json:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    return schema


def _responses(endpoint: Endpoint) -> Json:
    responses: Json = {}
    if endpoint.answer:
        content = {endpoint.media_type: {"schema": endpoint.answer}}
        responses[str(endpoint.status)] = {"description": endpoint.summary, "content": content}
        if endpoint.name == "recordPolicyEvent":
            responses["200"] = {"description": "The same event again", "content": content}
    codes = [*endpoint.errors, *_GENERAL]
    if endpoint.body is not None:
        codes += [*_OF_BODY, *_OF_WRITING]
    if endpoint.roles:
        codes.append("unauthorized")
    if endpoint.limited:
        codes.append("rate-limited")
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    for status, listed in sorted(by_status.items()):
        responses[str(status)] = {
            "description": ", ".join(listed),
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    return responses
