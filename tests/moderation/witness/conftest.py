"""A witness that follows one log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from insurance_reviews.moderation.tlog.cosignature import CosignatureVerifier, cosigned_at
from insurance_reviews.moderation.tlog.note import open_note
from insurance_reviews.moderation.witness.home import create_witness, open_witness
from insurance_reviews.moderation.witness.witness import Answer, Witness
from support.witnesses import Grown

NAME = "witness.example/w1"
START = 1_790_000_000


@dataclass
class Watched:
    """A log, the witness of it, and the witness's clock."""

    log: Grown
    directory: Path
    now: float = START

    def __post_init__(self) -> None:
        self.witness: Witness = create_witness(self.directory, NAME)
        for vkey in self.log.vkeys:
            self.witness.state.follow(self.log.checkpoint(0).origin, vkey)
        self.reopen()

    def reopen(self) -> None:
        """As after a restart."""
        self.witness = open_witness(self.directory)
        self.witness._clock = lambda: self.now

    def ask(self, old: int, new: int, log: Grown | None = None) -> Answer:
        return self.witness.add_checkpoint((log or self.log).ask(old, new))

    def cosigned(self, old: int, new: int) -> int:
        """Ask, check that the answer is one cosignature of just that checkpoint; its time."""
        answer = self.ask(old, new)
        assert answer.status == 200, answer
        assert answer.body.count("\n") == 1
        key = CosignatureVerifier.parse(self.witness.vkey)
        opened = open_note(self.log.note(new) + answer.body, key)
        return cosigned_at(opened.verified[0])

    @property
    def size(self) -> int:
        """How far the witness has vouched."""
        [log] = self.witness.state.logs()
        return log.head.size if log.head else 0


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(Grown(40), tmp_path / "witness")
