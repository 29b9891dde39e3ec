"""The directory of a witness: its private key, mode 0600, and its state."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ..tlog.cosignature import Cosigner
from .state import State, StateError
from .witness import Witness

__all__ = ["create_witness", "open_witness"]

KEY: Final = "witness.key"
STATE: Final = "witness.sqlite3"


def create_witness(directory: Path, name: str) -> Witness:
    """A new witness called `name`, in a directory where there is none yet.

    :raises MalformedError: if `name` cannot be a key's.
    :raises StateError: if there is one.
    """
    key = Cosigner.generate(name)
    if any((directory / file).exists() for file in (KEY, STATE)):
        raise StateError(f"{directory} holds a witness already")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The key comes last: a witness is whole when it has one.
    state = State.create(directory / STATE, key.verifier_key())
    descriptor = os.open(directory / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.format() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Witness(state, key)


def open_witness(directory: Path) -> Witness:
    """The witness in `directory`.

    :raises StateError: if its key or its state is missing, damaged, or open to others.
    """
    key = _read_key(directory / KEY)
    return Witness(State(directory / STATE, key.verifier_key()), key)


def _read_key(path: Path) -> Cosigner:
    try:
        with path.open(encoding="utf-8") as file:
            # Of the file that is read, not of whatever has its name by then.
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(
            f"cannot read the key {path}: run `insurance-reviews-witness init` for a new witness"
        ) from error
    if mode & 0o077:
        raise StateError(f"{path} is open to others: run chmod 600 {path}")
    try:
        return Cosigner.parse(text.strip())
    except ValueError as error:
        raise StateError(f"{path} holds no witness's key: restore it from its copy") from error
