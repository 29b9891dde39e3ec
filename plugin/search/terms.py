"""What a reader looks for, out of what was typed.

Words stand between blanks; "several words" in quotation marks of any kind are one term, with the
blanks between them; a minus before a term says that it must not occur. Everything else is text:
no engine ever sees a query's syntax, because no engine sees the query.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .fold import fold

#: What is read of a query (characters), and how many terms of it are looked for.
MOST_CHARACTERS = 500
MOST_TERMS = 12
_QUOTES = frozenset('"“”„‟«»＂〝〞〟「」『』')


@dataclass(frozen=True, slots=True)
class Terms:
    """Folded terms, each once: those that a review must contain, and those that it must not."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.wanted or self.unwanted)


def parse(query: str) -> Terms:
    """The terms of ``query``. Of any text something is made; of one without letters, digits and
    symbols, nothing to look for."""
    # As texts are when they are published: folding takes every character by itself.
    query = unicodedata.normalize("NFC", query[:MOST_CHARACTERS])
    wanted: dict[str, None] = {}
    unwanted: dict[str, None] = {}
    for is_wanted, written in _split(query):
        if term := fold(written):
            (wanted if is_wanted else unwanted)[term] = None
        if len(wanted) + len(unwanted) == MOST_TERMS:
            break
    return Terms(tuple(wanted), tuple(unwanted))


def _split(query: str) -> Iterator[tuple[bool, str]]:
    """(is wanted, term as written), from left to right. A quotation mark that is not closed
    reaches to the end."""
    position, end = 0, len(query)
    while position < end:
        is_wanted = True
        if _is_minus(query[position]):
            is_wanted = False
            position += 1
        if position < end and query[position] in _QUOTES:
            start = position + 1
            position = _next(query, start, lambda character: character in _QUOTES)
            yield is_wanted, query[start:position]
            position += 1
        else:
            start = position
            position = _next(
                query, start, lambda character: character in _QUOTES or character.isspace()
            )
            yield is_wanted, query[start:position]
            position += position < end and query[position].isspace()


def _next(query: str, start: int, ends: Callable[[str], bool]) -> int:
    return next((at for at in range(start, len(query)) if ends(query[at])), len(query))


def _is_minus(character: str) -> bool:
    """The minus of any keyboard: of half width and of full."""
    return unicodedata.normalize("NFKC", character) == "-"
