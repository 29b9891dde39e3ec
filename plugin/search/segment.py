"""Words: what a text means, beside what it contains.

Whoever writes a text pays for it, never who reads: a dictionary takes a second and much memory to
load, so it is loaded once per process, by the first text (or before the workers are forked,
``insurance-reviews serve --preload-segmenter``). jieba is slow on long runs of characters, worse
than linear, so it is given short pieces.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Protocol

from . import fold, topics

#: What cuts like this, with these words. Part of the name of whatever was built with it.
VERSION = "2"
#: The longest run of Chinese characters that is cut at once.
LONGEST_PIECE = 100
#: Longer runs of letters are noise.
LONGEST_WORD = 40

# Chinese characters are cut; letters and digits are words as they stand.
_PIECES = re.compile(rf"([\u4e00-\u9fd5]{{1,{LONGEST_PIECE}}})|([^\W\u4e00-\u9fd5]+)")


class Segmenter(Protocol):
    """Cuts folded texts into words."""

    @property
    def name(self) -> str:
        """What an index was built with; another name asks for a rebuild."""

    def words(self, folded: str) -> list[str]:
        """The words of two characters or more, each once, in the order of the text; of a long
        word also the words in it."""


def running() -> str:
    """The name of the segmenter that this process has or would load."""
    return _name("rjieba" if find_spec("rjieba") else "jieba")


def segmenter(state_dir: Path) -> Segmenter:
    """The one segmenter of this process: rjieba where it is installed, else jieba, which keeps a
    cache in ``state_dir``."""
    global _loaded
    with _loading:
        if _loaded is None:
            _loaded = Rjieba() if find_spec("rjieba") else Jieba(state_dir)
        return _loaded


_loading = Lock()
_loaded: Segmenter | None = None


@cache
def own_words() -> tuple[str, ...]:
    """The words of insurance that are added to the dictionary."""
    lines = files(__package__).joinpath("words.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def own_words_in(piece: str) -> Iterator[str]:
    """The words of insurance of three characters or more that stand in ``piece``.

    A dictionary prefers what is more common everywhere: it cuts 等待期内 into 等待 and 期内. What
    is so long does not meet by chance.
    """
    words, lengths = _long_own_words()
    for start in range(len(piece) - min(lengths) + 1):
        for length in lengths:
            if (word := piece[start : start + length]) in words:
                yield word


@cache
def _long_own_words() -> tuple[frozenset[str], tuple[int, ...]]:
    words = frozenset(word for word in own_words() if len(word) > 2)
    return words, tuple(sorted({len(word) for word in words}))


def _name(library: str) -> str:
    return (
        f"{library} {version(library)}, words {VERSION}, topics {topics.VERSION}, "
        f"fold {fold.folded_with()}"
    )


class _Cutting:
    """What both have in common: which pieces are cut, and what counts as a word."""

    name: str

    def words(self, folded: str) -> list[str]:
        found: dict[str, None] = {}
        for match in _PIECES.finditer(folded):
            chinese, other = match.groups()
            if chinese is None:
                found[other] = None
            elif len(chinese) > 1:
                found |= dict.fromkeys(self._cut(chinese))
                found |= dict.fromkeys(own_words_in(chinese))
        return [word for word in found if 1 < len(word) <= LONGEST_WORD]

    def _cut(self, piece: str) -> Iterable[str]:
        raise NotImplementedError


class Jieba(_Cutting):
    """jieba with a dictionary of its own: a host that uses jieba too keeps its own words."""

    def __init__(self, state_dir: Path) -> None:
        self.name = _name("jieba")
        with _quietly():
            import jieba

            tokenizer = jieba.Tokenizer()
            # Never in the folder for temporary files, where somebody else could put it first.
            tokenizer.tmp_dir = str(state_dir)
            # jieba looks only at the times of the files, and those of a package lie.
            tokenizer.cache_file = f"jieba-{version('jieba')}.cache"
            tokenizer.initialize()
            for word in own_words():
                tokenizer.add_word(word)
        self._tokenizer = tokenizer

    def _cut(self, piece: str) -> Iterable[str]:
        found: Iterable[str] = self._tokenizer.cut_for_search(piece)
        return found


class Rjieba(_Cutting):
    """jieba's dictionary and rules in Rust."""

    def __init__(self) -> None:
        from rjieba import Jieba

        self.name = _name("rjieba")
        self._tokenizer = Jieba()
        for word in own_words():
            self._tokenizer.add_word(word, None, None)

    def _cut(self, piece: str) -> Iterable[str]:
        return self._tokenizer.cut_for_search(piece)


@contextmanager
def _quietly() -> Iterator[None]:
    """jieba tells the error output what it loads, and was written for older Pythons."""
    logger = logging.getLogger("jieba")
    logger.addFilter(_silent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeFilter(_silent)


def _silent(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
