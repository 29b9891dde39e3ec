"""The most relevant first: BM25 over what the authors wrote.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section
3.4. Every hit has every term, so how rare a term is would say nothing; how often a text has it,
and how long the text is, does. A term that is a word of the text counts more than one whose
characters met by chance (保全 in 投保全程). A reply counts so little that no insurer can push a
review before one whose author speaks of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

_K1, _B = 1.2, 0.75
_WORD, _BY_CHANCE = 2.0, 1.0
_REPLY = 0.001


@dataclass(frozen=True, slots=True)
class Words:
    """A text of a review, folded, and its words with a blank between two."""

    folded: str
    words: str
    is_reply: bool


def rank(texts: Mapping[int, Sequence[Words]], terms: Sequence[str]) -> list[int]:
    """The keys of ``texts``, best first; the newest first of equals."""
    lengths = {
        key: sum(len(text.folded) for text in found if not text.is_reply)
        for key, found in texts.items()
    }
    average = fmean(lengths.values()) if lengths else 0.0
    scores = {
        key: sum(_score(found, term, lengths[key] / (average or 1.0)) for term in terms)
        for key, found in texts.items()
    }
    return sorted(scores, key=lambda key: (scores[key], key), reverse=True)


def _score(texts: Iterable[Words], term: str, length: float) -> float:
    """What ``term`` adds; ``length`` is 1 for texts of the average length."""
    own, reply = 0.0, 0
    for text in texts:
        times = text.folded.count(term)
        if not times:
            continue
        if text.is_reply:
            reply += times
        else:
            own += times * (_WORD if f" {term} " in f" {text.words} " else _BY_CHANCE)
    return own * (_K1 + 1) / (own + _K1 * (1 - _B + _B * length)) + _REPLY * min(reply, 1)
