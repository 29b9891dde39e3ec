"""Words leave in two ways only: on a report that names them, or by their author's key."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from insurance_reviews.moderation.commitment import author_of, new_author_key
from insurance_reviews.moderation.errors import (
    AuthorKeyMismatch,
    InvalidInput,
    ModerationError,
    RegulatorReportRequired,
    TextRemoved,
    UnknownItem,
)
from insurance_reviews.moderation.ids import new_id
from insurance_reviews.moderation.removals import Removal, remove, withdraw
from insurance_reviews.moderation.schema import content, report
from insurance_reviews.moderation.texts import TextState, read_text
from insurance_reviews.plugin.figures import count_removal, product_of_item
from support.world import World

TEXT = "查勘员李四很慢。\n等了三周😀，“说法”一天一变。"
REDACTED = "查勘员██很慢。\n等了三周😀，“说法”一天一变。"


def take(
    world: World, item: str, report_id: str | None, text: str | None = None, insurer: str = "anxin"
) -> Removal:
    """Remove on the floor, and count it as the application does."""
    ref = world.ref(insurer)

    def work(session: Session) -> Removal:
        removal = remove(session, world.context.logs, ref, item, report_id, text, world.now)
        if (product := product_of_item(session, item)) is not None:
            ground = session.scalar(select(report.c.ground).where(report.c.id == report_id))
            count_removal(session, product, str(ground))
        return removal

    return world.write(work)


def state(world: World, item: str) -> TextState:
    found = world.read(lambda session: read_text(session, item))
    assert found is not None
    return found


def stored(world: World, item: str) -> str | None:
    statement = select(content.c.body).where(content.c.item == item)
    return world.read(lambda session: session.scalar(statement))


def refused(world: World, error: type[ModerationError], *arguments: Any, **options: Any) -> None:
    """The removal fails and leaves everything as it was."""
    before = world.snapshot()
    with pytest.raises(error):
        take(world, *arguments, **options)
    assert world.snapshot() == before


# --- whole texts ----------------------------------------------------------------------------------


def test_a_removed_text_is_gone_and_says_why(world: World) -> None:
    review = world.submit(text=TEXT)
    item, filed = world.item_of(review), world.report(review, ground="court_order")
    removal = take(world, item, filed.id)
    assert stored(world, item) is None
    gone = state(world, item)
    assert (gone.text, gone.name, gone.salt) == (None, None, None)
    assert gone.tombstone is not None
    assert (gone.tombstone.ground, gone.tombstone.report, gone.tombstone.redacted) == (
        "court_order",
        filed.id,
        False,
    )
    assert gone.tombstone.removed_at == removal.entry.at


def test_what_was_committed_to_stays_to_be_seen(world: World) -> None:
    """Whoever kept text and salt can prove for ever what stood there."""
    review = world.submit(text=TEXT)
    before = state(world, world.item_of(review))
    world.remove(review)
    after = state(world, before.item)
    assert after.commitment == before.commitment
    salt = bytes.fromhex(before.salt or "")
    body = f'{{"name":"{before.name}","text":"{TEXT}"}}'.replace("\n", "\\n").encode()
    preimage = b"insurance-reviews/content/v1\x00" + salt + body
    assert hashlib.sha256(preimage).hexdigest() == after.commitment


def test_no_removal_without_a_report(world: World) -> None:
    item = world.item_of(world.submit())
    refused(world, RegulatorReportRequired, item, None)


def test_no_removal_on_an_unknown_report(world: World) -> None:
    item = world.item_of(world.submit())
    refused(world, RegulatorReportRequired, item, new_id("rp"))


def test_no_removal_on_a_report_about_another_text(world: World) -> None:
    item, other = world.item_of(world.submit()), world.submit()
    refused(world, RegulatorReportRequired, item, world.report(other).id)


def test_no_removal_on_another_insurers_report(world: World) -> None:
    item = world.item_of(world.submit())
    theirs = world.report(world.submit(product="boshan-motor"))
    refused(world, RegulatorReportRequired, item, theirs.id)


def test_a_report_about_the_review_does_not_reach_its_reply(world: World) -> None:
    review = world.submit()
    world.follow_up(review)
    filed = world.report(review)
    follow_up = world.own(review).texts[1].item
    refused(world, RegulatorReportRequired, follow_up, filed.id)


def test_a_text_goes_once(world: World) -> None:
    review = world.submit()
    item, filed = world.item_of(review), world.report(review)
    take(world, item, filed.id)
    refused(world, TextRemoved, item, filed.id)


def test_a_withdrawn_text_cannot_be_removed_again(world: World) -> None:
    """The tombstone says that it was the author, and stays so."""
    review = world.submit()
    item, filed = world.item_of(review), world.report(review)
    world.withdraw(review)
    refused(world, TextRemoved, item, filed.id)


def test_another_insurer_removes_nothing(world: World) -> None:
    review = world.submit()
    filed = world.report(review)
    refused(world, UnknownItem, world.item_of(review), filed.id, insurer="boshan")


def test_an_unknown_item_cannot_be_removed(world: World) -> None:
    refused(world, UnknownItem, new_id("it"), None)


def test_one_report_may_take_all_the_texts_that_it_names(world: World) -> None:
    review = world.submit()
    world.follow_up(review)
    items = [text.item for text in world.own(review).texts]
    filed = world.report(review, items)
    for item in items:
        take(world, item, filed.id)
    assert [text.text for text in world.own(review).texts] == [None, None]


def test_a_report_that_was_disputed_still_allows_the_removal(world: World) -> None:
    """The insurer acts on its own account; the tombstone shows the regulator's verdict."""
    review = world.submit()
    filed = world.report(review)
    world.acknowledge(filed.id, "disputed")
    take(world, world.item_of(review), filed.id)
    tombstone = world.own(review).texts[0].tombstone
    assert tombstone is not None
    assert tombstone.verdict == "disputed"


