"""A removal over HTTP, then the worker: afterwards the words are nowhere in the house."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from insurance_reviews.plugin import deliver
from insurance_reviews.plugin.backup.journal import RemovedItems
from insurance_reviews.plugin.deliver import deliver_due
from insurance_reviews.plugin.erasure import ErasureIncomplete, remember, waiting_erasures
from insurance_reviews.plugin.outbox import BACKOFF
from support.host import Host
from support.raw import raw_bytes
from support.world import World

#: Words that stand in no dictionary and in no other test.
RARE = ("qvzxkwjpyq", "鸑鷟齉龘")


@pytest.fixture
def removed(host: Host) -> Host:
    """A review with rare words was removed on a report."""
    world = host.world
    review = world.submit(
        text=f"理赔员 {RARE[0]} 说 {RARE[1]}，没有下文。", confirm_personal_data=True
    )
    host.client().get(f"/reviews/r/{review.id}")
    world.remove(review)
    return host


def raw(host: Host) -> bytes:
    return raw_bytes(host.world.settings.database_url.render_as_string(hide_password=False))


def found(data: bytes) -> list[str]:
    return [word for word in RARE if word.encode() in data]


def deliver_later(host: Host, **later: float) -> int:
    host.world.pass_time(**later)
    return deliver_due(host.state)


def test_the_worker_leaves_no_word_in_files_or_logs(
    removed: Host, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with caplog.at_level(logging.DEBUG):
        done = deliver_due(removed.state)
    assert done >= 1
    assert removed.world.read(waiting_erasures) == []
    assert found(raw(removed)) == []
    assert found(caplog.text.encode()) == []
    state = [path for path in tmp_path.rglob("*") if path.is_file() and "state" in path.parts]
    assert state
    assert [path for path in state if found(path.read_bytes())] == []


def test_nobody_gives_up_on_an_erasure(removed: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it fails, it is tried again, and its error says what to do."""

    def fail(*_: Any, **__: Any) -> None:
        raise ErasureIncomplete("run flask reviews erase at a quiet hour")

    with monkeypatch.context() as broken:
        broken.setattr(deliver, "erase", fail)
        for _ in range(len(BACKOFF) + 3):
            deliver_later(removed, seconds=BACKOFF[-1])
    [job] = removed.world.read(waiting_erasures)
    assert job.payload["items"].startswith("it_")
    assert found(raw(removed)), "nothing was erased yet"
    assert deliver_later(removed, seconds=BACKOFF[-1]) == 1
    assert found(raw(removed)) == []


def test_other_mail_goes_out_while_an_erasure_fails(
    removed: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "REWRITE_LIMIT", 1)
    assert deliver_due(removed.state) == 1
    [job] = removed.world.read(waiting_erasures)
    assert job.attempts == 1


def test_a_worker_elsewhere_keeps_its_own_journal(world: World, tmp_path: Path) -> None:
    """The web host wrote its journal at the commit, the worker writes the one of its own disk."""
    world.withdraw(world.submit())
    other = tmp_path / "worker"
    remember(other, world.read(waiting_erasures))
    here = RemovedItems(world.settings.state_dir).read("anxin")
    assert RemovedItems(other).read("anxin") == here
    assert len(here) == 1
