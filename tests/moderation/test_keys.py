"""Signing keys: one file per log, nobody else's to read, never made twice."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from errno import ENOSPC
from pathlib import Path
from threading import Barrier

import pytest

from insurance_reviews.moderation.errors import KeyFileError
from insurance_reviews.moderation.keys import KeyRing

ORIGIN = "log.example/anxin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def path(folder: Path) -> Path:
    """The file of a key that was just made."""
    KeyRing(folder).create("anxin", ORIGIN)
    return folder / "anxin.key"


def test_a_key_is_made_once_and_read_again(folder: Path) -> None:
    made = KeyRing(folder).create("anxin", ORIGIN)
    assert KeyRing(folder).signer("anxin").verifier_key() == made.verifier_key()
    assert KeyRing(folder).create("anxin", ORIGIN).verifier_key() == made.verifier_key()


def test_the_file_and_its_folder_are_the_operators_alone(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o610, 0o777])
def test_a_key_that_others_can_reach_is_refused(folder: Path, path: Path, mode: int) -> None:
    """With the remedy in the message."""
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        KeyRing(folder).signer("anxin")


def test_a_missing_key_is_not_made_anew(folder: Path, path: Path) -> None:
    """Another key would be another log."""
    path.unlink()
    with pytest.raises(KeyFileError, match="restore it from its copy"):
        KeyRing(folder).signer("anxin")


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"PRIVATE+KEY+x", b"PRIVATE+KEY+log.example/anxin+00000000+AAAA\n"]
)
def test_a_file_that_holds_no_key_is_refused(folder: Path, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match="restore it from its copy"):
        KeyRing(folder).signer("anxin")


def test_a_key_of_another_origin_is_not_taken(folder: Path, path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"is the key of log\.example/anxin"):
        KeyRing(folder).create("anxin", "log.example/other")


def test_two_that_make_a_key_at_once_have_the_same(folder: Path) -> None:
    """Whoever is second takes the first one's, and no key is in two places."""
    begin = Barrier(8)

    def create(_: int) -> str:
        begin.wait()
        return KeyRing(folder).create("anxin", ORIGIN).verifier_key()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(8)))) == 1
    assert [path.name for path in folder.iterdir()] == ["anxin.key"]


def test_a_full_disk_leaves_no_half_of_a_key(
    folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_text()

    def full(_: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            KeyRing(folder).renew("anxin", lambda key: True)
        with pytest.raises(OSError, match="No space"):
            KeyRing(folder).create("boshan", "log.example/boshan")
    assert path.read_text() == before
    assert [each.name for each in folder.iterdir()] == ["anxin.key"]
    KeyRing(folder).create("boshan", "log.example/boshan")
