"""The plan of the seeding: the same for the same seed, in the order of time, believable."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest

from insurance_reviews.demo_shop.seeding.plan import (
    ZONE,
    Acknowledge,
    Act,
    FollowUp,
    Invite,
    Remove,
    Reply,
    Report,
    Submit,
    Withdraw,
    make_plan,
)
from insurance_reviews.demo_shop.stories import OLDEST, load

TODAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def plan() -> list[Act]:
    return make_plan(TODAY, load())


def test_the_same_seed_gives_the_same_plan(plan: list[Act]) -> None:
    assert plan == make_plan(TODAY, load())
    assert plan != make_plan(TODAY, load(), seed=1)


@pytest.mark.parametrize("today", [TODAY, date(2028, 2, 29), date(2027, 1, 1)])
def test_time_never_goes_back_and_today_has_not_begun(today: date) -> None:
    """A log refuses to go back in time, and nobody has reviewed tomorrow."""
    acts = make_plan(today, load())
    assert acts == sorted(acts, key=lambda act: act.at)
    assert acts[-1].at < datetime.combine(today, time(), ZONE)
    assert acts[0].at > datetime.combine(today - timedelta(OLDEST + 2), time(), ZONE)


def test_every_case_is_told_in_order(plan: list[Act]) -> None:
    """Invited, then reviewed, and only then answered, reported, removed, acknowledged."""
    told: dict[str, list[type]] = {}
    for act in plan:
        told.setdefault(act.case, []).append(type(act.deed))
    for case, deeds in told.items():
        assert deeds[0] is Invite, case
        assert deeds.count(Invite) == 1, case
        assert deeds[1:2] in ([], [Submit]), case
        for early, late in ((Report, Remove), (Report, Acknowledge)):
            if late in deeds:
                assert deeds.index(early) < deeds.index(late), case


def test_everything_in_the_stories_happens(plan: list[Act]) -> None:
    stories = load()
    counted = Counter(type(act.deed) for act in plan)
    assert counted[Reply] == sum(len(one.replies) for one in stories)
    assert counted[FollowUp] == sum(len(one.follow_ups) for one in stories)
    assert counted[Report] == sum(len(one.removals) for one in stories)
    assert counted[Withdraw] == sum(one.withdrawn_after is not None for one in stories)
    texts = [act.deed.text for act in plan if isinstance(act.deed, Submit) and act.deed.text]
    assert Counter(texts) == Counter(one.text for one in stories)


def test_there_are_enough_reviews_and_not_everybody_answers(plan: list[Act]) -> None:
    """The demo promises 600, and coverage as in real life at every stage of every product."""
    asked = {act.case: act.deed for act in plan if isinstance(act.deed, Invite)}
    answered = {act.case for act in plan if isinstance(act.deed, Submit)}
    assert len(answered) >= 600
    invited = Counter((deed.product, deed.stage) for deed in asked.values())
    reviewed = Counter((asked[case].product, asked[case].stage) for case in answered)
    for where, number in invited.items():
        assert 0.35 <= reviewed[where] / number <= 0.7, where
