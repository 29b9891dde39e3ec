"""What must be shown of a text: its chain of redactions and removals as of any size of the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .findings import CannotCheck
from .replay import Replay

WITHDRAWN: Final = "withdrawn"
#: Passages blotted out of one text, one after the other: it has no more characters.
MOST_MASKS: Final = 50_000

_REMOVAL: Final = """
SELECT r.entry, r.at, r.report, r.redacted, r.masks, m.ground, m.authority, m.report_no
FROM removal r LEFT JOIN report m ON m.id = r.report
WHERE r.item = ? AND r.entry > ? AND r.entry < ? ORDER BY r.entry LIMIT 1
"""
_VERDICT: Final = """
SELECT verdict FROM acknowledgement WHERE report = ? AND entry < ? ORDER BY entry DESC LIMIT 1
"""
_COMMITMENT: Final = "SELECT commitment FROM text WHERE item = ? AND entry < ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Why words are gone: the removal's entry, its time in seconds UTC, and its report's facts."""

    entry: int
    at: int
    ground: str | None
    authority: str | None
    report_no: str | None
    verdict: str | None
    redacted: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it must be shown: ``item`` is the newest of its chain; ``gone`` without words;
    ``masks`` are all positions blotted out so far."""

    item: str
    commitment: str
    gone: bool
    masks: tuple[tuple[int, int], ...]
    tombstone: Tombstone | None


def text_as_of(replay: Replay, item: str, size: int) -> Text | None:
    """The text that was first published as ``item``, as of ``size``; ``None`` before that."""
    tombstone: Tombstone | None = None
    masks: list[tuple[int, int]] = []
    entry = -1  # Of a removal. The next one is later: whatever a log says, the chain ends.
    while True:
        committed = replay.one(_COMMITMENT, (item, size))
        if committed is None:
            return None
        removal = replay.one(_REMOVAL, (item, entry, size))
        if removal is None:
            return Text(item, committed[0], False, tuple(masks), tombstone)
        entry, at, report, redacted, blotted, ground, authority, report_no = removal
        verdict = replay.one(_VERDICT, (report, size)) if report is not None else None
        tombstone = Tombstone(
            entry=entry,
            at=at,
            ground=WITHDRAWN if report is None else ground,
            authority=authority,
            report_no=report_no,
            verdict=None if verdict is None else verdict[0],
            redacted=redacted is not None,
        )
        if redacted is None or redacted == item:
            return Text(item, committed[0], True, tuple(masks), tombstone)
        masks += [(start, length) for start, length in json.loads(blotted)]
        if len(masks) > MOST_MASKS:
            raise CannotCheck(f"{item} is blotted out at too many places", "too-large")
        item = redacted


def moments(replay: Replay, item: str, old: int, new: int) -> Iterator[int]:
    """The sizes from ``old`` to ``new`` at which the text's showing may differ: ``new`` first.

    What is shown was read at some moment between two checkpoints; it must fit one of these.
    """
    yield new
    if old == new:
        return
    changes = replay.ask(
        """SELECT r.entry FROM removal r JOIN text t ON t.item = r.item
        WHERE t.first = :item AND r.entry >= :old AND r.entry < :new
        UNION SELECT a.entry FROM acknowledgement a JOIN removal r ON r.report = a.report
        JOIN text t ON t.item = r.item
        WHERE t.first = :item AND a.entry >= :old AND a.entry < :new
        ORDER BY 1 DESC LIMIT 1000""",
        {"item": item, "old": old, "new": new},
    ).fetchall()
    yield from (entry for (entry,) in changes)
