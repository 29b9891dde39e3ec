"""Where a shown text is not the one that the log has: of the log's state at one size, one text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from .. import canonical
from ..commitment import commit, is_hex_32
from ..redaction import BLOT
from .entries import LAST_TIME
from .findings import said
from .texts import Text, Tombstone

#: Ten times the longest text there is. Longer ones are not even hashed.
MAX_WORDS: Final = 50_000

#: (code of a finding, what is wrong, what the log says, what is shown)
Fault = tuple[str, str, object, object]


def words_fit(salt: bytes, name: object, text: object, commitment: str) -> bool:
    """Whether these are the words that were committed to."""
    if sum(len(part) for part in (name, text) if isinstance(part, str)) > MAX_WORDS:
        return False
    try:
        body = canonical.dumps({"name": name, "text": text}).decode()
    except canonical.NotCanonicalError:
        return False
    return commit(salt, body) == commitment


def time_text(seconds: int) -> str:
    """RFC 3339 in UTC, as the API writes it; the number itself beyond the year 9999."""
    if not 0 <= seconds <= LAST_TIME:
        return str(seconds)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def brief(value: object) -> str:
    text = said(value, 81)
    return text if len(text) <= 80 else f"{text[:77]}…"


def fault_of(text: Text, shown: Mapping[str, Any]) -> Fault | None:
    """(code, what, log, shown) where ``shown`` is not ``text`` in form; the words come later."""
    words, salt = shown["text"], shown["salt"]
    if text.gone and (words is not None or salt is not None):
        entry = text.tombstone.entry if text.tombstone else None
        return "text-returned", f"the text was removed by entry {entry}", None, brief(words)
    if not text.gone and words is None:
        return "text-gone", "the words are missing, and no removal explains it", text.item, None
    if (shown["item"], shown["commitment"]) != (text.item, text.commitment):
        return (
            "text-differs",
            "another item or commitment is shown",
            f"{text.item} {text.commitment}",
            f"{shown['item']} {shown['commitment']}",
        )
    if not text.gone and not (type(words) is str and type(salt) is str and is_hex_32(salt)):
        return "text-differs", "the text or its salt has not its form", "text and salt", salt
    if words is not None and not _are_blotted(words, text.masks):
        return "mask-broken", "a blotted position is legible", list(text.masks), brief(words)
    return _tombstone_difference(text.tombstone, shown["tombstone"])


def _are_blotted(words: str, masks: Sequence[tuple[int, int]]) -> bool:
    """Never is a text of ``length`` made: that is any number that a log says."""
    parts = ((words[start : start + length], length) for start, length in masks)
    return all(len(part) == length == part.count(BLOT) for part, length in parts)


def _tombstone_difference(
    logged: Tombstone | None, shown: Mapping[str, Any] | None
) -> Fault | None:
    if logged is None or shown is None:
        if logged is None and shown is None:
            return None
        what = (
            "a removal is shown that is not in the log" if logged is None else "a removal is hidden"
        )
        return "tombstone-differs", what, logged, shown
    expected = {
        "ground": logged.ground,
        "authority": logged.authority,
        "report_no": logged.report_no,
        "acknowledged": logged.verdict,
        "redacted": logged.redacted,
    }
    for field, value in expected.items():
        if shown[field] != value:
            return "tombstone-differs", f"the removal's {field} differs", value, shown[field]
    if shown["removed_on"] not in _days(logged.at):
        day = time_text(logged.at)[:10]
        return "tombstone-differs", "the removal's day differs", day, shown["removed_on"]
    return None


def _days(seconds: int) -> set[str]:
    """The days on which a moment falls anywhere on earth: the shop shows its own."""
    at = datetime.fromtimestamp(min(seconds, LAST_TIME - 86_400), UTC)
    return {(at + timedelta(hours=hours)).date().isoformat() for hours in (-12, 0, 14)}
