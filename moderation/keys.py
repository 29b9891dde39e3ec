"""The signing keys of the logs, one file per log, mode 0600, outside the database and its backups.

A file holds a key on each line, the newest first. It holds more than one while keys overlap: then
every checkpoint is signed with all of them, so that whoever knows only the older key can follow the
log to the entry that announces the newer one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from .errors import KeyFileError
from .tlog.note import Signer

#: What of a file's status tells that it may have changed: its inode, size and times, and its mode.
Stamp = tuple[int, int, int, int, int]


class KeyRing:
    """Signing keys in a directory: each line of ``<insurer>.key`` is
    ``PRIVATE+KEY+<origin>+<hash>+<base64>``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: dict[str, tuple[Stamp, tuple[Signer, ...]]] = {}

    def create(self, insurer: str, origin: str) -> Signer:
        """A new key for ``insurer``, or the one that a failed attempt to open this log left
        behind."""
        path = self._path(insurer)
        if not path.exists():
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self._draft(insurer, [Signer.generate(origin)])
            # Whoever comes second finds the first one's key; a link takes nobody's place.
            with suppress(FileExistsError):
                path.hardlink_to(draft)
            draft.unlink()
            _sync(self._directory)
        signer = self.signer(insurer)
        if signer.name != origin:
            raise KeyFileError(f"{path} is the key of {signer.name}, not of {origin}: move it away")
        return signer

    def signer(self, insurer: str) -> Signer:
        """The newest key of ``insurer``. Raises :class:`KeyFileError` like :meth:`signers`."""
        return self.signers(insurer)[0]

    def signers(self, insurer: str) -> tuple[Signer, ...]:
        """The keys of ``insurer``, the newest first; read anew whenever the file has changed.

        Raises :class:`KeyFileError` when the file is missing, open to others or no key file.
        """
        path = self._path(insurer)
        stamp = _stamp(path)
        known = self._read.get(insurer)
        if known is None or known[0] != stamp:
            known = self._read[insurer] = (stamp, _signers(path))
        return known[1]

    def renew(self, insurer: str, announced: Callable[[str], bool]) -> Signer:
        """Put a new key before the others, or take the one that an interrupted rotation put there.

        ``announced`` tells of a verifier key whether the log has announced it.
        """
        signers = self.signers(insurer)
        if announced(signers[0].verifier_key()):
            signers = (Signer.generate(signers[0].name), *signers)
            self._replace(insurer, signers)
        return signers[0]

    def retire(self, insurer: str, announced: Callable[[str], bool]) -> int:
        """Destroy all keys but the newest; how many went.

        Raises :class:`KeyFileError` when the log has not announced the newest yet: nobody would
        know what signs it.
        """
        newest, *older = self.signers(insurer)
        if not announced(newest.verifier_key()):
            raise KeyFileError(
                f"{self._path(insurer)} begins with a key that the log has not announced: run "
                f"flask reviews key rotate {insurer} first"
            )
        if older:
            self._replace(insurer, [newest])
        return len(older)

    def _replace(self, insurer: str, signers: Sequence[Signer]) -> None:
        """At once: whoever signs meanwhile reads the old file or the new one."""
        self._draft(insurer, signers).replace(self._path(insurer))
        _sync(self._directory)

    def _draft(self, insurer: str, signers: Sequence[Signer]) -> Path:
        """A whole file beside the one that it is for: a full disk leaves no half of a key."""
        draft = self._directory / f"{insurer}.{token_hex(4)}.new"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write("".join(signer.format() + "\n" for signer in signers))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            draft.unlink()
            raise
        return draft

    def _path(self, insurer: str) -> Path:
        return self._directory / f"{insurer}.key"


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path) from error
    if status.st_mode & 0o077:
        raise KeyFileError(f"{path} is open to others: run chmod 600 {path}")
    return (
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_mode,
    )


def _signers(path: Path) -> tuple[Signer, ...]:
    try:
        lines = path.read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path) from error
    try:
        signers = tuple(Signer.parse(line) for line in lines)
    except ValueError as error:
        raise _no_key(path) from error
    if not signers or len({signer.name for signer in signers}) > 1:
        raise _no_key(path)
    return signers


def _unreadable(path: Path) -> KeyFileError:
    return KeyFileError(f"cannot read the signing key {path}: restore it from its copy")


def _no_key(path: Path) -> KeyFileError:
    return KeyFileError(f"{path} holds no signing key: restore it from its copy")