def test_the_reasons_of_a_report_may_go_on_that_report(world: World) -> None:
    """They quote what is removed, so they must not outlive it."""
    review = world.submit()
    filed, other = world.report(review), world.report(world.submit())
    statement = select(report.c.reasons_item).where(report.c.id == filed.id)
    reasons = str(world.read(lambda session: session.scalar(statement)))
    refused(world, RegulatorReportRequired, reasons, other.id)
    take(world, reasons, filed.id)
    assert stored(world, reasons) is None


# --- redactions -----------------------------------------------------------------------------------


def test_a_redaction_leaves_the_rest_of_the_text(world: World) -> None:
    review = world.submit(text=TEXT, display_name="王小明")
    original = world.item_of(review)
    removal = take(world, original, world.report(review).id, REDACTED)
    assert stored(world, original) is None
    now = state(world, original)
    assert (now.item, now.name, now.text) == (removal.redacted_item, "王**", REDACTED)
    assert now.tombstone is not None
    assert now.tombstone.redacted


def test_the_entry_tells_which_characters_went(world: World) -> None:
    review = world.submit(text=TEXT)
    removal = world.remove(review, redacted=REDACTED)
    assert b'"masks":[[3,2]]' in removal.entry.leaf


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT,
        REDACTED + "。",
        REDACTED[:-1],
        REDACTED.replace("很慢", "很快"),
        REDACTED.replace("██", "**"),
        REDACTED.replace("██", "█"),
        "█",
        REDACTED.replace("😀", "\ud83d\ude00"),
    ],
    ids=ascii,
)
def test_what_is_no_redaction_is_refused(world: World, text: str) -> None:
    review = world.submit(text=TEXT)
    item, filed = world.item_of(review), world.report(review)
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        take(world, item, filed.id, text)
    assert refusal.value.faults["redacted_text"].code == "redaction"
    assert world.snapshot() == before


def test_a_form_sends_lines_with_carriage_returns(world: World) -> None:
    review = world.submit(text=TEXT)
    removal = world.remove(review, redacted=REDACTED.replace("\n", "\r\n"))
    assert state(world, removal.redacted_item or "").text == REDACTED


def test_a_redacted_text_may_be_redacted_further_on_a_report_about_it(world: World) -> None:
    review = world.submit(text=TEXT)
    first_report = world.report(review)
    world.remove(review, first_report.id, redacted=REDACTED)
    redacted = world.item_of(review)
    refused(world, RegulatorReportRequired, redacted, first_report.id, "█" * len(TEXT))
    world.remove(review, redacted=REDACTED.replace("三周", "██"))
    assert world.own(review).texts[0].text == REDACTED.replace("三周", "██")


