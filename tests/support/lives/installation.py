"""A shop that is stopped and started again, on a database that goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from insurance_reviews.moderation.receipts import latest_checkpoint
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.verify.outcome import Options, Outcome
from insurance_reviews.plugin.database import make_engine
from insurance_reviews.plugin.queries.reviews import find_review
from insurance_reviews.plugin.receipt_file import format_receipt_file, receipt_file
from insurance_reviews.plugin.unit_of_work import UnitOfWork
from support.copies import STATE
from support.dba.break_in import broken_in, forge, replace_by
from support.dba.ledger import Ledger
from support.dba.rows import read_ledger
from support.dba.trial import diagnose, verify_at_once
from support.host import Host, mounted
from support.verifying import SITE, app_fetch, key_of
from support.world import START, World, context_for, settings_for

INSURER = "anxin"


class Installation:
    """The installation at ``url``; ``folder`` holds its state and what others keep."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.now = START
        self.kept: list[Path] = []
        self.receipts: dict[str, Path] = {}
        self._stack = ExitStack()
        self.start()
        #: The key that a reader took down at the beginning.
        self.key = key_of(self.host)

    # --- running --------------------------------------------------------------------------------

    def start(self) -> None:
        """A new process, in effect: engine, keys and application are made anew."""
        settings = settings_for(self.url, self.folder / STATE)
        engine = make_engine(self.url)
        self._stack.callback(engine.dispose)
        self.world = World(settings, context_for(settings), UnitOfWork(engine), self.now)
        self.host: Host = self._stack.enter_context(mounted(self.world))
        self.client = self.host.client()

    def stop(self) -> None:
        self._stack.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def wait(self, hours: int) -> None:
        self.world.pass_time(hours=hours)
        self.now = self.world.now

    # --- what others keep -----------------------------------------------------------------------

    def keep(self) -> Path:
        """Save the newest checkpoint."""
        path = self.folder / f"kept-{len(self.kept)}"
        ref = self.world.ref(INSURER)
        path.write_text(self.world.read(lambda session: latest_checkpoint(session, ref)))
        self.kept.append(path)
        return path

    def keep_receipt(self, review: str, author_key: str) -> None:
        """Save the receipt of a review as it stands now."""
        path = self.folder / f"{review}.receipt.json"
        file = self.world.read(
            lambda session: receipt_file(
                session, self.world.settings, find_review(session, review), author_key
            )
        )
        path.write_text(format_receipt_file(file), encoding="utf-8")
        self.receipts[review] = path

    # --- checking -------------------------------------------------------------------------------

    def verify(self, **options: Any) -> Outcome:
        """The real verifier, with everything that was kept."""
        given: dict[str, Any] = {
            "state": self.folder / "state.json",
            "kept": self.kept,
            "receipts": list(self.receipts.values()),
            "evidence": self.folder,
            **options,
        }
        return verify_at_once(Options(key=self.key, url=SITE, **given), app_fetch(self.host.app))

    def diagnose(self) -> list[str]:
        """What the shop's own doctor finds."""
        return diagnose(self.host)

    # --- tampering ------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many entries the log has."""
        ref = self.world.ref(INSURER)
        note = self.world.read(lambda session: latest_checkpoint(session, ref))
        return Checkpoint.of_own_note(note).size

    @contextmanager
    def tampered(self, change: Callable[[Ledger], object]) -> Iterator[Path]:
        """The shop on a history that its operator bent and covered up; undone at the end.

        Gives a copy of the verifier's state: what it learns here it must not learn for good.
        """
        state, copy = self.folder / "state.json", self.folder / "state-copy.json"
        copy.unlink(missing_ok=True)
        if state.exists():
            shutil.copy(state, copy)
        signers = self.world.context.logs.keys.signers(INSURER)
        self.stop()
        with broken_in(self.url) as connection:
            before = read_ledger(connection, INSURER, signers)
        forge(self.url, self.folder / STATE, INSURER, change)
        self.start()
        yield copy
        self.stop()
        with broken_in(self.url) as connection:
            replace_by(connection, self.folder / STATE, before)
        self.start()
