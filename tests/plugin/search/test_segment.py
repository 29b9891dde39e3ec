"""Both segmenters cut alike, and neither is hurt by what people send."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from insurance_reviews.plugin.search import segment
from insurance_reviews.plugin.search.analysis import analyse
from insurance_reviews.plugin.search.fold import fold
from insurance_reviews.plugin.search.segment import (
    LONGEST_WORD,
    Jieba,
    Rjieba,
    Segmenter,
    own_words,
)

TEXT = "报案三天后查勘员才来，免赔额没有说明，現金價值也算錯了，等待期，拒赔。Claim rejected!"
#: What a writer's text may cost (seconds of the processor): ten times the goal of 0.2 s, for
#: machines that do much else. What grows worse than with the length takes minutes.
MOST = 2.0
LONGEST = 5_000
HOSTILE = {
    "one character": "赔" * LONGEST,
    "two characters": "赔付" * (LONGEST // 2),
    "punctuation": "赔，" * (LONGEST // 2),
    "letters": "a" * LONGEST,
    "marks": "赔\u0301" * (LONGEST // 2),
    "unfolding": "ﷺ" * LONGEST,
    "rare": "".join(map(chr, range(0x4E00, 0x4E00 + LONGEST))),
    "beyond the plane": "\U00020000" * LONGEST,
    "prose": (TEXT * LONGEST)[:LONGEST],
}


@pytest.fixture(scope="module")
def jieba(tmp_path_factory: pytest.TempPathFactory) -> Jieba:
    """The default one; in these tests the other is installed, too."""
    return Jieba(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def rjieba() -> Rjieba:
    return Rjieba()


@pytest.fixture(params=["jieba", "rjieba"])
def segmenter(request: pytest.FixtureRequest) -> Segmenter:
    found: Segmenter = request.getfixturevalue(request.param)
    return found


def test_words_of_insurance_are_words(segmenter: Segmenter) -> None:
    words = segmenter.words(fold(TEXT))
    assert {"免赔额", "现金价值", "等待期", "拒赔", "查勘员", "claim", "rejected"} <= set(words)
    assert len(words) == len(set(words))
    assert {"等待期", "犹豫期"} <= set(segmenter.words("等待期内确诊 犹豫期内退保")), "not 期内"
    assert all(1 < len(word) <= LONGEST_WORD for word in words)


def test_every_word_of_ours_is_found_by_itself(segmenter: Segmenter) -> None:
    missing = [word for word in own_words() if word not in segmenter.words(fold(word))]
    assert missing == []


def test_both_find_the_same_words(jieba: Jieba, rjieba: Rjieba) -> None:
    assert set(jieba.words(fold(TEXT))) == set(rjieba.words(fold(TEXT)))
    assert jieba.name != rjieba.name


def test_the_default_one_keeps_its_cache_where_only_we_write(tmp_path: Path) -> None:
    Jieba(tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".cache"]


def test_without_the_extra_the_default_one_is_loaded(
    tmp_path: Path, jieba: Jieba, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment, "find_spec", lambda name: None)
    monkeypatch.setattr(segment, "_loaded", None)
    monkeypatch.setattr(segment, "Jieba", lambda state_dir: jieba)
    assert segment.segmenter(tmp_path) is jieba
    assert segment.running() == jieba.name
    found = analyse(tmp_path, TEXT)
    assert "免赔额" in found.words
    assert {"payout", "refusal"} <= set(found.topics)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_accepted_text_takes_long(segmenter: Segmenter, text: str) -> None:
    start = time.process_time()
    words = segmenter.words(fold(text))
    assert time.process_time() - start < MOST
    assert all(len(word) <= LONGEST_WORD for word in words)
