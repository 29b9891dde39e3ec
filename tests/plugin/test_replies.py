"""An insurer explains itself in public; what it said before stays readable."""

from __future__ import annotations

import pytest

from insurance_reviews.plugin.errors import InvalidInput, NotFound
from insurance_reviews.plugin.outbox import due_jobs
from insurance_reviews.plugin.queries.reviews import find_review
from insurance_reviews.plugin.queries.summary import read_summary
from insurance_reviews.plugin.services import replies
from insurance_reviews.plugin.services.reviews import MAX_TEXT
from support.world import World


def test_amending_adds_a_version(world: World) -> None:
    review = world.submit()
    versions = [world.reply(review, text).version for text in ("抱歉。", "很抱歉。", "已补付。")]
    assert versions == [1, 2, 3]
    shown = world.read(lambda session: find_review(session, review.id))
    assert [(reply.version, reply.text.state.text) for reply in shown.replies] == [
        (1, "抱歉。"),
        (2, "很抱歉。"),
        (3, "已补付。"),
    ]


def test_a_reply_is_in_the_insurers_name(world: World) -> None:
    review = world.submit(product="boshan-motor")
    world.reply(review)
    shown = world.read(lambda session: find_review(session, review.id))
    assert shown.replies[0].text.state.name == "博山财险"


@pytest.mark.parametrize("insurer", ["boshan", "nobody", ""])
def test_nobody_replies_to_another_insurers_review(world: World, insurer: str) -> None:
    review = world.submit()
    before = world.snapshot()
    with pytest.raises(NotFound):
        world.write(
            lambda session: replies.publish_reply(
                session, world.context, insurer, review.id, "路过。", world.now
            )
        )
    assert world.snapshot() == before


@pytest.mark.parametrize(
    ("text", "code"), [("", "required"), ("\n", "required"), ("字" * (MAX_TEXT + 1), "too-long")]
)
def test_a_bad_reply_is_refused(world: World, text: str, code: str) -> None:
    review = world.submit()
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        world.reply(review, text)
    assert refusal.value.faults["text"].code == code
    assert world.snapshot() == before


def test_versions_end_where_nobody_reads_them_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "MOST_TEXTS", 2)
    review = world.submit()
    world.reply(review)
    world.reply(review, "再次抱歉。")
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        world.reply(review, "第三次抱歉。")
    assert refusal.value.faults["text"].code == "full"
    assert world.snapshot() == before


def test_a_review_whose_words_are_gone_can_still_be_answered(world: World) -> None:
    review = world.submit()
    world.withdraw(review)
    assert world.reply(review).version == 1


def test_only_the_first_reply_counts_as_the_answer(world: World) -> None:
    """How long people waited is told by the hour of the first version."""
    review = world.submit()
    world.pass_time(hours=7)
    world.reply(review)
    world.pass_time(hours=90)
    world.reply(review)
    summary = world.read(lambda session: read_summary(session, "anxin-medical", ("claim",)))
    assert (summary.replied, summary.median_hours) == (1, 7)


def test_the_author_is_told_of_the_first_reply_once(world: World) -> None:
    review = world.submit()
    world.reply(review)
    world.reply(review)
    jobs = world.read(lambda session: due_jobs(session, world.now))
    assert [(job.kind, dict(job.payload)) for job in jobs] == [("reply", {"review": review.id})]


def test_a_reply_can_be_removed_like_any_text(world: World) -> None:
    review = world.submit()
    world.reply(review)
    shown = world.read(lambda session: find_review(session, review.id))
    world.remove(review, item=shown.replies[0].text.state.item)
    after = world.read(lambda session: find_review(session, review.id))
    assert after.replies[0].text.state.text is None
    assert after.replies[0].text.state.tombstone is not None


def test_a_version_after_a_removed_one_is_the_next(world: World) -> None:
    review = world.submit()
    world.reply(review)
    shown = world.read(lambda session: find_review(session, review.id))
    world.remove(review, item=shown.replies[0].text.state.item)
    assert world.reply(review).version == 2
