"""What a check from outside costs: the command, on a log and a shop that lie in files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.static_log import INSURER, SIGNER, serve_folder

from .figures import Figure
from .places import temporary_folder
from .scale import Scale, say

NAME = "the verifier's time and memory"
#: Seconds of a processor for 100,000 entries, and MB at any size.
LONGEST, LARGEST = 10.0, 100

#: Runs a command and tells its peak. A process of its own, because a child's peak begins with what
#: its parent had in memory, and this one has served the files.
_MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def needs() -> list[str]:
    return []


def run(scale: Scale) -> list[Figure]:
    figures = []
    for entries in scale.pick([2_000], [100_000, 400_000]):
        say(f"{entries:,} entries")
        with temporary_folder() as folder:
            writer = [sys.executable, "-m", "support.static_log", str(folder), str(entries)]
            subprocess.run(writer, check=True)
            seconds, megabytes = checked(folder)
        goal = f"{entries:,} entries and all that is shown"
        if entries <= 100_000:
            taken = f"{seconds:.1f} s"
            figures.append(Figure(f"{goal} ≤ {LONGEST:.0f} s of a core", taken, seconds <= LONGEST))
        resident = f"{megabytes:.0f} MB"
        figures.append(Figure(f"{goal} ≤ {LARGEST} MB", resident, megabytes <= LARGEST))
    return figures


def checked(folder: Path) -> tuple[float, float]:
    """The processor's seconds and the resident memory (MB, its peak) of one clean check."""
    with serve_folder(folder) as address:
        command = [
            *(sys.executable, "-c", _MEASURE),
            *(sys.executable, "-m", "insurance_reviews.moderation.verify.command"),
            *(f"{address}/log/{INSURER}/", "--key", SIGNER.verifier_key(), "--json"),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    seconds, kilobytes = done.stderr.split()[-2:]
    return float(seconds), int(kilobytes) / 1024
