"""``make attack``: break what is promised, and print a table of what was found.

Exit code 0 when every goal was reached, 1 when one was missed, 2 when this machine lacks something
(all of it is named, and nothing has been run then).
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from support.checkout import ROOT

from .figures import Done, Figure, table, write_json
from .registry import RUNS, Run, load
from .scale import FULL, QUICK, Scale, say

ENDING = (signal.SIGINT, signal.SIGTERM)
REACHED, MISSED, LACKING, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    for number in ENDING:
        signal.signal(number, interrupt)
    runs = {name: load(name) for name in options.only}
    if options.list:
        print("\n".join(f"{name:17} {run.NAME}" for name, run in runs.items()))
        return REACHED
    if missing := lacking(runs):
        print("This machine lacks:", *missing, sep="\n  ", file=sys.stderr)
        print("Install them, or name the runs to make: --only NAME …", file=sys.stderr)
        return LACKING
    scale = QUICK if options.quick else FULL
    done: list[Done] = []
    try:
        for run in runs.values():
            done.append(perform(run, scale))
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    finally:
        if done:
            print(f"\n{table(done)}\n")
            write_json(options.json, done, full=scale.full)
    missed = [one.name for one in done if not one.passed]
    print(f"Missed: {', '.join(missed)}." if missed else "Every goal was reached.")
    return MISSED if missed else REACHED


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m runs", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=RUNS, default=list(RUNS), metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="samples, in minutes")
    parser.add_argument("--list", action="store_true", help="name the runs, and make none")
    parser.add_argument(
        "--json",
        type=Path,
        default=ROOT / "build" / "attack.json",
        help="where figures are kept",
    )
    return parser.parse_args(arguments)


def lacking(runs: dict[str, Run]) -> list[str]:
    """All that is missing for ``runs``, once each, with the runs that want it."""
    wanted: dict[str, list[str]] = {}
    for name, run in runs.items():
        for missing in run.needs():
            wanted.setdefault(missing, []).append(name)
    return [f"{missing}  (for {', '.join(names)})" for missing, names in wanted.items()]


def perform(run: Run, scale: Scale) -> Done:
    """Make one run. Its own failure is a figure: the others are made all the same."""
    print(run.NAME, file=sys.stderr, flush=True)
    begun = time.monotonic()
    try:
        figures = run.run(scale)
    except Exception as error:
        if interrupted():
            raise KeyboardInterrupt from error
        traceback.print_exception(error, limit=-5, chain=False)
        [reason, *_] = str(error).splitlines() or [""]
        figures = [Figure("the run ends", f"{type(error).__name__}: {reason}", False)]
    done = Done(run.NAME, tuple(figures), time.monotonic() - begun)
    for figure in figures:
        say(f"{figure.goal}: {figure.value}")
    return done


def interrupt(*_: object) -> None:
    """End the run, once: it is taking its processes, mounts and files away then."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def interrupted() -> bool:
    """Whether that has begun. What fails on the way out is no figure."""
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


if __name__ == "__main__":
    sys.exit(main())
