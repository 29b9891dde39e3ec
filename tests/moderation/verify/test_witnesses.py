"""A policy asks for witnesses; what they signed last holds the log, and the rest is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from insurance_reviews.moderation.tlog.cosignature import Cosigner, cosignature_line
from insurance_reviews.moderation.tlog.note import Signer
from insurance_reviews.moderation.verify.fetch import Answer
from insurance_reviews.moderation.verify.report import as_json, as_text
from support import static_log
from support.static_log import SIGNER, StaticShop, signed_checkpoint
from support.verifying import Liar, check_static

WITNESS = Cosigner("witness.example/w1", b"w" * 32)
LOG = f"{static_log.PREFIX}/log/anxin/"
SIGNED_AT = 1_790_003_600


def cosigned(note: str, witness: Cosigner = WITNESS) -> str:
    text = note.partition("\n\n")[0] + "\n"
    return note + cosignature_line(text, witness, at=SIGNED_AT)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy"
    path.write_text(f"log {SIGNER.verifier_key()}\nwitness W {WITNESS.verifier_key()}\nquorum W\n")
    return path


@pytest.fixture
def shop() -> StaticShop:
    shop = StaticShop()
    for score in (5, 3, 1):
        shop.review(score=score)
    return shop


class Witnessed:
    """The shop with a witnessed checkpoint, and perhaps a cosigned newest one."""

    def __init__(self, shop: StaticShop, witnessed: str | None, newest: str | None = None) -> None:
        self.shop = shop
        self.notes = {f"{LOG}witnessed": witnessed, f"{LOG}checkpoint": newest}

    def __call__(self, url: str) -> Answer:
        note = self.notes.get(url)
        return self.shop.fetch(url) if note is None else Answer.of(note.encode())


def test_the_newest_checkpoint_may_be_witnessed(shop: StaticShop, policy: Path) -> None:
    newest = cosigned(signed_checkpoint(shop.leaves))
    outcome = check_static(shop, Witnessed(shop, None, newest), policy=policy)
    assert outcome.exit_code == 0
    assert as_json(outcome)["witnessed"] == {"size": 7, "at": {"W": "2026-09-21T15:13:20Z"}}
    assert "not witnessed yet" not in as_text(outcome)


def test_entries_that_no_witness_has_seen_are_counted(shop: StaticShop, policy: Path) -> None:
    witnessed = cosigned(signed_checkpoint(shop.leaves[:4]))
    outcome = check_static(shop, Witnessed(shop, witnessed), policy=policy)
    assert outcome.exit_code == 0, as_text(outcome)
    assert "the 3 newest entries are not witnessed yet" in as_text(outcome)


def test_a_log_that_forks_after_its_witness_is_found(
    shop: StaticShop, policy: Path, tmp_path: Path
) -> None:
    """A split view: the witness saw another history, and so nobody cosigns this one."""
    witnessed = cosigned(signed_checkpoint(shop.leaves[:4]))
    shop.leaves[2] = shop.leaves[2].replace(b'"score":5', b'"score":1')
    shop.reviews[0]["score"] = 1
    outcome = check_static(shop, Witnessed(shop, witnessed), policy=policy, evidence=tmp_path)
    assert outcome.codes == ["fork"]
    assert len(outcome.evidence) == 1


def test_a_witnessed_checkpoint_may_be_newer_than_the_newest_of_before(
    shop: StaticShop, policy: Path
) -> None:
    older = signed_checkpoint(shop.leaves[:6])
    witnessed = cosigned(signed_checkpoint(shop.leaves))
    outcome = check_static(shop, Witnessed(shop, witnessed, older), policy=policy)
    assert (outcome.exit_code, outcome.counts["entries"]) == (0, 7), as_text(outcome)


@pytest.mark.parametrize(
    ("witnessed", "code"),
    [
        (None, "not-witnessed"),
        ("plain", "not-witnessed"),
        ("stranger", "not-witnessed"),
        ("wrong", "checkpoint-signature"),
        ("witness alone", "checkpoint-key"),
        ("nonsense", "checkpoint-malformed"),
    ],
)
def test_what_no_quorum_signed_is_not_witnessed(
    shop: StaticShop, policy: Path, witnessed: str | None, code: str
) -> None:
    plain = signed_checkpoint(shop.leaves)
    signed = cosigned(plain)
    head, _, lines = signed.partition("\n\n")
    notes = {
        None: None,
        "plain": plain,
        "stranger": cosigned(plain, Cosigner(WITNESS.name, b"s" * 32)),
        "wrong": cosigned(signed_checkpoint(shop.leaves[:4])).replace(
            signed_checkpoint(shop.leaves[:4]), plain
        ),
        "witness alone": f"{head}\n\n{lines.splitlines()[1]}\n",
        "nonsense": "?",
    }
    outcome = check_static(shop, Witnessed(shop, notes[witnessed]), policy=policy)
    assert outcome.codes == [code]


def test_a_wrong_cosignature_of_a_known_witness_spoils_the_newest_checkpoint(
    shop: StaticShop, policy: Path
) -> None:
    other = cosigned(signed_checkpoint(shop.leaves[:4])).splitlines()[-1]
    newest = f"{signed_checkpoint(shop.leaves)}{other}\n"
    outcome = check_static(shop, Witnessed(shop, None, newest), policy=policy)
    assert outcome.codes == ["checkpoint-signature"]


def test_a_policy_without_a_quorum_asks_for_nobody(shop: StaticShop, tmp_path: Path) -> None:
    path = tmp_path / "policy"
    path.write_text("quorum none\n")
    between = Liar(shop.fetch, static_log.PREFIX)
    assert check_static(shop, between, policy=path).exit_code == 0
    assert "/log/anxin/witnessed" not in between.asked


@pytest.mark.parametrize("text", ["quorum W\n", "log elsewhere+00000000+AA==\nquorum none\n"])
def test_a_policy_that_cannot_be_read_is_said(shop: StaticShop, tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy"
    path.write_text(text)
    outcome = check_static(shop, policy=path)
    assert outcome.exit_code == 2
    [(code, message)] = outcome.findings.unchecked
    assert (code, "line 1" in message) == ("policy", True)


def test_a_policy_about_other_logs_is_said(shop: StaticShop, tmp_path: Path) -> None:
    path = tmp_path / "policy"
    other = Signer("elsewhere", bytes(32)).verifier_key()
    path.write_text(f"log {other}\nquorum none\n")
    assert check_static(shop, policy=path).exit_code == 2
