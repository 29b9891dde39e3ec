"""``make bench``: measure what the project promises, as ratios to a base in the same run.

``python benchmarks [--quick] [--only NAME …]``. Prints a table and writes ``build/bench.json``. A
missed goal is printed, not raised: what a machine does today is no reason to stop a build.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The worlds and databases are those of the tests.
sys.path.append(str(ROOT / "tests"))
# For processes that are started from here, too.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))

import embeds  # noqa: E402
import growing  # noqa: E402
import peers  # noqa: E402
import plans  # noqa: E402
import posting  # noqa: E402
import reads  # noqa: E402
import searches  # noqa: E402
import starting  # noqa: E402
import submissions  # noqa: E402
import verifier  # noqa: E402
import walls  # noqa: E402
import writers  # noqa: E402
from places import Places  # noqa: E402
from report import Figure, coverage, table, write_json  # noqa: E402

CORES = 2
Section = Callable[..., Iterator[Figure]]
#: In this order: what only reads the seeded worlds comes before what writes to them.
SECTIONS: dict[str, Section] = {
    "submissions": submissions.measure,
    "writers": writers.measure,
    "posting": posting.measure,
    "starting": starting.measure,
    "walls": walls.measure,
    "searches": searches.measure,
    "plans": plans.measure,
    "reads": reads.measure,
    "growing": growing.measure,
    "verifier": verifier.measure,
    "embeds": embeds.measure,
    "peers": peers.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes, coarser figures")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    options = parser.parse_args()
    # The goals are for two cores; what is started from here inherits them.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    figures: list[Figure] = []
    with Places() as places:
        for name in (name for name in SECTIONS if name in options.only):
            print(name, file=sys.stderr, flush=True)
            start = time.monotonic()
            figures += SECTIONS[name](places, quick=options.quick)
            print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print(f"\n{table(figures)}\n")
    path = ROOT / "build" / "bench.json"
    write_json(path, figures, quick=options.quick)
    print(f"Written to {path.relative_to(ROOT)}.")
    print(coverage(figures))
    missed = [figure.name for figure in figures if figure.reached is False]
    print(f"Missed: {', '.join(missed)}." if missed else "Every goal measured was reached.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
