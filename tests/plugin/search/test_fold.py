"""Folding: what a text contains as written, it contains folded, and the eye's differences go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.plugin.search.fold import fold, fold_with_origins

TEXTS = st.text(max_size=60)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("理賠很慢", "理赔很慢"),
        ("Ｉnsurance CLAIM", "insurance claim"),
        ("  免赔额，一万！ ", "免赔额 一万"),
        ("<b>拒赔</b>", "b 拒赔 b"),
        ("等待期\u200b内", "等待期内"),
        ("\u202e理赔\u202c", "理赔"),
        ("好👍️", "好👍"),
        ("㎏", "kg"),
        ("等著到帳，妳化粧", "等着到账 你化妆"),
        ("汚水倒囘戸內", "污水倒回户内"),
        ("什么", "什么"),
        ("葛\U000e0100城", "葛城"),
        ("\u1820\u180b", "\u1820"),
        ("，。 !?", ""),
        ("", ""),
    ],
)
def test_what_looks_alike_becomes_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_contained_stays_contained(before: str, part: str, after: str) -> None:
    """Whatever stands around it: so a query finds exactly the texts that contain it."""
    assert fold(part) in fold(before + part + after)


@given(TEXTS)
def test_every_character_knows_where_it_came_from(text: str) -> None:
    folded = fold_with_origins(text)
    assert folded.text == fold(text)
    assert len(folded.origins) == len(folded.text)
    assert list(folded.origins) == sorted(folded.origins)
    for character, origin in zip(folded.text, folded.origins, strict=True):
        assert character == " " or character in fold(text[origin])
