"""The witness's memory and its key: never lost, never open to others, never taken back."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from insurance_reviews.moderation.tlog.errors import MalformedError
from insurance_reviews.moderation.witness.home import create_witness, open_witness
from insurance_reviews.moderation.witness.state import Head, StateError
from support.witnesses import ORIGIN

from .conftest import Watched


def file_of(watched: Watched) -> Path:
    return watched.directory / "witness.sqlite3"


def test_key_and_state_are_their_owner_s_alone(watched: Watched) -> None:
    for file in watched.directory.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(watched.directory.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o700 | 0o010])
def test_a_key_that_others_can_read_is_refused(watched: Watched, mode: int) -> None:
    (watched.directory / "witness.key").chmod(mode)
    with pytest.raises(StateError, match="chmod 600"):
        open_witness(watched.directory)


@pytest.mark.parametrize("text", ["", "x", "PRIVATE+KEY+a+00000000+AAAA", "\xe9"])
def test_a_key_that_is_none_is_refused_without_showing_it(watched: Watched, text: str) -> None:
    (watched.directory / "witness.key").write_text(text, "latin-1")
    with pytest.raises(StateError) as refusal:
        open_witness(watched.directory)
    assert not text or text not in str(refusal.value).replace(str(watched.directory), "")


def test_a_second_witness_is_not_made_in_its_place(watched: Watched) -> None:
    with pytest.raises(StateError, match="already"):
        create_witness(watched.directory, "witness.example/w2")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_is_none_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    with pytest.raises(MalformedError):
        create_witness(tmp_path / "w", name)
    assert not (tmp_path / "w").exists()


def test_a_witness_without_memory_does_not_start(watched: Watched) -> None:
    """It would cosign a second history after the first."""
    file_of(watched).unlink()
    with pytest.raises(StateError, match="missing"):
        open_witness(watched.directory)
    assert not file_of(watched).exists()


def test_the_memory_of_another_witness_is_refused(watched: Watched, tmp_path: Path) -> None:
    other = create_witness(tmp_path / "other", "witness.example/w2")
    shutil.copy(file_of(watched), tmp_path / "other" / "witness.sqlite3")
    with pytest.raises(StateError, match="belongs to"):
        open_witness(tmp_path / "other")
    assert other.vkey != watched.witness.vkey


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE head SET size = 4",
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE head SET at = at - 1",
        "UPDATE head SET origin = 'x'",
        "DELETE FROM head",
        "INSERT OR REPLACE INTO head SELECT origin, 1, root, at, note FROM head",
    ],
)
def test_the_file_itself_refuses_to_take_back(watched: Watched, statement: str) -> None:
    watched.cosigned(0, 5)
    with closing(sqlite3.connect(file_of(watched))) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="a witness never"):
            connection.execute(statement)
        connection.rollback()
    assert watched.size == 5


def test_nobody_decides_while_another_does(watched: Watched) -> None:
    """Not even reads: what was read would be old before it is decided upon."""
    entered = threading.Event()

    def decide() -> None:
        with watched.witness.state.deciding() as transaction:
            entered.set()
            transaction.head(ORIGIN)

    other = threading.Thread(target=decide)
    with watched.witness.state.deciding():
        other.start()
        assert not entered.wait(0.3)
    assert entered.wait(5)
    other.join()


def test_what_raises_in_the_block_is_not_written(watched: Watched) -> None:
    watched.cosigned(0, 5)

    def fail() -> None:
        with watched.witness.state.deciding() as transaction:
            head = transaction.head(ORIGIN)
            assert head is not None
            transaction.advance(ORIGIN, Head(9, head.root, head.at, head.note))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert watched.size == 5


def test_all_is_in_one_file(watched: Watched) -> None:
    watched.cosigned(0, 5)
    assert {file.name for file in watched.directory.iterdir()} == {"witness.key", "witness.sqlite3"}


def test_what_is_followed_is_listed(watched: Watched) -> None:
    state = watched.witness.state
    assert not state.follow(ORIGIN, watched.log.vkeys[0])
    assert state.follow("other.example/1", "x")
    assert [(log.origin, log.head is None) for log in state.logs()] == [
        (ORIGIN, True),
        ("other.example/1", True),
    ]
    watched.cosigned(0, 2)
    assert state.leave(ORIGIN) == 1
    assert state.leave(ORIGIN) == 0
    [left, _] = state.logs()
    assert (left.vkeys, left.head is None) == ((), False)
