"""Tokens are derived or hashed: nothing that the database holds opens anything."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.ids import new_id
from insurance_reviews.plugin.capabilities import (
    invitation_of,
    invitation_token,
    new_api_token,
    normal_policy_number,
    policy_hash,
    token_hash,
)

KEY = b"k" * 32
ALPHABET = string.ascii_letters + string.digits + "-_"

ids = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26).map(
    lambda letters: f"iv_{letters}"
)


@given(ids, st.binary(min_size=32, max_size=48))
def test_a_token_leads_to_its_invitation(name: str, key: bytes) -> None:
    token = invitation_token(key, name)
    assert invitation_of(key, token) == name
    assert set(token) <= set(ALPHABET)


@given(ids, st.binary(min_size=32, max_size=32).filter(lambda key: key != KEY))
def test_another_installations_token_leads_nowhere(name: str, key: bytes) -> None:
    assert invitation_of(KEY, invitation_token(key, name)) is None


@given(ids, st.integers(0, 81), st.sampled_from(ALPHABET))
def test_a_token_has_one_spelling(name: str, place: int, letter: str) -> None:
    """Every other letter at any place, the spare bits of the last one included."""
    token = invitation_token(KEY, name)
    other = token[:place] + letter + token[place + 1 :]
    assert invitation_of(KEY, other) == (name if other == token else None)


@given(st.text(max_size=100))
def test_any_text_is_a_token_or_none(text: str) -> None:
    assert invitation_of(KEY, text) is None


@pytest.mark.parametrize("change", ["", "=", "==", "\n", " ", "A"])
def test_nothing_may_follow_a_token(change: str) -> None:
    token = invitation_token(KEY, new_id("iv"))
    assert (invitation_of(KEY, token + change) is None) == bool(change)


def test_a_genuine_seal_on_something_else_leads_nowhere() -> None:
    """The key seals invitations only, whatever has their length."""
    for name in (new_id("rv"), "iv_" + "A" * 26, "x" * 29):
        assert invitation_of(KEY, invitation_token(KEY, name)) is None


def test_a_token_does_not_show_the_key() -> None:
    token = invitation_token(KEY, new_id("iv"))
    assert KEY not in base64.urlsafe_b64decode(token + "==")


@pytest.mark.parametrize(
    "spelling",
    [
        "PA-2026-0001",
        "pa20260001",
        " PA 2026 0001 ",
        "ＰＡ２０２６－０００１",
        "PA/2026.0001",
        "PA_2026–0001",
    ],
)
def test_a_policy_number_is_known_in_every_spelling(spelling: str) -> None:
    assert normal_policy_number(spelling) == "PA20260001"
    assert policy_hash(KEY, "anxin", spelling) == policy_hash(KEY, "anxin", "PA20260001")


@given(st.text(max_size=40))
def test_the_normal_form_is_normal(number: str) -> None:
    normal = normal_policy_number(number)
    assert normal_policy_number(normal) == normal


@given(st.text("AB0123456789", min_size=1), st.text("AB0123456789", min_size=1))
def test_insurer_and_number_do_not_run_into_each_other(one: str, other: str) -> None:
    """anxin + 1A and anxin1 + A are two policies."""
    same = policy_hash(KEY, "anxin", one + other) == policy_hash(KEY, "anxin" + one, other)
    assert not same


def test_a_policy_number_cannot_be_looked_up_without_the_key() -> None:
    assert policy_hash(KEY, "anxin", "PA1") != policy_hash(b"x" * 32, "anxin", "PA1")
    assert "PA1" not in policy_hash(KEY, "anxin", "PA1")


def test_api_tokens_are_random_and_stored_hashed() -> None:
    tokens = {new_api_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("ir_") and len(token) == 46 for token in tokens)
    assert all(len(token_hash(token)) == 64 and token not in token_hash(token) for token in tokens)
