"""What it costs anybody to check a log: measured by the very run of ``make attack``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from measure import Progress
from places import Places
from report import Figure

from runs.places import temporary_folder
from runs.verifier import LARGEST, LONGEST, checked


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Time and memory of the command. It checks what the shop shows besides, which is more than the
    goal asks for."""
    entries = 5_000 if quick else 100_000
    with Progress(f"the verifier, {entries:,} entries", 1), temporary_folder() as folder:
        writer = [sys.executable, "-m", "support.static_log", str(folder), str(entries)]
        subprocess.run(writer, check=True)
        seconds, megabytes = checked(folder)
    about = f"the verifier on {entries:,} entries and all that is shown"
    note = "with quick, of fewer than the goal's 100,000" if quick else ""
    yield Figure(f"{about}, one core", seconds, "s", goal=f"≤ {LONGEST:g} s", note=note, number=6)
    yield Figure(
        f"{about}, resident at most", megabytes, "MB", goal=f"≤ {LARGEST} MB", note=note, number=6
    )
