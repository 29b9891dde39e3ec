"""What leaves the house is queued with its fact, tried again, and purged once it is gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from insurance_reviews.plugin import schema
from insurance_reviews.plugin.outbox import (
    BACKOFF,
    Job,
    due_jobs,
    enqueue,
    mark_done,
    mark_failed,
    pending,
)
from support.world import World


def queue(world: World, *reviews: str, now: datetime | None = None) -> None:
    for review in reviews:
        world.write(
            partial(enqueue, kind="reply", payload={"review": review}, now=now or world.now)
        )


def due(world: World) -> list[Job]:
    return world.read(lambda session: due_jobs(session, world.now))


def fail(world: World, job: Job, error: str = "no route") -> None:
    world.write(lambda session: mark_failed(session, job, error, world.now))


def rows(world: World) -> list[Any]:
    return list(world.read(lambda session: session.execute(select(schema.outbox)).all()))


def test_what_is_queued_is_due(world: World) -> None:
    queue(world, "rv_1")
    (job,) = due(world)
    assert (job.kind, dict(job.payload), job.attempts) == ("reply", {"review": "rv_1"}, 0)
    assert world.read(pending) == 1


def test_the_oldest_comes_first(world: World) -> None:
    for minutes, review in ((3, "rv_c"), (1, "rv_a"), (2, "rv_b")):
        queue(world, review, now=world.now - timedelta(minutes=minutes))
    assert [job.payload["review"] for job in due(world)] == ["rv_c", "rv_b", "rv_a"]


def test_no_more_are_taken_than_asked_for(world: World) -> None:
    queue(world, *"abc")
    assert len(world.read(lambda session: due_jobs(session, world.now, limit=2))) == 2


def test_a_delivered_job_is_not_due_again_and_its_payload_is_gone(world: World) -> None:
    queue(world, "rv_1")
    (job,) = due(world)
    world.write(lambda session: mark_done(session, job, world.now))
    assert due(world) == []
    assert world.read(pending) == 0
    assert [(row.payload, row.error) for row in rows(world)] == [(None, None)]


def test_a_failed_job_waits_longer_each_time(world: World) -> None:
    queue(world, "rv_1")
    waits = []
    for wait in BACKOFF:
        (job,) = due(world)
        fail(world, job)
        world.pass_time(seconds=wait - 1)
        assert due(world) == []
        world.pass_time(seconds=1)
        waits.append(job.attempts)
    assert waits == list(range(len(BACKOFF)))


def test_after_the_last_attempt_a_job_is_given_up_with_its_error(world: World) -> None:
    """It keeps neither what it was about nor a place in the queue."""
    queue(world, "rv_1")
    for wait in (*BACKOFF, 0):
        (job,) = due(world)
        fail(world, job, "the mailbox is full")
        world.pass_time(seconds=wait)
    world.pass_time(days=365)
    assert due(world) == []
    assert world.read(pending) == 0
    (row,) = rows(world)
    assert (row.error, row.payload) == ("the mailbox is full", None)


def test_an_endless_error_is_cut(world: World) -> None:
    queue(world, "rv_1")
    (job,) = due(world)
    fail(world, job, "x" * 10_000)
    assert len(rows(world)[0].error) == 500


def test_work_that_is_rolled_back_queues_nothing(world: World) -> None:
    def work(session: Any) -> None:
        enqueue(session, "reply", {"review": "rv_1"}, world.now)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.write(work)
    assert rows(world) == []
