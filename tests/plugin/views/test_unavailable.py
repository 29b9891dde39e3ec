"""A database that is gone, empty or full is said to be so, and comes back without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from insurance_reviews.plugin.unit_of_work import UnitOfWork
from support.answers import check_headers
from support.host import API, PREFIX, Host, mounted
from support.world import World

ADDRESSES = [
    f"{PREFIX}/products/anxin-medical",
    f"{API}/products",
    f"{PREFIX}/log/anxin/checkpoint",
]


@pytest.fixture(params=["nowhere", "empty"])
def lacking(
    request: pytest.FixtureRequest, world: World, empty_database_url: str, tmp_path: Path
) -> Iterator[Host]:
    """A host whose database is not there, or has not been migrated."""
    url = world.settings.database_url
    missing = str(tmp_path / "no" / "where.db") if url.get_backend_name() == "sqlite" else "nowhere"
    gone = url.set(database=missing).render_as_string(hide_password=False)
    chosen = gone if request.param == "nowhere" else empty_database_url
    with mounted(world, database_url=chosen) as host:
        yield host


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_is_no_error_of_ours(lacking: Host, address: str) -> None:
    answer = lacking.client().get(address, headers={"Accept": "application/json"})
    check_headers(answer)
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "unavailable"
    assert answer.headers["Retry-After"] == "30"


def test_a_reader_gets_a_page(lacking: Host) -> None:
    answer = lacking.client().get(ADDRESSES[0], headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 503
    assert "暂时无法使用" in answer.text
    assert "where" not in answer.text


def test_a_full_disk_refuses_and_recovers(
    host: Host, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The review is not stored, the writer is told, and the next attempt succeeds."""

    def full(*_: object) -> None:
        raise OperationalError(None, None, Exception("database or disk is full"))

    token = host.world.invite()
    review = {"invitation": token, "score": 2, "text": "拖了三个月。"}
    with monkeypatch.context() as patched:
        patched.setattr(UnitOfWork, "_attempt", full)
        answer = host.client().post(f"{API}/reviews", json=review)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert "disk is full" in caplog.text
    assert "拖了三个月" not in caplog.text
    assert host.client().post(f"{API}/reviews", json=review).status_code == 201
