"""A log: gapless, its hours never running backwards, signed in the transaction of each entry."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from insurance_reviews.moderation.canonical import NotCanonicalError
from insurance_reviews.moderation.errors import LogUnsigned
from insurance_reviews.moderation.log import Entry, LogRef, find_log
from insurance_reviews.moderation.receipts import latest_checkpoint, make_receipt, read_leaf
from insurance_reviews.moderation.schema import log, log_checkpoint, log_entry
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.note import Verifier, open_note
from insurance_reviews.moderation.tlog.proof import Receipt, check_receipt
from support.by_hand import covering_up
from support.world import World


def verifier(world: World, insurer: str = "anxin") -> Verifier:
    statement = select(log.c.verifier_key).where(log.c.insurer == insurer)
    return Verifier.parse(str(world.read(lambda session: session.scalar(statement))))


def append(world: World, *types: str, insurer: str = "anxin") -> list[Entry]:
    """Append entries without facts, as one transaction."""
    ref = world.ref(insurer)

    def work(session: Session) -> list[Entry]:
        with world.context.logs.writing(session, ref, world.now) as writer:
            return [writer.append(entry_type, {}) for entry_type in types]

    return world.write(work)


def test_entry_0_opens_the_log(world: World) -> None:
    ref = world.ref()
    leaf = json.loads(world.read(lambda session: read_leaf(session, ref, 0)) or b"")
    assert leaf == {
        "v": 1,
        "type": "log.opened",
        "at": int(world.now.timestamp()) // 3600 * 3600,
        "insurer": "anxin",
        "origin": "shop.example/reviews/log/anxin",
    }


def test_each_insurer_has_a_log_and_a_key_of_its_own(world: World) -> None:
    keys = {verifier(world, insurer).format() for insurer in ("anxin", "boshan", "chunhe")}
    assert len(keys) == 3
    assert world.ref("anxin").origin != world.ref("boshan").origin


def test_an_unknown_insurer_has_no_log(world: World) -> None:
    assert world.read(lambda session: find_log(session, "nobody")) is None


def test_time_is_told_by_the_hour(world: World) -> None:
    review = world.submit()
    assert review.entry.at % 3600 == 0
    assert 0 <= world.now.timestamp() - review.entry.at < 3600


def test_time_never_runs_backwards(world: World) -> None:
    """A clock that is set back leaves the log's hours where they were."""
    before = world.submit().entry
    world.pass_time(hours=-5)
    assert world.submit(token=_earlier_invitation(world)).entry.at == before.at


def _earlier_invitation(world: World) -> str:
    return world.invite(occurred_on=world.today - timedelta(days=1))


def test_every_transaction_ends_with_a_signed_checkpoint(world: World) -> None:
    review = world.submit()
    ref = world.ref()
    note = world.read(lambda session: latest_checkpoint(session, ref))
    signed = Checkpoint.parse(open_note(note, verifier(world)).text)
    assert (signed.origin, signed.size) == (ref.origin, review.entry.index + 1)


def test_many_entries_of_one_transaction_share_a_checkpoint(world: World) -> None:
    world.tamper("entries of unknown types")
    first, *_, last = append(world, "key.rotated", "key.rotated", "key.rotated")
    assert last.index - first.index == 2
    sizes = select(log_checkpoint.c.size).where(log_checkpoint.c.log == first.log.id)
    found = world.read(lambda session: session.scalars(sizes).all())
    assert {last.index + 1} == {size for size in found if size > first.index}


@pytest.mark.parametrize(
    "statement",
    [
        # Size 3 is made of a pair and a single leaf.
        "UPDATE $log_node SET hash = (SELECT root FROM $log_checkpoint WHERE log = 1 AND size = 1) "
        "WHERE log = 1 AND level = 1",
        "DELETE FROM $log_node WHERE log = 1 AND level = 1",
        "DELETE FROM $log_node WHERE log = 1",
    ],
)
def test_nothing_is_signed_on_top_of_changed_hashes(world: World, statement: str) -> None:
    """The kept checkpoint cannot tell: sizes and roots are as they were signed."""
    assert world.submit().entry.index == 2
    token = world.invite("boshan-medical")
    covering_up(world, "log_node", statement)
    before = world.snapshot()
    with pytest.raises(LogUnsigned, match="not those of the root that was signed"):
        world.submit()
    assert world.snapshot() == before
    world.submit(token)


def test_a_block_without_an_entry_signs_nothing(world: World) -> None:
    before = world.snapshot()
    assert append(world) == []
    assert world.snapshot() == before


def test_an_entry_too_long_for_a_bundle_is_refused(world: World) -> None:
    before, ref = world.snapshot(), world.ref()

    def work(session: Session) -> None:
        with world.context.logs.writing(session, ref, world.now) as writer:
            writer.append("key.rotated", {"key": "k" * 65_536})

    with pytest.raises(NotCanonicalError, match="exceeds 65535"):
        world.write(work)
    assert world.snapshot() == before


def test_every_receipt_proves_its_entry(world: World) -> None:
    """Against the checkpoint that it carries, for trees of every size up to here."""
    reviews = [world.submit(text=None) for _ in range(6)]
    ref, key = world.ref(), verifier(world)
    for review in reviews:
        receipt = receipt_of(world, ref, review.entry.index)
        check_receipt(receipt, review.entry.leaf, key, origin=ref.origin)
        assert Receipt.parse(receipt.format()) == receipt


def receipt_of(world: World, ref: LogRef, index: int) -> Receipt:
    return world.read(lambda session: make_receipt(session, ref, index))


def test_a_leaf_is_stored_as_it_was_hashed(world: World) -> None:
    review = world.submit()
    ref = world.ref()
    assert review.entry.leaf == world.read(
        lambda session: read_leaf(session, ref, review.entry.index)
    )


def test_there_is_no_leaf_beyond_the_end(world: World) -> None:
    ref = world.ref()
    assert world.read(lambda session: read_leaf(session, ref, 10_000)) is None


def test_logs_grow_beside_each_other(world: World) -> None:
    """One transaction may write to several logs; each has its own sequence."""
    refs = [world.ref(insurer) for insurer in ("anxin", "boshan")]
    world.tamper("entries of unknown types")

    def work(session: Session) -> list[int]:
        indices = []
        for ref in refs:
            with world.context.logs.writing(session, ref, world.now) as writer:
                indices.append(writer.append("key.rotated", {}).index)
        return indices

    assert world.write(work) == [1, 1]


def test_a_log_may_be_written_twice_in_one_transaction(world: World) -> None:
    world.tamper("entries of unknown types")
    ref = world.ref()

    def work(session: Session) -> list[int]:
        indices = []
        for _ in range(2):
            with world.context.logs.writing(session, ref, world.now) as writer:
                indices.append(writer.append("key.rotated", {}).index)
        return indices

    assert world.write(work) == [1, 2]
    statement = select(log_entry.c.idx).where(log_entry.c.log == ref.id)
    assert world.read(lambda session: len(session.scalars(statement).all())) == 3
