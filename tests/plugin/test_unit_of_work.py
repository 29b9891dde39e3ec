"""Transactions begin and end in one place: retried on a conflict, refused when others take long."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from insurance_reviews.moderation.after_commit import after_commit
from insurance_reviews.plugin import schema, unit_of_work
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.errors import Busy
from insurance_reviews.plugin.unit_of_work import ATTEMPTS, UnitOfWork
from support.world import World


def put_policy(session: Session, number_hash: str) -> None:
    session.execute(insert(schema.policy), {"number_hash": number_hash * 64, "insurer": "anxin"})


def policies(world: World) -> list[str]:
    return sorted(
        world.read(lambda session: session.scalars(select(schema.policy.c.number_hash)).all())
    )


def test_work_is_committed_and_its_result_given_back(world: World) -> None:
    assert world.write(lambda session: put_policy(session, "a")) is None
    assert world.write(lambda session: "result") == "result"
    assert policies(world) == ["a" * 64]


def test_work_that_fails_leaves_nothing(world: World) -> None:
    def work(session: Session) -> None:
        put_policy(session, "a")
        raise KeyError("anything")

    with pytest.raises(KeyError, match="anything"):
        world.write(work)
    assert policies(world) == []


def test_calls_are_made_after_the_commit_in_their_order(world: World) -> None:
    seen: list[object] = []

    def work(session: Session) -> None:
        put_policy(session, "a")
        after_commit(session, lambda: seen.append(policies(world)))
        after_commit(session, lambda: seen.append("second"))
        assert seen == []

    world.write(work)
    assert seen == [["a" * 64], "second"]


def test_calls_of_work_that_failed_are_never_made(world: World) -> None:
    seen: list[str] = []

    def fail(session: Session) -> None:
        after_commit(session, lambda: seen.append("failed"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.write(fail)
    world.write(lambda session: after_commit(session, lambda: seen.append("second")))
    assert seen == ["second"]


def test_a_listener_that_fails_takes_nothing_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """What was committed stands, and the other listeners hear of it."""
    seen: list[str] = []

    def work(session: Session) -> str:
        put_policy(session, "a")
        after_commit(session, lambda: 1 / 0)
        after_commit(session, lambda: seen.append("told"))
        return "done"

    assert world.write(work) == "done"
    assert (policies(world), seen) == (["a" * 64], ["told"])
    assert "a call after the commit failed" in caplog.text


def test_a_conflict_is_tried_again_from_the_start(world: World) -> None:
    """Another writer was quicker; the second attempt sees its row and answers properly."""
    attempts: list[list[str]] = []
    world.write(lambda session: put_policy(session, "a"))

    def work(session: Session) -> str:
        after_commit(session, lambda: attempts.append(["called"]))
        attempts.append(["tried"])
        if len(attempts) == 1:
            put_policy(session, "a")
        return "second"

    assert world.write(work) == "second"
    assert attempts == [["tried"], ["tried"], ["called"]]


def test_a_lasting_conflict_is_raised_in_the_end(world: World) -> None:
    attempts: list[int] = []
    world.write(lambda session: put_policy(session, "a"))

    def work(session: Session) -> None:
        attempts.append(1)
        put_policy(session, "a")

    with pytest.raises(IntegrityError):
        world.write(work)
    assert len(attempts) == ATTEMPTS


def test_what_no_second_attempt_could_mend_is_not_tried_again(world: World) -> None:
    attempts: list[int] = []

    def work(session: Session) -> None:
        attempts.append(1)
        session.execute(text("SELECT no_such_column FROM insurance_reviews_policy"))

    with pytest.raises(DBAPIError):
        world.write(work)
    assert len(attempts) == 1


@contextmanager
def elsewhere(hold: Callable[[threading.Event, threading.Event], None]) -> Iterator[None]:
    """Run ``hold(holding, enough)`` in another thread for the length of the block."""
    holding, enough = threading.Event(), threading.Event()
    thread = threading.Thread(target=hold, args=(holding, enough))
    thread.start()
    assert holding.wait(10)
    try:
        yield
    finally:
        enough.set()
        thread.join()


def test_a_writer_who_waits_too_long_is_asked_to_try_again(
    world: World, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite at the gate, on PostgreSQL at the log's lock; nothing is written."""
    monkeypatch.setattr(unit_of_work, "GATE_TIMEOUT", 0.05)
    token, ref, before = world.invite(), world.ref(), world.snapshot()

    def hold(holding: threading.Event, enough: threading.Event) -> None:
        def work(session: Session) -> None:
            with world.context.logs.writing(session, ref, world.now):
                holding.set()
                enough.wait(10)

        world.write(work)

    def submit(session: Session) -> None:
        if engine_name == "postgresql":
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with world.context.logs.writing(session, ref, world.now):
            raise AssertionError("two writers held one log")

    with elsewhere(hold), pytest.raises(Busy) as refusal:
        world.write(submit)
    assert refusal.value.retry_after == 2
    assert world.snapshot() == before
    assert world.submit(token).id


def test_another_process_that_holds_sqlite_makes_us_busy(world: World, engine_name: str) -> None:
    """It queues at no gate of ours; SQLite's own patience ends."""
    if engine_name != "sqlite":
        # Writers of several processes meet at the log's lock there, as in the test above.
        return
    token, before = world.invite(), world.snapshot()
    # The pool has one connection so far: it is the one that will write.
    with world.unit_of_work.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    path = str(world.settings.database_url.database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            world.submit(token)
    assert world.snapshot() == before
    assert world.submit(token).id


def test_readers_do_not_wait_for_a_writer(world: World) -> None:
    review, ref = world.submit(), world.ref()

    def hold(holding: threading.Event, enough: threading.Event) -> None:
        def work(session: Session) -> None:
            with world.context.logs.writing(session, ref, world.now):
                holding.set()
                enough.wait(10)

        world.write(work)

    with elsewhere(hold):
        assert world.own(review).id == review.id


def test_the_queries_of_one_session_see_one_state_on_sqlite(world: World, engine_name: str) -> None:
    """PostgreSQL reads committed there: each query sees what was committed before it."""
    statement = select(schema.policy.c.number_hash)
    with world.unit_of_work.reading() as session:
        before = session.scalars(statement).all()
        world.write(lambda other: put_policy(other, "a"))
        after = session.scalars(statement).all()
    assert (len(before), len(after)) == (0, {"sqlite": 0, "postgresql": 1}[engine_name])


def test_what_a_reader_writes_is_not_kept(world: World) -> None:
    with world.unit_of_work.reading() as session:
        put_policy(session, "b")
    assert policies(world) == []


def test_when_all_connections_stay_in_use_a_visitor_is_asked_to_come_again(
    database_url: str,
) -> None:
    """Otherwise it would be an error of ours, for readers and writers alike."""
    engine = make_engine(database_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    work = UnitOfWork(engine)
    with work.reading():
        with pytest.raises(Busy), work.reading():
            pass
        with pytest.raises(Busy):
            work.write(lambda session: None)
    engine.dispose()
