"""The page that compares insurers and products."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from pydantic import ValidationError

from ..api.compare import CompareParameters
from ..api.endpoint import list_parameters
from ..api.faults import faults_of
from ..cards.compare import compare_card, compare_url
from ..current import get_state
from ..errors import InvalidInput
from ..links import Links
from ..queries.compare import compare
from ..responses import language, revalidated
from .pages import render


def register(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/compare", "compare", compare_page)


def compare_page() -> Response:
    """Insurers, or products, side by side at one stage, as the API's parameters ask for."""
    state = get_state()
    query = read_parameters().query()
    with state.work.reading() as session:
        found = compare(session, query)
    kept = {"lang": language()} if "lang" in request.args else {}
    absolute = Links.absolute(state.settings)
    page = render(
        state,
        "compare.html",
        compare=compare_card(query, found, Links.paths(state.settings), language(), kept),
        # The same in another order is the same page to search engines.
        canonical_url=compare_url(query, absolute.compare(), {}, order="name"),
    )
    return revalidated(page)


def read_parameters() -> CompareParameters:
    """Those of the page; others are left alone. Raises :class:`InvalidInput`."""
    lists = list_parameters(CompareParameters)
    given: dict[str, Any] = {
        name: request.args.getlist(name) if name in lists else request.args[name]
        for name in CompareParameters.model_fields
        if name in request.args
    }
    try:
        return CompareParameters.model_validate(given)
    except ValidationError as error:
        raise InvalidInput(faults_of(error)) from error
