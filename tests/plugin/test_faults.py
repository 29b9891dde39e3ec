"""An error after any step of a transaction leaves neither fact nor entry, and tells nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from blinker import Signal
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from insurance_reviews.moderation.kept import KeptCheckpoints
from insurance_reviews.plugin import signals
from insurance_reviews.plugin.errors import InvitationUsed
from insurance_reviews.plugin.services.policy_events import Holder
from support.world import World

Action = Callable[[], object]
TEXT = "查勘员李四很慢。"


class Fault(Exception):
    """What goes wrong; no service expects it."""


def prepared(world: World, name: str) -> Action:
    """What each service needs done before, and its call."""
    if name == "policy event":
        changed = world.event(holder=Holder(name="王小明", email="wang@shop.example"))
        return lambda: world.record(changed)
    if name == "review":
        token = world.invite()
        return lambda: world.submit(token, aspects={"speed": 2, "outcome": 1}, text=TEXT)
    review = world.submit(text=TEXT)
    if name == "follow-up":
        return lambda: world.follow_up(review)
    if name == "reply":
        return lambda: world.reply(review)
    if name == "amended reply":
        world.reply(review)
        return lambda: world.reply(review, "更正。")
    if name == "withdrawal":
        world.follow_up(review)
        return lambda: world.withdraw(review)
    if name == "report":
        other = world.item_of(world.submit())
        items = [world.item_of(review), other]
        return lambda: world.report(review, items)
    filed = world.report(review).id
    actions: dict[str, Action] = {
        "verdict": lambda: world.acknowledge(filed, "disputed", "请补充。"),
        "removal": lambda: world.remove(review, filed),
        "redaction": lambda: world.remove(review, filed, redacted="查勘员██很慢。"),
    }
    return actions[name]


ACTIONS = (
    "policy event",
    "review",
    "follow-up",
    "reply",
    "amended reply",
    "report",
    "verdict",
    "removal",
    "redaction",
    "withdrawal",
)


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What was told after a commit."""
    heard: list[str] = []

    def listen(_: object, **values: object) -> None:
        heard.append(repr(values))

    sent = [each for each in vars(signals).values() if isinstance(each, Signal)]
    for signal in sent:
        signal.connect(listen)
    yield heard
    for signal in sent:
        signal.disconnect(listen)


@contextmanager
def failing_after(statement: int) -> Iterator[None]:
    """Let the ``statement``-th statement of the block be run, and then fail."""
    run = 0

    def count(*_: object) -> None:
        nonlocal run
        run += 1
        if run == statement:
            raise Fault

    with listening("after_cursor_execute", count):
        yield


@contextmanager
def listening(name: str, listener: Callable[..., None]) -> Iterator[None]:
    event.listen(Engine, name, listener)
    try:
        yield
    finally:
        event.remove(Engine, name, listener)


def kept_files(world: World) -> dict[Path, bytes]:
    folder = world.settings.state_dir / "checkpoints"
    return {path: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_error_after_any_statement_leaves_nothing(
    world: World, told: list[str], name: str
) -> None:
    """Under the lock or before it: the first statement, the second, and so on to the last."""
    action = prepared(world, name)
    rows, files = world.snapshot(), kept_files(world)
    told.clear()
    statement = 0
    while True:
        statement += 1
        try:
            with failing_after(statement):
                action()
            break
        except Fault:
            assert world.snapshot() == rows, f"statement {statement} left something"
            assert kept_files(world) == files
            assert told == []
    # Reading, lock and head, entry, fact, counters, nodes, checkpoint: no less can be done.
    assert statement > 8
    assert world.snapshot() != rows


@pytest.mark.parametrize("name", ACTIONS)
def test_a_commit_that_fails_leaves_nothing(world: World, told: list[str], name: str) -> None:
    action = prepared(world, name)
    rows, files = world.snapshot(), kept_files(world)
    told.clear()

    def fail(_: object) -> None:
        raise Fault

    with listening("commit", fail), pytest.raises(Fault):
        action()
    assert world.snapshot() == rows
    assert kept_files(world) == files
    assert told == []
    action()
    assert world.snapshot() != rows


def test_a_commit_that_persisted_before_it_failed_is_found_again(
    world: World, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was lost, not the review: sent again, it says that it is there already."""
    token = world.invite()
    kept = KeptCheckpoints(world.settings.state_dir / "checkpoints")
    before = kept.read("anxin")
    with monkeypatch.context() as patched:
        lose_the_answer(world, patched)
        with pytest.raises(OperationalError):
            world.submit(token)
    assert (kept.read("anxin"), told) == (before, [])
    with pytest.raises(InvitationUsed):
        world.submit(token)
    latest = world.submit()
    checkpoint = kept.read("anxin")
    assert checkpoint is not None
    assert checkpoint.size == latest.entry.index + 1


def lose_the_answer(world: World, patched: pytest.MonkeyPatch) -> None:
    """Commits reach the database, and then the connection breaks."""
    dialect = world.unit_of_work._writing.dialect
    commit, error = dialect.do_commit, dialect.loaded_dbapi.OperationalError

    def do_commit(connection: Any) -> None:
        commit(connection)
        raise error("the connection was lost")

    patched.setattr(dialect, "do_commit", do_commit)


def test_a_listener_that_fails_leaves_the_review(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object, **values: object) -> None:
        raise Fault

    signals.review_submitted.connect(fail)
    try:
        review = world.submit()
    finally:
        signals.review_submitted.disconnect(fail)
    assert world.own(review).id == review.id
    assert "a call after the commit failed" in caplog.text


def test_a_full_disk_for_the_kept_checkpoint_does_not_lose_the_review(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is committed by then; the next write keeps its own, larger checkpoint."""
    with monkeypatch.context() as patched:

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patched.setattr(KeptCheckpoints, "save", fail)
        review = world.submit()
    assert world.own(review).id == review.id
    assert "No space left" in caplog.text
    world.submit()


def test_a_database_error_is_not_swallowed(world: World) -> None:
    token = world.invite()

    def fail(*_: object) -> None:
        raise DBAPIError("SELECT 1", {}, ValueError("the disk is gone"))

    with listening("before_cursor_execute", fail), pytest.raises(DBAPIError):
        world.submit(token)
    assert world.submit(token).id
