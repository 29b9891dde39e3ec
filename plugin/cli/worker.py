"""The one worker, and the check that an operator runs."""

from __future__ import annotations

import signal
import threading

import click
from sqlalchemy import select

from ...moderation.check import check_log
from ...moderation.log import LogRef
from ...moderation.schema import log
from ..current import get_state
from ..deliver import deliver_due, forget_contacts
from ..facts import FACT_TABLES
from ..figures import check_figures

PAUSE = 1.0
#: Contacts whose retention is over are looked for this often (seconds).
FORGET_EVERY = 3600.0


@click.command("deliver")
@click.option("--forever", is_flag=True, help="Keep running; stop with Ctrl-C or SIGTERM.")
def deliver_command(forever: bool) -> None:
    """Send what the outbox holds and forget contacts whose time is over."""
    state = get_state()
    stop = threading.Event()
    if forever:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    waited = FORGET_EVERY
    while True:
        done = deliver_due(state)
        if waited >= FORGET_EVERY:
            forget_contacts(state)
            waited = 0.0
        if not forever:
            click.echo(f"delivered {done}")
            return
        if stop.wait(PAUSE):
            return
        waited += PAUSE


@click.command("check")
def check_command() -> None:
    """Check every log against the tables, and every counter against the facts."""
    state = get_state()
    findings: list[str] = []
    with state.work.reading() as session:
        logs = session.execute(
            select(log.c.id, log.c.insurer, log.c.origin, log.c.verifier_key).order_by(log.c.id)
        ).all()
        for row in logs:
            ref = LogRef(row.id, row.insurer, row.origin)
            with click.progressbar(length=1, label=row.origin) as bar:

                def show(done: int, total: int, bar=bar) -> None:  # type: ignore[no-untyped-def]
                    bar.length = total
                    bar.update(done - bar.pos)

                check = check_log(session, ref, row.verifier_key, FACT_TABLES, progress=show)
            click.echo(f"{row.origin}: {check.size} entries")
            findings += check.findings
        findings += check_figures(session)
    for finding in findings:
        click.echo(finding, err=True)
    if findings:
        raise click.ClickException(f"{len(findings)} findings")
    click.echo("all is well")
