"""Finding personal data in a text before it is published, so that its writer can take it out.

Found are Chinese resident identity numbers and bank cards whose checksum holds, Chinese mobile
numbers, e-mail addresses and the writer's own policy number, also when disguised by full-width
digits, separators or zero-width characters. Digits written out as words (一三八…) are not found.
Every pattern is linear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from stdnum import luhn
from stdnum.cn import ric

from .errors import Span

#: Characters that people put between digits, and those that show nothing at all.
_BETWEEN = frozenset(" \t-–—_.·・,，*()（）")
_INVISIBLE = frozenset("\u00ad\u034f\u061c\u180e\ufeff") | frozenset(
    map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)))
)
_ALNUM = re.compile(r"[0-9A-Za-z]+")
_DIGITS = re.compile(r"[0-9]+[xX]?")
_MOBILE = re.compile(r"(?:0086|86)?(1[3-9][0-9]{9})")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
#: Longer runs are no numbers of a person; hashing every part of one would be endless.
MAX_RUN = 64
MIN_POLICY_NUMBER = 5

Matcher = Callable[[str], bool]


def find_personal_data(text: str, is_own_policy: Matcher = lambda run: False) -> list[Span]:
    """The spans of ``text`` that look like personal data, in order, not overlapping.

    ``text`` is the stored form (NFC, LF) and the spans count its code points. ``is_own_policy``
    tells whether a run of letters and digits is the number of the policy that is being reviewed.
    """
    characters, offsets = _plain(text)
    spans = [*_emails(characters, offsets)]
    for run, places in _runs(characters, offsets):
        spans += _numbers(run, places, is_own_policy)
    return _merged(spans)


def _plain(text: str) -> tuple[str, list[int]]:
    """``text`` in compatibility form without invisible characters, and where each character came
    from."""
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        if character in _INVISIBLE:
            continue
        folded = character if character < "\x80" else unicodedata.normalize("NFKC", character)
        for part in folded[:4]:
            characters.append(part)
            offsets.append(offset)
    return "".join(characters), offsets


def _emails(text: str, offsets: list[int]) -> Iterator[Span]:
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        yield Span("email", offsets[match.start()], offsets[match.end() - 1] + 1)


def _runs(text: str, offsets: list[int]) -> Iterator[tuple[str, list[int]]]:
    """Runs of letters and digits, joined over single separators, with the place of each
    character."""
    run: list[str] = []
    places: list[int] = []
    gap = 0
    for character, offset in zip(text, offsets, strict=True):
        if character.isascii() and character.isalnum():
            run.append(character)
            places.append(offset)
            gap = 0
        elif character in _BETWEEN and run and gap < 2:
            gap += 1
        elif run:
            yield "".join(run), places
            run, places, gap = [], [], 0
    if run:
        yield "".join(run), places


def _numbers(run: str, places: list[int], is_own_policy: Matcher) -> Iterator[Span]:
    def span(kind: str, start: int, end: int) -> Span:
        return Span(kind, places[start], places[end - 1] + 1)

    if MIN_POLICY_NUMBER <= len(run) <= MAX_RUN and is_own_policy(run):
        yield span("policy_no", 0, len(run))
        return
    for start, end in _pieces(run, places):
        piece = run[start:end]
        if MIN_POLICY_NUMBER <= len(piece) <= MAX_RUN and piece != run and is_own_policy(piece):
            yield span("policy_no", start, end)
    for match in _DIGITS.finditer(run):
        for kind, first, last in _identify(match.group()):
            yield span(kind, match.start() + first, match.start() + last)


def _pieces(run: str, places: list[int]) -> Iterator[tuple[int, int]]:
    """The parts of a run that stand unseparated in the text: "保单 PA123 理赔2024" holds PA123."""
    start = 0
    for position in range(1, len(run) + 1):
        if position == len(run) or places[position] > places[position - 1] + 1:
            yield start, position
            start = position


def _identify(digits: str) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of what a run of digits is or holds."""
    number = digits.rstrip("xX")
    for length in (18,):
        for start in range(max(0, len(digits) - length + 1) if len(digits) <= MAX_RUN else 0):
            if ric.is_valid(digits[start : start + length]):
                yield "resident_id", start, start + length
                return
    if (mobile := _MOBILE.fullmatch(number)) is not None:
        yield "mobile", mobile.start(1), mobile.end(1)
    elif 13 <= len(number) <= 19 and luhn.is_valid(number) and len(set(number)) > 1:
        yield "bank_card", 0, len(number)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda found: (found.start, -found.end)):
        if not merged or span.start >= merged[-1].end:
            merged.append(span)
    return merged
