"""Of a name nothing is stored but the surname or the initial, and how long it was is not told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.plain_text import TextFault
from insurance_reviews.plugin.names import ANONYMOUS, COMPOUND_SURNAMES, MASK, MAX_NAME, mask_name
from insurance_reviews.widgets import words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小明", "王**"),
        ("王明", "王**"),
        ("王", "王**"),
        ("欧阳娜娜", "欧阳**"),
        ("歐陽娜娜", "歐陽**"),
        ("司马懿", "司马**"),
        ("欧阳", "欧**"),
        ("  王 小明 ", "王**"),
        ("欧阳·娜娜", "欧阳**"),
        ("阿迪力·买买提", "阿**"),
        ("John Smith", "J**"),
        ("john smith", "J**"),
        ("Ångström", "Å**"),
        ("ﬁona", "F**"),
        ("Иванов", "И**"),
        ("김철수", "김**"),
        ("山田太郎", "山**"),
        ("たなか", "た**"),
        ("𠮷田", "𠮷**"),
        ("123王小明", "王**"),
        ("（王）小明", "王**"),
        ("1 2 3", ANONYMOUS),
        ("😀", ANONYMOUS),
        ("", ANONYMOUS),
        ("   ", ANONYMOUS),
        (None, ANONYMOUS),
        ("***", ANONYMOUS),
    ],
)
def test_a_name_is_masked(name: str | None, shown: str) -> None:
    assert mask_name(name) == shown


@given(st.text(max_size=MAX_NAME))
def test_no_more_than_two_letters_of_a_name_are_shown(name: str) -> None:
    try:
        shown = mask_name(name)
    except TextFault:
        return
    letters = shown.removesuffix(MASK)
    assert shown == ANONYMOUS or (shown.endswith(MASK) and len(letters) in (1, 2))
    if len(letters) == 2 and shown != ANONYMOUS:
        assert letters in COMPOUND_SURNAMES


@given(st.sampled_from(sorted(COMPOUND_SURNAMES)), st.text("娜明小华", min_size=1, max_size=3))
def test_a_compound_surname_is_one_surname(surname: str, given_name: str) -> None:
    assert mask_name(surname + given_name) == surname + MASK


@given(st.text("王李张刘陈明华丽", min_size=1, max_size=10))
def test_the_mask_does_not_tell_how_long_the_name_is(name: str) -> None:
    assert mask_name(name) == name[0] + MASK


@pytest.mark.parametrize("name", ["王" * (MAX_NAME + 1), "王\n明", "王\x00", "\ud800"], ids=ascii)
def test_a_name_that_no_text_may_hold_is_refused(name: str) -> None:
    with pytest.raises(TextFault):
        mask_name(name)


def test_pages_know_the_name_of_those_who_give_none() -> None:
    """They show it in the reader's language, and no mask looks like it."""
    assert words.ANONYMOUS == mask_name(None) == mask_name("")
    assert mask_name(words.ANONYMOUS) != words.ANONYMOUS
