"""The one worker, and the check that an operator runs."""

from __future__ import annotations

import logging
import signal
import threading
import time

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ...moderation.check import check_log
from ...moderation.log import LogRef
from ...moderation.schema import log
from ..current import get_state
from ..deliver import deliver_due, forget_contacts
from ..errors import Busy
from ..facts import FACT_TABLES
from ..figures import check_figures
from .common import in_app

logger = logging.getLogger(__name__)
PAUSE = 1.0
PAUSE_AFTER_FAILURE = 10.0
#: Contacts whose retention is over are looked for this often (seconds).
FORGET_EVERY = 3600.0


@click.command("deliver")
@click.option("--forever", is_flag=True, help="Keep running; stop with Ctrl-C or SIGTERM.")
@in_app
def deliver_command(forever: bool) -> None:
    """Send what the outbox holds and forget contacts whose time is over."""
    state = get_state()
    stop = threading.Event()
    if forever:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    if not forever:
        done = deliver_due(state)
        forget_contacts(state)
        click.echo(f"delivered {done}")
        return
    forgotten = 0.0
    while not stop.is_set():
        pause = PAUSE
        try:
            deliver_due(state)
            if time.monotonic() - forgotten >= FORGET_EVERY or not forgotten:
                forget_contacts(state)
                forgotten = time.monotonic()
        except (SQLAlchemyError, Busy):
            # The database may restart; the one worker must outlive that.
            logger.exception("the worker tries again in %s s", PAUSE_AFTER_FAILURE)
            pause = PAUSE_AFTER_FAILURE
        stop.wait(pause)


@click.command("doctor")
@in_app
def doctor_command() -> None:
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

                check = check_log(session, ref, FACT_TABLES, progress=show)
            click.echo(f"{row.origin}: {check.size} entries")
            findings += check.findings
        findings += check_figures(session)
    for finding in findings:
        click.echo(finding, err=True)
    if findings:
        raise click.ClickException(f"{len(findings)} findings")
    click.echo("all is well")
