"""``insurance-reviews-verify`` on the command line."""

from __future__ import annotations

import ctypes
import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from .outcome import Options
from .report import as_json, as_text
from .run import verify

#: Requests under way at once: enough to hide the way to the server, few enough to burden none.
WORKERS = 4

#: ``M_MMAP_THRESHOLD`` of ``mallopt(3)``, and the bytes of a block that is large.
_MMAP_THRESHOLD, _LARGE = -3, 262_144

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("insurance-reviews-verify")
@click.argument("url", required=False)
@click.option(
    "--key",
    "keys",
    required=True,
    multiple=True,
    metavar="VKEY",
    help="The log's verifier key; may be given more than once, for a log that changed its key.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the newest checkpoint in this file, and compare with it the next time.",
)
@click.option(
    "--policy", type=_FILE, help="Which witnesses must have signed (c2sp.org/tlog-policy)."
)
@click.option(
    "--receipt",
    "receipts",
    type=_FILE,
    multiple=True,
    help="A writer's receipt to check; may be given more than once.",
)
@click.option(
    "--kept",
    type=_FILE,
    multiple=True,
    metavar="CHECKPOINT_FILE",
    help="A checkpoint or receipt of earlier to compare with; may be given more than once.",
)
@click.option("--json", "as_program", is_flag=True, help="Print the outcome as JSON.")
def main(
    url: str | None,
    keys: tuple[str, ...],
    state: Path | None,
    policy: Path | None,
    receipts: tuple[Path, ...],
    kept: tuple[Path, ...],
    as_program: bool,
) -> None:
    """Check the log at URL, and what its shop shows, from outside.

    URL is the log's address, or the address below which the reviews are mounted. Without it, only
    the receipts are checked. Exits with 0 when all is clean, 1 when there was tampering, and 2 when
    something could not be checked.
    """
    _give_memory_back()
    with _no_other_1(), _Bars() as bars:
        outcome = verify(
            Options(
                key=keys[0],
                more_keys=keys[1:],
                url=url,
                policy=policy,
                state=state,
                kept=kept,
                receipts=receipts,
                workers=WORKERS,
                progress=bars.progress,
            )
        )
    text = as_text(outcome)
    if as_program:
        text = json.dumps(as_json(outcome), ensure_ascii=False, indent=1) + "\n"
    # An unpaired surrogate that a shop has shown becomes its escape, in JSON the right one.
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
    sys.exit(outcome.exit_code)


def _give_memory_back() -> None:
    """Have glibc, where there is one, return each large block when it is freed. By itself it keeps
    them, and for each thread apart, so that a log of large entries would cost many times its
    largest file."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)


@contextmanager
def _no_other_1() -> Iterator[None]:
    """Exit code 1 says that there was tampering: neither Ctrl-C nor a fault of ours may say so."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        sys.exit(2)
    except Exception:
        traceback.print_exc()
        sys.exit(2)


class _Bars:
    """One progress bar at a time, on the standard error of a terminal."""

    def __init__(self) -> None:
        self._what: str | None = None
        self._bar: Any = None

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def progress(self, what: str, done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        if what != self._what:
            self._close()
            self._what = what
            self._bar = click.progressbar(length=total, label=what, file=sys.stderr)
            self._bar.__enter__()
        if total != self._bar.length:
            self._bar.length = total
        self._bar.update(done - self._bar.pos)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
        self._bar = self._what = None


if __name__ == "__main__":
    main()
