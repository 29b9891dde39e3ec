"""Schemathesis makes up calls from ``openapi.json`` and holds the answers against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from insurance_reviews.plugin.api import ENDPOINTS
from insurance_reviews.plugin.api.endpoint import Endpoint
from support.api import Api
from support.host import PREFIX

if TYPE_CHECKING:
    from schemathesis import Case

TOKENS = {
    "storefront": "shop",
    "insurer": "insurer-anxin",
    "compliance": "compliance-anxin",
    "regulator": "regulator",
}


@pytest.fixture(scope="module")
def real(lasting_api: Api) -> dict[str, str]:
    """Ids that exist, so that not all of it ends in 404."""
    world = lasting_api.host.world
    review = world.submit(text="理赔很快，材料一次交齐。")
    return {
        "review": review.id,
        "report": world.report(review).id,
        "sku": "anxin-medical",
        "slug": "anxin",
        "token": world.invite(),
    }


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_no_answer_surprises(lasting_api: Api, real: dict[str, str], endpoint: Endpoint) -> None:
    """No 5xx, no status, type or form that is not described, and nothing bad is taken."""
    schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", lasting_api.host.app)
    operation = schema.find_operation_by_id(endpoint.name)
    modes = [GenerationMode.POSITIVE]
    if endpoint.body is not None:
        modes.append(GenerationMode.NEGATIVE)

    def check(case: Case[Any]) -> None:
        # It asks for compressed answers and then reads them as they come.
        case.headers["Accept-Encoding"] = "identity"
        if endpoint.roles:
            case.headers["Authorization"] = f"Bearer {TOKENS[endpoint.roles[0]]}"
        # What the description allows may still be unknown, used, too long for its field, …
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    def check_on_the_real(case: Case[Any]) -> None:
        case.path_parameters = {name: real[name] for name in case.path_parameters}
        check(case)

    for mode in modes:
        strategy = operation.as_strategy(generation_mode=mode)
        for way in (check, check_on_the_real):
            run = settings(
                max_examples=12,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(given(case=strategy)(way))
            run()
