"""The demo's one worker: a thread beside the server that delivers mails as soon as they are due."""

from __future__ import annotations

import logging
from threading import Event, Thread
from time import monotonic

from insurance_reviews.plugin.deliver import deliver_due, forget_contacts
from insurance_reviews.plugin.start_guard import REFUSALS
from insurance_reviews.plugin.state import State

logger = logging.getLogger(__name__)

#: The longest time between two looks into the outbox (seconds); a purchase wakes the worker.
PAUSE = 1.0
#: After a refusal (seconds): somebody may be mending the database.
PAUSE_AFTER_REFUSAL = 10.0
#: Contacts whose retention is over are looked for this often (seconds).
FORGET_EVERY = 3600.0


class Worker:
    """Delivers for one mounted application, from :meth:`start` to :meth:`stop`, on a database that
    may be shown: one that lost what was signed holds mails that were sent already."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._due, self._stopped = Event(), Event()
        self._thread = Thread(target=self._run, name="deliver", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to deliver. Never waits."""
        self._due.set()

    def stop(self) -> None:
        """Finish the delivery in hand and end."""
        self._stopped.set()
        self._due.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        forgotten = -FORGET_EVERY
        while not self._stopped.is_set():
            pause = PAUSE
            try:
                self._state.start_guard.check()
                deliver_due(self._state)
                if monotonic() - forgotten >= FORGET_EVERY:
                    forget_contacts(self._state)
                    forgotten = monotonic()
            except REFUSALS as refusal:
                pause = PAUSE_AFTER_REFUSAL
                logger.error("no mail is sent; looked at again in %s s: %s", pause, refusal)
            except Exception:
                # One bad look, such as a locked database, must not be the last.
                logger.exception("the outbox could not be delivered")
            self._due.wait(pause)
            self._due.clear()
