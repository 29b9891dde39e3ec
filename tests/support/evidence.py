"""Evidence of a fork, read as ``docs/log-format.md`` says, by code of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.encoding import parse_base64
from insurance_reviews.moderation.tlog.errors import ProofError
from insurance_reviews.moderation.tlog.merkle import check_consistency
from insurance_reviews.moderation.tlog.note import Verifier, open_note
from insurance_reviews.moderation.verify.kept import EVIDENCE_HEADER

from .static_log import SIGNER


@dataclass(frozen=True)
class Evidence:
    """The fields of the head, and the two notes."""

    fields: dict[str, list[str]]
    kept: str
    served: str


def read_evidence(path: Path) -> Evidence:
    head, _, rest = path.read_text("utf-8").partition("\n--- the checkpoint that was kept\n")
    first, _, second = rest.partition("--- the checkpoint that is served\n")
    header, *lines = head.strip().split("\n")
    assert header == EVIDENCE_HEADER
    fields: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(" ")
        fields.setdefault(name, []).append(value)
    return Evidence(fields, first, second)


def sizes_of_fork(path: Path) -> tuple[int, int]:
    """Convince oneself that the log signed two histories; the sizes of the two checkpoints."""
    told = read_evidence(path)
    key = Verifier.parse(SIGNER.verifier_key())
    old, new = (Checkpoint.parse(open_note(note, key).text) for note in (told.kept, told.served))
    root = parse_base64("root", told.fields["root"][0])
    proof = [parse_base64("proof", line) for line in told.fields.get("proof", ())]
    # The served tree begins with `root`, where the kept one, of the same size, has another.
    check_consistency(old.size, root, new.size, new.root, proof)
    assert root != old.root
    with pytest.raises(ProofError):
        check_consistency(old.size, old.root, new.size, new.root, proof)
    return old.size, new.size
