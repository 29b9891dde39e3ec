"""A redaction is the same text with passages blotted out, and its masks tell exactly which."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.redaction import BLOT, RedactionError, apply_masks, masks_of

texts = st.text(min_size=1, max_size=60).map(lambda text: unicodedata.normalize("NFC", text))


@st.composite
def redactions(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and the same text with at least one character blotted out."""
    text = draw(texts.filter(lambda text: text.strip(BLOT)))
    hidden = draw(st.sets(st.integers(0, len(text) - 1), min_size=1))
    redacted = "".join(
        BLOT if position in hidden else character for position, character in enumerate(text)
    )
    if redacted == text:
        redacted = BLOT * len(text)
    return text, redacted


@given(redactions())
def test_the_masks_lead_from_the_original_to_the_redaction(pair: tuple[str, str]) -> None:
    original, redacted = pair
    assert apply_masks(original, masks_of(original, redacted)) == redacted


@given(redactions())
def test_masks_go_from_left_to_right_and_do_not_touch(pair: tuple[str, str]) -> None:
    """One redaction has one form."""
    masks = masks_of(*pair)
    assert all(length >= 1 for _, length in masks)
    assert all(start > before + length for (before, length), (start, _) in pairwise(masks))


@given(redactions())
def test_masks_hide_nothing_that_was_hidden_before(pair: tuple[str, str]) -> None:
    original, _ = pair
    assert all(
        original[position] != BLOT
        for start, length in masks_of(*pair)
        for position in range(start, start + length)
    )


@given(redactions())
def test_a_redacted_text_is_still_in_the_form_that_is_committed_to(pair: tuple[str, str]) -> None:
    """Blotting out a letter leaves no text that NFC would write otherwise."""
    assert unicodedata.is_normalized("NFC", pair[1])


@given(texts, texts)
def test_two_texts_are_a_redaction_or_refused(original: str, other: str) -> None:
    try:
        masks = masks_of(original, other)
    except RedactionError:
        return
    assert apply_masks(original, masks) == other


@pytest.mark.parametrize(
    ("redacted", "reason"),
    [
        ("", "has 0 characters, not 6"),
        ("理赔员李四██", "has 7 characters"),
        ("理赔员李四", "has 5 characters"),
        ("理赔员张三很", "character 4 was changed"),
        ("理赔员**很", "something other"),
        ("理赔员李四很", "nothing is blotted out"),
    ],
)
def test_anything_else_is_refused_with_its_reason(redacted: str, reason: str) -> None:
    with pytest.raises(RedactionError, match=reason):
        masks_of("理赔员李四很", redacted)


def test_positions_count_code_points() -> None:
    assert masks_of("😀李四😀", "😀██😀") == [[1, 2]]
