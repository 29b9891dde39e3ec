"""The signing keys of the logs, one file each, mode 0600, outside the database and its backups."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import KeyFileError
from .tlog.note import Signer


class KeyRing:
    """Signing keys in a directory: ``<insurer>.key`` holds
    ``PRIVATE+KEY+<origin>+<hash>+<base64>``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._signers: dict[str, Signer] = {}

    def create(self, insurer: str, origin: str) -> Signer:
        """A new key for ``insurer``, or the one that a failed attempt to open this log left
        behind."""
        path = self._path(insurer)
        if not path.exists():
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            signer = Signer.generate(origin)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(signer.format() + "\n")
                file.flush()
                os.fsync(file.fileno())
        signer = self.signer(insurer)
        if signer.name != origin:
            raise KeyFileError(f"{path} is the key of {signer.name}, not of {origin}: move it away")
        return signer

    def signer(self, insurer: str) -> Signer:
        """The key of ``insurer``. Raises :class:`KeyFileError` when it is missing or open to
        others."""
        signer = self._signers.get(insurer)
        if signer is None:
            signer = self._signers[insurer] = self._read(self._path(insurer))
        return signer

    def _path(self, insurer: str) -> Path:
        return self._directory / f"{insurer}.key"

    @staticmethod
    def _read(path: Path) -> Signer:
        try:
            mode = path.stat().st_mode
            text = path.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise KeyFileError(
                f"cannot read the signing key {path}: restore it from its copy"
            ) from error
        if mode & 0o077:
            raise KeyFileError(f"{path} is open to others: run chmod 600 {path}")
        try:
            return Signer.parse(text.strip())
        except ValueError as error:
            raise KeyFileError(f"{path} holds no signing key: restore it from its copy") from error
