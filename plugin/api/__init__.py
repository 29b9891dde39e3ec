"""The REST API: a table of endpoints, registered on our blueprint under ``/api/v1``."""

from __future__ import annotations

from importlib.metadata import version

from flask import Blueprint, Response

from ..current import get_state
from ..responses import json_response
from . import compare, holders, partners, public
from .endpoint import Endpoint
from .openapi import describe

PATH = "/api/v1"
ENDPOINTS: tuple[Endpoint, ...] = (
    *public.ENDPOINTS,
    *compare.ENDPOINTS,
    *holders.ENDPOINTS,
    *partners.ENDPOINTS,
)


#: The names of the reads that are not for everybody.
PRIVATE = frozenset(f"api_{each.name}" for each in ENDPOINTS if each.roles or each.secret)


def register(blueprint: Blueprint) -> None:
    """Add every endpoint, and the description of all of them."""
    for endpoint in ENDPOINTS:
        blueprint.add_url_rule(
            PATH + endpoint.path,
            f"api_{endpoint.name}",
            endpoint.view,
            methods=[endpoint.method],
            provide_automatic_options=False,
        )
    blueprint.add_url_rule("/openapi.json", "openapi", openapi)
    blueprint.add_url_rule(f"{PATH}/openapi.json", "api_openapi", openapi)


def openapi() -> Response:
    """The description. It lies at the prefix, and beside the calls for those who look there."""
    server = get_state().settings.base_url + PATH
    document = describe(ENDPOINTS, server, version("insurance-reviews"))
    return json_response(document, headers={**public.OPEN, "Cache-Control": "no-cache"})
