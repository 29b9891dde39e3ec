"""The logs: their keys, their kept checkpoints, and every entry against every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from ...moderation.check import check_log
from ...moderation.errors import KeyFileError, LogBehind
from ...moderation.kept import KeptCheckpoints, compare
from ...moderation.keys import KeyRing
from ...moderation.log import LogRef, all_logs, compare_kept, without_log
from ...moderation.log_keys import announced_keys
from ...moderation.tlog.checkpoint import Checkpoint
from ..facts import FACT_TABLES
from .findings import Finding, advice, error

#: Findings of one kind beyond so many are counted only.
SHOWN = 20
#: The kept checkpoints by insurer, or why one cannot be read.
Kept = dict[str, Checkpoint | LogBehind]


def check_keys(session: Session, ref: LogRef, keys: KeyRing) -> Iterator[Finding]:
    """Whether the key file is there, is ours alone, and holds the key that the log announced."""
    try:
        held = [signer.verifier_key() for signer in keys.signers(ref.insurer)]
    except KeyFileError as problem:
        yield error("keys", str(problem), "Nothing can be signed until then.")
        return
    newest = announced_keys(session, ref)[-1]
    if newest not in held:
        yield error(
            "keys",
            f"the newest key that {ref.origin} announced is not in the key file of this host",
            "Copy the key file from the host on which it was rotated.",
        )
    elif held[0] != newest:
        yield error(
            "keys",
            f"the key file of {ref.origin} begins with a key that the log has not announced",
            f"Finish the rotation: flask reviews key rotate {ref.insurer}",
        )
    elif len(held) > 1:
        yield advice(
            "keys",
            f"{len(held)} keys sign {ref.origin}",
            f"When verifiers and witnesses have followed: flask reviews key retire {ref.insurer}",
        )


def read_kept(kept: KeptCheckpoints) -> Kept:
    """Every kept checkpoint by insurer, or why it cannot be read."""
    found: Kept = {}
    for insurer in kept.insurers():
        try:
            checkpoint = kept.read(insurer)
        except LogBehind as problem:
            found[insurer] = problem
        else:
            if checkpoint is not None:
                found[insurer] = checkpoint
    return found


def check_lost(session: Session, kept: Kept) -> Iterator[Finding]:
    """Whether there is a log for everything that was signed here."""
    logs = all_logs(session)
    known = {ref.insurer for ref in logs}
    readable = {name: each for name, each in kept.items() if isinstance(each, Checkpoint)}
    for checkpoint in without_log(logs, readable):
        try:
            compare(checkpoint, checkpoint.origin, 0, None)
        except LogBehind as problem:
            yield error(
                "checkpoints",
                str(problem),
                f"This database has no such log. {_way_back(problem)} An installation that is "
                "really new wants a STATE_DIR of its own.",
            )
    for insurer, each in kept.items():
        if isinstance(each, LogBehind) and insurer not in known:
            yield error("checkpoints", str(each), _way_back(each))


def check_signed(session: Session, ref: LogRef, kept: Kept) -> Iterator[Finding]:
    """Whether the database still holds what was signed last of a log."""
    found = kept.get(ref.insurer)
    if found is None:
        yield advice(
            "checkpoints",
            f"this host has kept no checkpoint of {ref.origin}",
            "A restored backup would go unnoticed here until the next entry. If the host is "
            "not new, find out where its STATE_DIR went.",
        )
        return
    try:
        if isinstance(found, LogBehind):
            raise found
        compare_kept(session, ref, found)
    except LogBehind as problem:
        yield error("checkpoints", str(problem), _way_back(problem))


def _way_back(problem: LogBehind) -> str:
    if problem.kept_size == 0:
        return (
            "Put a checkpoint back that was signed here: from a copy of STATE_DIR, from "
            "a witness, or from the newest receipt that anybody holds."
        )
    missing = problem.kept_size - problem.size
    lost = (
        f"{missing} entries of {problem.origin} are missing: {problem.size} to "
        f"{problem.kept_size - 1}. "
        if missing > 0
        else ""
    )
    return (
        f"{lost}Stop every process that writes. Take the newest copy of the database that has "
        f"{problem.kept_size} entries or more (the file or server from before the restore, a "
        "replica, a later backup) and run the doctor again. If there is none, replay the entries "
        "from a mirror of the public log: flask reviews restore BACKUP --replay LOG "
        "(docs/backup.md). Do not delete the kept checkpoint: the log would fork, and everybody "
        "who holds a receipt could prove it."
    )


def check_entries(
    session: Session, ref: LogRef, progress: Callable[[int, int], None]
) -> tuple[int, list[Finding]]:
    """How many entries the log has, and what of them differs from the rows, nodes or texts."""
    check = check_log(session, ref, FACT_TABLES, progress=progress)
    remedy = (
        "Rows were changed behind the application's back. Keep this database as evidence, and "
        "restore one from before."
    )
    findings = [error("logs", problem, remedy) for problem in check.findings[:SHOWN]]
    if len(check.findings) > SHOWN:
        rest = len(check.findings) - SHOWN
        findings.append(error("logs", f"{ref.origin}: {rest} more findings", remedy))
    return check.size, findings


def check_clock(newest: int, now: datetime) -> Iterator[Finding]:
    """``newest`` is the time of the newest entry of all logs, in seconds UTC."""
    behind = newest - int(now.timestamp())
    if behind > 0:
        yield error(
            "clock",
            f"this host's clock is {behind} seconds behind the newest entry",
            "Set the clock. Until it has caught up, entries bear the time of that one.",
        )
