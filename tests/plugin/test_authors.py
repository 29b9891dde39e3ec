"""What an author can do with the key, and what nobody can do without it."""

from __future__ import annotations

import pytest

from insurance_reviews.moderation.commitment import author_of, new_author_key
from insurance_reviews.moderation.errors import AuthorKeyMismatch, TextRemoved
from insurance_reviews.plugin.errors import (
    InvalidInput,
    NoText,
    NotFound,
    PersonalDataFound,
    Withdrawn,
)
from insurance_reviews.plugin.queries.reviews import find_review
from insurance_reviews.plugin.queries.summary import read_summary
from insurance_reviews.plugin.services import authors
from insurance_reviews.plugin.services.reviews import MAX_TEXT, Submitted
from support.world import World


def texts(world: World, review: Submitted) -> list[str | None]:
    return [text.text for text in world.own(review).texts]


def test_a_follow_up_stands_under_its_review(world: World) -> None:
    review = world.submit(text="先说一句。", display_name="Smith")
    world.follow_up(review, "再说一句。")
    world.follow_up(review, "最后一句。")
    assert texts(world, review) == ["先说一句。", "再说一句。", "最后一句。"]
    assert {text.name for text in world.own(review).texts} == {"S**"}


def test_a_follow_up_to_stars_alone_has_no_name(world: World) -> None:
    review = world.submit(text=None, display_name="王小明")
    world.follow_up(review)
    assert world.own(review).texts[0].name == "匿名用户"


def test_the_name_outlives_the_first_text(world: World) -> None:
    """As long as one of the texts has it."""
    review = world.submit(display_name="王小明")
    world.follow_up(review)
    world.remove(review)
    world.follow_up(review, "还有一句。")
    assert world.own(review).texts[-1].name == "王**"


def test_a_follow_up_may_come_after_the_insurer_removed_the_text(world: World) -> None:
    review = world.submit()
    world.remove(review)
    world.follow_up(review)
    assert texts(world, review)[0] is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        ("字" * (MAX_TEXT + 1), "too-long"),
        ("\x00", "character"),
        ("\ud800", "character"),
    ],
    ids=["empty", "blank", "long", "nul", "surrogate"],
)
def test_a_bad_follow_up_is_refused(world: World, text: str, code: str) -> None:
    review = world.submit()
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        world.follow_up(review, text)
    assert refusal.value.faults["text"].code == code
    assert world.snapshot() == before


def test_follow_ups_end_where_nobody_reads_them_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authors, "MOST_TEXTS", 2)
    review = world.submit()
    world.follow_up(review)
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        world.follow_up(review, "还有一句。")
    assert refusal.value.faults["text"].code == "full"
    assert world.snapshot() == before


def test_personal_data_in_a_follow_up_is_the_writers_decision_too(world: World) -> None:
    review = world.submit()
    with pytest.raises(PersonalDataFound):
        world.follow_up(review, "请打13800138000。")
    world.follow_up(review, "请打13800138000。", confirm_personal_data=True)
    assert len(texts(world, review)) == 2


def test_whoever_holds_the_token_and_the_database_cannot_write_for_the_author(
    world: World,
) -> None:
    """Shop and insurer know the token and the public hash, and neither opens anything."""
    token = world.invite()
    review = world.submit(token)
    before = world.snapshot()
    for key in (token, token[:64], author_of(review.author_key or ""), new_author_key(), ""):
        stranger = Submitted(review.id, review.entry, key)
        with pytest.raises(AuthorKeyMismatch):
            world.follow_up(stranger)
        with pytest.raises(AuthorKeyMismatch):
            world.withdraw(stranger)
    assert world.snapshot() == before


def test_a_withdrawal_takes_the_words_and_leaves_the_score(world: World) -> None:
    review = world.submit(score=1, display_name="王小明")
    world.follow_up(review)
    world.reply(review)
    world.withdraw(review)
    shown = world.read(lambda session: find_review(session, review.id))
    assert shown.score == 1
    assert shown.text is not None
    assert (shown.text.state.name, shown.text.state.text) == (None, None)
    assert shown.text.state.withdrawn
    assert [follow_up.state.text for follow_up in shown.follow_ups] == [None]
    assert shown.replies[0].text.state.text is not None


def test_the_score_counts_on_after_the_words_are_gone(world: World) -> None:
    for review in (world.submit(score=1), world.submit(score=5)):
        world.withdraw(review)
    summary = world.read(lambda session: read_summary(session, "anxin-medical", ("claim",)))
    assert (summary.scores.count, str(summary.scores.average)) == (2, "3.00")
    assert summary.withdrawals == 2


def test_after_a_withdrawal_nothing_is_added(world: World) -> None:
    review = world.submit()
    world.withdraw(review)
    before = world.snapshot()
    with pytest.raises(Withdrawn):
        world.follow_up(review)
    assert world.snapshot() == before


def test_a_withdrawal_of_a_redacted_text_closes_the_review_as_well(world: World) -> None:
    review = world.submit(text="李四很慢。")
    world.remove(review, redacted="██很慢。")
    world.withdraw(review)
    with pytest.raises(Withdrawn):
        world.follow_up(review)


def test_stars_alone_cannot_be_withdrawn(world: World) -> None:
    """A score is for ever."""
    review = world.submit(text=None)
    before = world.snapshot()
    with pytest.raises(NoText):
        world.withdraw(review)
    assert world.snapshot() == before


def test_words_that_the_insurer_removed_cannot_be_withdrawn(world: World) -> None:
    review = world.submit()
    world.remove(review)
    with pytest.raises(TextRemoved):
        world.withdraw(review)


@pytest.mark.parametrize("review_id", ["rv_" + "a" * 26, "", "' OR 1=1"])
def test_an_unknown_review_is_not_found(world: World, review_id: str) -> None:
    key = new_author_key()
    calls = [
        lambda session: authors.find_own(session, review_id),
        lambda session: authors.add_follow_up(
            session, world.context, review_id, key, "x", world.now
        ),
        lambda session: authors.withdraw_texts(session, world.context, review_id, key, world.now),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            world.write(call)
