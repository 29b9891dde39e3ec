"""Hits stand where the text, as it was written, has what was looked for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.plugin.search.fold import fold
from insurance_reviews.plugin.search.highlight import (
    LONGEST_WHOLE,
    Span,
    excerpt,
    find_hits,
    within,
)
from insurance_reviews.plugin.search.terms import parse

TEXTS = st.text(
    st.sampled_from("理賠赔慢，。 AaＡ\u200b\u0301️👍ﷺ\r\n<>&\"'█") | st.characters(), max_size=80
)


def hits(text: str, query: str) -> list[str]:
    return [text[start:end] for start, end in find_hits(text, parse(query).wanted)]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("理賠很慢，理赔员也慢。", "理赔", ["理賠", "理赔"]),
        ("Claims, ＣＬＡＩＭ", "claim", ["Claim", "ＣＬＡＩＭ"]),
        ("免赔额，一万元", '"免赔额 一万"', ["免赔额，一万"]),
        ("等待\u200b期", "等待期", ["等待\u200b期"]),
        ("👍️好", "👍", ["👍️"]),
        ("葛\U000e0100城市", "葛城", ["葛\U000e0100城"]),
        ("葛\U000e0100城市", "葛", ["葛\U000e0100"]),
        ("錢還沒到帳", "到账", ["到帳"]),
        ("等著\ufe00理賠", "着理", ["著\ufe00理"]),
        ("Café", "cafe\u0301", ["Café"]),
        ("e\u0301te", "e", ["e\u0301", "e"]),
        ("㎏", "k", ["㎏"]),
        ("哈哈哈", "哈哈", ["哈哈哈"]),
        ("理赔慢", "理赔 赔慢", ["理赔慢"]),
        ("没有", "赔", []),
        ("赔", "-赔", []),
    ],
)
def test_what_is_marked_is_what_was_written(text: str, query: str, found: list[str]) -> None:
    assert hits(text, query) == found


@given(TEXTS, TEXTS)
def test_hits_are_in_order_apart_and_contain_the_term(text: str, part: str) -> None:
    terms = parse(f'"{part}"').wanted
    spans = find_hits(text + part, terms)
    end = -1
    for start, following in spans:
        assert end < start < following <= len(text + part)
        end = following
        assert any(term in fold((text + part)[start:following]) for term in terms)
    assert bool(spans) == bool(terms)


@given(TEXTS, TEXTS, st.integers(1, 40))
def test_an_excerpt_shows_the_first_hit(text: str, part: str, longest: int) -> None:
    whole = text * 3 + part + text * 3
    spans = find_hits(whole, parse(f'"{part}"').wanted)
    shown = excerpt(whole, spans, longest)
    if shown is None:
        assert len(whole) <= longest or not spans
        return
    inside = within(spans, shown)
    first = whole[spans[0].start : min(spans[0].end, shown.end)]
    assert shown.start <= spans[0].start < shown.end
    assert whole[shown.start : shown.end][inside[0].start : inside[0].end] == first
    assert all(0 <= start < end <= shown.end - shown.start for start, end in inside)


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("赔" * LONGEST_WHOLE, (Span(0, 1),)) is None
    assert excerpt("赔" * (LONGEST_WHOLE + 1), (Span(0, 1),)) == Span(0, LONGEST_WHOLE)
    assert excerpt("慢" * 500, ()) is None


@pytest.mark.parametrize("text", ["赔" * 5_000, "赔\u0301" * 2_500, "赔，" * 2_500])
def test_a_text_of_one_character_is_marked_in_bounded_time(text: str) -> None:
    terms = ["赔" * 250, "赔" * 100, "赔" * 50, "赔赔", "赔"]
    start = time.process_time()
    assert find_hits(text, terms)
    assert time.process_time() - start < 1.0
