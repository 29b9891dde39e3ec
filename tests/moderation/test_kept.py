"""The last checkpoint is kept beside the database, so that an older copy of it cannot sign."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from insurance_reviews.moderation.errors import LogBehind
from insurance_reviews.moderation.kept import KeptCheckpoints, compare
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.plugin.services import catalogue
from support.databases import DatabaseFactory
from support.world import INSURERS, World, built_world


def kept(world: World, insurer: str = "anxin") -> Checkpoint | None:
    return KeptCheckpoints(world.settings.state_dir / "checkpoints").read(insurer)


def note(size: int, root: bytes = bytes(32), origin: str = "log.example/a") -> str:
    return Checkpoint(origin, size, root).format() + "\n— signature\n"


@pytest.fixture
def folder(tmp_path: Path) -> KeptCheckpoints:
    return KeptCheckpoints(tmp_path / "checkpoints")


def test_what_is_committed_is_kept(world: World) -> None:
    review = world.submit()
    checkpoint = kept(world)
    assert checkpoint is not None
    assert checkpoint.size == review.entry.index + 1


def test_what_is_rolled_back_is_not_kept(world: World) -> None:
    world.submit()
    before = kept(world)

    def fail(session: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.write(fail)
    assert kept(world) == before


def test_a_smaller_checkpoint_never_takes_the_place_of_a_larger(folder: KeptCheckpoints) -> None:
    """Two workers finish in any order."""
    folder.save("a", 12, note(12))
    folder.save("a", 7, note(7))
    assert folder.read("a") == Checkpoint("log.example/a", 12, bytes(32))


def test_a_shorter_note_leaves_nothing_of_the_longer_one(folder: KeptCheckpoints) -> None:
    folder.save("a", 7, note(7) + "— another witness\n" * 20)
    folder.save("a", 12, note(12))
    assert folder.read("a") == Checkpoint("log.example/a", 12, bytes(32))


def test_nothing_is_kept_before_the_first_checkpoint(folder: KeptCheckpoints) -> None:
    assert folder.read("a") is None
    compare(folder.read("a"), "log.example/a", 0, None)


@pytest.mark.parametrize(
    ("size", "root", "message"),
    [
        (11, None, "older backup"),
        (0, None, "older backup"),
        (12, b"\x01" * 32, "rewritten"),
        (13, b"\x01" * 32, "rewritten"),
        (13, None, "rewritten"),
    ],
)
def test_a_tree_that_lost_entries_is_refused(
    folder: KeptCheckpoints, size: int, root: bytes | None, message: str
) -> None:
    """Fewer entries than were signed, or others in their place."""
    folder.save("a", 12, note(12))
    with pytest.raises(LogBehind, match=message) as refusal:
        compare(folder.read("a"), "log.example/a", size, root)
    assert (refusal.value.origin, refusal.value.kept_size, refusal.value.size) == (
        "log.example/a",
        12,
        size,
    )


@pytest.mark.parametrize("size", [12, 13, 1_000])
def test_a_tree_that_grew_is_taken(folder: KeptCheckpoints, size: int) -> None:
    folder.save("a", 12, note(12))
    compare(folder.read("a"), "log.example/a", size, bytes(32))


def test_another_log_is_refused(folder: KeptCheckpoints) -> None:
    """A state directory that belongs to another installation."""
    folder.save("a", 12, note(12))
    with pytest.raises(LogBehind):
        compare(folder.read("a"), "log.example/b", 12, bytes(32))


def test_the_file_is_the_operators_alone(tmp_path: Path) -> None:
    KeptCheckpoints(tmp_path / "checkpoints").save("a", 1, note(1))
    mode = (tmp_path / "checkpoints" / "a.checkpoint").stat().st_mode
    assert mode & 0o077 == 0


# --- a whole installation -------------------------------------------------------------------------


@contextmanager
def second_database(
    database_factory: DatabaseFactory, engine_name: str, world: World
) -> Iterator[World]:
    """A younger installation on an empty database, which is then given the state of ``world``."""
    with database_factory.fresh(engine_name) as url:
        state = world.settings.state_dir.with_name("second")
        with built_world(url, state) as second:
            second.tamper("its state is another installation's")
            shutil.rmtree(state)
            shutil.copytree(world.settings.state_dir, state)
            second.context = world.context
            yield second


def test_a_database_that_is_an_older_copy_signs_nothing(
    world: World, database_factory: DatabaseFactory, engine_name: str
) -> None:
    """As after restoring a backup: the log says how much was signed, and stays as it is."""
    world.submit()
    size = world.submit().entry.index + 1
    with second_database(database_factory, engine_name, world) as second:
        before = second.snapshot()
        with pytest.raises(LogBehind, match=f"has 1 entries in the database, but {size} were"):
            second.submit()
        assert second.snapshot() == before


def test_a_lost_database_does_not_begin_again(
    world: World, database_factory: DatabaseFactory, engine_name: str
) -> None:
    """A second entry 0 under the same key would be a fork that every keeper could prove."""
    with database_factory.fresh(engine_name) as url:
        state = world.settings.state_dir
        with pytest.raises(LogBehind, match="has 0 entries"), built_world(url, state):
            pass


def test_a_state_that_was_lost_with_a_crash_catches_up(world: World) -> None:
    """Whoever dies between the commit and the file leaves an older file; that is no fork."""
    world.submit()
    path = world.settings.state_dir / "checkpoints" / "anxin.checkpoint"
    older = path.read_bytes()
    world.submit()
    path.write_bytes(older)
    review = world.submit()
    checkpoint = kept(world)
    assert checkpoint is not None
    assert checkpoint.size == review.entry.index + 1


def test_a_garbled_file_stops_the_log(world: World) -> None:
    """What was signed last is not known then, so nothing more is."""
    path = world.settings.state_dir / "checkpoints" / "anxin.checkpoint"
    path.write_bytes(b"garbled")
    before = world.snapshot()
    with pytest.raises(LogBehind, match="restore it"):
        world.submit()
    assert world.snapshot() == before


TORN: dict[str, Callable[[bytes, bytes], bytes]] = {
    "what is no note": lambda before, after: after[:12],
    "the size of one and the root of the other": lambda before, after: b"\n".join(
        [*after.split(b"\n")[:2], *before.split(b"\n")[2:]]
    ),
}


@pytest.mark.parametrize("torn", TORN)
def test_a_file_that_is_being_written_is_read_again(world: World, torn: str) -> None:
    """A write to it is no single moment; half of one must not look like a restored backup."""
    path = world.settings.state_dir / "checkpoints" / "anxin.checkpoint"
    world.submit()  # The first one takes its time: it loads the dictionary.
    before = path.read_bytes()
    token = world.invite()
    after = path.read_bytes()
    with path.open("r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        path.write_bytes(TORN[torn](before, after))

        def finish() -> None:
            path.write_bytes(after)
            fcntl.flock(file, fcntl.LOCK_UN)

        writer = Timer(0.5, finish)
        writer.start()
        try:
            review = world.submit(token)
        finally:
            writer.join()
    checkpoint = kept(world)
    assert checkpoint is not None
    assert checkpoint.size == review.entry.index + 1


def test_an_insurer_whose_opening_failed_is_opened_again(world: World) -> None:
    """The key that the failed attempt left is taken; nothing had been signed for others to see."""

    def fail(session: object) -> None:
        open_newcomer(world)(session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.write(fail)
    assert kept(world, "newcomer") is None
    world.write(open_newcomer(world))
    assert kept(world, "newcomer") is not None


def open_newcomer(world: World) -> Callable[[object], object]:
    assert "newcomer" not in INSURERS
    return lambda session: catalogue.add_insurer(
        session,  # type: ignore[arg-type]
        world.context,
        "newcomer",
        "新来保险",
        world.now,
    )
