"""The demo's worker: mails are there at once, and one failure is not its end."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from insurance_reviews.demo_shop import worker
from insurance_reviews.demo_shop.shop import get_shop
from insurance_reviews.demo_shop.worker import Worker
from insurance_reviews.moderation.errors import LogBehind
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.deliver import deliver_due
from insurance_reviews.plugin.state import State

from .test_buying import buy


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until it is true, but not for ever."""
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_woken_worker_delivers(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not wait for its next look, and ends when it is told."""
    monkeypatch.setattr(worker, "PAUSE", 1000)
    delivering = Worker(get_state(app))
    shop = get_shop(app)
    shop.on_told.append(delivering.wake)
    delivering.start()
    buy(client)
    wait_for(lambda: list(shop.mail.glob("*.eml")))
    started = time.monotonic()
    delivering.stop()
    assert time.monotonic() - started < 5


def test_a_failure_is_not_its_end(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A locked database is a matter of the moment."""
    failures = ["locked"]

    def sometimes(state: State) -> int:
        if failures:
            raise RuntimeError(failures.pop())
        return deliver_due(state)

    monkeypatch.setattr(worker, "deliver_due", sometimes)
    monkeypatch.setattr(worker, "PAUSE", 0.01)
    delivering = Worker(get_state(app))
    buy(client)
    delivering.start()
    wait_for(lambda: list(get_shop(app).mail.glob("*.eml")))
    delivering.stop()
    assert failures == []


def test_nothing_is_mailed_from_a_database_that_lost_what_was_signed(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It may hold mails that were sent. When somebody has mended it, the worker goes on."""
    state, refusals = get_state(app), [0]
    check = state.start_guard.check

    def look() -> None:
        if refusals[0] < 3:
            refusals[0] += 1
            said = "the database was restored from an older backup"
            raise LogBehind(said, origin="demo.example/1", kept_size=9, size=2)
        check()

    delivered: list[int] = []

    def deliver(state: State) -> int:
        delivered.append(refusals[0])
        return deliver_due(state)

    monkeypatch.setattr(state.start_guard, "check", look)
    monkeypatch.setattr(worker, "deliver_due", deliver)
    monkeypatch.setattr(worker, "PAUSE_AFTER_REFUSAL", 0.01)
    delivering = Worker(state)
    buy(client)
    delivering.start()
    wait_for(lambda: list(get_shop(app).mail.glob("*.eml")))
    delivering.stop()
    assert min(delivered) == 3
    assert "no mail is sent; looked at again in 0.01 s: the database was restored" in caplog.text
