"""What happened in the demo, act by act in the order of time. The same seed gives the same plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from random import Random
from zoneinfo import ZoneInfo

from insurance_reviews.demo_shop.catalogue import Stage, load
from insurance_reviews.demo_shop.seeding.quiet import Rating, draw_ratings, draw_silence
from insurance_reviews.demo_shop.stories import Removal, Story

ZONE = ZoneInfo("Asia/Shanghai")
SEED = 20_261
REVIEWS = 640
#: Between two things that happen under one review on one day, at least.
GAP = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Invite:
    """The shop tells of a policy event."""

    product: str
    stage: Stage
    occurred_on: date
    policy_no: str


@dataclass(frozen=True, slots=True)
class Submit:
    """The holder reviews."""

    score: int
    aspects: tuple[tuple[str, int], ...]
    text: str | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The insurer publishes a version of its reply."""

    text: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The author adds something."""

    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """Compliance reports a text to the regulator."""

    removal: Removal


@dataclass(frozen=True, slots=True)
class Remove:
    """Compliance removes or redacts it; ``redacted`` is the text that stays."""

    removal: Removal
    redacted: str | None


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The regulator answers the report."""

    removal: Removal


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The author takes the words back."""


Deed = Invite | Submit | Reply | FollowUp | Report | Remove | Acknowledge | Withdraw


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens at ``at`` (aware). ``case`` is the policy event that it belongs to."""

    at: datetime
    case: str
    insurer: str
    deed: Deed


def make_plan(
    today: date, stories: Sequence[Story], *, reviews: int = REVIEWS, seed: int = SEED
) -> list[Act]:
    """All acts, ordered by time and ended before ``today`` (of :data:`ZONE`) begins.

    The ``stories`` are filled up with ratings to the number of ``reviews``; with them come the
    policyholders who never answered.
    """
    random = Random(seed)
    ratings = list(draw_ratings(reviews - len(stories), random))
    silent = list(draw_silence([*stories, *ratings], random))
    last = today - timedelta(days=1)
    cases = chain(
        (_story_acts(story, last, Random(f"{seed} {story.key}")) for story in stories),
        (
            _rating_acts(f"rating-{number}", rating, last, random)
            for number, rating in enumerate([*ratings, *silent])
        ),
    )
    return sorted(chain.from_iterable(cases), key=lambda act: act.at)


def _story_acts(story: Story, today: date, random: Random) -> Iterator[Act]:
    insurer = load().product(story.product).insurer
    event, written = story.occurred_on(today), story.written_on(today)
    aspects = tuple((story.aspects or {}).items())
    deeds: list[tuple[date, Deed]] = [
        (event + timedelta(days=min(1, story.delay)), _invite(story, event, f"S-{story.key}")),
        (written, Submit(story.score, aspects, story.text, story.holder)),
    ]
    later: list[tuple[int, Deed]] = [(one.after, Reply(one.text)) for one in story.replies]
    later += [(one.after, FollowUp(one.text)) for one in story.follow_ups]
    for removal in story.removals:
        later += _removal_deeds(story, removal)
    if story.withdrawn_after is not None:
        later.append((story.withdrawn_after, Withdraw()))
    # Sorting keeps the order within a day: a text before its report, that before its removal.
    for after, deed in sorted(later, key=lambda one: one[0]):
        deeds.append((written + timedelta(days=after), deed))
    return _in_time(story.key, insurer, deeds, random)


def _removal_deeds(story: Story, removal: Removal) -> Iterator[tuple[int, Deed]]:
    yield removal.filed_after, Report(removal)
    if removal.removed_after is not None:
        redacted = removal.redact(story.target_text(removal)) if removal.masks else None
        yield removal.filed_after + removal.removed_after, Remove(removal, redacted)
    if removal.acknowledgement is not None:
        yield removal.filed_after + removal.acknowledgement.after, Acknowledge(removal)


def _rating_acts(case: str, rating: Rating, today: date, random: Random) -> Iterator[Act]:
    insurer = load().product(rating.product).insurer
    event = today - timedelta(days=rating.ago)
    deeds: list[tuple[date, Deed]] = [
        (event + timedelta(days=min(1, rating.delay)), _invite(rating, event, f"R-{case}"))
    ]
    if rating.score is not None:
        written = event + timedelta(days=rating.delay)
        deeds.append((written, Submit(rating.score, rating.aspects)))
    return _in_time(case, insurer, deeds, random)


def _invite(one: Story | Rating, event: date, policy_no: str) -> Invite:
    return Invite(one.product, one.stage, event, policy_no)


def _in_time(
    case: str, insurer: str, deeds: Sequence[tuple[date, Deed]], random: Random
) -> Iterator[Act]:
    """The deeds at hours at which people do such things, each after the one before it."""
    earliest = None
    for day, deed in deeds:
        at = datetime.combine(day, _hour(deed, random), ZONE)
        if earliest is not None:
            at = max(at, earliest)
        yield Act(at, case, insurer, deed)
        earliest = at + GAP


def _hour(deed: Deed, random: Random) -> time:
    match deed:
        case Invite():
            first, last = 8, 9
        case Submit() | FollowUp() | Withdraw():
            first, last = 10, 21
        case _:
            first, last = 9, 17
    return time(random.randint(first, last), random.randrange(60), random.randrange(60))
