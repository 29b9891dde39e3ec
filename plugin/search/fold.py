"""The form in which texts and queries are compared.

Upper and lower case, full and half width, traditional and simplified characters are one, and
neither punctuation nor the kind of a blank matters. Every character is folded by itself: so what a
text contains before folding it contains after it, wherever a query begins and ends.

Whoever changes what :func:`fold` gives makes the index of every installation wrong: raise
:data:`VERSION`, which asks for ``flask reviews search rebuild``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version

#: What folds like this. Part of the name of whatever was built with it.
VERSION = "2"

# Characters of other categories end a run: punctuation, blanks, controls. Symbols are looked for,
# as emoji are; those of ASCII are what people write for punctuation, and what the tokenizer of
# SQLite would split at.
_KEPT = ("L", "M", "N", "S", "Co")
#: Characters that show nothing and stand inside words: zero-width ones, bidi controls, selectors.
_IGNORED = ("Cf",)
_SELECTORS = frozenset(
    chr(point)
    for points in (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x1810))
    for point in points
)
#: What people write for the same and OpenCC leaves as it is, where a character has other meanings
#: (著名, 帐篷) or is of no standard. Of its other tables, tw2s makes 什幺 of 什么.
_VARIANTS = dict(
    zip(
        "著帐妳牠祂粧汚囘戸吿歩毎甦衞衹枱敍糭簷痺",
        "着账你它他妆污回户告步每苏卫只台叙粽檐痹",
        strict=True,
    )
)
_MOST_CACHED = 32_768


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded: runs of characters with a blank between two.

    ``origins`` has, for each character of ``text``, the position in the text as written (code
    points) of the character that it came from.
    """

    text: str
    origins: tuple[int, ...]


def folded_with() -> str:
    """What decides how texts are folded, with the versions of the tables that are not ours."""
    return f"{VERSION}, opencc {version('opencc')}, unicode {unicodedata.unidata_version}"


def fold(text: str) -> str:
    """``text`` in its folded form."""
    return "".join(character for character, _ in _folded(text))


def fold_with_origins(text: str) -> Folded:
    """``text`` folded, and where each character of the result came from."""
    pairs = list(_folded(text))
    return Folded("".join(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def _folded(text: str) -> Iterator[tuple[str, int]]:
    """(character, origin); a single blank between two runs, none at the ends."""
    gap = False
    begun = False
    for position, original in enumerate(text):
        for character in _fold_character(original):
            if character == " ":
                gap = begun
                continue
            if gap:
                yield " ", position
                gap = False
            begun = True
            yield character, position


@lru_cache(maxsize=_MOST_CACHED)
def _fold_character(character: str) -> str:
    """What ``character`` becomes: some characters, nothing, or " " when it ends a run."""
    folded = unicodedata.normalize("NFKC", character).casefold()
    return "".join(_simplify(each) for each in folded)


def _simplify(character: str) -> str:
    category = unicodedata.category(character)
    if category in _IGNORED or character in _SELECTORS:
        return ""
    if not category.startswith(_KEPT) or (character.isascii() and not character.isalnum()):
        return " "
    return _simplified(character)


@cache
def _converter() -> object:
    # Loaded by the first search or the first text, not by every process that starts.
    from opencc import OpenCC

    return OpenCC("t2s")


def _simplified(character: str) -> str:
    if character < "\u2e80":
        return character
    simplified = str(_converter().convert(character))  # type: ignore[attr-defined]
    return _VARIANTS.get(simplified, simplified)
