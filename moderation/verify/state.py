"""What a verifier remembers from one time to the next: one JSON file, replaced as a whole."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ..tlog.errors import MalformedError
from ..tlog.note import Verifier
from .bounded import loads
from .findings import CannotCheck

_FIELDS: Final = {
    "version": int,
    "origin": str,
    "checkpoint": str,
    "keys": list,
    "checked_at": str,
}
VERSION: Final = 1
MAX_STATE: Final = 2_000_000
#: The members of the file, and as many keys as a log may have had.
_MARKS: Final = 1_000


@dataclass(frozen=True, slots=True)
class State:
    """The newest checkpoint that was verified, verbatim, and all keys that are trusted."""

    origin: str
    checkpoint: str
    keys: tuple[str, ...]


def read_state(path: Path, origin: str) -> State | None:
    """The state of the log ``origin``; ``None`` when there is no file yet.

    Raises :class:`CannotCheck` for a file that is none, or of another log: to begin anew, unasked,
    would throw away what it was kept for.
    """
    try:
        with path.open("rb") as file:
            value = loads(file.read(MAX_STATE), _MARKS)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CannotCheck(f"{path}: {error}", "state") from error
    if not _is_state(value):
        raise CannotCheck(f"{path} is no state file of this program", "state")
    if value["origin"] != origin:
        raise CannotCheck(f"{path} is about the log {value['origin']}, not {origin}", "state")
    try:
        named = {Verifier.parse(key).name for key in value["keys"]}
    except MalformedError as error:
        raise CannotCheck(f"{path} holds a key that is none: {error}", "state") from error
    if named - {origin}:
        raise CannotCheck(f"{path} holds a key of another log than {origin}", "state")
    return State(origin, value["checkpoint"], tuple(value["keys"]))


def write_state(path: Path, state: State) -> None:
    """Replace the file, at once and durably. Raises :class:`CannotCheck`."""
    value = {
        "version": VERSION,
        "origin": state.origin,
        "checkpoint": state.checkpoint,
        "keys": list(state.keys),
        "checked_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(value, file, ensure_ascii=False, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotCheck(f"the state cannot be kept: {error}", "state") from error


def _is_state(value: Any) -> bool:
    return (
        type(value) is dict
        and all(type(value.get(name)) is kind for name, kind in _FIELDS.items())
        and value["version"] == VERSION
        and all(type(key) is str for key in value["keys"])
    )