def test_a_redacted_text_may_be_removed_whole(world: World) -> None:
    review = world.submit(text=TEXT)
    world.remove(review, redacted=REDACTED)
    world.remove(review)
    assert world.own(review).texts[0].text is None


def test_a_redaction_blots_out_everything_if_it_must(world: World) -> None:
    review = world.submit(text=TEXT)
    world.remove(review, redacted="█" * len(TEXT))
    assert world.own(review).texts[0].text == "█" * len(TEXT)


def test_the_original_item_cannot_be_removed_after_its_redaction(world: World) -> None:
    review = world.submit(text=TEXT)
    original, filed = world.item_of(review), world.report(review)
    take(world, original, filed.id, REDACTED)
    refused(world, TextRemoved, original, filed.id)


# --- by the author --------------------------------------------------------------------------------


def test_the_author_takes_all_words_back_and_the_stars_stay(world: World) -> None:
    review = world.submit(score=1)
    world.follow_up(review)
    entries = world.withdraw(review)
    assert len(entries) == 2
    assert [text.text for text in world.own(review).texts] == [None, None]
    assert world.own(review).withdrawn


def test_a_withdrawal_reveals_the_key(world: World) -> None:
    """So that everybody can check that it was the author."""
    review = world.submit()
    (entry,) = world.withdraw(review)
    assert f'"author_key":"{review.author_key}"'.encode() in entry.leaf


def test_a_redacted_text_may_still_be_withdrawn(world: World) -> None:
    review = world.submit(text=TEXT)
    world.remove(review, redacted=REDACTED)
    world.withdraw(review)
    assert world.own(review).texts[0].text is None


def test_what_the_insurer_removed_is_not_the_authors_withdrawal(world: World) -> None:
    review = world.submit()
    world.follow_up(review)
    world.remove(review)
    (entry,) = world.withdraw(review)
    texts = world.own(review).texts
    assert [text.withdrawn for text in texts] == [False, True]
    assert entry.index > review.entry.index


def test_there_is_nothing_to_withdraw_twice(world: World) -> None:
    review = world.submit()
    world.withdraw(review)
    before = world.snapshot()
    with pytest.raises(TextRemoved):
        world.withdraw(review)
    assert world.snapshot() == before


@pytest.mark.parametrize("key", ["", "ab" * 32, "AB" * 32, "z" * 64, "ab" * 31])
def test_a_wrong_key_withdraws_nothing(world: World, key: str) -> None:
    review = world.submit()
    before = world.snapshot()
    with pytest.raises(AuthorKeyMismatch):
        world.withdraw(review, key or "no key at all")
    assert world.snapshot() == before


def test_capitals_are_another_key(world: World) -> None:
    review = world.submit(author_key="ab" * 32)
    with pytest.raises(AuthorKeyMismatch):
        world.withdraw(review, "AB" * 32)


def test_a_key_opens_the_texts_of_its_own_author_only(world: World) -> None:
    """All of them, or none is touched."""
    mine, others = world.submit(), world.submit()
    items = [world.item_of(mine), world.item_of(others)]
    ref, before = world.ref(), world.snapshot()
    with pytest.raises(AuthorKeyMismatch):
        world.write(
            lambda session: withdraw(
                session, world.context.logs, ref, items, mine.author_key or "", world.now
            )
        )
    assert world.snapshot() == before


def test_the_reply_is_not_the_authors_to_withdraw(world: World) -> None:
    review = world.submit()
    reply = world.reply(review)
    world.withdraw(review)
    statement = select(content.c.item)
    standing = world.read(lambda session: session.scalars(statement).all())
    assert len(standing) == 1
    assert reply.version == 1


def test_an_author_who_kept_the_key_in_the_browser_sends_its_hash_only(world: World) -> None:
    key = new_author_key()
    review = world.submit(author=author_of(key))
    assert review.author_key is None
    world.withdraw(review, key)
    assert world.own(review).withdrawn
