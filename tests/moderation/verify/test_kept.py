"""What others kept holds the log; a fork is written down so that anybody can check it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from insurance_reviews.moderation.tlog.note import Signer
from support.evidence import read_evidence, sizes_of_fork
from support.receipts import proof_of
from support.static_log import ORIGIN, SIGNER, StaticShop, signed_checkpoint
from support.verifying import check_static, liar


@pytest.fixture
def shop() -> StaticShop:
    shop = StaticShop()
    for score in (5, 3, 1, 4, 4, 2):
        shop.review(score=score)
    return shop


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def forge(shop: StaticShop) -> None:
    """The operator makes entry 2 a better review, and signs everything anew."""
    shop.leaves[2] = shop.leaves[2].replace(b'"score":5', b'"score":1')
    shop.reviews[0]["score"] = 1


def test_checkpoints_of_every_size_hold_a_log_that_only_grew(
    shop: StaticShop, tmp_path: Path
) -> None:
    kept = [
        write(tmp_path / f"{size}", signed_checkpoint(shop.leaves[:size]))
        for size in range(1, len(shop.leaves) + 1)
    ]
    assert check_static(shop, kept=kept).exit_code == 0


@pytest.mark.parametrize("size", range(3, 14))
def test_evidence_of_a_fork_can_be_checked_by_anybody(
    shop: StaticShop, tmp_path: Path, size: int
) -> None:
    kept = write(tmp_path / "kept", signed_checkpoint(shop.leaves[:size]))
    forge(shop)
    outcome = check_static(shop, kept=[kept], evidence=tmp_path)
    assert outcome.codes == ["fork"]
    [path] = outcome.evidence
    assert sizes_of_fork(path) == (size, len(shop.leaves))


@pytest.mark.parametrize("broken", ["/tile/entries/", "/tile/0/"])
def test_a_fork_is_written_down_when_the_rest_of_the_log_cannot_be_read(
    shop: StaticShop, tmp_path: Path, broken: str
) -> None:
    """Whoever has been seen to fork must not get away by breaking off."""
    kept = write(tmp_path / "kept", signed_checkpoint(shop.leaves[:3]))
    forge(shop)
    while len(shop.leaves) <= 256:
        shop.invite()
    between = liar(shop).about(f"{broken}001.p/", lambda _: None)
    between.about(f"{broken}001", lambda _: None)
    outcome = check_static(shop, between, kept=[kept], evidence=tmp_path)
    assert "fork" in outcome.codes
    [path] = outcome.evidence
    told = read_evidence(path)
    assert (told.kept, told.served) == (kept.read_text(), signed_checkpoint(shop.leaves))
    assert ("root" in told.fields) == (broken == "/tile/0/")


def test_a_fork_whose_entries_are_not_the_signed_ones_is_written_down_without_a_proof(
    shop: StaticShop, tmp_path: Path
) -> None:
    """The proof would lead to a root that nobody signed."""
    kept = write(tmp_path / "kept", signed_checkpoint(shop.leaves[:3]))
    forge(shop)
    other = signed_checkpoint([*shop.leaves[:-1], b"{}"]).encode()
    between = liar(shop).about("/checkpoint", lambda _: other)
    outcome = check_static(shop, between, kept=[kept], evidence=tmp_path)
    assert outcome.codes == ["fork", "root-differs"]
    [path] = outcome.evidence
    told = read_evidence(path)
    assert (told.kept, told.served) == (kept.read_text(), other.decode())
    assert told.fields.keys() == {"origin", "kept", "served"}


def test_a_log_that_is_smaller_than_it_was_is_rolled_back(shop: StaticShop, tmp_path: Path) -> None:
    kept = write(tmp_path / "kept", signed_checkpoint(shop.leaves))
    del shop.leaves[-2:], shop.reviews[-1], shop.invitations[-1]
    outcome = check_static(shop, kept=[kept], evidence=tmp_path)
    assert outcome.codes == ["rollback"]
    [path] = outcome.evidence
    told = read_evidence(path)
    assert told.fields == {"origin": [ORIGIN], "kept": ["13"], "served": ["11"]}
    assert (told.kept, told.served) == (kept.read_text(), signed_checkpoint(shop.leaves))


def test_a_receipt_is_a_kept_checkpoint_too(shop: StaticShop, tmp_path: Path) -> None:
    kept = write(tmp_path / "r.tlog-proof", proof_of(shop, 4).format())
    assert check_static(shop, kept=[kept]).exit_code == 0
    forge(shop)
    assert check_static(shop, kept=[kept], evidence=tmp_path).codes == ["fork"]


def test_what_is_newer_than_every_kept_checkpoint_can_be_rewritten_unseen(
    shop: StaticShop, tmp_path: Path
) -> None:
    """The blind window: the expected miss. Receipts and witnesses are what closes it."""
    kept = write(tmp_path / "kept", signed_checkpoint(shop.leaves[:2]))
    forge(shop)
    assert check_static(shop, kept=[kept]).exit_code == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no checkpoint", "kept"),
        (signed_checkpoint([b"x"], Signer("log.example/other", b"o" * 32)), "kept"),
        (signed_checkpoint([b"x"], Signer(ORIGIN, b"o" * 32)), "unknown-key"),
    ],
)
def test_only_what_the_log_signed_is_held_against_it(
    shop: StaticShop, tmp_path: Path, text: str, code: str
) -> None:
    outcome = check_static(shop, kept=[write(tmp_path / "kept", text)])
    assert outcome.exit_code == 2
    assert [told for told, _ in outcome.findings.unchecked] == [code]


# --- the state file -------------------------------------------------------------------------------


def test_the_state_remembers_the_newest_checkpoint(shop: StaticShop, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    assert check_static(shop, state=state).exit_code == 0
    kept = json.loads(state.read_text(encoding="utf-8"))
    assert kept["checkpoint"] == signed_checkpoint(shop.leaves)
    assert (kept["origin"], kept["keys"]) == (ORIGIN, [SIGNER.verifier_key()])
    shop.review()
    assert check_static(shop, state=state).exit_code == 0
    forge(shop)
    outcome = check_static(shop, state=state)
    assert outcome.codes == ["fork"]
    assert outcome.evidence[0].parent == tmp_path
    # A forked log is not remembered in the place of the one before.
    assert check_static(shop, state=state).codes == ["fork"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"version": 2}', "\x00", "[" * 100_000])
def test_a_state_file_that_is_none_is_left_alone(
    shop: StaticShop, tmp_path: Path, text: str
) -> None:
    state = write(tmp_path / "state.json", text)
    outcome = check_static(shop, state=state)
    assert outcome.exit_code == 2
    assert state.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "key",
    ["", "no key", f"{ORIGIN}+00000000+AAAA", Signer("log.example/x", bytes(32)).verifier_key()],
)
def test_a_state_file_with_a_key_that_is_none_of_the_log_is_left_alone(
    shop: StaticShop, tmp_path: Path, key: str
) -> None:
    state = tmp_path / "state.json"
    check_static(shop, state=state)
    value = json.loads(state.read_text(encoding="utf-8"))
    text = json.dumps({**value, "keys": [*value["keys"], key]})
    outcome = check_static(shop, state=write(state, text))
    assert [code for code, _ in outcome.findings.unchecked] == ["state"]
    assert (outcome.exit_code, state.read_text(encoding="utf-8")) == (2, text)


def test_the_state_of_another_log_is_left_alone(shop: StaticShop, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    check_static(shop, state=state)
    other = StaticShop(signers=(Signer("static.example/log/other", bytes(32)),))
    assert check_static(other, state=state).exit_code == 2


def test_a_state_that_cannot_be_written_is_said(shop: StaticShop, tmp_path: Path) -> None:
    outcome = check_static(shop, state=tmp_path / "nowhere" / "state.json")
    assert [code for code, _ in outcome.findings.unchecked] == ["state"]


# --- new keys -------------------------------------------------------------------------------------


def test_a_new_key_is_trusted_once_the_old_one_has_signed_its_entry(
    shop: StaticShop, tmp_path: Path
) -> None:
    new, state = Signer(ORIGIN, b"n" * 32), tmp_path / "state.json"
    given: dict[str, Any] = {"key": SIGNER.verifier_key(), "state": state}
    shop.signers = (new, SIGNER)
    shop.append("key.rotated", key=new.verifier_key())
    outcome = check_static(shop, **given)
    assert (outcome.exit_code, outcome.learnt) == (0, [new.verifier_key()])
    shop.signers = (new,)
    shop.review()
    outcome = check_static(shop, **given)
    assert (outcome.exit_code, outcome.learnt) == (0, [])
    # Whoever missed the time of both keys must fetch the new one himself.
    assert check_static(shop, key=SIGNER.verifier_key()).codes == ["checkpoint-key"]
    assert check_static(shop, key=new.verifier_key()).exit_code == 0


def test_a_key_that_no_entry_announces_is_another_log(shop: StaticShop, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    check_static(shop, state=state)
    shop.signers = (Signer(ORIGIN, b"n" * 32),)
    assert check_static(shop, key=SIGNER.verifier_key(), state=state).codes == ["checkpoint-key"]
