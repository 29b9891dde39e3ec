"""Requests at the same time, and a witness that is killed: never two trees of one size."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from json import loads
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from insurance_reviews.moderation.witness.home import open_witness
from support.standalone import free_port
from support.witnesses import Grown, climb, climbing, kill, witness_process

from .conftest import Watched

#: What was cosigned: a size, and which of the histories.
Cosigned = tuple[int, str]


def check(directory: Path, cosigned: list[Cosigned]) -> None:
    """One history of each size, and the file agrees with the last one."""
    assert len({size for size, _ in cosigned}) == len(set(cosigned)), sorted(cosigned)
    assert len({story for _, story in cosigned if story}) == 1
    [log] = open_witness(directory).state.logs()
    assert log.head is not None
    assert log.head.size == max(size for size, _ in cosigned)


def test_threads(watched: Watched) -> None:
    stories = ["left", "right"] * 4
    barrier = threading.Barrier(len(stories))
    with ThreadPoolExecutor(len(stories)) as pool:
        asked = [pool.submit(climb, watched.directory, story, barrier.wait) for story in stories]
        check(watched.directory, [pair for answers in asked for pair in answers.result()])


def test_processes(watched: Watched) -> None:
    climbers = [climbing(watched.directory, story) for story in ["left", "right"] * 2]
    for climber in climbers:
        assert climber.stdout is not None
        assert climber.stdout.readline() == "ready\n"
    outputs = [climber.communicate("go\n", timeout=60)[0] for climber in climbers]
    check(watched.directory, [(size, story) for text in outputs for size, story in loads(text)])


def test_a_witness_that_is_killed_keeps_what_it_cosigned(watched: Watched) -> None:
    """SIGKILL at any moment: what was answered is known afterwards, and what was not can be asked
    for again. The other history is refused throughout."""
    chance, watched.now = random.Random(7), time.time()
    port, known = free_port(), 0
    # One more than the log ever has, so that there is a next one to ask for.
    fork = Grown(41, "rewritten", 1)
    for _ in range(4):
        with witness_process(watched.directory, port) as (address, process):
            timer = threading.Timer(chance.uniform(0.02, 0.15), kill, [process])
            timer.start()
            while (answered := ask(address, watched.log, known)) is not None:
                known = answered
            timer.join()
        [log] = open_witness(watched.directory).state.logs()
        assert log.head is not None
        # It may have written one more than it could answer.
        assert known <= log.head.size <= known + 1
        assert log.head.root == watched.log.checkpoint(log.head.size).root
        assert watched.ask(log.head.size, log.head.size).status == 200
        if log.head.size > 1:
            assert watched.ask(log.head.size, log.head.size + 1, fork).status == 422
        known = log.head.size
    assert known > 0


def ask(address: str, log: Grown, known: int) -> int | None:
    """One more entry, or the same again at the end; None when the witness is gone."""
    new = min(40, known + 1)
    request = Request(f"{address}/add-checkpoint", data=log.ask(known, new))
    try:
        with urlopen(request, timeout=10) as answer:
            assert answer.read().startswith("\u2014".encode())
            return new
    except HTTPError as error:
        raise AssertionError(error.read()) from error
    except (URLError, ConnectionError):
        return None
