"""The file of a backup: a zip archive of JSON lines, with a manifest that holds their hashes.

``tables/<name>.jsonl`` has one JSON value per row: of a table without log an object, column →
value; of a table whose rows hang on log entries the list ``[log, index, object]``, in that order.
Bytes are hexadecimal. ``manifest.json`` is written last. The format needs no code of ours to be
read, and is the same for both engines.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

FORMAT = "insurance-reviews-backup/1"
MANIFEST = "manifest.json"
#: A backup that was interrupted leaves a file with this ending, which nobody takes for one.
PART = ".part"
_CHUNK = 1 << 20
#: What the standard library says of a file that is no zip archive, or a damaged one.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


class BackupError(Exception):
    """A backup that cannot be made, read or restored; the message says what to do."""


@dataclass(frozen=True, slots=True)
class LogMark:
    """Where a log stood: its newest checkpoint, signed. ``root`` is hexadecimal."""

    id: int
    insurer: str
    origin: str
    size: int
    root: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class TableMark:
    """What a table's file holds."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``made_at`` is RFC 3339 UTC, ``schema`` the migration's revision."""

    made_at: str
    schema: str
    engine: str
    logs: tuple[LogMark, ...]
    tables: dict[str, TableMark]
    format: str = FORMAT

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Read a manifest. Raises :class:`BackupError` for what is none."""
        try:
            value = json.loads(text)
            if value.pop("format") != FORMAT:
                raise BackupError("this backup is of another format: use the release that made it")
            logs = tuple(LogMark(**mark) for mark in value.pop("logs"))
            tables = {name: TableMark(**mark) for name, mark in value.pop("tables").items()}
            return cls(logs=logs, tables=tables, **value)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError("the manifest of this backup cannot be read") from error

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(table.rows for table in self.tables.values())


class ArchiveWriter:
    """Writes a backup. Made by :func:`writing_archive`."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.tables: dict[str, TableMark] = {}

    def add(self, name: str, values: Iterable[Any]) -> None:
        """Write the file of a table, one line for each of ``values``."""
        rows, digest = 0, hashlib.sha256()
        with self._archive.open(f"tables/{name}.jsonl", "w", force_zip64=True) as member:
            for value in values:
                line = json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
                data = line.encode()
                digest.update(data)
                member.write(data)
                rows += 1
        self.tables[name] = TableMark(rows, digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest."""
        members = {"format": manifest.format, **asdict(manifest)}
        text = json.dumps(members, ensure_ascii=False, indent=2) + "\n"
        self._archive.writestr(MANIFEST, text)


@contextmanager
def writing_archive(target: Path) -> Iterator[ArchiveWriter]:
    """Write a backup to ``target``, which appears whole and on disk, or not at all.

    Nobody else can read it. Raises :class:`BackupError` when something is there already.
    """
    if target.exists():
        raise BackupError(f"{target} exists: a backup overwrites nothing")
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}{PART}")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                    yield ArchiveWriter(archive)
                file.flush()
                os.fsync(file.fileno())
            _appear(part, target)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror or error}") from error


def _appear(part: Path, target: Path) -> None:
    try:
        # Unlike a rename, a second name never takes the place of what came meanwhile.
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:
        part.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class ArchiveReader:
    """A backup that was found whole. Made by :func:`reading_archive`."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    def rows(self, name: str) -> Iterator[Any]:
        """The values in the file of a table; several can be read side by side."""
        with self._archive.open(f"tables/{name}.jsonl") as member:
            for line in io.TextIOWrapper(member, encoding="utf-8", newline="\n"):
                yield json.loads(line)

    def verify(self) -> None:
        """Raise :class:`BackupError` unless every file is the one that was written."""
        for name, mark in self.manifest.tables.items():
            digest = hashlib.sha256()
            try:
                with self._archive.open(f"tables/{name}.jsonl") as member:
                    while chunk := member.read(_CHUNK):
                        digest.update(chunk)
            except _UNREADABLE as error:
                raise BackupError(f"the table {name} of this backup is damaged") from error
            if digest.hexdigest() != mark.sha256:
                raise BackupError(f"the table {name} of this backup is not the one that was saved")


@contextmanager
def reading_archive(source: Path) -> Iterator[ArchiveReader]:
    """Open the backup at ``source`` and verify every byte of it.

    Raises :class:`BackupError` when it is none, or damaged.
    """
    try:
        archive = zipfile.ZipFile(source)
    except FileNotFoundError as error:
        raise BackupError(f"there is no {source}") from error
    except _UNREADABLE as error:
        raise BackupError(f"{source} is no backup, or was cut short") from error
    with archive:
        try:
            manifest = Manifest.parse(archive.read(MANIFEST))
        except _UNREADABLE as error:
            raise BackupError(f"{source} is no backup: it has no manifest") from error
        reader = ArchiveReader(archive, manifest)
        reader.verify()
        yield reader


def file_hash(path: Path) -> str:
    """The SHA-256 of a whole file, to be kept elsewhere."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
