"""What a check from outside costs: the command, on a log and a shop that lie in files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from insurance_reviews.moderation.tlog.tile import MAX_LEAF, TILE_WIDTH
from support.hostile_answers import LARGE, SHAPES, write_answers, write_rows, write_within
from support.static_log import INSURER, SIGNER, StaticShop, serve_folder, write_files

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
    say("entries of the greatest size")
    with temporary_folder() as folder:
        write_largest(folder, scale.pick(3, 12))
        _, megabytes = checked(folder, expected=1)
    goal = f"a hostile log of entries of {MAX_LEAF:,} bytes ≤ {LARGEST} MB"
    figures.append(Figure(goal, f"{megabytes:.0f} MB", megabytes <= LARGEST))
    return figures + [_hostile(*one, scale) for one in _hostile_shops()]


def _hostile_shops() -> Iterator[tuple[str, Callable[[Path, Scale], None]]]:
    """What a hostile shop answers, and who writes it."""
    for shape in SHAPES:
        yield (
            f"{LARGE:,} bytes of {shape} for all that is shown",
            lambda folder, scale, shape=shape: write_answers(folder, shape),  # type: ignore[misc]
        )
    yield (
        "answers as large as they may be, of four bytes a character",
        lambda folder, scale: write_within(folder, scale.pick(8, 40)),
    )
    yield (
        "redactions at thousands of places, one out of the other",
        lambda folder, scale: write_rows(folder, scale.pick(1, 9)),
    )


def _hostile(what: str, write: Callable[[Path, Scale], None], scale: Scale) -> Figure:
    say(what)
    with temporary_folder() as folder:
        write(folder, scale)
        _, megabytes = checked(folder, expected=1)
    return Figure(f"{what} ≤ {LARGEST} MB", f"{megabytes:.0f} MB", megabytes <= LARGEST)


def write_largest(folder: Path, bundles: int) -> None:
    """A signed log of full bundles, each as large as it may be; its entries are none."""
    shop = StaticShop()
    shop.leaves[:] = [
        b"%08d" % number + b"x" * (MAX_LEAF - 8) for number in range(bundles * TILE_WIDTH)
    ]
    write_files(shop, folder)


def checked(folder: Path, expected: int = 0) -> tuple[float, float]:
    """The processor's seconds and the resident memory (MB, its peak) of one check."""
    with serve_folder(folder) as address:
        command = [
            *(sys.executable, "-c", _MEASURE),
            *(sys.executable, "-m", "insurance_reviews.moderation.verify.command"),
            *(f"{address}/log/{INSURER}/", "--key", SIGNER.verifier_key(), "--json"),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == expected, done.stdout[-5000:] + done.stderr
    seconds, kilobytes = done.stderr.split()[-2:]
    return float(seconds), int(kilobytes) / 1024
