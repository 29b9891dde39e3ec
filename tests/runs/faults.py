"""SIGKILL, EIO and ENOSPC at every storage call of a submission, a report and a removal."""

from __future__ import annotations

import logging
import random
import signal
import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from insurance_reviews.moderation.errors import ReportExists, TextRemoved
from insurance_reviews.moderation.kept import KeptCheckpoints
from insurance_reviews.moderation.log import Entry
from insurance_reviews.moderation.receipts import latest_checkpoint, read_leaf
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.plugin.errors import InvitationUsed
from insurance_reviews.plugin.services.reviews import Submitted
from support.world import World

from .children import ChildSilent, Message, Say, forked
from .figures import Figure, none_of
from .machine import lacks_strace
from .places import Place, temporary_folder
from .scale import Scale, steps
from .strace import STORAGE, WRITING, Call, read_calls, traced

NAME = "faults at every storage call, SQLite"
FAULTS = {"SIGKILL": "signal=SIGKILL", "EIO": "error=EIO", "ENOSPC": "error=ENOSPC"}
#: What a second attempt is told when the first one was written after all.
ALREADY = (InvitationUsed, ReportExists, TextRemoved)
SAMPLE = 12
SEED = 5


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the operations need: it happened before the installation was copied."""

    token: str
    next_token: str
    reported: Submitted
    removed: Submitted
    report: str


Operation = Callable[[World, Prepared], Entry]


def submit(world: World, prepared: Prepared) -> Entry:
    return world.submit(prepared.token).entry


def report(world: World, prepared: Prepared) -> Entry:
    return world.report(prepared.reported, report_no="沪金监函〔2026〕1001号").entry


def remove(world: World, prepared: Prepared) -> Entry:
    return world.remove(prepared.removed, prepared.report).entry


OPERATIONS: Mapping[str, Operation] = {"submit": submit, "report": report, "remove": remove}


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault at one call of one operation."""

    operation: str
    call: Call
    fault: str

    def __str__(self) -> str:
        return f"{self.operation}, {self.fault} at {self.call}"


def needs() -> list[str]:
    return lacks_strace()


def run(scale: Scale) -> list[Figure]:
    with temporary_folder() as folder:
        template = Place(folder / "place")
        prepared = prepare(template)
        trials = [
            Trial(name, call, fault)
            for name in OPERATIONS
            for call in calls_of(template, prepared, name)
            for fault in FAULTS
            if fault != "ENOSPC" or call.name in WRITING
        ]
        total = len(trials)
        if not scale.full:
            trials = random.Random(SEED).sample(trials, SAMPLE)
        outcomes = [attempt(template, prepared, trial) for trial in steps(NAME, trials)]
    bad = [finding for outcome in outcomes for finding in outcome.bad]
    met = [outcome for outcome in outcomes if outcome.met]
    acknowledged = sum(outcome.acknowledged for outcome in met)
    value = f"{len(met):,} faults met, {acknowledged:,} acknowledged all the same"
    goal = f"{len(trials):,} of {total:,} faults: nothing lost or half written, writes go on"
    return [
        none_of(bad, goal, value),
        Figure("faults that were met", f"{len(met):,}", len(met) >= 0.9 * len(trials)),
    ]


def prepare(template: Place) -> Prepared:
    """Make the installation that every trial gets a copy of."""
    made: list[Prepared] = []

    def happen(world: World) -> None:
        reported, removed = world.submit(), world.submit()
        made.append(
            Prepared(world.invite(), world.invite(), reported, removed, world.report(removed).id)
        )

    template.found(happen)
    return made[0]


def calls_of(template: Place, prepared: Prepared, name: str) -> Sequence[Call]:
    """The storage calls of an operation, from opening the database to closing it."""
    with template.copied() as place:
        said, _ = perform(place, prepared, name)
        assert [[*message] for message in said] == [["done", "leaf"]], said
        calls = read_calls(place.folder / "calls")
    return [call for call in calls if call.target.startswith(str(place.folder))]


def perform(
    place: Place, prepared: Prepared, name: str, inject: str | None = None
) -> tuple[list[Message], int]:
    """Let another process do the operation under strace; what it says, and its exit code."""
    with forked(partial(operate, place, prepared, name)) as child:
        assert child.hear() == {"ready": True}
        with traced(child.pid, place.folder / "calls", STORAGE, inject):
            child.let_go()
            said = list(child.hear_all())
            ended = child.wait()
    return said, ended


def operate(
    place: Place, prepared: Prepared, name: str, say: Say, wait: Callable[[], None]
) -> None:
    """The other process: it tries a second time, without a restart, when it is refused."""
    logging.disable()
    say({"ready": True})
    wait()
    with place.opened() as world:
        for attempt_number in (1, 2):
            try:
                entry = OPERATIONS[name](world, prepared)
            except ALREADY:
                if attempt_number == 1:
                    raise
                say({"already": True})
                return
            except Exception as error:
                if attempt_number == 2:
                    raise
                say({"refused": f"{type(error).__name__}: {error}"})
            else:
                say({"done": entry.index, "leaf": b64encode(entry.leaf).decode()})
                return


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial. ``met`` when the call was made and the fault happened."""

    met: bool
    acknowledged: bool
    bad: list[str]


def attempt(template: Place, prepared: Prepared, trial: Trial) -> Outcome:
    """Make one trial in a copy of the installation, and look what is left of it."""
    call = trial.call
    inject = f"{call.name}:{FAULTS[trial.fault]}:when={call.number}"
    with template.copied() as place:
        try:
            said, ended = perform(place, prepared, trial.operation, inject)
        except ChildSilent as error:
            return Outcome(True, False, [f"{trial}: {error}"])
        # strace cannot say that it killed: the call it killed at never returns.
        killed = trial.fault == "SIGKILL" and ended == -signal.SIGKILL
        met = killed or any(made.injected for made in read_calls(place.folder / "calls"))
        bad = [f"{trial}: {message['error']}" for message in said if "error" in message]
        done = [message for message in said if "done" in message]
        if not done and not killed and {"already": True} not in said:
            bad.append(f"{trial}: neither written nor refused: {said}")
        bad += [f"{trial}: {finding}" for finding in examine(place, prepared, done)]
        return Outcome(met, bool(done), bad)


def examine(place: Place, prepared: Prepared, done: Sequence[Message]) -> list[str]:
    """Open the installation as after a restart: what was acknowledged stands, the log verifies,
    and the next review is accepted."""
    bad = []
    with place.opened() as world:
        ref = world.ref()
        for message in done:
            index = message["done"]
            if world.read(lambda s: read_leaf(s, ref, index)) != b64decode(message["leaf"]):  # noqa: B023
                bad.append("what was acknowledged is lost")
        try:
            world.submit(prepared.next_token)
        except Exception as error:
            bad.append(f"the next review: {type(error).__name__}: {error}")
        bad += world.findings()
        kept = KeptCheckpoints(place.state_dir / "checkpoints").read(ref.insurer)
        if kept is None or kept.size != newest_size(world):
            bad.append(f"the kept checkpoint is {kept}")
    with closing(sqlite3.connect(place.database)) as connection:
        [(integrity,)] = connection.execute("PRAGMA integrity_check").fetchall()
        if integrity != "ok":
            bad.append(f"SQLite: {integrity}")
    return bad


def newest_size(world: World) -> int:
    """Entries of the log, by its newest checkpoint."""

    def size(session: Session) -> int:
        return Checkpoint.of_own_note(latest_checkpoint(session, world.ref())).size

    return world.read(size)
