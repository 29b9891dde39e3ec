"""A log as it was published, from its address or from a folder that mirrors it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ...moderation.tlog.checkpoint import Checkpoint
from ...moderation.tlog.errors import TlogError
from ...moderation.tlog.merkle import frontier_root, grow, leaf_hash
from ...moderation.tlog.note import MAX_NOTE, Verifier, open_note
from ...moderation.tlog.tile import MAX_LEAF, TILE_WIDTH, parse_bundle, tile_path, tree_bundles
from ...moderation.verify.fetch import fetch_http, read
from ...moderation.verify.findings import CannotCheck
from .archive import ArchiveReader, BackupError

#: Gives the bytes at a path below the log, or ``None``.
Read = Callable[[str], bytes | None]
_MAX_BUNDLE = TILE_WIDTH * (MAX_LEAF + 2)


def published_keys(archive: ArchiveReader) -> Iterator[str]:
    """The verifier keys of every log in a backup."""
    yield from (row["verifier_key"] for row in archive.rows("log"))
    yield from (row["key"] for _, _, row in archive.rows("log_key"))


def reader(source: str) -> Read:
    """How to read below ``source``, an http(s) address or a folder."""
    if not source.startswith(("http://", "https://")):
        folder = Path(source)
        return lambda path: _read_file(folder / path)

    base = source.rstrip("/")

    def fetch(path: str) -> bytes | None:
        url = f"{base}/{path}"
        return read(fetch_http(url), url, _MAX_BUNDLE)

    return fetch


def _read_file(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def read_checkpoint(get: Read, keys: Iterable[str]) -> tuple[Checkpoint, str]:
    """The published checkpoint, signed by one of the verifier ``keys``, and the note it stands in.

    Raises :class:`BackupError`.
    """
    data = _reading("checkpoint", get)
    try:
        note = data[:MAX_NOTE].decode()
        text = open_note(note, *map(Verifier.parse, keys)).text
        return Checkpoint.parse(text), note
    except (TlogError, ValueError) as error:
        raise BackupError(f"the mirror's checkpoint is of no log in the backup: {error}") from error


def read_leaves(get: Read, checkpoint: Checkpoint) -> Iterator[bytes]:
    """Every leaf of the log. Raises :class:`BackupError` at the end unless they are those that
    ``checkpoint`` was signed for: use none of them before."""
    size, frontier = 0, list[bytes]()
    for bundle in tree_bundles(checkpoint.size):
        path = tile_path(*bundle)
        try:
            leaves = parse_bundle(_reading(path, get, tile_path(None, bundle.number)))
        except TlogError as error:
            raise BackupError(f"the mirror's {path} is no bundle of entries") from error
        for leaf in leaves[: bundle.width]:
            _, frontier = grow(size, frontier, leaf_hash(leaf))
            size += 1
            yield leaf
    if (size, frontier_root(frontier)) != (checkpoint.size, checkpoint.root):
        raise BackupError("the mirror's entries are not those that its checkpoint was signed for")


def _reading(path: str, get: Read, instead: str | None = None) -> bytes:
    """The file at ``path``, or the one that has replaced it since it was full."""
    try:
        data = get(path)
        if data is None and instead not in (None, path):
            data = get(instead or path)
    except (CannotCheck, OSError) as error:
        raise BackupError(f"the mirror cannot be read: {error}") from error
    if data is None:
        raise BackupError(f"the mirror has no {path}")
    return data
