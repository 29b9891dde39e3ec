"""The API's own fixture."""

from __future__ import annotations

import pytest

from support.api import Api
from support.host import Host


@pytest.fixture
def api(host: Host) -> Api:
    """A program that calls the API, on each engine in turn."""
    return Api(host)


@pytest.fixture(scope="module")
def lasting_api(lasting_host: Host) -> Api:
    """The same for all tests of a module: for calls that are refused."""
    return Api(lasting_host)
