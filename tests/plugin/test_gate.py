"""The gate lets one writer in at a time, in order of arrival, and none waits for ever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from insurance_reviews.plugin.gate import FairGate, GateTimeout


def test_writers_enter_in_order_of_arrival() -> None:
    gate, order = FairGate(), list[int]()
    started = threading.Semaphore(0)

    def enter(number: int) -> None:
        started.release()
        with gate.entered(10):
            order.append(number)

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(8)]
    with gate.entered(1):
        for waiting, thread in enumerate(threads, start=1):
            thread.start()
            started.acquire()
            wait_for_queue(gate, waiting)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def wait_for_queue(gate: FairGate, length: int) -> None:
    deadline = time.monotonic() + 5
    while len(gate._queue) != length:
        assert time.monotonic() < deadline, "nobody queued"
        time.sleep(0.001)


def test_one_at_a_time() -> None:
    gate, inside, most = FairGate(), 0, 0

    def enter(_: int) -> None:
        nonlocal inside, most
        with gate.entered(10):
            inside += 1
            most = max(most, inside)
            time.sleep(0)
            inside -= 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(enter, range(400)))
    assert (inside, most) == (0, 1)


def test_whoever_waits_too_long_is_told_so() -> None:
    gate = FairGate()
    with gate.entered(1), pytest.raises(GateTimeout), gate.entered(0.01):
        pass


def test_who_gave_up_is_not_let_in_later() -> None:
    """The gate opens for the next who is still there."""
    gate = FairGate()
    with gate.entered(1), pytest.raises(GateTimeout), gate.entered(0.01):
        pass
    with gate.entered(0.01):
        pass


def test_the_gate_opens_after_a_failure() -> None:
    gate = FairGate()
    with pytest.raises(RuntimeError), gate.entered(1):
        raise RuntimeError
    with gate.entered(0.01):
        pass


def test_many_who_give_up_and_many_who_stay_lose_nobody() -> None:
    """Whoever is called at the very moment of giving up either enters or hands the turn on."""
    gate, entered, gave_up = FairGate(), list[int](), list[int]()

    def enter(number: int) -> None:
        try:
            with gate.entered(0.001 if number % 2 else 10):
                entered.append(number)
                time.sleep(0.0005)
        except GateTimeout:
            gave_up.append(number)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(enter, range(300)))
    assert sorted(entered + gave_up) == list(range(300))
    assert {number for number in range(300) if number % 2 == 0} <= set(entered)
    with gate.entered(0.01):
        pass
