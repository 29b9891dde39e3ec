"""A disk that fills up and is freed again, under a service that keeps running.

Database, keys and kept checkpoints lie on a small file system in memory; reviews are sent through
the API, as a shop's pages send them.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from insurance_reviews.moderation.kept import KeptCheckpoints
from insurance_reviews.moderation.receipts import latest_checkpoint
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.plugin.errors import InvalidInput
from insurance_reviews.plugin.services import catalogue
from support.host import API, mounted
from support.world import World

from .figures import Figure, counted, none_of
from .machine import lacks_small_disk
from .places import Place, temporary_folder
from .scale import Scale, steps

NAME = "a full disk, SQLite"
SIZE = 16 << 20
#: Room that is left when the disk counts as full: none, or a little, so that a write breaks off in
#: its middle.
LEFT = (0, 4 << 10, 16 << 10, 40 << 10, 100 << 10)
#: Attempts of one round; by then what was left is used up.
ATTEMPTS = 12


def needs() -> list[str]:
    return lacks_small_disk()


def run(scale: Scale) -> list[Figure]:
    rounds = scale.pick(3, 50)
    with small_disk() as disk:
        place = Place(disk / "place")
        place.found()
        with place.opened() as world, mounted(world) as host:
            # Every refusal is told to the log of the application, with a traceback.
            host.app.logger.disabled = True
            tale = Tale(world, host.client(), disk, place)
            for number in steps(NAME, range(rounds)):
                tale.round(number)
            tale.bad += world.findings()
    return tale.figures(rounds)


@dataclass
class Tale:
    """What happened in all rounds."""

    world: World
    client: FlaskClient
    disk: Path
    place: Place
    acknowledged: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    recovered: int = 0
    bad: list[str] = field(default_factory=list)

    def round(self, number: int) -> None:
        """Fill the disk, send reviews, free it, send one more."""
        # Invited while there is room: what is refused must be the review.
        tokens = [self.world.invite() for _ in range(ATTEMPTS + 1)]
        shrink(self.place)
        with filled(self.disk, LEFT[number % len(LEFT)]):
            refusals = [token for token in tokens[:-1] if not self._send(token)]
            if not refusals:
                self.bad.append(f"round {number}: the disk was never full")
            self._open_a_log(number)
        self.recovered += self._send(tokens[-1])
        # What was refused was not half written: the same invitation serves.
        self.bad += [
            f"round {number}: an invitation is lost" for t in refusals if not self._send(t)
        ]
        self._open_a_log(number, full=False)
        self._check(number)

    def _send(self, token: str) -> bool:
        answer = self.client.post(f"{API}/reviews", json={"invitation": token, "score": 3})
        if answer.status_code == 201:
            self.acknowledged.append(answer.get_json()["id"])
            return True
        code = (answer.get_json(silent=True) or {}).get("code", answer.mimetype)
        self.refused[f"{answer.status_code} {code}"] += 1
        return False

    def _open_a_log(self, number: int, *, full: bool = True) -> None:
        """Opening a log writes a key file, too: it must not be left half written."""
        slug = f"insurer-{number}"
        world = self.world

        def work(session: Session) -> None:
            with suppress(InvalidInput):  # It was opened in the room that was left.
                catalogue.add_insurer(session, world.context, slug, slug, world.now)

        try:
            world.write(work)
        except Exception as error:
            # While the disk is full, that is what is wanted; now and then there is room for it.
            if not full:
                self.bad.append(f"opening a log after a full disk: {error}")

    def _check(self, number: int) -> None:
        ref = self.world.ref()
        newest = self.world.read(lambda s: latest_checkpoint(s, ref))
        size = Checkpoint.of_own_note(newest).size
        kept = KeptCheckpoints(self.place.state_dir / "checkpoints").read(ref.insurer)
        if kept is None or kept.size != size:
            self.bad.append(f"round {number}: {size} entries, the kept checkpoint is {kept}")
        for review in self.acknowledged:
            if self.client.get(f"{API}/reviews/{review}").status_code != 200:
                self.bad.append(f"round {number}: {review} was acknowledged and is lost")

    def figures(self, rounds: int) -> list[Figure]:
        refusals = ", ".join(f"{number:,} × {what}" for what, number in self.refused.items())
        # An answer that says what is wrong, not that something is.
        clean = bool(self.refused) and all(what.startswith("503 ") for what in self.refused)
        return [
            none_of(
                self.bad,
                f"{counted(rounds, 'round')}: nothing lost or half written",
                f"{counted(len(self.acknowledged), 'review')} acknowledged",
            ),
            Figure(
                "recovers without a restart",
                f"{self.recovered} of {rounds}",
                self.recovered == rounds,
            ),
            Figure("refused as unavailable (503) while full", refusals, clean),
        ]


def shrink(place: Place) -> None:
    """Move SQLite's log into the database and cut it off: it would be room that is not full."""
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def filled(disk: Path, left: int) -> Iterator[None]:
    """Fill ``disk`` but for ``left`` bytes until the block ends."""
    ballast = disk / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            with suppress(OSError):
                while True:
                    file.write(bytes(1 << 16))
            os.ftruncate(file.fileno(), max(0, file.tell() - left))
        yield
    finally:
        ballast.unlink()


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own in memory, gone at the end."""
    with temporary_folder() as folder:
        size = f"size={SIZE}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
        try:
            yield folder
        finally:
            # Lazily: a process that is being killed may still hold a file there.
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
