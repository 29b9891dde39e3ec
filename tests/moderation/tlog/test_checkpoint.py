"""Checkpoints: one state, one spelling."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.tlog.checkpoint import MAX_CHECKPOINT, Checkpoint
from insurance_reviews.moderation.tlog.errors import MalformedError
from insurance_reviews.moderation.tlog.note import Signer, sign_note

ORIGIN = "reviews.demo.example/anxin"
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
TEXT = f"{ORIGIN}\n7\n{ROOT}\n"

LINES = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1)
CHECKPOINTS = st.builds(
    Checkpoint,
    LINES,
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(LINES, max_size=2).map(tuple),
)


@given(CHECKPOINTS)
def test_a_checkpoint_is_read_as_it_is_written(checkpoint: Checkpoint) -> None:
    assert checkpoint == Checkpoint.parse(checkpoint.format())


@given(st.integers(0, len(TEXT)), st.integers(0, 3), st.text("\n \t+-_=0１AB¼é\x00", max_size=3))
def test_a_checkpoint_has_one_spelling(start: int, length: int, new: str) -> None:
    edited = TEXT[:start] + new + TEXT[start + length :]
    try:
        parsed = Checkpoint.parse(edited)
    except MalformedError:
        return
    assert edited == parsed.format()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n\n",
        TEXT.rstrip("\n"),
        TEXT + "\n",
        "\n" + TEXT,
        f"{ORIGIN}\n7\n",
        f"\n7\n{ROOT}\n",
        f"{ORIGIN}\n\n{ROOT}\n",
        f"{ORIGIN}\n7\n\n",
        f"{ORIGIN}\n07\n{ROOT}\n",
        f"{ORIGIN}\n+7\n{ROOT}\n",
        f"{ORIGIN}\n-7\n{ROOT}\n",
        f"{ORIGIN}\n 7\n{ROOT}\n",
        f"{ORIGIN}\n7 \n{ROOT}\n",
        f"{ORIGIN}\n1_0\n{ROOT}\n",
        f"{ORIGIN}\n7.0\n{ROOT}\n",
        f"{ORIGIN}\n0x7\n{ROOT}\n",
        f"{ORIGIN}\n٧\n{ROOT}\n",
        f"{ORIGIN}\n７\n{ROOT}\n",
        f"{ORIGIN}\n²\n{ROOT}\n",
        f"{ORIGIN}\n9223372036854775808\n{ROOT}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT}\n",
        f"{ORIGIN}\n7\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n7\n{ROOT}=\n",
        f"{ORIGIN}\n7\n {ROOT}\n",
        f"{ORIGIN}\n7\n{ROOT[:-2]}J=\n",
        f"{ORIGIN}\n7\n{ROOT.replace('/', '_')}\n",
        f"{ORIGIN}\n7\n{ROOT[:20]}!!!!{ROOT[20:]}\n",
        f"{ORIGIN}\n7\nAAAA\n",
        f"{ORIGIN}\n7\n{'A' * 44}\n",
        f"{ORIGIN}\r\n7\r\n{ROOT}\r\n",
        f"a\tb\n7\n{ROOT}\n",
        f"a\x00b\n7\n{ROOT}\n",
        f"a\ud800b\n7\n{ROOT}\n",
        f"{TEXT}extension\n\n",
        f"{TEXT}\nextension\n",
        f"{TEXT}exten\tsion\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 0, bytes(32), ()),
        ("a\nb", 0, bytes(32), ()),
        ("a\x1f", 0, bytes(32), ()),
        ("a", -1, bytes(32), ()),
        ("a", 2**63, bytes(32), ()),
        ("a", 0, b"", ()),
        ("a", 0, bytes(31), ()),
        ("a", 0, bytes(33), ()),
        ("a", 0, bytes(32), ("",)),
        ("a", 0, bytes(32), ("fine", "not\nfine")),
    ],
)
def test_what_could_not_be_read_again_is_not_made(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(MalformedError):
        Checkpoint(origin, size, root, extensions)


def test_a_checkpoint_is_bounded_before_it_is_read() -> None:
    longest = TEXT.ljust(MAX_CHECKPOINT - 1, "x") + "\n"
    assert Checkpoint.parse(longest).format() == longest
    with pytest.raises(MalformedError, match=f"longer than {MAX_CHECKPOINT} characters"):
        Checkpoint.parse("x" + longest)


def test_a_tree_may_be_as_large_as_a_database_can_count() -> None:
    largest = Checkpoint(ORIGIN, 2**63 - 1, bytes(32))
    assert Checkpoint.parse(largest.format()) == largest


def test_a_checkpoint_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Checkpoint.parse(TEXT).size = 8  # type: ignore[misc]


def test_an_error_says_what_is_malformed_and_why() -> None:
    with pytest.raises(MalformedError, match="malformed tree size: not a plain decimal") as caught:
        Checkpoint.parse(f"{ORIGIN}\n07\n{ROOT}\n")
    assert (caught.value.what, caught.value.reason) == ("tree size", "not a plain decimal")


def test_a_log_reads_its_own_note_back() -> None:
    """Without opening it; what is no checkpoint is refused all the same."""
    checkpoint = Checkpoint("log.example/1", 7, bytes(32))
    note = sign_note(checkpoint.format(), Signer.generate("log.example/1"))
    assert Checkpoint.of_own_note(note) == checkpoint
    with pytest.raises(MalformedError):
        Checkpoint.of_own_note("log.example/1\n7")
