"""Commitments hide the words and bind them; a key proves whose they are."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.commitment import (
    Words,
    author_of,
    commit,
    is_hex_32,
    new_author_key,
    read_body,
)
from insurance_reviews.moderation.ids import is_id, new_id

texts = st.text(max_size=80).map(lambda text: unicodedata.normalize("NFC", text))


@given(texts, texts)
def test_a_body_gives_back_its_name_and_text(name: str, text: str) -> None:
    assert read_body(Words(name, text).body) == (name, text)


@given(texts, texts)
def test_two_commitments_to_the_same_words_differ(name: str, text: str) -> None:
    """Nobody can guess words by their commitment: each has a salt of its own."""
    assert Words(name, text).commitment != Words(name, text).commitment


def test_the_commitment_is_that_of_the_documentation() -> None:
    words = Words("王**", "理赔很快。", bytes(range(32)))
    body = '{"name":"王**","text":"理赔很快。"}'.encode()
    preimage = b"insurance-reviews/content/v1\x00" + bytes(range(32)) + body
    assert words.commitment == hashlib.sha256(preimage).hexdigest()
    assert commit(words.salt, words.body) == words.commitment


def test_the_salt_does_not_show_in_a_traceback() -> None:
    assert "salt" not in repr(Words("王**", "理赔很快。"))


def test_the_author_is_the_hash_of_the_key() -> None:
    key = new_author_key()
    preimage = b"insurance-reviews/author/v1\x00" + bytes.fromhex(key)
    assert author_of(key) == hashlib.sha256(preimage).hexdigest()


@pytest.mark.parametrize("key", ["", "ab" * 31, "ab" * 33, "AB" * 32, "zz" * 32, "ab" * 32 + "\n"])
def test_a_key_has_one_spelling(key: str) -> None:
    assert not is_hex_32(key)
    with pytest.raises(ValueError, match="lower-case"):
        author_of(key)


def test_ids_are_random_and_have_one_form() -> None:
    names = {new_id("rv") for _ in range(200)}
    assert len(names) == 200
    assert all(is_id("rv", name) and len(name) == 29 for name in names)


@pytest.mark.parametrize(
    "name",
    ["", "rv_", "iv_" + "a" * 26, "rv_" + "a" * 25, "rv_" + "A" * 26, "rv_" + "1" * 26],
)
def test_other_forms_are_no_ids(name: str) -> None:
    assert not is_id("rv", name)
