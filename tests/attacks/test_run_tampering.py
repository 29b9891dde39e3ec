"""The operator forges history with everything he has: every class is found, and no honest life is
taken for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runs.places import ENGINES
from runs.tampering import SAMPLE, originals
from support.dba.attempt import attempt
from support.dba.controls import CONTROLS, Control, false_alarms
from support.dba.forgeries import FORGERIES
from support.dba.forgery import Forgery
from support.dba.misses import MISSES, Miss, play_out
from support.dba.trial import Originals


@pytest.fixture(scope="module")
def copies() -> Iterator[Originals]:
    with originals() as made:
        yield made


def test_there_are_as_many_classes_as_promised() -> None:
    """Each under a name of its own, and many that only a kept checkpoint finds."""
    assert len({forgery.name for forgery in FORGERIES}) == len(FORGERIES) >= 27
    assert sum(forgery.alone is None for forgery in FORGERIES) >= 27


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_an_honest_life_raises_no_alarm(
    copies: Originals, engine_name: str, control: Control
) -> None:
    with copies.copied(engine_name) as trial:
        assert false_alarms(trial, control) == []


@pytest.mark.parametrize("forgery", FORGERIES, ids=str)
def test_it_is_found(copies: Originals, forgery: Forgery) -> None:
    with copies.copied("sqlite") as trial:
        assert attempt(trial, forgery) == []


@pytest.mark.parametrize("forgery", FORGERIES[::SAMPLE], ids=str)
def test_it_is_found_on_postgresql(copies: Originals, forgery: Forgery) -> None:
    with copies.copied("postgresql") as trial:
        assert attempt(trial, forgery) == []


@pytest.mark.parametrize("miss", MISSES, ids=str)
def test_what_nobody_can_find_is_missed_and_closed_by_others(copies: Originals, miss: Miss) -> None:
    with copies.copied("sqlite") as trial:
        assert play_out(trial, miss) == ([], [])
