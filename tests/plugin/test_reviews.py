"""A review is public, counted and logged, or it was not accepted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from insurance_reviews.moderation.commitment import author_of, new_author_key
from insurance_reviews.plugin.capabilities import invitation_token
from insurance_reviews.plugin.errors import (
    InvalidInput,
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
    PersonalDataFound,
)
from insurance_reviews.plugin.queries.reviews import find_review
from insurance_reviews.plugin.queries.summary import read_summary
from insurance_reviews.plugin.services import catalogue
from insurance_reviews.plugin.services.invitations import find_invitation
from insurance_reviews.plugin.services.reviews import MAX_TEXT
from support.world import World

STAGES = ("underwriting", "renewal", "claim")


def faults_of(world: World, token: str | None = None, **given: Any) -> dict[str, str]:
    """Field → code of the refusal, with nothing written."""
    token = token or world.invite()
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        world.submit(token, **given)
    assert world.snapshot() == before
    return {name: fault.code for name, fault in refusal.value.faults.items()}


def test_a_review_is_public_counted_and_logged(world: World) -> None:
    review = world.submit(score=2, aspects={"speed": 1}, text="太慢了。", display_name="欧阳娜娜")
    shown = world.read(lambda session: find_review(session, review.id))
    assert (shown.score, dict(shown.aspects), shown.index) == (2, {"speed": 1}, review.entry.index)
    assert shown.text is not None
    assert (shown.text.state.name, shown.text.state.text) == ("欧阳**", "太慢了。")
    summary = world.read(lambda session: read_summary(session, "anxin-medical", STAGES))
    assert summary.scores.histogram == {1: 0, 2: 1, 3: 0, 4: 0, 5: 0}
    leaf = json.loads(review.entry.leaf)
    assert (leaf["review"], leaf["score"], leaf["aspects"]) == (review.id, 2, {"speed": 1})


def test_the_log_holds_scores_and_commitments_never_words(world: World) -> None:
    review = world.submit(text="太慢了。", display_name="欧阳娜娜")
    assert "太慢".encode() not in review.entry.leaf
    assert "欧阳".encode() not in review.entry.leaf


def test_stars_alone_are_a_review(world: World) -> None:
    review = world.submit(score=5, text=None)
    shown = world.read(lambda session: find_review(session, review.id))
    assert shown.text is None
    assert json.loads(review.entry.leaf)["item"] is None


@pytest.mark.parametrize("text", ["", " \n\t", "\u3000"])
def test_a_text_of_white_space_is_none(world: World, text: str) -> None:
    review = world.submit(text=text)
    assert json.loads(review.entry.leaf)["commitment"] is None


def test_a_review_of_a_month_shows_no_more_than_the_month(world: World) -> None:
    token = world.invite(occurred_on=world.today - timedelta(days=40))
    expected = (world.today - timedelta(days=40)).strftime("%Y-%m")
    assert json.loads(world.submit(token).entry.leaf)["experienced"] == expected


@pytest.mark.parametrize("score", [0, 6, -1, 10, 2**70])
def test_a_score_is_from_1_to_5(world: World, score: int) -> None:
    assert faults_of(world, score=score) == {"score": "score"}


@pytest.mark.parametrize(
    ("aspects", "faults"),
    [
        ({"speed": 0}, {"aspects.speed": "score"}),
        ({"speed": 6}, {"aspects.speed": "score"}),
        ({"reminder": 3}, {"aspects.reminder": "choice"}),
        ({"": 3}, {"aspects.": "choice"}),
        ({"speed": 9, "taste": 1}, {"aspects.speed": "score", "aspects.taste": "choice"}),
    ],
)
def test_aspects_are_those_of_the_stage(
    world: World, aspects: dict[str, int], faults: dict[str, str]
) -> None:
    assert faults_of(world, aspects=aspects) == faults


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"text": "字" * (MAX_TEXT + 1)}, {"text": "too-long"}),
        ({"text": "理\x00赔"}, {"text": "character"}),
        ({"text": "\ud800"}, {"text": "character"}),
        ({"text": "x" + "\u0316" * 9}, {"text": "combining-marks"}),
        ({"display_name": "王" * 65}, {"display_name": "too-long"}),
        ({"display_name": "王\n明"}, {"display_name": "one-line"}),
        ({"author": "ab"}, {"author": "hex-32"}),
        ({"author": "AB" * 32}, {"author": "hex-32"}),
        ({"author_key": "zz" * 32}, {"author_key": "hex-32"}),
        ({"score": 0, "text": "\x07"}, {"score": "score", "text": "character"}),
    ],
    ids=ascii,
)
def test_a_bad_field_is_named(world: World, given: dict[str, Any], faults: dict[str, str]) -> None:
    assert faults_of(world, **given) == faults


def test_a_text_of_the_greatest_length_is_taken(world: World) -> None:
    """In the characters that take the most room."""
    review = world.submit(text="😀" * MAX_TEXT)
    shown = world.read(lambda session: find_review(session, review.id))
    assert shown.text is not None
    assert shown.text.state.text == "😀" * MAX_TEXT


def test_a_text_is_stored_as_it_was_written(world: World) -> None:
    """Tags, quotes and line breaks included: it is escaped on its way out."""
    text = '<b>快</b> & "好"\n\t\'\\ \u200b😀 {{ x }} %s'
    review = world.submit(text=text)
    shown = world.read(lambda session: find_review(session, review.id))
    assert shown.text is not None
    assert shown.text.state.text == text


def test_an_invitation_is_used_once(world: World) -> None:
    """The refusal leads to the review that exists."""
    token = world.invite()
    first = world.submit(token)
    before = world.snapshot()
    with pytest.raises(InvitationUsed) as refusal:
        world.submit(token, score=1)
    assert (refusal.value.review, refusal.value.product) == (first.id, "anxin-medical")
    assert refusal.value.author == author_of(first.author_key or "")
    assert world.snapshot() == before


def test_a_used_invitation_stays_used_after_its_time(world: World) -> None:
    token = world.invite()
    world.submit(token)
    world.pass_time(days=365)
    with pytest.raises(InvitationUsed):
        world.submit(token)


def test_an_invitation_ends_at_its_hour(world: World) -> None:
    token = world.invite()
    expires_at = world.now + timedelta(days=world.settings.invitation_days)
    world.now = expires_at
    before = world.snapshot()
    with pytest.raises(InvitationExpired) as refusal:
        world.submit(token)
    assert refusal.value.product == "anxin-medical"
    assert world.snapshot() == before
    world.now = expires_at - timedelta(seconds=1)
    assert world.submit(token).id


def test_a_token_that_we_did_not_make_is_unknown(world: World) -> None:
    genuine = world.invite()
    other_key = invitation_token(b"x" * 32, "iv_" + "a" * 26)
    without_row = invitation_token(world.settings.invitation_key, "iv_" + "a" * 26)
    tokens = ["", "x", genuine[:-1], genuine + "A", genuine[::-1], other_key, without_row]
    before = world.snapshot()
    for token in tokens:
        with pytest.raises(InvitationUnknown):
            world.submit(token or " ")
    assert world.snapshot() == before


def test_an_invitation_tells_what_it_is_about(world: World) -> None:
    token = world.invite("boshan-motor", stage="renewal")
    invitation = world.read(lambda session: find_invitation(session, world.context, token))
    assert (invitation.product.sku, invitation.product.insurer, invitation.stage) == (
        "boshan-motor",
        "boshan",
        "renewal",
    )
    assert (invitation.review, invitation.author) == (None, None)


def test_the_author_is_known_by_a_hash(world: World) -> None:
    key = new_author_key()
    review = world.submit(author=author_of(key))
    assert review.author_key is None
    assert json.loads(review.entry.leaf)["author"] == author_of(key)


def test_a_key_that_the_server_made_is_not_kept(world: World) -> None:
    review = world.submit()
    assert review.author_key is not None
    assert review.author_key not in repr(world.snapshot())


def test_personal_data_stops_the_review_until_the_writer_decides(world: World) -> None:
    token, text = world.invite(), "找李经理，电话13800138000，他会处理。"
    before = world.snapshot()
    with pytest.raises(PersonalDataFound) as refusal:
        world.submit(token, text=text)
    assert [refusal.value.text[span.start : span.end] for span in refusal.value.spans] == [
        "13800138000"
    ]
    assert world.snapshot() == before
    assert world.submit(token, text=text, confirm_personal_data=True).id


def test_spans_count_in_the_text_as_it_is_stored(world: World) -> None:
    with pytest.raises(PersonalDataFound) as refusal:
        world.submit(text="  \r\n电话\r\n13800138000 ")
    assert refusal.value.text == "电话\n13800138000"
    (span,) = refusal.value.spans
    assert (span.start, span.end) == (3, 14)


def test_the_writers_own_policy_number_is_found(world: World) -> None:
    token = world.invite(policy_no="PA-2026-55501")
    with pytest.raises(PersonalDataFound) as refusal:
        world.submit(token, text="我的保单是ＰＡ２０２６５５５０１，别家的是PA202655502。")
    assert [(span.kind, span.start, span.end) for span in refusal.value.spans] == [
        ("policy_no", 5, 16)
    ]


def test_a_product_asks_for_aspects_of_its_own(world: World) -> None:
    from insurance_reviews.plugin.aspects import Aspect

    world.write(
        lambda session: catalogue.add_product(
            session,
            "pet",
            "anxin",
            "宠物险",
            world.now,
            aspects={"claim": [Aspect("vet", "医院", "Vet")]},
        )
    )
    assert world.submit(product="pet", aspects={"vet": 5}).id
    assert faults_of(world, world.invite("pet"), aspects={"speed": 5}) == {
        "aspects.speed": "choice"
    }
    assert world.submit(product="pet", stage="renewal", aspects={"reminder": 2}).id
