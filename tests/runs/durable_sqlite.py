"""When the answer leaves, every byte it depends on has been synced: seen in the system calls.

A power cut cannot be staged here. What can be seen is whether a write to the database or its log is
left unsynced when a writer is told that the review stands. That is what ``synchronous = NORMAL``
would do, and the same look must catch it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import event

from support.world import World

from .children import Say, forked
from .figures import Figure, counted
from .machine import lacks_strace
from .places import Place, temporary_folder
from .scale import Scale
from .strace import SYNCING, Call, read_calls, traced

NAME = "durable when acknowledged, SQLite"
CHANGING = ("pwrite64", "pwritev", "write", "ftruncate")
#: Settings that acknowledge too early: they show that the look is no formality.
MUTANTS = ("NORMAL", "OFF")


def needs() -> list[str]:
    return lacks_strace()


def run(scale: Scale) -> list[Figure]:
    # Enough for SQLite to move its log into the database in between.
    reviews = scale.pick(10, 300)
    with temporary_folder() as folder:
        template = Place(folder / "place")
        tokens: list[str] = []
        template.found(lambda world: tokens.extend(world.invite() for _ in range(reviews)))
        early = {mutant: unsynced(template, tokens, mutant) for mutant in ("", *MUTANTS)}
    ours = early.pop("")
    return [
        Figure(
            f"{counted(reviews, 'review')}: nothing unsynced when the answer leaves",
            counted(ours, "early answer"),
            ours == 0,
        ),
        *(
            Figure(
                f"synchronous = {mutant} is caught",
                counted(found, "early answer"),
                found > 0,
            )
            for mutant, found in early.items()
        ),
    ]


def unsynced(template: Place, tokens: Sequence[str], mutant: str) -> int:
    """How many answers left while a write to the database or its log was not synced."""
    with template.copied() as place:
        with forked(partial(acknowledge, place, tokens, mutant)) as child:
            assert child.hear() == {"ready": True}
            log = place.folder / "calls"
            with traced(child.pid, log, (*CHANGING, *SYNCING)):
                child.let_go()
                said = list(child.hear_all())
        assert [message.get("done") for message in said] == list(tokens), said
        early, answers = early_answers(place, read_calls(log))
        assert answers == len(tokens), f"{answers} answers were seen"
        return early


def early_answers(place: Place, calls: Sequence[Call]) -> tuple[int, int]:
    """How many of the answers in ``calls`` left too early, and how many there were."""
    dirty: set[str] = set()
    early = answers = 0
    for call in calls:
        if call.target.startswith("pipe:"):
            answers += 1
            early += bool(dirty)
        elif not is_evidence(place, call.target):
            continue
        elif call.name in SYNCING:
            dirty.discard(call.target)
        else:
            dirty.add(call.target)
    return early, answers


def is_evidence(place: Place, target: str) -> bool:
    """The database and its write-ahead log. Not the index in shared memory (``-shm``), which is
    rebuilt from the log, nor the kept checkpoint, which guards against restored backups."""
    path = Path(target)
    return path.parent == place.folder and path.name in {
        place.database.name,
        f"{place.database.name}-wal",
        f"{place.database.name}-journal",
    }


def acknowledge(
    place: Place, tokens: Sequence[str], mutant: str, say: Say, wait: Callable[[], None]
) -> None:
    """The traced process: it submits, and answers by the pipe."""
    with place.opened() as world:
        if mutant:
            weaken(world, mutant)
        say({"ready": True})
        wait()
        for token in tokens:
            world.submit(token)
            say({"done": token})


def weaken(world: World, synchronous: str) -> None:
    """Let SQLite sync less often than the product makes it."""

    def connected(connection: object, _: object) -> None:
        connection.set_authorizer(None)  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA synchronous = {synchronous}")  # type: ignore[attr-defined]

    event.listen(world.unit_of_work.engine, "connect", connected)
