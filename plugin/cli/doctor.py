"""The check that an operator runs every night."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError

from ..current import get_state
from ..doctor.examine import Diagnosis, examine
from .common import in_app

#: What a shell sees when nothing could be examined.
COULD_NOT_CHECK = 2


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Write the findings as one JSON object.")
@in_app
def doctor_command(as_json: bool) -> None:
    """Examine logs, rows, texts, counters, locks, keys, clock and disk.

    Exit code 0 when nothing is wrong, 1 with findings, 2 when the database cannot be read.
    """
    try:
        diagnosis = examine(get_state(), _silent if as_json else _bar)
    except SQLAlchemyError as problem:
        reason = getattr(problem, "orig", None) or problem
        if as_json:
            click.echo(json.dumps({"healthy": None, "problem": str(reason)}, ensure_ascii=False))
        click.echo(f"Error: the database cannot be read: {reason}", err=True)
        raise click.exceptions.Exit(COULD_NOT_CHECK) from problem
    if as_json:
        click.echo(json.dumps(diagnosis.as_dict(), ensure_ascii=False, indent=2))
    else:
        _tell(diagnosis)
    if not diagnosis.healthy:
        raise click.exceptions.Exit(1)


def _tell(diagnosis: Diagnosis) -> None:
    for origin, size in diagnosis.sizes.items():
        click.echo(f"{origin}: {size} entries read")
    for finding in diagnosis.findings:
        click.echo(f"{finding.severity}: {finding.check}: {finding.problem}")
        if finding.remedy:
            click.echo(f"    {finding.remedy}")
    errors = sum(finding.severity == "error" for finding in diagnosis.findings)
    click.echo(f"{errors} findings" if errors else "all is well")


@contextmanager
def _silent(_: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


@contextmanager
def _bar(origin: str) -> Iterator[Callable[[int, int], None]]:
    with click.progressbar(length=1, label=origin) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show
