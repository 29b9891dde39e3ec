"""What search knows of a text: made before any lock is taken, stored with the fact."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .fold import fold
from .segment import segmenter
from .topics import topics_of


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text folded, its words, and the topics that it speaks of at any stage."""

    folded: str
    words: tuple[str, ...]
    topics: tuple[str, ...]


def analyse(state_dir: Path, text: str) -> Analysis:
    """Analyse a text; the first call of a process loads the dictionary."""
    folded = fold(text)
    words = segmenter(state_dir).words(folded)
    return Analysis(folded, tuple(words), tuple(topics_of(folded, words)))
