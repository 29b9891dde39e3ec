"""A text has one stored form, and what would hide or break things is refused by name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.plain_text import MAX_COMBINING, TextFault, clean


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    try:
        cleaned = clean(text, longest=1_000)
    except TextFault:
        return
    assert clean(cleaned, longest=1_000) == cleaned


@given(st.text(max_size=200))
def test_what_is_stored_is_nfc_and_has_unix_line_ends(text: str) -> None:
    try:
        cleaned = clean(text, longest=1_000)
    except TextFault:
        return
    assert unicodedata.is_normalized("NFC", cleaned)
    assert "\r" not in cleaned
    assert cleaned == cleaned.strip()


@given(st.text("中文abc ，。\n\t", max_size=50))
def test_nothing_inside_a_text_is_changed(text: str) -> None:
    assert clean(text, longest=100) == text.strip()


def code_of(text: str, *, longest: int = 100, shortest: int = 0, lines: bool = True) -> str:
    with pytest.raises(TextFault) as refusal:
        clean(text, longest=longest, shortest=shortest, lines=lines)
    return refusal.value.fault.code


@pytest.mark.parametrize(
    "character",
    [
        *"\x00\x01\x07\x08\x0b\x0c\x1b\x1f\x7f\x80\x85\x9f",
        chr(0xD800),
        chr(0xDFFF),
        "\ufdd0",
        "\uffff",
        "\ufffe",
        "\U000e0001",
        "\U000e0041",
        "\U000e007f",
    ],
    ids=ascii,
)
def test_characters_that_hide_or_break_things_are_refused(character: str) -> None:
    assert code_of(f"理赔{character}很快") == "character"


def test_the_refusal_names_the_character() -> None:
    with pytest.raises(TextFault) as refusal:
        clean("理\x1b赔", longest=10)
    assert refusal.value.fault.params == {"code_point": "U+001B"}


@pytest.mark.parametrize(
    "text",
    ["理赔\u200b很快", "\u202eabc\u202c", "👨\u200d👩\u200d👧", "a\tb\nc", "\U000f0000", "é" * 10],
    ids=ascii,
)
def test_characters_that_languages_need_stay(text: str) -> None:
    assert clean(text, longest=100) == text


def test_line_ends_become_one() -> None:
    assert clean("一\r\n二\r三\n四", longest=100) == "一\n二\n三\n四"


def test_decomposed_letters_are_composed() -> None:
    assert clean("Cafe\u0301", longest=10) == "Café"


def test_length_is_counted_in_code_points_after_cleaning() -> None:
    assert clean("  " + "😀" * 10 + "\n", longest=10) == "😀" * 10
    assert code_of("😀" * 11, longest=10) == "too-long"


def test_an_endless_text_is_refused_before_it_is_normalised() -> None:
    """Normalising is what it would make expensive."""
    assert code_of("\u0344" * 10_000_000, longest=5_000) == "too-long"


def test_a_required_text_must_say_something() -> None:
    assert code_of(" \n\t", shortest=1) == "required"


def test_a_line_break_has_no_place_in_a_line() -> None:
    assert code_of("一\n二", lines=False) == "one-line"


def test_marks_may_pile_up_so_far_and_no_further() -> None:
    assert clean("x" + "\u0316" * MAX_COMBINING, longest=100)
    assert code_of("x" + "\u0316" * (MAX_COMBINING + 1)) == "combining-marks"
