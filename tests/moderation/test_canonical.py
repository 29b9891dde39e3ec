"""RFC 8785 canonical JSON: one value has one form, and only that form is read."""

from __future__ import annotations

import json
import unicodedata
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.canonical import MAX_INTEGER, NotCanonicalError, dumps, loads

texts = st.text().map(lambda text: unicodedata.normalize("NFC", text))
scalars = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | texts
ascii_keys = st.text(st.characters(max_codepoint=126), max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ascii_keys, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert loads(dumps(value)) == value


@given(st.dictionaries(ascii_keys, scalars, min_size=2))
def test_the_order_of_members_does_not_matter(value: dict[str, Any]) -> None:
    assert dumps(value) == dumps(dict(reversed(value.items())))


@given(values)
def test_any_other_spelling_is_refused(value: Any) -> None:
    """White space, escapes that need not be, a byte more: it is not what was committed to."""
    written = dumps(value)
    for other in (
        json.dumps(value, sort_keys=True).encode(),
        json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode(),
        written + b" ",
    ):
        if other != written:
            with pytest.raises(NotCanonicalError):
                loads(other)


@given(st.binary(max_size=40))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = loads(data)
    except NotCanonicalError:
        return
    assert dumps(value) == data


def test_the_escapes_are_those_of_the_standard() -> None:
    """RFC 8785, section 3.2.2.2: the short ones where there are any, else lower-case \\u00xx."""
    assert dumps('"\\/\b\t\n\f\r\x00\x1f\x7f中😀') == (
        '"\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\x7f中😀"'.encode()
    )


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        "e\u0301",
        "\ud800",
        "中\udc00",
        {"中": 1},
        {1: 2},
        {"a": {"b": [1.5]}},
        b"bytes",
        {1, 2},
        3 + 4j,
    ],
    ids=ascii,
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        dumps(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"nul",
        b"NaN",
        b"Infinity",
        b"-0",
        b"5.0",
        b"1e2",
        b"01",
        b'{"a":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'\xef\xbb\xbf{"a":1}',
        b'"\\u4e2d"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\xff"',
        b'"e\xcc\x81"',
        b"9007199254740992",
        b"1" * 5_000,
        b"[" * 100_000,
    ],
    ids=lambda data: ascii(data[:20]),
)
def test_what_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        loads(data)


def test_depth_is_refused_like_everything_else() -> None:
    """At whatever depth: reading, checking and writing do not reach the end at the same one."""
    for depth in range(800, 1_010):
        with suppress(NotCanonicalError):
            loads(b"[" * depth + b"]" * depth)
