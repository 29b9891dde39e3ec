"""Many at once: each fact happens once, and every log stays whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from sqlalchemy import func, select

from insurance_reviews.moderation.errors import (
    AlreadyAcknowledged,
    ModerationError,
    ReportExists,
    TextRemoved,
)
from insurance_reviews.moderation.removals import Removal
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.errors import Busy, InvitationUsed, ReviewsError, Withdrawn
from insurance_reviews.plugin.services.reviews import Submitted
from support.world import INSURERS, World

T = TypeVar("T")
S = TypeVar("S")


def at_once(call: Callable[[S], T], given: Sequence[S], *, threads: int) -> list[T | Exception]:
    """Call for everything that is given, from many threads that start together.

    Who is asked to try again tries again.
    """
    start = Barrier(threads)

    def run(value: S) -> T | Exception:
        while True:
            try:
                return call(value)
            except Busy:
                continue
            except (ReviewsError, ModerationError) as error:
                return error

    def worker(part: Sequence[S]) -> list[T | Exception]:
        start.wait()
        return [run(value) for value in part]

    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(worker, [given[number::threads] for number in range(threads)])
        return [result for part in parts for result in part]


def count_reviews(world: World) -> int:
    statement = select(func.count()).select_from(schema.review)
    return world.read(lambda session: session.scalar(statement) or 0)


def test_fifty_uses_of_one_invitation_make_one_review(world: World) -> None:
    token = world.invite()
    results = at_once(lambda score: world.submit(token, score=score), [3] * 50, threads=50)
    kinds = Counter(type(result) for result in results)
    assert kinds == {Submitted: 1, InvitationUsed: 49}
    (review,) = (result for result in results if isinstance(result, Submitted))
    assert {used.review for used in results if isinstance(used, InvitationUsed)} == {review.id}
    assert count_reviews(world) == 1


def test_the_same_event_twenty_times_makes_one_invitation(world: World) -> None:
    event = world.event()
    results = at_once(lambda _: world.record(event), [None] * 20, threads=20)
    invited = [result for result in results if not isinstance(result, Exception)]
    assert len(invited) == 20
    assert len({result.token for result in invited}) == 1
    assert [result.created for result in invited].count(True) == 1
    statement = select(func.count()).select_from(schema.invitation)
    assert world.read(lambda session: session.scalar(statement)) == 1


def test_writers_of_several_insurers_leave_every_log_whole(world: World) -> None:
    """Reviews, follow-ups, replies, reports and removals, eight writers over three logs."""
    products = [f"{insurer}-medical" for insurer in INSURERS]

    def live(number: int) -> str:
        review = world.submit(product=products[number % 3], score=number % 5 + 1)
        if number % 2:
            world.follow_up(review)
        if number % 3:
            world.reply(review)
        if number % 4 == 0:
            world.remove(review)
        elif number % 5 == 0:
            world.withdraw(review)
        return review.id

    results = at_once(live, range(36), threads=8)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert count_reviews(world) == 36


def test_a_reply_sent_many_times_gets_versions_without_a_gap(world: World) -> None:
    review = world.submit()
    results = at_once(lambda _: world.reply(review).version, [None] * 12, threads=6)
    assert sorted(result for result in results if isinstance(result, int)) == list(range(1, 13))


def test_one_text_is_removed_once(world: World) -> None:
    review = world.submit()
    reports = [world.report(review).id for _ in range(8)]
    results = at_once(lambda report: world.remove(review, report), reports, threads=8)
    assert Counter(isinstance(result, TextRemoved) for result in results) == {True: 7, False: 1}


def test_removal_and_withdrawal_of_one_text_do_not_both_happen(world: World) -> None:
    reviews = [world.submit() for _ in range(6)]
    reports = {review.id: world.report(review).id for review in reviews}

    def act(case: tuple[Submitted, bool]) -> object:
        review, by_author = case
        return world.withdraw(review) if by_author else world.remove(review, reports[review.id])

    cases = [(review, by_author) for review in reviews for by_author in (True, False)]
    results = at_once(act, cases, threads=4)
    assert Counter(isinstance(result, TextRemoved) for result in results) == {True: 6, False: 6}


def test_a_follow_up_never_comes_after_the_withdrawal(world: World) -> None:
    """Whichever is first, nothing of it stands in the end."""
    reviews = [world.submit() for _ in range(6)]

    def act(case: tuple[Submitted, bool]) -> object:
        review, withdraws = case
        return world.withdraw(review) if withdraws else world.follow_up(review)

    cases = [(review, withdraws) for review in reviews for withdraws in (False, True)]
    results = at_once(act, cases, threads=4)
    refusals = [result for result in results if isinstance(result, Exception)]
    assert {type(refusal) for refusal in refusals} <= {Withdrawn}
    assert [text.text for review in reviews for text in world.own(review).texts if text.text] == []


def test_a_report_of_a_text_that_goes_meanwhile_is_filed_or_refused(world: World) -> None:
    reviews = [world.submit() for _ in range(6)]
    reports = {review.id: world.report(review).id for review in reviews}

    def act(case: tuple[Submitted, bool]) -> object:
        review, removes = case
        return world.remove(review, reports[review.id]) if removes else world.report(review)

    cases = [(review, removes) for review in reviews for removes in (False, True)]
    results = at_once(act, cases, threads=4)
    assert {type(result) for result in results if isinstance(result, Exception)} <= {TextRemoved}
    assert sum(isinstance(result, Removal) for result in results) == 6


def test_one_verdict_is_recorded_once(world: World) -> None:
    filed = world.report(world.submit()).id
    results = at_once(lambda _: world.acknowledge(filed), [None] * 8, threads=8)
    refused = [isinstance(result, AlreadyAcknowledged) for result in results]
    assert Counter(refused) == {True: 7, False: 1}


def test_one_number_is_filed_once_for_a_text(world: World) -> None:
    review = world.submit()
    results = at_once(lambda _: world.report(review, report_no="某函1号"), [None] * 8, threads=8)
    assert Counter(isinstance(result, ReportExists) for result in results) == {True: 7, False: 1}


def test_receipts_of_parallel_writers_are_all_of_one_sequence(world: World) -> None:
    """Nobody is told an index that somebody else has."""
    results = at_once(lambda _: world.submit(text=None), [None] * 24, threads=8)
    indices = [result.entry.index for result in results if isinstance(result, Submitted)]
    assert len(indices) == len(set(indices)) == 24
