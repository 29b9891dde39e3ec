"""Report first: compliance acts on its own insurer's reviews, and every act is counted and told."""

from __future__ import annotations

from typing import Any

import pytest

from insurance_reviews.moderation.errors import (
    ModerationError,
    RegulatorReportRequired,
    TextRemoved,
    UnknownItem,
)
from insurance_reviews.plugin.errors import NoText, NotFound
from insurance_reviews.plugin.outbox import due_jobs
from insurance_reviews.plugin.queries.summary import Summary, read_summary
from insurance_reviews.plugin.services import moderation
from insurance_reviews.plugin.services.reviews import Submitted
from support.world import World


def summary(world: World, product: str = "anxin-medical") -> Summary:
    return world.read(lambda session: read_summary(session, product, ("claim",)))


def refused(
    world: World, error: type[ModerationError | NotFound | NoText], call: Any, *args: Any, **kw: Any
) -> None:
    """The call fails and leaves everything as it was."""
    before = world.snapshot()
    with pytest.raises(error):
        call(*args, **kw)
    assert world.snapshot() == before


def test_a_report_is_about_the_reviews_own_text_by_default(world: World) -> None:
    review = world.submit()
    assert world.item_of(review).encode() in world.report(review).entry.leaf


def test_a_report_may_name_texts_of_other_reviews_of_the_insurer(world: World) -> None:
    first, second = world.submit(), world.submit(product="anxin-motor")
    revisions = summary(world).revision, summary(world, "anxin-motor").revision
    world.report(first, [world.item_of(first), world.item_of(second)])
    assert summary(world).revision > revisions[0]
    assert summary(world, "anxin-motor").revision > revisions[1]


def test_stars_alone_cannot_be_reported_or_removed(world: World) -> None:
    stars, other = world.submit(text=None), world.submit()
    filed = world.report(other)
    refused(world, NoText, world.report, stars)
    refused(world, NoText, world.remove, stars, filed.id)


def test_another_insurers_text_cannot_be_slipped_into_a_report(world: World) -> None:
    ours, theirs = world.submit(), world.submit(product="boshan-motor")
    refused(world, UnknownItem, world.report, ours, [world.item_of(theirs)])


def test_another_insurers_review_is_not_found(world: World) -> None:
    theirs = world.submit(product="boshan-motor")
    given = world.report_input()
    refused(
        world,
        NotFound,
        world.write,
        lambda session: moderation.report_review(
            session, world.context, "anxin", theirs.id, given, world.now
        ),
    )
    filed = world.report(theirs)
    refused(
        world,
        NotFound,
        world.write,
        lambda session: moderation.remove_text(
            session, world.context, "anxin", theirs.id, filed.id, world.now
        ),
    )


def test_no_removal_without_a_report(world: World) -> None:
    review = world.submit()
    refused(
        world,
        RegulatorReportRequired,
        world.write,
        lambda session: moderation.remove_text(
            session, world.context, "anxin", review.id, None, world.now
        ),
    )


def test_a_report_covers_only_what_stands_under_the_review(world: World) -> None:
    """The address of one review cannot be used to take another one's text."""
    first, second = world.submit(), world.submit()
    item = world.item_of(second)
    filed = world.report(second)
    refused(world, UnknownItem, world.remove, first, filed.id, item=item)


def test_removals_are_counted_and_told(world: World) -> None:
    review = world.submit()
    item = world.item_of(review)
    world.remove(review)
    assert summary(world).removals == 1
    jobs = world.read(lambda session: due_jobs(session, world.now))
    told = {"review": review.id, "item": item}
    assert sorted((job.kind, dict(job.payload)) for job in jobs) == [
        ("erasure", {"insurer": "anxin", "items": item}),
        ("removal", told),
    ]


def test_a_removal_by_default_takes_the_text_as_it_stands_today(world: World) -> None:
    """After a redaction, the redacted one."""
    review = world.submit(text="李四很慢。")
    world.remove(review, redacted="██很慢。")
    world.remove(review)
    assert world.own(review).texts[0].text is None
    assert summary(world).removals == 2


def test_a_redacted_text_is_removed_by_its_own_name_only(world: World) -> None:
    review = world.submit(text="李四很慢。")
    original = world.item_of(review)
    filed = world.report(review)
    world.remove(review, filed.id, redacted="██很慢。")
    refused(world, TextRemoved, world.remove, review, filed.id, item=original)
    world.remove(review, item=world.item_of(review))


def test_a_follow_up_is_removed_by_its_name(world: World) -> None:
    review = world.submit()
    world.follow_up(review)
    follow_up = world.own(review).texts[1].item
    world.remove(review, item=follow_up)
    assert [text.text is None for text in world.own(review).texts] == [False, True]


def test_a_removed_text_is_gone_for_a_second_removal(world: World) -> None:
    review = world.submit()
    filed = world.report(review)
    world.remove(review, filed.id)
    refused(world, TextRemoved, world.remove, review, filed.id)


def test_a_withdrawn_text_is_gone_for_a_report_and_a_removal(world: World) -> None:
    review = world.submit()
    filed = world.report(review)
    world.withdraw(review)
    refused(world, TextRemoved, world.report, review)
    refused(world, TextRemoved, world.remove, review, filed.id)


def test_a_verdict_changes_what_every_reported_product_shows(world: World) -> None:
    first, second = world.submit(), world.submit(product="anxin-motor")
    filed = world.report(first, [world.item_of(first), world.item_of(second)])
    before = [summary(world, product).revision for product in ("anxin-medical", "anxin-motor")]
    world.acknowledge(filed.id)
    after = [summary(world, product).revision for product in ("anxin-medical", "anxin-motor")]
    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1]


def test_the_score_of_a_removed_text_still_stands(world: World) -> None:
    review: Submitted = world.submit(score=1)
    world.remove(review)
    assert summary(world).scores.histogram[1] == 1
