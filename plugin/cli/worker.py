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
from ..start_guard import REFUSALS
from ..state import State
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
    """Send what the outbox holds, ask the witnesses, and forget contacts whose time is over.

    Does nothing on a database that has lost what was signed.
    """
    state = get_state()
    if forever:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        work_until(stop, state)
        return
    state.start_guard.check()
    done = deliver_due(state)
    forget_contacts(state)
    click.echo(f"delivered {done}")
    if state.settings.witnesses:
        click.echo(f"cosigned {Witnessing(state).ask_once()}")


def work_until(stop: threading.Event, state: State) -> None:
    """Do what is due, again and again, on a database that may be shown.

    One that was restored from an older backup holds jobs that were done: they would be mailed
    again, and the witnesses asked to sign an older log.
    """
    witnessing = Witnessing(state)
    asking = False
    forgotten = 0.0
    while not stop.is_set():
        pause = PAUSE
        try:
            state.start_guard.check()
            if not asking:
                witnessing.start()
                asking = True
            deliver_due(state)
            if time.monotonic() - forgotten >= FORGET_EVERY or not forgotten:
                forget_contacts(state)
                forgotten = time.monotonic()
        except REFUSALS as refusal:
            # Somebody may be mending it.
            logger.error(
                "nothing is sent; looked at again in %s s: %s", PAUSE_AFTER_FAILURE, refusal
            )
            pause = PAUSE_AFTER_FAILURE
        except (SQLAlchemyError, Busy):
            # The database may restart; the one worker must outlive that.
            logger.exception("the worker tries again in %s s", PAUSE_AFTER_FAILURE)
            pause = PAUSE_AFTER_FAILURE
        stop.wait(pause)
    witnessing.stop()
