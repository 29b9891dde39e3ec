"""The one worker."""

from __future__ import annotations

import logging
import signal
import threading
import time

import click
from sqlalchemy.exc import SQLAlchemyError

from ..current import get_state
from ..deliver import deliver_due, forget_contacts
from ..errors import Busy
from ..witnessing import Witnessing
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
    """Send what the outbox holds, ask the witnesses, and forget contacts whose time is over."""
    state = get_state()
    witnessing = Witnessing(state)
    stop = threading.Event()
    if forever:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    if not forever:
        done = deliver_due(state)
        forget_contacts(state)
        click.echo(f"delivered {done}")
        if state.settings.witnesses:
            click.echo(f"cosigned {witnessing.ask_once()}")
        return
    witnessing.start()
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
    witnessing.stop()
