"""What the host hears: after the commit, ids only, and nothing of what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from blinker import Signal
from sqlalchemy import func, select

from insurance_reviews.plugin import schema, signals
from insurance_reviews.plugin.errors import PersonalDataFound
from support.world import TEXT, World

Heard = list[tuple[str, dict[str, Any]]]
SIGNALS = {name: value for name, value in vars(signals).items() if isinstance(value, Signal)}


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Every signal in the order in which it came, with its values."""
    found: Heard = []

    def listener(name: str) -> Callable[..., None]:
        return lambda _, **values: found.append((name, values))

    with ExitStack() as stack:
        for name, signal in SIGNALS.items():
            stack.enter_context(signal.connected_to(listener(name)))
        yield found


def test_everything_that_happens_is_told_with_ids(world: World, heard: Heard) -> None:
    review = world.submit(text=TEXT)
    world.follow_up(review)
    world.reply(review)
    report = world.report(review)
    world.acknowledge(report.id, "disputed")
    world.remove(review, report.id)
    world.withdraw(review)
    product = {"review": review.id, "product": "anxin-medical"}
    assert heard == [
        ("review_submitted", product),
        ("follow_up_published", product),
        ("reply_published", product),
        ("report_filed", {"report": report.id, "insurer": "anxin"}),
        ("report_acknowledged", {"report": report.id, "verdict": "disputed"}),
        ("text_removed", product),
        ("texts_withdrawn", product),
    ]
    assert {name for name, _ in heard} == set(SIGNALS)


def test_nothing_is_told_of_what_was_refused(world: World, heard: Heard) -> None:
    with pytest.raises(PersonalDataFound):
        world.submit(text="请打13800138000")
    assert heard == []


def test_who_listens_finds_what_happened(world: World) -> None:
    """The transaction stands before anybody hears of it."""
    counts: list[int | None] = []

    def listener(_: object, **values: Any) -> None:
        counts.append(
            world.read(lambda s: s.scalar(select(func.count()).select_from(schema.review)))
        )

    with signals.review_submitted.connected_to(listener):
        world.submit()
        world.submit()
    assert counts == [1, 2]


def test_a_listener_that_fails_is_the_operators_concern(
    world: World, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    """What was committed is answered; the failure is logged, and others still hear."""

    def broken(_: object, **values: Any) -> None:
        raise LookupError("the host's bug")

    with signals.review_submitted.connected_to(broken):
        review = world.submit()
    assert "the host's bug" in caplog.text
    assert world.own(review).id == review.id
