"""Where a text has what was looked for, in the text as it was written."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from .fold import fold_with_origins

#: A text that is longer (code points) is introduced by a part of it.
LONGEST_WHOLE = 120
#: Nobody reads more marks of one term, and "aaaa…" is "aa" at every place.
_MOST_HITS = 200
#: Marks and characters that show nothing belong to the character before them.
_ATTACHED = frozenset({"Mn", "Me", "Mc", "Cf"})


class Span(NamedTuple):
    """A part of a text in code points; the end is the first one after it."""

    start: int
    end: int


def find_hits(text: str, terms: Sequence[str]) -> tuple[Span, ...]:
    """The parts of ``text`` that the folded ``terms`` find, in order and apart."""
    folded = fold_with_origins(text)
    spans = []
    for term in terms:
        at = -1
        for _ in range(_MOST_HITS):
            at = folded.text.find(term, at + 1)
            if at < 0:
                break
            start, last = folded.origins[at], folded.origins[at + len(term) - 1]
            spans.append(Span(start, _end(text, last)))
    return _merged(sorted(spans))


def excerpt(text: str, hits: Sequence[Span], longest: int = LONGEST_WHOLE) -> Span | None:
    """The part of a long text around its first hit; ``None`` when the text is short enough to be
    shown whole, or has no hit."""
    if len(text) <= longest or not hits:
        return None
    start = max(0, min(hits[0].start - longest // 4, len(text) - longest))
    return Span(_begin(text, start), _end(text, min(start + longest, len(text)) - 1))


def within(hits: Sequence[Span], part: Span) -> tuple[Span, ...]:
    """The hits as positions in a part of their text, cut where they reach out of it."""
    return tuple(
        Span(max(start, part.start) - part.start, min(end, part.end) - part.start)
        for start, end in hits
        if start < part.end and end > part.start
    )


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in spans:
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _begin(text: str, position: int) -> int:
    while position > 0 and unicodedata.category(text[position]) in _ATTACHED:
        position -= 1
    return position


def _end(text: str, last: int) -> int:
    """The end of the character at ``last``, with what is attached to it."""
    end = last + 1
    while end < len(text) and unicodedata.category(text[end]) in _ATTACHED:
        end += 1
    return end
