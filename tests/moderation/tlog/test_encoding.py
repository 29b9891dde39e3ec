"""Numbers and base64: what Python's own readers let through is refused here."""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.tlog.encoding import (
    MAX_INTEGER,
    base64_text,
    check_line,
    check_text,
    parse_base64,
    parse_decimal,
)
from insurance_reviews.moderation.tlog.errors import MalformedError


@given(st.integers(0, MAX_INTEGER))
def test_numbers_are_read_as_they_are_written(value: int) -> None:
    assert value == parse_decimal("number", str(value))


@given(st.binary())
def test_base64_is_read_as_it_is_written(data: bytes) -> None:
    assert data == parse_base64("data", base64_text(data))
    assert data == parse_base64("data", base64_text(data), len(data))


@pytest.mark.parametrize("text", [" 1_0\n", "1_0", "+1", "-0", "01", "٣", "３", "1e3"])
def test_what_int_would_take_and_more_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="malformed number: not a plain decimal"):
        parse_decimal("number", text)


def test_a_number_has_a_bound() -> None:
    assert parse_decimal("number", "255", 255) == 255
    with pytest.raises(MalformedError, match="greater than 255"):
        parse_decimal("number", "256", 255)
    with pytest.raises(MalformedError, match="not a plain decimal"):
        parse_decimal("number", "1000", 255)


@pytest.mark.parametrize("text", ["AA==!!", "AB==", "AA=", "A", "AA==\n", "A A=", "-_--", "ÄA=="])
def test_what_b64decode_would_take_and_more_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_base64("data", text)


def test_the_reason_for_strictness_still_stands() -> None:
    assert int(" 1_0\n") == 10
    assert b64decode("AA==!!") == b"\0"
    assert b64decode("AB==", validate=True) == b"\0"


def test_base64_of_another_length_is_refused() -> None:
    with pytest.raises(MalformedError, match="1 bytes instead of 32"):
        parse_base64("hash", "AA==", 32)


@pytest.mark.parametrize("codepoint", [*range(10), *range(11, 32), 0xD800, 0xDFFF])
def test_what_a_note_may_not_hold_is_refused_by_name(codepoint: int) -> None:
    with pytest.raises(MalformedError, match=f"contains U\\+{codepoint:04X}"):
        check_text("note", f"a{chr(codepoint)}b")


@pytest.mark.parametrize("line", ["", "\n", "a\n", "a\nb"])
def test_a_line_is_one_line(line: str) -> None:
    with pytest.raises(MalformedError, match="not one line"):
        check_line("line", line)
