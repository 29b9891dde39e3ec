"""Rotating a log's key: announced in the log itself, and signed by both keys for a while."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.errors import KeyFileError
from insurance_reviews.moderation.log_keys import (
    announced_keys,
    newest_key,
    retire_keys,
    rotate_key,
    signing_key,
)
from insurance_reviews.moderation.receipts import latest_checkpoint, read_leaf
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.errors import UnsignedError
from insurance_reviews.moderation.tlog.note import Verifier, open_note
from support.world import World


def rotate(world: World) -> str:
    return world.write(
        lambda session: rotate_key(session, world.context.logs, world.ref(), world.now)
    )


def retire(world: World) -> int:
    return world.read(lambda session: retire_keys(session, world.context.logs.keys, world.ref()))


def checkpoint(world: World) -> str:
    return world.read(lambda session: latest_checkpoint(session, world.ref()))


def keys(world: World) -> list[str]:
    return list(world.read(lambda session: announced_keys(session, world.ref())))


def key_file(world: World) -> Path:
    return world.settings.state_dir / "keys" / "anxin.key"


def test_the_log_announces_its_new_key(world: World) -> None:
    (first,) = keys(world)
    second = rotate(world)
    assert keys(world) == [first, second]
    assert world.read(lambda session: newest_key(session, world.ref())) == second

    def newest_leaf(session: Session) -> bytes | None:
        size = Checkpoint.of_own_note(latest_checkpoint(session, world.ref())).size
        return read_leaf(session, world.ref(), size - 1)

    leaf = world.read(newest_leaf)
    assert leaf is not None
    value = canonical.loads(leaf)
    assert (value["type"], value["key"]) == ("key.rotated", second)


def test_both_keys_sign_while_they_overlap(world: World) -> None:
    """Who knows only the older one can follow; who knows only the newer one can begin."""
    (first,) = keys(world)
    second = rotate(world)
    world.submit()
    note = checkpoint(world)
    for key in (first, second):
        assert len(open_note(note, Verifier.parse(key)).verified) == 1
    assert len(open_note(note, Verifier.parse(first), Verifier.parse(second)).verified) == 2


def test_after_the_overlap_only_the_new_key_signs(world: World) -> None:
    (first,) = keys(world)
    second = rotate(world)
    assert retire(world) == 1
    world.submit()
    note = checkpoint(world)
    assert world.read(lambda session: signing_key(session, world.ref(), note)) == second
    with pytest.raises(UnsignedError):
        open_note(note, Verifier.parse(first))
    assert len(key_file(world).read_text().split()) == 1
    assert retire(world) == 0


def test_an_older_checkpoint_names_the_key_that_signed_it(world: World) -> None:
    note = checkpoint(world)
    (first,) = keys(world)
    rotate(world)
    assert world.read(lambda session: signing_key(session, world.ref(), note)) == first


def test_an_interrupted_rotation_is_taken_up(world: World) -> None:
    """The key file was written, the transaction was not: the same new key is announced later."""

    def fail(session: Session) -> None:
        rotate_key(session, world.context.logs, world.ref(), world.now)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.write(fail)
    pending = world.context.logs.keys.signer("anxin").verifier_key()
    assert pending not in keys(world)
    with pytest.raises(KeyFileError, match="flask reviews key rotate anxin"):
        retire(world)
    assert rotate(world) == pending


def test_keys_may_be_rotated_again_and_again(world: World) -> None:
    rotated = [rotate(world) for _ in range(3)]
    world.submit()
    assert keys(world)[1:] == rotated
    assert retire(world) == 3
    world.submit()


def test_another_process_signs_with_the_new_key_at_once(world: World) -> None:
    """It reads the file anew when it has changed, without being restarted."""
    world.submit()
    elsewhere = type(world.context.logs.keys)(world.settings.state_dir / "keys")
    first = elsewhere.signers("anxin")
    second = rotate(world)
    assert [signer.verifier_key() for signer in elsewhere.signers("anxin")] == [
        second,
        first[0].verifier_key(),
    ]


def test_a_key_that_is_opened_to_others_stops_signing(world: World) -> None:
    """Also in a process that had read it before."""
    world.submit()
    key_file(world).chmod(0o644)
    before = world.snapshot()
    with pytest.raises(KeyFileError, match="chmod 600"):
        world.submit()
    assert world.snapshot() == before


def test_a_file_of_two_logs_keys_is_refused(world: World) -> None:
    other = world.settings.state_dir / "keys" / "boshan.key"
    with key_file(world).open("a") as file:
        file.write(other.read_text())
    with pytest.raises(KeyFileError, match="holds no signing key"):
        world.submit()
