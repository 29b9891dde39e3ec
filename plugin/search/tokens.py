"""The tokens by which the index finds a review: its facets, and what its texts contain.

A text gives every character and every pair of neighbouring characters, by which any part of it is
found exactly, and the words that the segmenter sees in it, by which a word counts more than the
same characters met by chance. The kinds are told apart by their form, so they share one index:
one or two characters are verbatim, a word follows ``w``, and facets begin with ``f`` and have
three characters or more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

#: What gives these tokens. An index of another version cannot be changed in place, only emptied.
VERSION = "2"
WORD = "w"
#: Neighbours in the log share a place: so many entries.
PLACE = 1 << 15
REPLIED, FOLLOWED_UP, HAS_TEXT = "frep", "ffol", "ftxt"


def text_tokens(folded: str, words: Iterable[str]) -> list[str]:
    """The tokens of a folded text with these words, each once."""
    tokens: dict[str, None] = {}
    for run in folded.split():
        tokens |= dict.fromkeys(run)
        tokens |= dict.fromkeys(map("".join, pairwise(run)))
    tokens |= dict.fromkeys(word_token(word) for word in words)
    return list(tokens)


def term_tokens(folded: str) -> list[str]:
    """The tokens that every text has which contains the folded term; a term of one or two
    characters is found by them alone."""
    tokens: dict[str, None] = {}
    for run in folded.split():
        pairs = list(map("".join, pairwise(run)))
        tokens |= dict.fromkeys(pairs or [run])
    return list(tokens)


def is_exact(folded: str) -> bool:
    """Whether :func:`term_tokens` finds nothing beside what contains the term."""
    return len(folded) <= 2 and " " not in folded


def word_token(word: str) -> str:
    """The token of a word."""
    return WORD + word


def facets(
    product: str, insurer: str, stage: str, score: int, aspects: Mapping[str, int], *, text: bool
) -> list[str]:
    """The facets that a review is born with."""
    found = [
        product_token(product),
        insurer_token(insurer),
        stage_token(stage),
        score_token(score),
    ]
    for aspect, value in sorted(aspects.items()):
        found += [aspect_token(aspect), aspect_token(aspect, value)]
    if text:
        found.append(HAS_TEXT)
    return found


def place_token(key: int) -> str:
    """Where in which log a review stands: by it a search is kept to a part of the index, for
    neither engine's index ends at a key."""
    return f"fk{key // PLACE:x}"


def of_product(sku: str, token: str) -> str:
    """The token as SQLite's index has it, where each belongs to one product.

    A search looks into one product. FTS5 finds where the lists of two tokens meet by walking along
    the longer one, and the longest would be that of the product itself; that the same beginning is
    written before every token of a review costs next to nothing there, for each is kept as what it
    adds to the one before it. PostgreSQL skips along its lists, and would keep the beginnings.
    """
    return f"p{_spelled(sku)}p{token}"


def product_token(sku: str) -> str:
    return "fp" + _spelled(sku)


def insurer_token(slug: str) -> str:
    return "fi" + _spelled(slug)


def stage_token(stage: str) -> str:
    return "fs" + _spelled(stage)


def score_token(score: int) -> str:
    return f"fn{score}"


def rated(tokens: str, aspects: Iterable[str]) -> dict[str, int]:
    """Those of ``aspects`` that a review rated, as its facets have it."""
    held = frozenset(tokens.split())
    return {
        aspect: value
        for aspect in aspects
        for value in range(1, 6)
        if aspect_token(aspect, value) in held
    }


def aspect_token(aspect: str, value: int | None = None) -> str:
    """An aspect that was rated, or rated so."""
    return "fa" + _spelled(aspect) + ("" if value is None else f"x{value}")


def topic_token(topic: str) -> str:
    return "ft" + _spelled(topic)


def _spelled(name: str) -> str:
    """Any name as letters and digits that no engine folds or splits."""
    return name.encode().hex()
