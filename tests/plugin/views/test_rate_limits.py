"""How often one address may post, by the settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from support.answers import check_refusal
from support.host import API, PREFIX, Host, issue_tokens, mounted
from support.world import World

Post = Callable[[FlaskClient], object]


@pytest.fixture
def engine_name() -> str:
    """Limits are kept in the process."""
    return "sqlite"


SUBMITTED = {
    "review": (f"{API}/reviews", {"json": {"invitation": "x", "score": 5}}),
    "nonsense": (f"{API}/reviews", {"data": b"{"}),
    "follow-up": (f"{API}/reviews/rv_x/follow-ups", {"json": {"author_key": "x", "text": "y"}}),
    "withdrawal": (f"{API}/reviews/rv_x/withdrawal", {"json": {"author_key": "x"}}),
    "form": (f"{PREFIX}/i/x", {"data": {"score": "5"}}),
    "author's follow-up": (f"{PREFIX}/r/rv_x/author/follow-up", {"data": {"text": "y"}}),
    "author's withdrawal": (f"{PREFIX}/r/rv_x/author/withdrawal", {"data": {"author_key": "y"}}),
}


@pytest.mark.parametrize("last", SUBMITTED)
def test_public_posts_share_a_limit(world: World, last: str) -> None:
    """429 with Retry-After, in the form of the one who asks, and nothing is written."""
    path, options = SUBMITTED[last]
    with mounted(world, rate_limit_submit="7/minute") as host:
        client = host.client()
        for name in SUBMITTED:
            earlier, given = SUBMITTED[name]
            assert client.post(earlier, **given).status_code != 429  # type: ignore[arg-type]
        before = world.snapshot()
        answer = client.post(path, **options)  # type: ignore[arg-type]
        problem = check_refusal(answer, 429)
        assert problem["code"] == "rate-limited"
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        page = client.post(path, headers={"Accept": "text/html"}, **options)  # type: ignore[arg-type]
        check_refusal(page, 429)
        assert "Retry-After" in page.headers
        # Another address has a limit of its own; reading has none, nor has the shop.
        elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
        assert client.post(path, environ_base=elsewhere, **options).status_code != 429  # type: ignore[arg-type]
        assert client.get(f"{PREFIX}/products").status_code == 200
        assert client.post(f"{API}/policy-events", json={}).status_code == 401
        assert world.snapshot() == before


def test_links_have_a_limit_of_their_own(world: World) -> None:
    with mounted(world, rate_limit_link="2/hour") as host:
        client = host.client()
        form = {"policy_no": "PA-1", "email": "a@b.example"}
        statuses = [client.post(f"{PREFIX}/link", data=form).status_code for _ in range(4)]
        assert statuses == [303, 303, 429, 429]
        assert client.post(f"{API}/reviews", json={}).status_code == 422


def test_a_forged_forwarded_address_gains_nothing(world: World) -> None:
    """Only a host that says so (ProxyFix) takes the address from a header."""
    with mounted(world, rate_limit_submit="3/minute") as host:
        client = host.client()
        statuses = [
            client.post(
                f"{API}/reviews", json={}, headers={"X-Forwarded-For": f"198.51.100.{number}"}
            ).status_code
            for number in range(5)
        ]
        assert statuses == [422, 422, 422, 429, 429]


def test_two_mounted_applications_count_apart(world: World) -> None:
    issue_tokens(world)
    with (
        mounted(world, rate_limit_submit="1/minute") as one,
        mounted(world, rate_limit_submit="1/minute", url_prefix="/other") as two,
    ):

        def post(host: Host, prefix: str) -> int:
            return host.client().post(f"{prefix}/api/v1/reviews", json={}).status_code

        assert [post(one, PREFIX), post(two, "/other")] == [422, 422]
        assert [post(one, PREFIX), post(two, "/other")] == [429, 429]
